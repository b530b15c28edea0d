"""The waiting list is called up: whom to ask next, whom to skip and why, and when it is over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from reservation.domain import clocks, limits, queue, vacancy
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import State
from reservation.domain.values import Booking, Child, Day, Round, Terms, Wish


@dataclass(frozen=True, slots=True)
class Offering:
    """A round to start now: these families, for so many places, until then (aware UTC)."""

    entries: tuple[Booking, ...]
    places: int
    ends_at: datetime
    skipped: tuple[tuple[Booking, Refusal], ...] = ()
    """Who was passed over because the place does not suit them, with the first reason."""


def wish_of(entry: Booking) -> Wish:
    """The wish behind an entry: what a freed place is compared with."""
    return Wish(
        child=Child(id=entry.child_id, birthday=entry.birthday, family_id=entry.family_id),
        care_day=entry.care_day,
        complaint=entry.complaint,
        illness=entry.illness,
        asked_at=entry.asked_at,
        booking_id=entry.id,
        isolated=entry.isolated,
    )


Place = vacancy.Fits | vacancy.FitsAfterMove


@dataclass(frozen=True, slots=True)
class Taking:
    """A place to take now for a family that wished it so, or the places of its children who want
    both or none: nobody is asked."""

    entries: tuple[Booking, ...]
    fits: tuple[Place, ...]
    skipped: tuple[tuple[Booking, Refusal], ...] = ()

    @property
    def entry(self) -> Booking:
        """The first of them."""
        return self.entries[0]


def next_turn(day: Day, now: datetime) -> Offering | Taking | None:
    """What to do for the list now, in its order; None when nothing can be done now.

    Only those who may be asked and for whom there is a place beside all that is held or reserved
    by open rounds. Each of a round's families would fit alone: the first yes takes the place;
    siblings who want both places or none are asked in a round of their own. Who does not fit, may
    have no more, or wants nothing at this hour, is skipped and keeps the rank; so is who asked
    before a returning child that is asked. A round ends before siblings, and before a family for
    which the place is taken: who stands before them answers first.
    """
    call = call_at(day, now)
    most = call.ladder.at_once if call is not None else 1
    asked: list[Booking] = []
    skipped: list[tuple[Booking, Refusal]] = []
    for party in _askable(day):
        answer = _answer(day, party, call, now)
        if isinstance(answer, Refusal):
            skipped += [(entry, answer) for entry in party]
            continue
        takes, alone = takes_now(day, party[0], now), len(party) == 1
        if asked and (takes or not alone):
            break
        if takes:
            return Taking(party, answer, (*skipped, *_overtaken(day, party, skipped)))
        asked += party
        if len(asked) >= most or not alone:
            break
    if call is None or not asked:
        return None
    places = len(asked) if asked[0].together else 1
    passed = (*skipped, *_overtaken(day, asked, skipped))
    return Offering(tuple(asked), places, call.ladder.ends_at, passed)


def _overtaken(
    day: Day, turn: Sequence[Booking], skipped: Sequence[tuple[Booking, Refusal]]
) -> list[tuple[Booking, Refusal]]:
    """Who has waited longer than one of these and stands behind: because that child returns, or
    was seen at the clinic, or to wait for a brother or sister further behind."""
    done = {entry.id for entry in (*turn, *(entry for entry, _why in skipped))}
    last = max(turn, key=_since)
    return [
        (entry, Refusal(_why_behind(day, entry, last)))
        for party in _askable(day)
        for entry in party
        if entry.id not in done and _since(entry) < _since(last)
    ]


def _why_behind(day: Day, entry: Booking, last: Booking) -> Code:
    if entry.together and queue.standing(day, entry) < queue.standing(day, last):
        return Code.TOGETHER
    return Code.RETURNS_FIRST if queue.returns(day, last) else Code.EXAMINED_FIRST


def _since(entry: Booking) -> tuple[datetime, str]:
    return entry.asked_at, entry.id


def _askable(day: Day) -> list[tuple[Booking, ...]]:
    """Whose turn it may be, in the order of the list; nobody's where staff call the list up."""
    if day.rules.waiting.mode != "automatic":
        return []
    return [
        party
        for party in queue.parties(day)
        if all(queue.may_be_asked(day, entry) for entry in party)
    ]


def next_offers(day: Day, now: datetime) -> Offering | None:
    """Whom to ask now; None when nobody can be asked, or a place is taken first (next_turn)."""
    turn = next_turn(day, now)
    return turn if isinstance(turn, Offering) else None


@dataclass(frozen=True, slots=True)
class Call:
    """A time at which families are asked: how, and whom of the list it reaches."""

    ladder: clocks.Ladder
    hours: Literal["day", "night", "late"]

    def reaches(self, entry: Booking) -> bool:
        """Whether this family wants to be asked at such a time."""
        wants = {"day": True, "night": entry.terms.wakes, "late": entry.terms.near}
        return wants[self.hours]


def call_at(day: Day, now: datetime) -> Call | None:
    """The call that may go out now: by day to all, in quiet hours to who may be woken, after the
    stop time to who can come within the hour."""
    if (ladder := clocks.offer_end(day.rules, day.date, now)) is not None:
        return Call(ladder, "day")
    if (ladder := clocks.night_offer_end(day.rules, day.date, now)) is not None:
        return Call(ladder, "night")
    ladder = clocks.second_chance_end(day.rules, day.date, now)
    return Call(ladder, "late") if ladder is not None else None


def takes_now(day: Day, entry: Booking, now: datetime) -> bool:
    """Whether a place is taken for this family without asking, at this hour."""
    until = entry.terms.takes_until
    return day.rules.waiting.takes_for_family and until is not None and now < until


def _answer(
    day: Day, party: tuple[Booking, ...], call: Call | None, now: datetime
) -> tuple[Place, ...] | Refusal:
    """The places for this party, or why it is passed over."""
    for entry in party:
        if not takes_now(day, entry, now) and (call is None or not call.reaches(entry)):
            return Refusal(Code.NOT_NOW)
    return place(day, party, now)


def place(day: Day, party: tuple[Booking, ...], now: datetime) -> tuple[Place, ...] | Refusal:
    """The places for this party, or why it gets none: for the children, else for what the family
    has by now."""
    found = seats(day, party, now)
    return found if isinstance(found, Refusal) else limits.barred(day, party, now) or found


def seats(day: Day, party: tuple[Booking, ...], now: datetime) -> tuple[Place, ...] | Refusal:
    """The places for this party beside all that is held or reserved, or why there are none: where
    each alone would have one, that they do not come together."""
    wishes = [wish_of(entry) for entry in party]
    answers = vacancy.fits_all(day, wishes, now, list_first=False)
    if (found := vacancy.places(answers)) is not None:
        return found
    alone = (vacancy.fits(day, wish, now, list_first=False) for wish in wishes)
    why = next((one.reasons[0] for one in alone if isinstance(one, vacancy.No)), None)
    return why or _beside(answers)


def _beside(answers: Iterable[vacancy.Answer]) -> Refusal:
    """Why not both, where each alone has a place: an open offer may still end."""
    codes = [one.reasons[0] for one in answers if isinstance(one, vacancy.No)]
    return codes[0] if codes[0].code is Code.LIST_FIRST else Refusal(Code.TOGETHER)


def allowed(rules: RuleBook, day: date, terms: Terms, now: datetime) -> Terms:
    """These terms without what the rule book does not offer, and without a past time."""
    listed = rules.waiting
    takes = listed.takes_for_family and terms.takes_until in clocks.taking_times(rules, day, now)
    return Terms(
        wakes=terms.wakes and listed.wake_minutes > 0,
        takes_until=terms.takes_until if takes else None,
        near=terms.near and listed.second_chance_until is not None,
        examined=terms.examined and listed.examined_first,
    )


def unsuited(day: Day, now: datetime) -> tuple[tuple[Booking, Refusal], ...]:
    """Whom a place that is free now does not suit, with the reason, when nobody can be asked.

    Nobody outside the hours of offers, on a day that is full, or while an open offer reserves
    the place: none of them has been skipped yet.
    """
    if clocks.offer_end(day.rules, day.date, now) is None:
        return ()
    found: list[tuple[Booking, Refusal]] = []
    for party in _askable(day):
        answer = place(day, party, now)
        if not isinstance(answer, Refusal):
            continue
        if answer.code in (Code.CAPACITY, Code.CLOSED):
            return ()  # heads are counted first: the day is full for everybody
        if answer.code is not Code.LIST_FIRST:
            found += [(entry, answer) for entry in party]
    return tuple(found)


def without_place(day: Day, now: datetime) -> tuple[Booking, ...]:
    """Open offers that a yes could no longer turn into a place, since the day has changed or the
    family has got more meanwhile: those that do not fit beside the offers of who stands before
    them; siblings together."""
    parties = [party for party in queue.parties(day) if _all_asked(party)]
    asked = {entry.id for party in parties for entry in party}
    kept = day.change(bookings=tuple(b for b in day.bookings if b.id not in asked))
    lost: list[Booking] = []
    for party in parties:
        with_it = kept.change(bookings=(*kept.bookings, *party))
        if isinstance(place(with_it, party, now), Refusal):
            lost += party
        else:
            kept = with_it
    return tuple(lost)


def _all_asked(party: tuple[Booking, ...]) -> bool:
    return all(entry.state is State.OFFERED for entry in party)


def as_round(round_id: str, offering: Offering) -> Round:
    """The round that this offering starts."""
    return Round(round_id, offering.places, offering.ends_at)


def lapse(day: Day, entry: Booking, now: datetime) -> str:
    """The step for an offer that nobody answered: the rank stays as often as the rule book allows,
    then the entry ends (answers.md §1.7)."""
    allowed = entry.lapses < day.rules.waiting.lapses_allowed
    return "lapse_offer" if allowed else "lapse_twice"


def is_over(day: Day, entry: Booking, now: datetime) -> bool:
    """Whether this entry has waited to the end: it is told that no place came free."""
    ends_at = clocks.list_ends_at(day.rules, day.date, near=entry.terms.near)
    return entry.state is State.WAITING and now >= ends_at


def list_has_ended(day: Day, now: datetime) -> bool:
    """Whether somebody has waited to the end of the list."""
    return any(is_over(day, entry, now) for entry in day.bookings)
