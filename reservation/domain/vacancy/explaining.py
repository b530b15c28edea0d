"""Why a day is seated as it is, room by room, in sentences for staff (domain.md §4.3).

Who is in a room and why there, who could still come into it, and what stops the next one. What is
said about newcomers is asked of the same Occupancy that answers ``fits``: where a room says that
somebody can come, ``fits`` gives that child a place, and where none does, it says the same reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from reservation.domain import capacity, illnesses
from reservation.domain.refusals import WORDS, Code
from reservation.domain.vacancy.fitting import is_closed, left, stops
from reservation.domain.vacancy.occupancy import Guest, Occupancy, guest
from reservation.domain.vacancy.plans import RoomPlan, RoomUse
from reservation.domain.values import Day
from reservation.domain.words import N_

USUAL_MONTHS = 36
"""The age that newcomers are counted with."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence: its msgid, values (a text by language among them), and values that are msgids
    themselves."""

    words: str
    values: Mapping[str, object] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class More:
    """How many more children of a kind would get a place in a room.

    ``kind`` is 'general' (nothing that spreads), 'same' (the illness of the room) or 'other' (one
    that nobody has today). ``stops`` is why the day takes no further one; None where the next one
    gets a place in another room.
    """

    kind: str
    illness: str
    n: int
    after_moves: bool
    stops: Code | None


@dataclass(frozen=True, slots=True)
class Explained:
    """A room's sentences in order, and what the last of them are made from."""

    room_id: str
    lines: tuple[Line, ...]
    more: tuple[More, ...]


CLOSED = N_("職員が閉じています。")
NO_ENTRANCE = N_("専用の出入口がないため、うつる病気には使えません。")
EMPTY = N_("だれもいません。")
MIXED = N_("ちがう病気のお子さまがいっしょになっています。部屋を決めてください。")
TOGETHER = N_("うつらない病気のお子さまが%(n)s人です。")
ONE_ILLNESS = N_("%(illness)sのお子さまが%(n)s人です。")
ALONE = N_("%(illness)sの1人を、ほかのお子さまと分けてお預かりします。")
SIBLINGS = N_("%(illness)sのきょうだい%(n)s人を、ほかのお子さまと分けてお預かりします。")
OTHERWISE = N_("この日だけ、部屋の使い方を変えています。")
USES = {
    "general": N_("うつらない病気に使う部屋です。"),
    "infectious": N_("うつる病気に使う部屋で、一度に1つの病気だけです。"),
    "either": N_("うつらない病気にも、うつる病気1つにも使えます。いっしょにはできません。"),
}
JOINED = N_("同じ病気のときだけ、%(room)sとつなげて1つの部屋にできます。")
FIXED = N_("来室した、または固定したお子さま%(n)s人は、移しません。")
COMES = {
    "general": N_("あと%(n)s人、うつらない病気のお子さまが入れます。"),
    "same": N_("あと%(n)s人、同じ病気だけ入れます。"),
    "other": N_("ほかのうつる病気でも、1つの病気なら%(n)s人入れます。"),
}
COMES_AFTER_MOVES = {
    "general": N_("いまのお子さまを移せば、うつらない病気のお子さまがあと%(n)s人入れます。"),
    "same": N_("いまのお子さまを移せば、同じ病気のお子さまがあと%(n)s人入れます。"),
    "other": N_("いまのお子さまを移せば、ほかのうつる病気でも、1つの病気なら%(n)s人入れます。"),
}
NOT = {
    "general": N_("うつらない病気のお子さまは、もう入れません。%(why)s"),
    "same": N_("同じ病気のお子さまも、もう入れません。%(why)s"),
    "other": N_("ほかのうつる病気のお子さまは入れません。%(why)s"),
}
ELSEWHERE = {
    "general": N_("うつらない病気のお子さまは、ほかの部屋に入れます。"),
    "same": N_("同じ病気の次のお子さまは、ほかの部屋に入れます。"),
    "other": N_("ほかのうつる病気のお子さまは、ほかの部屋に入れます。"),
}
NO_FURTHER = N_("その次のお子さまは入れません。%(why)s")
COUNTED = N_("人数は、3歳のお子さまの場合です。")


def explain(day: Day, plan: RoomPlan, now: datetime) -> tuple[Explained, ...]:
    """The sentences of every room, in the order of the rule book."""
    ask = _Asking(day, now)
    return tuple(_room(day, use, ask) for use in plan.rooms)


def _room(day: Day, use: RoomUse, ask: _Asking) -> Explained:
    takes = capacity.use_of(day, use.room)
    if use.closed or takes is None or is_closed(day):
        first = [Line(CLOSED)] if use.closed else [Line(NO_ENTRANCE)] if takes is None else []
        return Explained(use.room.id, (*first, _who(day, use)), ())
    kinds = ask.kinds(use, takes)
    more = tuple(ask.more(use, kind, illness) for kind, illness in kinds)
    lines = [_who(day, use), *_why(day, use, takes)]
    for one in more:
        lines += _newcomers(one)
    if more and (day.rules.places.points is not None or day.rules.places.age_caps):
        lines.append(Line(COUNTED))
    return Explained(use.room.id, tuple(lines), more)


def _who(day: Day, use: RoomUse) -> Line:
    if not use.children:
        return Line(EMPTY)
    if use.cohort is None:
        return Line(MIXED)
    if use.cohort == illnesses.GENERAL:
        return Line(TOGETHER, {"n": len(use.children)})
    illness = use.children[0].illness
    said = {"illness": illnesses.CATALOGUE[illness].words}
    if use.cohort != illness and len(use.children) == 1:
        return Line(ALONE, {}, said)
    if use.cohort != illness:
        return Line(SIBLINGS, {"n": len(use.children)}, said)
    return Line(ONE_ILLNESS, {"n": len(use.children)}, said)


def _why(day: Day, use: RoomUse, takes: str) -> Iterator[Line]:
    if use.room.id in day.room_uses:
        yield Line(OTHERWISE)
    yield Line(USES[takes])
    for other in day.rules.places.rooms:
        if other.id in use.room.combinable_with or use.room.id in other.combinable_with:
            yield Line(JOINED, {"room": other.label})
    fixed = sum(guest(day, child).fixed for child in use.children)
    if fixed:
        yield Line(FIXED, {"n": fixed})


def _newcomers(more: More) -> Iterator[Line]:
    why = {"why": WORDS[more.stops]} if more.stops else {}
    if not more.n:
        yield Line(NOT[more.kind], {}, why) if why else Line(ELSEWHERE[more.kind])
        return
    comes = COMES_AFTER_MOVES if more.after_moves else COMES
    yield Line(comes[more.kind], {"n": more.n})
    if why:
        yield Line(NO_FURTHER, {}, why)


class _Asking:
    """A day at one instant, asked for newcomers."""

    def __init__(self, day: Day, now: datetime) -> None:
        self.day = day
        self.state = Occupancy(day, now)
        self.ahead = self.state.ahead()
        handled = {code: illnesses.handling(day.rules, code) for code in illnesses.CATALOGUE}
        offers = (one for way in self.state.offered for one in way)
        present = {one.cohort for one in (*self.state.holders, *self.ahead, *offers)}
        self.general = next((code for code, how in handled.items() if how == "general"), None)
        shared = [code for code, how in handled.items() if how == "cohort"]
        self.other = next((code for code in shared if code not in present), None)

    def kinds(self, use: RoomUse, takes: str) -> Iterator[tuple[str, str]]:
        """The kinds of newcomers that this room is about, each with an illness to ask with."""
        if takes != "infectious" and self.general:
            yield "general", self.general
        if takes == "general":
            return
        if use.cohort in illnesses.CATALOGUE:
            yield "same", use.children[0].illness
        if self.other:
            yield "other", self.other

    def more(self, use: RoomUse, kind: str, illness: str) -> More:
        """How many of the kind the day takes, and of them this room: first without moving
        anybody; after moves only where no other room takes one without."""
        alike = [self._newcomer(illness, n) for n in range(use.room.places + 1)]
        total = left(self.state, alike, self.ahead)
        here = [replace(one, room=use.room.id, fixed=True) for one in alike]
        most = 0
        while most < total and self.state.obstacle(here[: most + 1], here[most]) is None:
            most += 1
        n = next((m for m in range(most, 0, -1) if not self._moves(here[:m])), 0)
        moves = bool(most and not n and self._moves(alike[:1]))
        n = most if moves else n
        further = None if n < total else stops(self.state, alike[: n + 1], self.ahead)
        return More(kind, illness, n, moves, further)

    def _moves(self, newcomers: list[Guest]) -> bool:
        seating = self.state.seating(newcomers)
        return seating is None or bool(seating.moves)

    def _newcomer(self, illness: str, n: int) -> Guest:
        name = f"newcomer-{n}"
        cohort = illnesses.cohort(self.day.rules, illness, name)
        counts = capacity.counted(self.day.rules, illness)
        return Guest(name, cohort, USUAL_MONTHS, counts=counts)
