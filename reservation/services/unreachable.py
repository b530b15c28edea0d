"""An address that cannot be delivered to: marked, and given to the staff's telephone."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from reservation.domain import clocks
from reservation.services import outbox
from reservation.services.letters import Envelope
from reservation.store import rulebooks
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import Guardian
from reservation.store.tables.records import Task


def mark(db: Session, address: str, at: datetime) -> None:
    """A step: nothing more is sent to this guardian's address until it is changed or works."""
    _set(db, address, at)


def clear(db: Session, address: str) -> None:
    """A step: the address has taken a message, so it works."""
    _set(db, address, None)


def give_to_staff(db: Session, one: Envelope, at: datetime) -> None:
    """A step: somebody must be told by telephone what did not arrive.

    'call_offer' with the offer's end where no other guardian could be written to, else
    'undelivered'. At night nobody is there to call about an offer (unreached.py). What is about no
    family of a facility (codes, invitations of staff) is nobody's task; the same task is not given
    twice.
    """
    if one.facility_id is None:
        return
    row = db.execute(
        select(BookingRow.family_id, BookingRow.care_day).where(BookingRow.id == one.booking_id)
    ).one_or_none()
    family_id = row.family_id if row else _family(db, one.guardian_id)
    if family_id is None:
        return
    only_offer = one.kind == "offer" and not _others(db, family_id, one.address)
    if only_offer and row and _is_night(db, one.facility_id, row.care_day, at):
        return
    kind = "call_offer" if only_offer else "undelivered"
    if _is_open(db, kind, one, family_id):
        return
    outbox.add_task(
        db, kind, one.facility_id, at, booking_id=one.booking_id, family_id=family_id,
        care_day=row.care_day if row else None, about=one.kind,
        due_at=one.useful_until if one.kind == "offer" else None,
    )  # fmt: skip


def _set(db: Session, address: str, at: datetime | None) -> None:
    changes = Guardian.mail_failed_at.is_(None) if at else Guardian.mail_failed_at.is_not(None)
    db.execute(
        update(Guardian)
        .where(Guardian.mail == address, changes)
        .values(mail_failed_at=at)
        .execution_options(synchronize_session=False)
    )


def _family(db: Session, guardian_id: str | None) -> str | None:
    return db.scalar(select(Guardian.family_id).where(Guardian.id == guardian_id))


def _others(db: Session, family_id: str | None, address: str) -> int:
    """How many other guardians of the family can be written to."""
    return db.execute(
        select(func.count()).where(
            Guardian.family_id == family_id,
            Guardian.mail.is_not(None),
            Guardian.mail != address,
            Guardian.mail_failed_at.is_(None),
        )
    ).scalar_one()


def _is_night(db: Session, facility_id: str, day: date, at: datetime) -> bool:
    return clocks.is_night(rulebooks.in_force(db, facility_id, day), day, at)


def _is_open(db: Session, kind: str, one: Envelope, family_id: str | None) -> bool:
    found = db.execute(
        select(Task.id).where(
            Task.facility_id == one.facility_id,
            Task.kind == kind,
            Task.family_id == family_id,
            Task.booking_id == one.booking_id,
            Task.about == one.kind,
            Task.done_at.is_(None),
        )
    )
    return found.first() is not None
