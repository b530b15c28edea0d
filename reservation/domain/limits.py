"""How much one family may have at once: the facility's numbers against what it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reservation.domain import chain, dates, gates, queue
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import HOLDS_A_PLACE
from reservation.domain.values import Booking, Day


@dataclass(frozen=True, slots=True)
class SoFar:
    """What a family has. ``holds`` and ``asked`` (begun within an hour) are at all facilities;
    ``bookings`` are those at this facility that hold a place from today on."""

    holds: int
    asked: int
    bookings: int


def holding(rules: RuleBook, has: SoFar) -> Refusal | None:
    """Why the family may not hold one more place here, or None (answers.md §1.8)."""
    if has.holds >= rules.booking.family_holds or has.asked >= asks_an_hour(rules):
        return Refusal(Code.TOO_MANY_HOLDS)
    return booking(rules, has)


def booking(rules: RuleBook, has: SoFar) -> Refusal | None:
    """Why the family may not have one more booking here, or None."""
    most = rules.booking.family_bookings
    if most is not None and has.bookings >= most:
        return Refusal(Code.TOO_MANY_BOOKINGS, {"n": most})
    return None


def asks_an_hour(rules: RuleBook) -> int:
    """How often a family may begin a booking within an hour."""
    return rules.booking.family_asks


def asks(rules: RuleBook) -> bool:
    """Whether any rule wants to know what a family on the list has besides (``Day.beside``)."""
    limited = rules.booking.family_bookings is not None
    return chain.asks(rules) or limited or bool(rules.registering.provisional_most)


def barred(day: Day, party: Sequence[Booking], now: datetime) -> Refusal | None:
    """Why entries of the list cannot have their places of this day now, whatever is free, or None.

    One entry, or siblings who want their places together. What the family has got since it joined
    counts: days of this illness, days booked at once, bookings at the facility, places that await
    a registration. The entries keep their rank.
    """
    if not asks(day.rules):
        return None
    found = (_barred(day, entry, party[:n], now) for n, entry in enumerate(party))
    return next((why for why in found if why is not None), None)


def _barred(day: Day, entry: Booking, with_it: Sequence[Booking], now: datetime) -> Refusal | None:
    """The same for one entry, when those ``with_it`` have got theirs."""
    rules = day.rules
    places = [place for place in day.beside.get(entry.id, ()) if place.stands(now)]
    child = queue.child_of(day, entry, places)
    today = dates.local(now).date()
    ahead = sum(one.state in HOLDS_A_PLACE and one.day >= today for one in places)
    return (
        chain.too_many(rules, child, entry.illness, day.date)
        or chain.at_once(rules, child, entry.illness, day.date, now)
        or booking(rules, SoFar(0, 0, ahead + len(with_it)))
        or _provisional(day, entry, with_it, now)
    )


def _provisional(
    day: Day, entry: Booking, with_it: Sequence[Booking], now: datetime
) -> Refusal | None:
    if entry.id not in day.provisional:
        return None
    beside = sum(one.id in day.provisional for one in with_it)
    return gates.provisional_full(day, entry.id, now, beside=beside)
