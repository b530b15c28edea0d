"""Does everything hold? The SQL invariants, and what only the rule books can say of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import dates, vacancy
from reservation.domain.states import HOLDS_A_PLACE
from reservation.store import days, invariants
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow

AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that does not hold, and how many rows say so."""

    rule: str
    rows: int


def check(now: Now) -> tuple[Broken, ...]:
    """All rules that are broken at this moment; empty is right.

    A day whose capacity staff lowered below what is booked is named too (I1): nobody is dropped,
    and somebody must decide.
    """
    with read() as db:
        at = now()
        found = [Broken(rule, rows) for rule, rows in invariants.violations(db, at).items()]
        over = _overfull(db, at)
    return (
        (*found, Broken("I1 nobody sits where the rules give no place", over))
        if over
        else tuple(found)
    )


def _overfull(db: Session, at: datetime) -> int:
    today = dates.local(at).date()
    keys = db.execute(
        select(BookingRow.facility_id, BookingRow.care_day)
        .where(
            BookingRow.care_day.between(today, today + AHEAD),
            BookingRow.state.in_([state.value for state in sorted(HOLDS_A_PLACE)]),
        )
        .distinct()
    ).all()
    return sum(len(vacancy.misfits(days.load(db, row[0], row[1]), at)) for row in keys)
