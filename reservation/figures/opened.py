"""Open days and what they could take: from the rule books in force and what staff set by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reservation.domain import capacity, dates
from reservation.domain.states import CAME
from reservation.domain.values import Day
from reservation.figures.registry import Scope
from reservation.store import rulebooks
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.places import DayRow

CAME_STATES = [state.value for state in sorted(CAME)]


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A facility that was open on a day: places by contract, places staff opened, and who came."""

    facility_id: str
    date: date
    official: int
    effective: int
    used: int

    @property
    def empty(self) -> int:
        """Places that nobody used."""
        return max(0, self.effective - self.used)


def open_days(db: Session, scope: Scope) -> list[OpenDay]:
    """A step: every open day of every room of the scope up to today, in order.

    A day that staff closed is not open; capacity is of that day's rule book (answers.md §5).
    """
    used = used_by_day(db, scope)
    shelves = rulebooks.shelves(db, scope.ids)
    rows = {
        (row.facility_id, row.date): row
        for row in db.execute(
            select(
                DayRow.facility_id,
                DayRow.date,
                DayRow.closed,
                DayRow.effective_capacity,
                DayRow.closed_rooms,
                DayRow.room_uses,
            ).where(DayRow.facility_id.in_(scope.ids), scope.within(DayRow.date))
        )
    }
    found: list[OpenDay] = []
    for room in scope.rooms:
        shelf = shelves[room.id]
        for day in scope.days():
            try:
                rules = shelf.on(day)
            except rulebooks.NoRuleBook:
                continue
            row = rows.get((room.id, day))
            if not dates.is_open_day(rules, day) or (row is not None and row.closed is not None):
                continue
            as_set = Day(
                facility_id=room.id,
                date=day,
                rules=rules,
                effective_capacity=row.effective_capacity if row else None,
                closed_rooms=frozenset(row.closed_rooms) if row else frozenset(),
                room_uses=(row.room_uses if row else None) or {},
            )
            official = rules.places.official_capacity
            effective = capacity.places(as_set)
            found.append(OpenDay(room.id, day, official, effective, used.get((room.id, day), 0)))
    return found


def used_by_day(db: Session, scope: Scope) -> dict[tuple[str, date], int]:
    """A step: how many children came, by facility and day."""
    rows = db.execute(
        select(BookingRow.facility_id, BookingRow.care_day, func.count())
        .where(
            BookingRow.facility_id.in_(scope.ids),
            scope.within(BookingRow.care_day),
            BookingRow.state.in_(CAME_STATES),
        )
        .group_by(BookingRow.facility_id, BookingRow.care_day)
    )
    return {(row[0], row[1]): row[2] for row in rows}
