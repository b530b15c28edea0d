"""The planned head-count of each day, frozen once (domain.md 1.5).

The count is taken from the audit as it stood at the facility's hour, so that a late job counts
the same as a punctual one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import capacity, clocks, dates
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import ON_THE_LIST, State
from reservation.store import days, rulebooks
from reservation.store.db import insert_ignore, read, write
from reservation.store.tables.places import Facility, SnapshotRow
from reservation.store.tables.records import Audit

LOOK_BACK = 7
"""Days that are still frozen when the scheduler stood still over them."""

_PLANNED = frozenset({State.CONFIRMED, State.CHECKED_IN, State.COMPLETED})


def freeze(now: Now) -> int:
    """A job: write the snapshot of each facility's day once its hour has come. Returns how many."""
    with read() as db:
        due = [
            (facility_id, day)
            for facility_id in db.scalars(select(Facility.id).order_by(Facility.id))
            for day in _missing(db, facility_id, now())
        ]
    done = 0
    for facility_id, day in due:
        with write() as db:
            done += freeze_day(db, facility_id, day, now())
    return done


def frozen_at(rules: RuleBook, day: date) -> datetime | None:
    """The instant whose head-count is the planned one: opening on the care day. None when the
    facility is closed. Kept here alone, until a ward names its hour."""
    hours = dates.hours(rules, day)
    return dates.at(day, hours.opens) if hours else None


def freeze_day(db: Session, facility_id: str, day: date, at: datetime) -> int:
    """A step: freeze one open day; 0 when it is frozen already or closed.

    ``waiting`` are the entries of the list just before its stop time.
    """
    seen = days.load(db, facility_id, day)
    hour = frozen_at(seen.rules, day)
    if hour is None or seen.closed is not None:
        return 0
    stop = clocks.stop_at(seen.rules, day) - timedelta(microseconds=1)
    return insert_ignore(
        db,
        SnapshotRow,
        {
            "facility_id": facility_id,
            "date": day,
            "planned": _count(db, facility_id, day, hour, _PLANNED),
            "waiting": _count(db, facility_id, day, min(stop, hour), ON_THE_LIST),
            "official_capacity": seen.rules.places.official_capacity,
            "effective_capacity": capacity.capacity(seen),
            "taken_at": at,
        },
    )


def _missing(db: Session, facility_id: str, at: datetime) -> list[date]:
    """Open days whose hour has come and that have no snapshot yet."""
    today = dates.local(at).date()
    span = [today - timedelta(days=n) for n in range(LOOK_BACK, -1, -1)]
    have = set(
        db.scalars(
            select(SnapshotRow.date).where(
                SnapshotRow.facility_id == facility_id, SnapshotRow.date.in_(span)
            )
        )
    )
    found = []
    for day in span:
        try:
            hour = frozen_at(rulebooks.in_force(db, facility_id, day), day)
        except rulebooks.NoRuleBook:
            continue
        if day not in have and hour is not None and hour <= at:
            found.append(day)
    return found


def _count(db: Session, facility_id: str, day: date, at: datetime, states: Iterable[State]) -> int:
    """How many of the day's bookings were in one of these states at that instant."""
    rows = db.execute(
        select(Audit.entity_id, Audit.to)
        .where(
            Audit.facility_id == facility_id,
            Audit.care_day == day,
            Audit.entity == "booking",
            Audit.to.is_not(None),
            Audit.at <= at,
        )
        .order_by(Audit.seq)
    )
    last = {row.entity_id: row.to for row in rows}
    wanted = {state.value for state in states}
    return sum(state in wanted for state in last.values())
