"""The waiting list is called up: whom to ask next, whom to skip and why, and when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from reservation.domain import clocks, queue, vacancy
from reservation.domain.refusals import Code, Refusal
from reservation.domain.states import State
from reservation.domain.values import Booking, Child, Day, Round, Wish


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
        child=Child(id=entry.child_id, birthday=entry.birthday),
        care_day=entry.care_day,
        complaint=entry.complaint,
        illness=entry.illness,
        asked_at=entry.asked_at,
        booking_id=entry.id,
    )


def next_offers(day: Day, now: datetime) -> Offering | None:
    """Whom to ask now, in the order of the list; None when nobody can be asked now.

    Only those who may be asked and for whom there is a place beside all that is held or reserved
    by open rounds. Each of a round's families would fit alone: the first yes takes the place.
    Who does not fit is skipped and keeps the rank.
    """
    if day.rules.waiting.mode != "automatic":
        return None
    ladder = clocks.offer_end(day.rules, day.date, now)
    if ladder is None:
        return None
    asked: list[Booking] = []
    skipped: list[tuple[Booking, Refusal]] = []
    for entry, why in _answers(day, now):
        if why is not None:
            skipped.append((entry, why))
            continue
        asked.append(entry)
        if len(asked) == ladder.at_once:
            break
    if not asked:
        return None
    return Offering(tuple(asked), 1, ladder.ends_at, tuple(skipped))


def unsuited(day: Day, now: datetime) -> tuple[tuple[Booking, Refusal], ...]:
    """Whom a place that is free now does not suit, with the reason, when nobody can be asked.

    Nobody outside the hours of offers, on a day that is full, or while an open offer reserves
    the place: none of them has been skipped yet.
    """
    waits = day.rules.waiting.mode == "automatic" and any(
        b.state is State.WAITING for b in day.bookings
    )
    if not waits or clocks.offer_end(day.rules, day.date, now) is None:
        return ()
    found: list[tuple[Booking, Refusal]] = []
    for entry, why in _answers(day, now):
        if why is not None and why.code in (Code.CAPACITY, Code.CLOSED):
            return ()  # heads are counted first: the day is full for everybody
        if why is not None and why.code is not Code.LIST_FIRST:
            found.append((entry, why))
    return tuple(found)


def _answers(day: Day, now: datetime) -> Iterator[tuple[Booking, Refusal | None]]:
    """Who may be asked, in the order of the list, and why the place does not suit, or None."""
    for entry in queue.queue(day):
        if queue.may_be_asked(day, entry):
            answer = vacancy.fits(day, wish_of(entry), now, list_first=False)
            yield entry, answer.reasons[0] if isinstance(answer, vacancy.No) else None


def as_round(round_id: str, offering: Offering) -> Round:
    """The round that this offering starts."""
    return Round(round_id, offering.places, offering.ends_at)


def lapse(day: Day, entry: Booking, now: datetime) -> str:
    """The step for an offer that nobody answered: the rank stays as often as the rule book allows,
    then the entry ends (answers.md §1.7)."""
    allowed = entry.lapses < day.rules.waiting.lapses_allowed
    return "lapse_offer" if allowed else "lapse_twice"


def list_has_ended(day: Day, now: datetime) -> bool:
    """Whether the stop time has come: who still waits is told that no place came free."""
    return now >= clocks.stop_at(day.rules, day.date) and any(
        b.state is State.WAITING for b in day.bookings
    )
