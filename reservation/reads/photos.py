"""The photos of the doctor's form that a family has sent for a booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.store.db import read
from reservation.store.tables.papers import DoctorFormPhoto


@dataclass(frozen=True, slots=True)
class Sent:
    """A photo by when it came; ``is_readable`` until staff say that it is not."""

    id: str
    kind: str
    size: int
    sent_at: datetime
    is_readable: bool


def of_booking(db: Session, booking_id: str) -> tuple[Sent, ...]:
    """A step: what was sent, the oldest first."""
    rows = db.execute(
        select(
            DoctorFormPhoto.id,
            DoctorFormPhoto.kind,
            DoctorFormPhoto.size,
            DoctorFormPhoto.sent_at,
            DoctorFormPhoto.unreadable_at,
        )
        .where(DoctorFormPhoto.booking_id == booking_id)
        .order_by(DoctorFormPhoto.sent_at, DoctorFormPhoto.id)
    )
    return tuple(
        Sent(row.id, row.kind, row.size, row.sent_at, row.unreadable_at is None) for row in rows
    )


def sent(booking_id: str) -> tuple[Sent, ...]:
    """The same for a page that knows whose the booking is."""
    with read() as db:
        return of_booking(db, booking_id)
