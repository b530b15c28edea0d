"""How a family's entries stand in their lists: the rank, the chance, and what is in the way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from reservation.domain import chances, limits, queue
from reservation.domain.chances import Chance
from reservation.domain.refusals import Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import ON_THE_LIST
from reservation.domain.values import Booking
from reservation.store import days, rulebooks
from reservation.store.tables.bookings import BookingRow

_LISTED = sorted(state.value for state in ON_THE_LIST)


def ranks(db: Session, rows: Iterable[Row[Any]]) -> dict[str, int]:
    """A step: the place in its list of each entry, as domain.queue counts it."""
    found: dict[str, int] = {}
    for row in rows:
        if row.state not in _LISTED:
            continue
        if queue.has_priorities(rulebooks.in_force(db, row.facility_id, row.care_day)):
            found[row.id] = queue.rank(days.load(db, row.facility_id, row.care_day), row.id)
            continue
        before = (BookingRow.asked_at < row.asked_at) | (
            (BookingRow.asked_at == row.asked_at) & (BookingRow.id < row.id)
        )
        count = db.execute(
            select(func.count()).where(
                BookingRow.facility_id == row.facility_id,
                BookingRow.care_day == row.care_day,
                BookingRow.state.in_(_LISTED),
                before,
            )
        ).scalar_one()
        found[row.id] = count + 1
    return found


def chance(row: Row[Any]) -> Chance | None:
    """What became of those who waited alike, where the facility's row says that it may be told."""
    if row.known is None or row.joined_rank is None:
        return None
    lead = chances.lead_of(row.created_at, row.care_day)
    return chances.similar(row.known, row.joined_rank, lead)


def barred(db: Session, entry: Booking, rules: RuleBook, at: datetime) -> Refusal | None:
    """A step: why an entry of the list is passed over now, whatever comes free."""
    if entry.state not in ON_THE_LIST or not limits.asks(rules):
        return None
    day = days.load(db, entry.facility_id, entry.care_day)
    return limits.barred(day, queue.party(day, entry), at)
