"""Does everything hold? The SQL invariants, and what only the rule books can say of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import dates, vacancy, waiting
from reservation.domain.states import HOLDS_A_PLACE, State
from reservation.domain.values import Day
from reservation.figures import rollup
from reservation.reads import replay
from reservation.store import days, invariants, rulebooks
from reservation.store.days import DayKey
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.places import Facility, SnapshotRow
from reservation.store.tables.records import Audit

AHEAD = timedelta(days=60)
BEHIND = timedelta(days=62)
"""How far back days are played again from their audit."""
FROZEN = timedelta(days=7)
"""How far back frozen head-counts are counted again."""

I1 = "I1 nobody sits where the rules give no place"
I10 = "I10 no place is free while somebody waits who could be asked"
I12 = "I12 no hold was confirmed after its end"
I13 = "I13 no place was ever given that was not there"
I14 = "I14 frozen head-counts are what the audit counts"
I14_MONTHS = "I14 kept months are what a recount finds"

_PLANNED = frozenset({State.CONFIRMED, State.CHECKED_IN, State.COMPLETED})


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that does not hold, and how many rows say so."""

    rule: str
    rows: int

    @property
    def code(self) -> str:
        """The rule's number alone: I4."""
        return self.rule.partition(" ")[0]


def check(now: Now, grace: timedelta = invariants.PERIOD) -> tuple[Broken, ...]:
    """All rules that are broken at this moment; empty is right.

    A day whose capacity staff lowered below what is booked is named too (I1): nobody is dropped,
    and somebody must decide. ``grace`` is how long the sweep may leave a place unoffered (I10).
    """
    with read() as db:
        at = now()
        found = invariants.violations(db, at)
        found[I1] = _overfull(db, at)
        found[I10] = _unoffered(db, at, grace)
        played = _played(db, at)
        found[I12] = sum(day.late for day in played)
        found[I13] = sum(day.oversold for day in played)
        found[I14] = _miscounted(db, at)
        found[I14_MONTHS] = len(rollup.differences(db, dates.local(at).date()))
    return _broken(found)


def cheap(now: Now) -> tuple[Broken, ...]:
    """The rules that can be asked of a database at work every few minutes: those about the days
    from yesterday on."""
    with read() as db:
        at = now()
        since = dates.local(at).date() - timedelta(days=1)
        found = invariants.violations(db, at, since=since, cheap=True)
        found[I1] = _overfull(db, at)
    return _broken(found)


def _broken(found: dict[str, int]) -> tuple[Broken, ...]:
    return tuple(Broken(rule, rows) for rule, rows in found.items() if rows)


def _days_with(db: Session, at: datetime, wanted: frozenset[State]) -> list[DayKey]:
    """The days from today on with bookings in these states."""
    today = dates.local(at).date()
    rows = db.execute(
        select(BookingRow.facility_id, BookingRow.care_day)
        .where(
            BookingRow.care_day.between(today, today + AHEAD),
            BookingRow.state.in_([state.value for state in sorted(wanted)]),
        )
        .distinct()
    )
    return [(row.facility_id, row.care_day) for row in rows]


def _overfull(db: Session, at: datetime) -> int:
    return sum(
        len(vacancy.misfits(days.load(db, *key), at)) for key in _days_with(db, at, HOLDS_A_PLACE)
    )


def _unoffered(db: Session, at: datetime, grace: timedelta) -> int:
    """Days on which an offer was due before the grace and is due still."""
    waited = [days.load(db, *key) for key in _days_with(db, at, frozenset({State.WAITING}))]
    return sum(
        waiting.next_turn(day, at) is not None and _was_due(day, at - grace) for day in waited
    )


def _was_due(day: Day, at: datetime) -> bool:
    recent = day.freed_at is not None and day.freed_at > at
    return not recent and waiting.next_turn(day, at) is not None


def _played(db: Session, at: datetime) -> list[replay.Found]:
    today = dates.local(at).date()
    found = []
    for facility_id in db.scalars(select(Facility.id).order_by(Facility.id)):
        rules = replay.books(db, facility_id)
        touched = (
            select(Audit.care_day)
            .where(
                Audit.facility_id == facility_id,
                Audit.care_day.between(today - BEHIND, today + AHEAD),
            )
            .distinct()
        )
        for day in db.scalars(touched).all():
            if day is not None:
                found.append(replay.play(db, facility_id, day, rules))
    return found


def _miscounted(db: Session, at: datetime) -> int:
    """Frozen head-counts of the last days that differ from a recount at their hour."""
    today = dates.local(at).date()
    rows = db.execute(
        select(SnapshotRow.facility_id, SnapshotRow.date, SnapshotRow.planned).where(
            SnapshotRow.date.between(today - FROZEN, today)
        )
    ).all()
    return sum(_planned(db, row.facility_id, row.date) != row.planned for row in rows)


def _planned(db: Session, facility_id: str, day: date) -> int | None:
    """The head-count at the day's opening, from the audit."""
    hours = dates.hours(rulebooks.in_force(db, facility_id, day), day)
    if hours is None:
        return None
    rows = db.execute(
        select(Audit.entity_id, Audit.to)
        .where(
            Audit.facility_id == facility_id,
            Audit.care_day == day,
            Audit.entity == "booking",
            Audit.to.is_not(None),
            Audit.at <= dates.at(day, hours.opens),
        )
        .order_by(Audit.seq)
    )
    last = {row.entity_id: row.to for row in rows}
    return sum(State(state) in _PLANNED for state in last.values())
