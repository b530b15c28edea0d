"""What was added to bookings and what they came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain.fees import Bill, Extras, written
from reservation.store.tables.money import BillRow


@dataclass(frozen=True, slots=True)
class Charged:
    """A booking's money. ``bill`` is None until the child has been fetched."""

    extras: Extras = field(default_factory=Extras)
    reason: str = ""
    bill: Bill | None = None


def of(db: Session, booking_ids: Sequence[str]) -> Mapping[str, Charged]:
    """A step: the money of each of these bookings, empty where nothing was entered."""
    rows = db.scalars(select(BillRow).where(BillRow.booking_id.in_(booking_ids)))
    found = {row.booking_id: _charged(row) for row in rows}
    return {booking_id: found.get(booking_id, Charged()) for booking_id in booking_ids}


def _charged(row: BillRow) -> Charged:
    extras = Extras(items=row.items, taxi=row.taxi, correction=row.correction)
    return Charged(extras, row.reason or "", written.read(row.lines) if row.lines else None)
