"""What a changed rule book would do before it counts (architecture.md §8, answers.md §5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from reservation.domain import capacity, clocks, dates, vacancy
from reservation.domain.rulebook.changes import Change, diff
from reservation.domain.rulebook.fields import Text
from reservation.domain.rulebook.model import RuleBook
from reservation.domain.rulebook.sections import Hours
from reservation.domain.values import Booking, Day

DAYS = 14
"""How many care days a preview shows."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule book says about one care day. Instants are aware UTC.

    On a day that is closed only ``closed`` (the reason by language) is there, and no places.
    """

    closed: Text | None
    hours: Hours | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    cancel_until: datetime | None = None
    places: int = 0


@dataclass(frozen=True, slots=True)
class DayLine:
    """One care day before and after the change."""

    date: date
    before: Terms
    after: Terms

    @property
    def differs(self) -> bool:
        """Whether the change touches this day."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Preview:
    """The first days under the new rule book, every changed setting, and who would not fit."""

    days: tuple[DayLine, ...]
    changes: tuple[Change, ...]
    misfits: tuple[Booking, ...]


def preview(old: RuleBook, new: RuleBook, days: Sequence[Day], now: datetime) -> Preview:
    """What ``new`` would change from its first care day on, or from today if that has passed.

    ``days`` are the stored days of the facility with their bookings, under whatever rules; days
    that are not among them count as empty. Misfits are bookings that fit now and would not then,
    by day, newest first; nobody is dropped.
    """
    first = max(new.valid_from, dates.local(now).date())
    stored = {day.date: day for day in days if day.date >= first}
    wanted = (first + timedelta(days=n) for n in range(DAYS))
    lines = (stored.get(day) or Day(facility_id=new.code, date=day, rules=old) for day in wanted)
    return Preview(
        tuple(
            DayLine(day.date, terms(day.change(rules=old)), terms(day.change(rules=new)))
            for day in lines
        ),
        diff(old, new),
        tuple(
            booking
            for day in sorted(stored.values(), key=lambda day: day.date)
            for booking in _new_misfits(day.change(rules=old), day.change(rules=new), now)
        ),
    )


def terms(day: Day) -> Terms:
    """What the day's rule book says about it."""
    rules = day.rules
    closed = dates.closure(rules, day.date)
    if closed is not None:
        return Terms(closed)
    return Terms(
        None,
        dates.hours(rules, day.date),
        clocks.opens_at(rules, day.date),
        clocks.closes_at(rules, day.date),
        clocks.cancel_until(rules, day.date),
        capacity.capacity(day),
    )


def _new_misfits(before: Day, after: Day, now: datetime) -> tuple[Booking, ...]:
    already = {booking.id for booking in vacancy.misfits(before, now)}
    return tuple(b for b in vacancy.misfits(after, now) if b.id not in already)
