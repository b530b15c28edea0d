"""How much one family may have at once: the facility's numbers against what it has."""

from __future__ import annotations

from dataclasses import dataclass

from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import RuleBook


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
