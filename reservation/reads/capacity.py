"""A day's capacity in the console: what limits it, who no longer fits, whom a closure reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain import capacity, dates, vacancy
from reservation.domain.states import ON_THE_LIST, State
from reservation.domain.values import Booking, Day, holds_place
from reservation.store import days
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow, Guardian


@dataclass(frozen=True, slots=True)
class Reached:
    """A child with a booking of the day, and how news reaches its family."""

    booking: Booking
    name: str
    kana: str
    guardian: str
    telephone: str
    by_mail: bool
    """Whether a guardian has a working address; else staff must telephone."""


@dataclass(frozen=True, slots=True)
class CapacityDay:
    """The stored day with the people on it. ``at`` is the instant it was read."""

    day: Day
    at: datetime
    closure: Mapping[str, str] | None
    """Why the rule book closes the day, as a text by language."""
    people: Mapping[str, Reached]

    def ending(self) -> tuple[Reached, ...]:
        """Whom closing the day would end and tell: all but those already in care."""
        return tuple(
            self.people[b.id]
            for b in sorted(self.day.bookings, key=lambda b: (b.state in ON_THE_LIST, b.asked_at))
            if b.state is not State.CHECKED_IN
        )

    def staying(self) -> int:
        """How many children are here already."""
        return sum(b.state is State.CHECKED_IN for b in self.day.bookings)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A day as it is, or as it would be: its capacity, what limits it, and who does not fit."""

    capacity: int
    limits: Mapping[str, int]
    """By code of ``domain.capacity.limits``."""
    holding: int
    waiting: int
    misfits: tuple[Reached, ...]

    @property
    def deciding(self) -> tuple[str, ...]:
        """The codes of the limits that decide."""
        return tuple(code for code, places in self.limits.items() if places == self.capacity)


def of_day(facility_id: str, day: date, now: datetime) -> CapacityDay:
    """The day of a facility. Raises rulebooks.NoRuleBook where no rules count yet."""
    with read() as db:
        found = days.load(db, facility_id, day)
        people = _people(db, found.bookings)
    return CapacityDay(found, now, dates.closure(found.rules, day), people)


def outlook(page: CapacityDay, day: Day) -> Outlook:
    """The day seen as ``day``: the stored one, or a copy with other settings."""
    return Outlook(
        capacity.capacity(day),
        capacity.limits(day),
        sum(holds_place(b, page.at) for b in day.bookings),
        sum(b.state in ON_THE_LIST for b in day.bookings),
        tuple(page.people[b.id] for b in vacancy.misfits(day, page.at)),
    )


def _people(db: Session, bookings: Iterable[Booking]) -> dict[str, Reached]:
    by_id = {booking.id: booking for booking in bookings}
    rows = db.execute(
        select(
            BookingRow.id, ChildRow.name.label("child"), ChildRow.kana, Guardian.name,
            Guardian.telephone, Guardian.mail, Guardian.mail_failed_at,
        )
        .join(ChildRow, ChildRow.id == BookingRow.child_id)
        .outerjoin(Guardian, Guardian.family_id == BookingRow.family_id)
        .where(BookingRow.id.in_(by_id))
        .order_by(Guardian.created_at, Guardian.id)
    ).all()  # fmt: skip
    found: dict[str, Reached] = {}
    for row in rows:
        mail = row.mail is not None and row.mail_failed_at is None
        first = found.get(row.id)
        found[row.id] = Reached(
            by_id[row.id], row.child, row.kana,
            (first.guardian if first else "") or row.name or "",
            (first.telephone if first else "") or row.telephone or "",
            mail or (first is not None and first.by_mail),
        )  # fmt: skip
    return found
