"""Papers that show that a family may use a facility: enrolment of the child, work of a guardian.

They are needed where the rule book says so, are shown once, and count until the paper ends or
the fiscal year does (domain.md §2.2, §10 line 24). What is missing is an open condition of the
booking; it refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from reservation.domain import dates
from reservation.domain.values import Booking, Child, Condition

if TYPE_CHECKING:
    from reservation.domain.rulebook import RuleBook

ENROLMENT, WORK = "enrolment", "work"
OF_CONDITION = {f"certificate_{paper}": paper for paper in (ENROLMENT, WORK)}
"""Paper by the code of its condition."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A paper that staff have seen, the first care day it counts for, and its end (None: none)."""

    paper: str
    valid_from: date
    valid_to: date | None = None


def needed(rules: RuleBook, child: Child, municipality: str) -> tuple[str, ...]:
    """Which papers this child's family must show. A child whose nursery nobody has named does
    not count as one that goes to nursery outside."""
    rule = rules.eligibility
    outside = child.nursery_in not in ("", municipality)
    return rule.certificates if rule.certificates_of == "everyone" or outside else ()


def last_day(rules: RuleBook, one: Certificate) -> date | None:
    """The last care day a paper counts for; None where it counts for good."""
    ends = [] if one.valid_to is None else [one.valid_to]
    if rules.eligibility.certificates_renewal == "fiscal_year":
        ends.append(date(dates.fiscal_year(one.valid_from) + 1, 3, 31))
    return min(ends, default=None)


def is_good(rules: RuleBook, one: Certificate, day: date) -> bool:
    """Whether a paper counts on a care day."""
    last = last_day(rules, one)
    return one.valid_from <= day and (last is None or day <= last)


def missing(rules: RuleBook, child: Child, municipality: str, day: date) -> tuple[str, ...]:
    """Those of the needed papers that nobody has seen for this care day."""
    shown = {one.paper for one in child.certificates if is_good(rules, one, day)}
    return tuple(one for one in needed(rules, child, municipality) if one not in shown)


def conditions(
    rules: RuleBook, child: Child, municipality: str, day: date, now: datetime
) -> tuple[Condition, ...]:
    """An open end for each missing paper, due when the facility opens; a time that has passed is
    due at once."""
    hours = dates.hours(rules, day)
    due = max(dates.at(day, hours.opens), now) if hours else None
    return tuple(
        Condition(f"certificate_{one}", due) for one in missing(rules, child, municipality, day)
    )


def settled(
    rules: RuleBook, booking: Booking, shown: Iterable[Certificate], now: datetime
) -> tuple[Condition, ...]:
    """The conditions of a booking after its family has shown a paper, or staff have taken back
    that it did: closed where a paper counts on the day, open (again) where none does."""
    good = {one.paper for one in shown if is_good(rules, one, booking.care_day)}
    return tuple(_settled(one, good, now) for one in booking.conditions)


def _settled(one: Condition, good: set[str], now: datetime) -> Condition:
    paper = OF_CONDITION.get(one.code)
    if paper is None or (paper in good) is not one.is_open:
        return one
    return replace(one, closed_at=now if paper in good else None)


def first_day(care_day: date, today: date) -> date:
    """From when a paper counts that is shown today for a care day: today, or the first day of
    the care day's fiscal year where that has not begun."""
    return max(min(today, care_day), date(dates.fiscal_year(care_day), 4, 1))
