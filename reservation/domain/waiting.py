"""The waiting list is called up: whom to ask next, whom to skip and why, and when it is over."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Taking:
    """A place to take now for a family that wished it so: nobody is asked."""

    entry: Booking
    fit: vacancy.Fits | vacancy.FitsAfterMove
    skipped: tuple[tuple[Booking, Refusal], ...] = ()


def next_turn(day: Day, now: datetime) -> Offering | Taking | None:
    """What to do for the list now, in its order; None when nothing can be done now.

    Only those who may be asked and for whom there is a place beside all that is held or reserved
    by open rounds. Each of a round's families would fit alone: the first yes takes the place.
    Who does not fit, may have no more, or wants nothing at this hour, is skipped and keeps the
    rank; so is who asked before a returning child that is asked. A round ends before a family for
    which the place is taken: who stands before it answers first.
    """
    call = call_at(day, now)
    asked: list[Booking] = []
    skipped: list[tuple[Booking, Refusal]] = []
    for entry in _askable(day):
        if call is not None and len(asked) == call.ladder.at_once:
            break
        answer = _answer(day, entry, call, now)
        if isinstance(answer, Refusal):
            skipped.append((entry, answer))
        elif not takes_now(day, entry, now):
            asked.append(entry)
        elif asked:
            break
        else:
            return Taking(entry, answer, (*skipped, *_overtaken(day, [entry], skipped)))
    if call is None or not asked:
        return None
    passed_over = (*skipped, *_overtaken(day, asked, skipped))
    return Offering(tuple(asked), 1, call.ladder.ends_at, passed_over)


def _overtaken(
    day: Day, asked: list[Booking], skipped: list[tuple[Booking, Refusal]]
) -> list[tuple[Booking, Refusal]]:
    """Who has waited longer than one of the asked, and stands behind because that child returns,
    or was seen at the clinic."""
    done = {entry.id for entry in (*asked, *(entry for entry, _why in skipped))}
    last = max(asked, key=_since)
    code = Code.RETURNS_FIRST if queue.returns(day, last) else Code.EXAMINED_FIRST
    return [
        (entry, Refusal(code))
        for entry in _askable(day)
        if entry.id not in done and _since(entry) < _since(last)
    ]


def _since(entry: Booking) -> tuple[datetime, str]:
    return entry.asked_at, entry.id


def _askable(day: Day) -> list[Booking]:
    """Whose turn it may be, in the order of the list; nobody's where staff call the list up."""
    if day.rules.waiting.mode != "automatic":
        return []
    return [entry for entry in queue.queue(day) if queue.may_be_asked(day, entry)]


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
    day: Day, entry: Booking, call: Call | None, now: datetime
) -> vacancy.Fits | vacancy.FitsAfterMove | Refusal:
    """The place for this entry, or why it is passed over."""
    if not takes_now(day, entry, now) and (call is None or not call.reaches(entry)):
        return Refusal(Code.NOT_NOW)
    return _place(day, entry, now)


def _place(
    day: Day, entry: Booking, now: datetime
) -> vacancy.Fits | vacancy.FitsAfterMove | Refusal:
    """The place for this entry beside all that is held or reserved, or why there is none: for
    the child, else for what its family has by now."""
    answer = vacancy.fits(day, wish_of(entry), now, list_first=False)
    if isinstance(answer, vacancy.No):
        return answer.reasons[0]
    return limits.barred(day, entry, now) or answer


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
    for entry in _askable(day):
        answer = _place(day, entry, now)
        if not isinstance(answer, Refusal):
            continue
        if answer.code in (Code.CAPACITY, Code.CLOSED):
            return ()  # heads are counted first: the day is full for everybody
        if answer.code is not Code.LIST_FIRST:
            found.append((entry, answer))
    return tuple(found)


def without_place(day: Day, now: datetime) -> tuple[Booking, ...]:
    """Open offers that a yes could no longer turn into a place, since the day has changed or the
    family has got more meanwhile: those that do not fit beside the offers of who stands before
    them."""
    asked = [entry for entry in queue.queue(day) if entry.state is State.OFFERED]
    kept = day.change(bookings=tuple(b for b in day.bookings if b not in asked))
    lost = []
    for entry in asked:
        with_it = kept.with_booking(entry)
        if isinstance(_place(with_it, entry, now), Refusal):
            lost.append(entry)
        else:
            kept = with_it
    return tuple(lost)


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
