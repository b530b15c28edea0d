"""The day on paper: every child expected, in rooms, with what must be known; and who waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from reservation.domain import capacity, dates, morning, vacancy
from reservation.domain.morning import Statement
from reservation.domain.rulebook.fields import Text
from reservation.domain.states import State
from reservation.domain.values import Day, Duty
from reservation.reads import bills, children_of_day, rooms_of_day
from reservation.reads.bills import Charged
from reservation.reads.children_of_day import Carer, DayChild
from reservation.reads.rooms_of_day import Seats, Waiting
from reservation.store import days
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow

EXPECTED = frozenset(
    {State.REQUESTED, State.CONFIRMED, State.CHECKED_IN, State.COMPLETED, State.OFFERED}
)
"""Who has a line of their own; a hold is nobody's yet."""


@dataclass(frozen=True, slots=True)
class Line:
    """A child on the sheet. ``room`` is None where none has been found."""

    child: DayChild
    room: Text | None
    carers: tuple[Carer, ...]
    money: Charged
    morning: tuple[Statement, ...]
    """What must hold at the door for this child's illness, until the child is in."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A child that waits."""

    waiting: Waiting
    carers: tuple[Carer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySheet:
    """A facility's day as it is printed. ``closed`` is a text by language."""

    date: date
    name: Text
    closed: Text | None
    seats: Seats
    duty: tuple[Duty, Duty]
    morning: tuple[Statement, ...]
    """What must hold at the door for every child."""
    lines: tuple[Line, ...]
    waiting: tuple[Entry, ...]


def day_sheet(facility_id: str, day: date, now: datetime) -> DaySheet:
    """The sheet of a day. Raises rulebooks.NoRuleBook where no rules count."""
    with read() as db:
        found = days.load(db, facility_id, day)
        everyone = children_of_day.children(
            db,
            BookingRow.facility_id == facility_id,
            BookingRow.care_day == day,
            BookingRow.state.in_([s.value for s in sorted(EXPECTED | {State.WAITING})]),
        )
        carers = children_of_day.carers(db, {child.family_id for child in everyone})
        money = bills.of(db, [child.id for child in everyone])
    known = {child.id: child for child in everyone}
    rooms = {
        booking.id: use.room.label
        for use in vacancy.plan(found, now).rooms
        for booking in use.children
    }
    closed = {"ja": found.closed} if found.closed else dates.closure(found.rules, day)
    return DaySheet(
        date=day,
        name=found.rules.about.name,
        closed=closed,
        seats=rooms_of_day.seats(found, now),
        duty=capacity.halves(found),
        morning=tuple(morning.of_day(found.rules)),
        lines=tuple(
            Line(
                child,
                rooms.get(child.id),
                carers.get(child.family_id, ()),
                money[child.id],
                _morning(found, child),
            )
            for child in everyone
            if child.state in EXPECTED
        ),
        waiting=tuple(
            Entry(entry, carers.get(entry.child.family_id, ()))
            for entry in rooms_of_day.waiting_list(found, known, now)
            if entry.child.state is State.WAITING
        ),
    )


def _morning(day: Day, child: DayChild) -> tuple[Statement, ...]:
    if child.checked_in_at is not None:
        return ()
    found = child.booking
    return tuple(
        morning.of_child(
            day.rules, found.illness, found.birthday, day.date, child.onset, child.vaccines
        )
    )
