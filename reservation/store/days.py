"""A day of a facility: from rows to the domain's Day, with or without its lock, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from reservation.domain.states import OPEN, State
from reservation.domain.values import Booking, Complaint, Condition, Day, Duty, Round
from reservation.store import rulebooks
from reservation.store.db import insert_ignore
from reservation.store.tables.bookings import BookingRow, RoundRow
from reservation.store.tables.places import DayRow, Facility
from reservation.store.types import AnyRow

DayKey = tuple[str, date]
"""Facility id and care day: what is locked, in this order."""

CHANGES = "reservation_changes"
"""The PostgreSQL channel that says which day has a new version."""

_RULE_COLUMNS = (
    BookingRow.id, BookingRow.facility_id, BookingRow.child_id, BookingRow.care_day,
    BookingRow.state, BookingRow.complaint, BookingRow.illness, BookingRow.birthday,
    BookingRow.asked_at, BookingRow.ends_at, BookingRow.room, BookingRow.pinned,
    BookingRow.round_id, BookingRow.lapses, BookingRow.passed_at, BookingRow.conditions,
    BookingRow.cancel_until, BookingRow.extended,
)  # fmt: skip


def load(db: Session, facility_id: str, day: date, *, lock: bool = False) -> Day:
    """The day as the rules see it. With ``lock`` the day row is made if missing, then locked.

    Raises rulebooks.NoRuleBook for a facility without rules on that day.
    """
    return load_all(db, [(facility_id, day)], lock=lock)[(facility_id, day)]


def load_all(db: Session, keys: Iterable[DayKey], *, lock: bool = False) -> dict[DayKey, Day]:
    """Several days, locked in the one order that cannot deadlock: facility, then date."""
    days: dict[DayKey, Day] = {}
    for facility_id, day in sorted(set(keys)):
        row, version = _head(db, facility_id, day, lock=lock)
        bookings = _bookings(db, facility_id, [day])
        offered = any(b.state is State.OFFERED for b in bookings.get(day, ()))
        days[(facility_id, day)] = _day(
            facility_id,
            day,
            rulebooks.of_version(db, facility_id, version).on(day),
            row,
            bookings,
            # A round is open only while somebody is asked in it.
            _rounds(db, facility_id, [day]) if offered else {},
        )
    return days


def load_span(db: Session, facility_id: str, wanted: Iterable[date]) -> dict[date, Day]:
    """Several days of one facility for a page: no lock, four statements however many days."""
    dates = sorted(set(wanted))
    shelf = rulebooks.shelf(db, facility_id)
    rows = {
        row.date: row
        for row in db.execute(
            select(DayRow.__table__).where(
                DayRow.facility_id == facility_id, DayRow.date.in_(dates)
            )
        )
    }
    bookings = _bookings(db, facility_id, dates)
    rounds = _rounds(db, facility_id, dates)
    return {
        day: _day(facility_id, day, shelf.on(day), rows.get(day), bookings, rounds) for day in dates
    }


def touch(db: Session, key: DayKey, *, freed_at: datetime | None = None) -> int:
    """Raise the version of a locked day; on PostgreSQL tell listeners in the same statement."""
    facility_id, day = key
    values: dict[str, Any] = {"version": DayRow.version + 1}
    if freed_at is not None:
        values["freed_at"] = freed_at
    statement = (
        update(DayRow)
        .where(DayRow.facility_id == facility_id, DayRow.date == day)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if db.get_bind().dialect.name != "postgresql":
        return int(db.execute(statement.returning(DayRow.version)).scalar_one())
    told = func.pg_notify(CHANGES, f"{facility_id}:{day.isoformat()}")
    return int(db.execute(statement.returning(DayRow.version, told)).one()[0])


def add_booking(db: Session, booking: Booking, row: Mapping[str, Any]) -> None:
    """Insert a new booking: what the rules know, and ``row`` for the other columns."""
    db.execute(insert(BookingRow), [{**_columns(booking), **row}])


def save_booking(db: Session, booking: Booking, row: Mapping[str, Any] | None = None) -> None:
    """Write a changed booking back, with other columns in ``row``."""
    db.execute(
        update(BookingRow)
        .where(BookingRow.id == bindparam("booking_key"))
        .execution_options(synchronize_session=False),
        [{"booking_key": booking.id, **_columns(booking), **(row or {})}],
    )


def to_booking(row: AnyRow) -> Booking:
    """A domain Booking from a row that has (at least) the columns the rules look at."""
    return Booking(
        id=row.id,
        facility_id=row.facility_id,
        child_id=row.child_id,
        care_day=row.care_day,
        state=State(row.state),
        complaint=Complaint(row.complaint),
        illness=row.illness,
        birthday=row.birthday,
        asked_at=row.asked_at,
        ends_at=row.ends_at,
        room=row.room,
        pinned=row.pinned,
        round_id=row.round_id,
        lapses=row.lapses,
        passed_at=row.passed_at,
        conditions=tuple(_condition(c) for c in row.conditions),
        cancel_until=row.cancel_until,
        extended=row.extended,
    )


def conditions_json(conditions: Iterable[Condition]) -> list[dict[str, str | None]]:
    """Open conditions as they are stored on the booking."""
    return [
        {
            "code": c.code,
            "due_at": c.due_at.isoformat() if c.due_at else None,
            "closed_at": c.closed_at.isoformat() if c.closed_at else None,
        }
        for c in conditions
    ]


def _condition(stored: Mapping[str, str | None]) -> Condition:
    due, closed = stored["due_at"], stored["closed_at"]
    return Condition(
        str(stored["code"]),
        datetime.fromisoformat(due) if due else None,
        datetime.fromisoformat(closed) if closed else None,
    )


def _columns(booking: Booking) -> dict[str, Any]:
    return {
        "id": booking.id,
        "facility_id": booking.facility_id,
        "child_id": booking.child_id,
        "care_day": booking.care_day,
        "state": booking.state.value,
        "complaint": booking.complaint.value,
        "illness": booking.illness,
        "birthday": booking.birthday,
        "asked_at": booking.asked_at,
        "ends_at": booking.ends_at,
        "room": booking.room,
        "pinned": booking.pinned,
        "round_id": booking.round_id,
        "lapses": booking.lapses,
        "passed_at": booking.passed_at,
        "conditions": conditions_json(booking.conditions),
        "cancel_until": booking.cancel_until,
        "extended": booking.extended,
    }


def _head(db: Session, facility_id: str, day: date, *, lock: bool) -> tuple[AnyRow | None, int]:
    """The day's row (made and locked on demand) and the version of the facility's rules."""
    is_day = (DayRow.facility_id == facility_id) & (DayRow.date == day)
    if not lock:
        found = db.execute(
            select(DayRow.__table__, Facility.rules_version)
            .select_from(Facility)
            .outerjoin(DayRow, is_day)
            .where(Facility.id == facility_id)
        ).one_or_none()
        if found is None:
            raise rulebooks.NoRuleBook(facility_id)
        return (found if found.date is not None else None), found.rules_version
    rules = select(Facility.rules_version).where(Facility.id == facility_id)
    locked = (
        select(DayRow.__table__, rules.scalar_subquery().label("rules_version"))
        .where(is_day)
        .with_for_update(of=DayRow)
    )
    row = db.execute(locked).one_or_none()
    if row is None:
        if db.scalar(rules) is None:
            raise rulebooks.NoRuleBook(facility_id)
        new = {"facility_id": facility_id, "date": day, "version": 0, "closed_rooms": []}
        insert_ignore(db, DayRow, new)
        row = db.execute(locked).one()
    return row, row.rules_version


def _bookings(db: Session, facility_id: str, dates: list[date]) -> dict[date, list[Booking]]:
    rows = db.execute(
        select(*_RULE_COLUMNS).where(
            BookingRow.facility_id == facility_id,
            BookingRow.care_day.in_(dates),
            BookingRow.state.in_([state.value for state in sorted(OPEN)]),
        )
    )
    found: dict[date, list[Booking]] = {}
    for row in rows:
        found.setdefault(row.care_day, []).append(to_booking(row))
    return found


def _rounds(db: Session, facility_id: str, dates: list[date]) -> dict[date, list[Round]]:
    rows = db.execute(
        select(RoundRow.id, RoundRow.care_day, RoundRow.places, RoundRow.ends_at).where(
            RoundRow.facility_id == facility_id,
            RoundRow.care_day.in_(dates),
            RoundRow.closed_at.is_(None),
        )
    )
    found: dict[date, list[Round]] = {}
    for row in rows:
        found.setdefault(row.care_day, []).append(Round(row.id, row.places, row.ends_at))
    return found


def _day(
    facility_id: str,
    day: date,
    rules: Any,
    row: AnyRow | None,
    bookings: Mapping[date, list[Booking]],
    rounds: Mapping[date, list[Round]],
) -> Day:
    plain = Day(
        facility_id=facility_id,
        date=day,
        rules=rules,
        bookings=tuple(bookings.get(day, ())),
        rounds=tuple(rounds.get(day, ())),
    )
    if row is None:
        return plain
    return with_settings(plain, dict(row._mapping)).change(
        closed=row.closed, freed_at=row.freed_at, version=row.version
    )


def with_settings(day: Day, row: Mapping[str, Any]) -> Day:
    """The day with what staff set for it: columns of its row, or the details of their audit."""
    return day.change(
        effective_capacity=row.get("effective_capacity"),
        closed_rooms=frozenset(row.get("closed_rooms") or ()),
        duty=_duty(row),
    )


def _duty(row: Mapping[str, Any]) -> tuple[Duty, ...]:
    halves = (
        (half, row.get(f"{half}_workers"), row.get(f"{half}_nurses")) for half in ("am", "pm")
    )
    return tuple(
        Duty(half, workers or 0, nurses or 0)
        for half, workers, nurses in halves
        if workers is not None or nurses is not None
    )
