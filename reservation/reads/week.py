"""A week of a facility: capacity and load of each day, who waits, staff on duty, closures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reservation.domain import capacity, dates, vacancy
from reservation.domain.rulebook.sections import WEEKDAYS
from reservation.domain.states import State
from reservation.domain.values import Day, holds_place
from reservation.store import days, rulebooks
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow

DAYS = 7


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One day. ``closed`` is a text by language; then the numbers are those of a closed day."""

    date: date
    closed: Mapping[str, str] | None
    by_staff: bool
    """Whether staff closed it, and not the rule book."""
    official: int
    capacity: int
    am: int
    pm: int
    """How many children the staff of each half may care for."""
    workers: tuple[int, int]
    nurses: tuple[int, int]
    """Morning and afternoon."""
    duty_entered: bool
    closed_rooms: tuple[Mapping[str, str], ...]
    expected: int
    undecided: int
    in_care: int
    gone: int
    waiting: int
    misfits: int

    @property
    def load(self) -> int:
        """Children who hold a place, or had one."""
        return self.expected + self.undecided + self.in_care + self.gone

    @property
    def is_short(self) -> bool:
        """Whether more children are booked than the day takes."""
        return self.misfits > 0


def monday(day: date) -> date:
    """The first day of the week of this day."""
    return day - timedelta(days=day.weekday())


def week(facility_id: str, day: date, now: datetime) -> tuple[WeekDay, ...]:
    """The week of this day, Monday to Sunday, without days on which no rule book counts and
    without Saturdays and Sundays on which the facility never opens."""
    first = monday(day)
    with read() as db:
        shelf = rulebooks.shelf(db, facility_id)
        wanted = [
            one for one in (first + timedelta(days=n) for n in range(DAYS)) if _has(shelf, one)
        ]
        found = days.load_span(db, facility_id, wanted) if wanted else {}
        gone = _gone(db, facility_id, wanted)
    shown = (found[one] for one in wanted)
    return tuple(_day(one, gone[one.date], now) for one in shown if _is_shown(one))


def _has(shelf: rulebooks.Shelf, day: date) -> bool:
    try:
        shelf.on(day)
    except rulebooks.NoRuleBook:
        return False
    return True


def _is_shown(day: Day) -> bool:
    opens = WEEKDAYS[day.date.weekday()] in day.rules.opening.week
    return opens or day.date.weekday() < 5 or bool(day.bookings)


def _gone(db: Session, facility_id: str, wanted: list[date]) -> Counter[date]:
    rows = db.execute(
        select(BookingRow.care_day, func.count())
        .where(
            BookingRow.facility_id == facility_id,
            BookingRow.care_day.in_(wanted),
            BookingRow.state == State.COMPLETED.value,
        )
        .group_by(BookingRow.care_day)
    )
    return Counter({row[0]: row[1] for row in rows})


def _day(day: Day, gone: int, now: datetime) -> WeekDay:
    holding = Counter(b.state for b in day.bookings if holds_place(b, now))
    entries = Counter(b.state for b in day.bookings)
    limits = capacity.limits(day)
    am, pm = capacity.halves(day)
    closed = {"ja": day.closed} if day.closed else dates.closure(day.rules, day.date)
    return WeekDay(
        date=day.date,
        closed=closed,
        by_staff=bool(day.closed),
        official=day.rules.places.official_capacity,
        capacity=capacity.capacity(day),
        am=limits["am"],
        pm=limits["pm"],
        workers=(am.childcare_workers, pm.childcare_workers),
        nurses=(am.nurses, pm.nurses),
        duty_entered=bool(day.duty),
        closed_rooms=tuple(r.label for r in day.rules.places.rooms if r.id in day.closed_rooms),
        expected=holding[State.CONFIRMED] + holding[State.HELD],
        undecided=holding[State.REQUESTED],
        in_care=holding[State.CHECKED_IN],
        gone=gone,
        waiting=entries[State.WAITING] + entries[State.OFFERED],
        misfits=len(vacancy.misfits(day, now)),
    )
