"""A day's rooms, its waiting list with reasons, and which children could still come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reservation.domain import capacity, illnesses, limits, queue, vacancy, waiting
from reservation.domain.refusals import Refusal
from reservation.domain.rulebook.fields import Text
from reservation.domain.rulebook.places import ROOM_USES
from reservation.domain.states import State
from reservation.domain.vacancy import Line, Profile
from reservation.domain.vacancy.explaining import USUAL_MONTHS
from reservation.domain.values import Booking, Complaint, Day, holds_place
from reservation.reads.children_of_day import DayChild

UNDECIDED = frozenset({State.HELD, State.REQUESTED})

ASKED_FOR = (
    "UNDIAGNOSED_FEVER", "URI", "SUSPECTED_GASTROENTERITIS", "FLU_A", "FLU_B", "COVID19", "RSV",
    "HFMD", "VARICELLA", "EKC",
)  # fmt: skip
"""The illnesses that the line 「いま入れるお子さま」 answers for, beside those who are here."""


@dataclass(frozen=True, slots=True)
class DayRoom:
    """A room and who sits in it. ``illnesses`` are msgids, each once."""

    id: str
    label: Text
    places: int
    closed: bool
    used_as: str
    """A msgid where the room is used otherwise than usual, else ''."""
    children: tuple[DayChild, ...]
    illnesses: tuple[str, ...]
    taken: int
    undecided: int
    would_take: tuple[DayChild, ...]
    """Who of the list would get a place if a closed room were opened."""
    explained: tuple[Line, ...]
    """Why it is used so, who could still come, and what stops the next one."""

    @property
    def free(self) -> int:
        """Seats nobody has, never below zero."""
        return max(0, self.places - self.taken - self.undecided)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry of the list: why it has no place now, or that it could have one."""

    rank: int
    child: DayChild
    reasons: tuple[Refusal, ...]
    fits: bool
    passed: bool
    """The family let the last offer go by and is asked again when something new comes free."""
    opens: tuple[Text, ...]
    """Closed rooms of which each alone would let the child in."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A child that should change rooms, and from which to which."""

    child: DayChild
    frm: Text
    to_id: str
    to: Text


@dataclass(frozen=True, slots=True)
class Seats:
    """The day in one line of seats."""

    official: int
    capacity: int
    taken: int
    undecided: int

    @property
    def free(self) -> int:
        """What is left of the capacity, never below zero."""
        return max(0, self.capacity - self.taken - self.undecided)


@dataclass(frozen=True, slots=True)
class Opening:
    """Kinds of children (msgids) for whom the answer is the same."""

    kind: str
    word: str
    left: int
    illnesses: tuple[str, ...]


def seats(day: Day, now: datetime) -> Seats:
    """Taken, undecided (held, requested, and what open rounds reserve), and the capacity."""
    held = [b for b in day.bookings if holds_place(b, now)]
    undecided = sum(b.state in UNDECIDED for b in held)
    reserved = sum(r.places for r in day.rounds if r.is_open(now))
    official = day.rules.places.official_capacity
    return Seats(official, capacity.capacity(day), len(held) - undecided, undecided + reserved)


def rooms(
    day: Day, plan: vacancy.RoomPlan, known: Mapping[str, DayChild], now: datetime
) -> tuple[DayRoom, ...]:
    """All rooms of the rule book in its order."""
    words = {one.room_id: one.lines for one in vacancy.explain(day, plan, now)}
    return tuple(_room(day, use, known, words[use.room.id], now) for use in plan.rooms)


def moves(day: Day, plan: vacancy.RoomPlan, known: Mapping[str, DayChild]) -> tuple[Suggested, ...]:
    """The plan's moves with the names of child and rooms; a room that is no more has its id."""
    labels: dict[str, Text] = {room.id: room.label for room in day.rules.places.rooms}
    return tuple(
        Suggested(known[m.booking_id], labels.get(m.frm, {"ja": m.frm}), m.to, labels[m.to])
        for m in plan.moves
        if m.booking_id in known
    )


def waiting_list(day: Day, known: Mapping[str, DayChild], now: datetime) -> tuple[Waiting, ...]:
    """The list in order, each entry with the reason it is skipped."""
    entries = enumerate(queue.queue(day), 1)
    return tuple(_entry(day, rank, b, known[b.id], now) for rank, b in entries if b.id in known)


def openings(day: Day, now: datetime) -> tuple[Opening, ...]:
    """For whom there are places, grouped by the answer; a child of three stands for the age."""
    here = {b.illness for b in day.bookings if holds_place(b, now)}
    codes = [*ASKED_FOR, *sorted(here - set(ASKED_FOR))]
    profiles = [_profile(code) for code in codes]
    found: dict[tuple[str, str, int], tuple[str, ...]] = {}
    for code, mark in zip(codes, vacancy.board(day, profiles, now, clock=False), strict=True):
        key = (mark.kind, mark.word, mark.left)
        found[key] = (*found.get(key, ()), illnesses.CATALOGUE[code].words)
    order = {"yes": 0, "few": 1, "no": 2}
    return tuple(
        Opening(*key, words)
        for key, words in sorted(found.items(), key=lambda one: (order[one[0][0]], -one[0][2]))
    )


def may_move_to(day: Day, booking: Booking, now: datetime) -> tuple[tuple[str, Text, bool], ...]:
    """The other rooms: (id, label, whether the child may be put there now)."""
    return tuple(
        (room.id, room.label, not isinstance(answer, vacancy.No))
        for room in day.rules.places.rooms
        if room.id != booking.room
        for answer in [vacancy.move(day, booking, room.id, now)]
    )


def _profile(code: str) -> Profile:
    signs = {illness: sign for sign, illness in illnesses.COMPLAINTS.items()}
    undiagnosed = illnesses.undiagnosed(code)
    complaint = signs.get(code, Complaint.UNSURE) if undiagnosed else Complaint.DIAGNOSED
    return Profile(complaint, None if undiagnosed else code, USUAL_MONTHS, 0)


def _room(
    day: Day,
    use: vacancy.RoomUse,
    known: Mapping[str, DayChild],
    explained: tuple[Line, ...],
    now: datetime,
) -> DayRoom:
    children = tuple(known[b.id] for b in use.children if b.id in known)
    in_order = tuple(sorted(children, key=lambda c: (c.arrives_at.rjust(5), c.kana)))
    undecided = sum(b.state in UNDECIDED for b in use.children)
    would = _would_take(day, use.room.id, known, now) if use.closed else ()
    return DayRoom(
        use.room.id,
        use.room.label,
        use.room.places,
        use.closed,
        ROOM_USES[other] if (other := day.room_uses.get(use.room.id)) else "",
        in_order,
        tuple(dict.fromkeys(c.illness for c in in_order)),
        len(use.children) - undecided,
        undecided,
        would,
        explained,
    )


def _would_take(
    day: Day, room_id: str, known: Mapping[str, DayChild], now: datetime
) -> tuple[DayChild, ...]:
    opened = day.change(closed_rooms=day.closed_rooms - {room_id})
    return tuple(
        known[entry.id]
        for entry in queue.queue(day)
        if entry.id in known and not _fits(day, entry, now) and _fits(opened, entry, now)
    )


def _entry(day: Day, rank: int, entry: Booking, child: DayChild, now: datetime) -> Waiting:
    party = queue.party(day, entry)
    answer = waiting.seats(day, party, now)
    refused = isinstance(answer, Refusal)
    barred = limits.barred(day, party, now)
    opens = tuple(
        room.label
        for room in day.rules.places.rooms
        if refused
        and barred is None
        and room.id in day.closed_rooms
        and _fits(day.change(closed_rooms=day.closed_rooms - {room.id}), entry, now)
    )
    return Waiting(
        rank,
        child,
        (
            *((answer,) if isinstance(answer, Refusal) else ()),
            *((barred,) if barred else ()),
        ),
        not refused and barred is None,
        not refused and not queue.may_be_asked(day, entry),
        opens,
    )


def _fits(day: Day, entry: Booking, now: datetime) -> bool:
    return not isinstance(waiting.seats(day, queue.party(day, entry), now), Refusal)
