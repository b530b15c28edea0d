"""What an officer sees: every room of today on one screen, and the figures of a period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reservation import figures
from reservation.clock import Now
from reservation.domain import capacity, dates
from reservation.domain.states import State
from reservation.domain.values import Day, holds_place
from reservation.figures import Scope, Table
from reservation.store import days, rulebooks
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.places import Facility

TABLES = (
    "use", "utilisation", "cancelling", "refusals", "unmet", "waiting", "chances", "ages",
    "diagnoses", "weekdays", "residence", "channels",
)  # fmt: skip
"""The tables of the figures page under its two pictures, in their order."""


@dataclass(frozen=True, slots=True)
class RoomToday:
    """A facility on one day, as its office sees it. ``closed`` is a text by language or None."""

    code: str
    name: Mapping[str, str]
    telephone: str
    closed: Mapping[str, str] | None
    official: int
    effective: int
    expected: int
    in_care: int
    gone: int
    not_come: int
    waiting: int
    offered: int
    undecided: int
    late_decisions: int


def rooms_on(municipality_id: str, day: date, now: Now) -> tuple[RoomToday, ...]:
    """Every facility of a municipality on that day, in their order."""
    with read() as db:
        at = now()
        rows = db.execute(
            select(Facility.id, Facility.code, Facility.rules_version)
            .where(Facility.municipality_id == municipality_id)
            .order_by(Facility.position, Facility.code)
        ).all()
        ended = _ended(db, [row.id for row in rows], day)
        late = _late(db, [row.id for row in rows], day, at)
        return tuple(
            _room(row.code, days.load(db, row.id, day), ended, late[row.id], at)
            for row in rows
            if rulebooks.of_version(db, row.id, row.rules_version).books
        )


def _room(
    code: str, day: Day, ended: Counter[tuple[str, str]], late: int, at: datetime
) -> RoomToday:
    states = Counter(b.state for b in day.bookings if holds_place(b, at))
    entries = Counter(b.state for b in day.bookings)
    facility = day.facility_id
    closed = {"ja": day.closed} if day.closed else dates.closure(day.rules, day.date)
    return RoomToday(
        code=code,
        name=day.rules.about.short_name,
        telephone=day.rules.about.telephone,
        closed=closed,
        official=day.rules.places.official_capacity,
        effective=capacity.capacity(day),
        expected=states[State.CONFIRMED] + states[State.REQUESTED] + states[State.HELD],
        in_care=states[State.CHECKED_IN],
        gone=ended[(facility, State.COMPLETED)],
        not_come=ended[(facility, State.NO_SHOW)] + ended[(facility, State.REFUSED_AT_DOOR)],
        waiting=entries[State.WAITING],
        offered=entries[State.OFFERED],
        undecided=states[State.REQUESTED],
        late_decisions=late,
    )


def _ended(db: Session, ids: list[str], day: date) -> Counter[tuple[str, str]]:
    rows = db.execute(
        select(BookingRow.facility_id, BookingRow.state, func.count())
        .where(BookingRow.facility_id.in_(ids), BookingRow.care_day == day)
        .group_by(BookingRow.facility_id, BookingRow.state)
    )
    return Counter({(row[0], row[1]): row[2] for row in rows})


def _late(db: Session, ids: list[str], day: date, at: datetime) -> Counter[str]:
    rows = db.execute(
        select(BookingRow.facility_id, func.count())
        .where(
            BookingRow.facility_id.in_(ids),
            BookingRow.care_day == day,
            BookingRow.state == State.REQUESTED.value,
            BookingRow.review_due <= at,
        )
        .group_by(BookingRow.facility_id)
    )
    return Counter({row[0]: row[1] for row in rows})


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a fiscal year, first and last day included."""

    first: date
    last: date
    is_year: bool = False

    @property
    def before(self) -> Period:
        """The period before this one."""
        if self.is_year:
            return fiscal_year(self.first.year - 1)
        return month(self.first - timedelta(days=1))

    @property
    def after(self) -> Period:
        """The period after this one."""
        return fiscal_year(self.last.year) if self.is_year else month(self.last + timedelta(days=1))


def month(day: date) -> Period:
    """The month of a day."""
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def fiscal_year(year: int) -> Period:
    """April of that year to March of the next."""
    return Period(date(year, 4, 1), date(year + 1, 3, 31), is_year=True)


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period: the sentence's numbers, the pictures' tables, and all tables."""

    scope: Scope
    child_days: int
    utilisation: float | None
    unmet: int
    would_have_served: int
    empty: int
    gaps: Table
    months: Table
    capacities: Mapping[str, int]
    tables: tuple[tuple[str, Table], ...]


def report(municipality_id: str, period: Period, today: date) -> Report:
    """Everything on the figures page, counted in one look at the database."""
    with read() as db:
        scope = figures.scope(db, municipality_id, period.first, period.last, today)
        year = figures.scope(db, municipality_id, _a_year_before(period), period.last, today)
        gaps = figures.FIGURES["gaps"].run(db, scope)
        tables = tuple((code, figures.FIGURES[code].run(db, scope)) for code in TABLES)
        return Report(
            scope=scope,
            child_days=_total(dict(tables)["use"], "child_days"),
            utilisation=_share(dict(tables)["utilisation"]),
            unmet=_total(gaps, "unmet"),
            would_have_served=_total(gaps, "would_have_served"),
            empty=_total(gaps, "empty"),
            gaps=gaps,
            months=figures.FIGURES["months"].run(db, year),
            capacities=_capacities(db, scope),
            tables=tables,
        )


def table(municipality_id: str, period: Period, today: date, code: str) -> Table:
    """One figure of a period, for a file. Raises KeyError for a figure that there is not."""
    figure = figures.FIGURES[code]
    with read() as db:
        return figure.run(db, figures.scope(db, municipality_id, period.first, period.last, today))


def _a_year_before(period: Period) -> date:
    """The first day of the twelve months that end with the period."""
    last = period.last.replace(day=1)
    return date(last.year, 1, 1) if last.month == 12 else date(last.year - 1, last.month + 1, 1)


def _total(found: Table, code: str) -> int:
    place = [column.code for column in found.columns].index(code)
    value = found.total[place] if found.total else 0
    return int(value) if isinstance(value, int | float) else 0


def _share(found: Table) -> float | None:
    place = [column.code for column in found.columns].index("of_effective")
    value = found.total[place] if found.total else None
    return float(value) if isinstance(value, int | float) else None


def _capacities(db: Session, scope: Scope) -> dict[str, int]:
    shelves = rulebooks.shelves(db, scope.ids)
    return {
        room.id: shelves[room.id].on(scope.past).places.official_capacity for room in scope.rooms
    }
