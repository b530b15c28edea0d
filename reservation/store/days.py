"""A day of a facility: from rows to the domain's Day, with or without its lock, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Date, bindparam, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from reservation import meters
from reservation.domain.states import OPEN, State
from reservation.domain.values import Booking, Day, Duty, Round
from reservation.store import beside, booking_rows, rulebooks
from reservation.store.tables.bookings import BookingRow, RoundRow, literals
from reservation.store.tables.places import DayRow, Facility
from reservation.store.together import Change, New, write_all
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
    BookingRow.cancel_until, BookingRow.extended, BookingRow.family_id, BookingRow.wakes,
    BookingRow.takes_until, BookingRow.near, BookingRow.examined, BookingRow.isolated,
    BookingRow.together,
)  # fmt: skip


_ROW = select(DayRow.__table__).where(
    DayRow.facility_id == bindparam("facility_id"), DayRow.date == bindparam("day")
)
_ROW_LOCKED = _ROW.with_for_update(of=DayRow)
_OPEN = (
    select(Facility.rules_version, *_RULE_COLUMNS)
    .select_from(Facility)
    .outerjoin(
        BookingRow,
        (BookingRow.facility_id == Facility.id)
        & (BookingRow.care_day == bindparam("day"))
        & BookingRow.state.in_(literals(OPEN)),
    )
    .where(Facility.id == bindparam("facility_id"))
)
"""The version of a facility's rules, once for each booking that is open on a day, or alone."""


def load(db: Session, facility_id: str, day: date, *, lock: bool = False) -> Day:
    """The day as the rules see it. With ``lock`` the day row is made if missing, then locked.

    Raises rulebooks.NoRuleBook for a facility without rules on that day.
    """
    return load_all(db, [(facility_id, day)], lock=lock)[(facility_id, day)]


def load_all(db: Session, keys: Iterable[DayKey], *, lock: bool = False) -> dict[DayKey, Day]:
    """Several days, locked in the one order that cannot deadlock: facility, then date."""
    days: dict[DayKey, Day] = {}
    for key in sorted(set(keys)):
        days[key] = behind(db, key, _lock(db, key) if lock else _head(db, key))
    return days


def behind(db: Session, key: DayKey, row: AnyRow | None) -> Day:
    """The day of a row that has just been read, or (None) of one that nobody has made yet.

    Rules and bookings are read after the row: whoever waited for its lock must not see them as
    they were before.
    """
    facility_id, day = key
    found = db.connection().execute(_OPEN, {"facility_id": facility_id, "day": day}).all()
    if not found:
        raise rulebooks.NoRuleBook(facility_id)
    rules = rulebooks.of_version(db, facility_id, found[0].rules_version).on(day)
    open_ones = [booking_rows.to_booking(one) for one in found if one.id is not None]
    offered = any(one.state is State.OFFERED for one in open_ones)
    # A round is open only while somebody is asked in it.
    rounds = _rounds(db, facility_id, [day]) if offered else {}
    return beside.fill(db, _day(facility_id, day, rules, row, {day: open_ones}, rounds))


def load_span(db: Session, facility_id: str, wanted: Iterable[date]) -> dict[date, Day]:
    """Several days of one facility for a page: no lock, four statements however many days, and
    those of beside.fill for each list that limits count for."""
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
    days = (_day(facility_id, d, shelf.on(d), rows.get(d), bookings, rounds) for d in dates)
    return {day.date: beside.fill(db, day) for day in days}


def touch(
    db: Session, key: DayKey, *, freed_at: datetime | None = None, rows: Sequence[New] = ()
) -> int:
    """Raise the version of a locked day, and insert ``rows`` with it; on PostgreSQL tell
    listeners in the same statement."""
    facility_id, day = key
    values: dict[str, Any] = {"of_facility": facility_id, "of_day": day}
    told = db.get_bind().dialect.name == "postgresql"
    if told:
        values["told"] = f"{facility_id}:{day.isoformat()}"
    if freed_at is not None:
        values["freed"] = freed_at
    change = Change(_touching(told, freed_at is not None), values)
    return int(write_all(db, rows, change).one()[0])


@cache
def _touching(told: bool, freed: bool) -> Any:
    values: dict[str, Any] = {"version": DayRow.version + 1}
    if freed:
        values["freed_at"] = bindparam("freed", type_=DayRow.freed_at.type)
    statement = (
        update(DayRow.__table__)  # type: ignore[arg-type]
        .where(DayRow.facility_id == bindparam("of_facility"), DayRow.date == bindparam("of_day"))
        .values(values)
    )
    if told:
        return statement.returning(DayRow.version, func.pg_notify(CHANGES, bindparam("told")))
    return statement.returning(DayRow.version)


def _head(db: Session, key: DayKey) -> AnyRow | None:
    return db.connection().execute(_ROW, {"facility_id": key[0], "day": key[1]}).one_or_none()


def _lock(db: Session, key: DayKey) -> AnyRow:
    """The day's row, made if missing, and locked."""
    wanted = {"facility_id": key[0], "day": key[1]}
    with meters.waiting_for("day"):
        row = db.connection().execute(_ROW_LOCKED, wanted).one_or_none()
    if row is None:
        db.connection().execute(_new_day(db.get_bind().dialect.name), wanted)
        row = db.connection().execute(_ROW_LOCKED, wanted).one_or_none()
    if row is None:
        raise rulebooks.NoRuleBook(key[0])
    return row


@cache
def _new_day(dialect: str) -> Any:
    """An empty day of a facility that is there, unless somebody makes it at this moment."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    empty = select(
        Facility.id, bindparam("day", type_=Date), literal(0), literal([], DayRow.closed_rooms.type)
    ).where(Facility.id == bindparam("facility_id"))
    names = ["facility_id", "date", "version", "closed_rooms"]
    return insert(DayRow.__table__).from_select(names, empty).on_conflict_do_nothing()


def _bookings(db: Session, facility_id: str, dates: list[date]) -> dict[date, list[Booking]]:
    rows = db.execute(
        select(*_RULE_COLUMNS).where(
            BookingRow.facility_id == facility_id,
            BookingRow.care_day.in_(dates),
            BookingRow.state.in_(literals(OPEN)),
        )
    )
    found: dict[date, list[Booking]] = {}
    for row in rows:
        found.setdefault(row.care_day, []).append(booking_rows.to_booking(row))
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
        room_uses=row.get("room_uses") or {},
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
