"""Everything the system keeps about a family, as one document for the family itself."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from reservation.store.db import Base, read
from reservation.store.tables.access import Device
from reservation.store.tables.bookings import BookingRow, Episode, RefusalRow, WishRow
from reservation.store.tables.money import BillRow
from reservation.store.tables.papers import DoctorFormPhoto, DoctorFormRow
from reservation.store.tables.people import (
    CertificateRow,
    ChildRow,
    Consent,
    Exemption,
    Family,
    Guardian,
    Registration,
)
from reservation.store.tables.places import Facility
from reservation.store.tables.records import Audit, Outbox

HIDDEN = frozenset(
    {"token_hash", "telephone_index", "telephone_tail_index", "params", "shown", "key"}
)
"""Columns that say nothing about the family: hashes, search indexes, codes long used, keys."""


def everything(family_id: str, at: datetime) -> dict[str, Any]:
    """All rows about this family by table, texts opened, instants as ISO in UTC."""
    with read() as db:
        children = list(db.scalars(select(ChildRow.id).where(ChildRow.family_id == family_id)))
        guardians = list(db.scalars(select(Guardian.id).where(Guardian.family_id == family_id)))
        wishes = list(db.scalars(select(WishRow.id).where(WishRow.child_id.in_(children))))
        return {
            "written_at": at.isoformat(),
            "family": _rows(db, Family, Family.id == family_id),
            "guardians": _rows(db, Guardian, Guardian.family_id == family_id),
            "children": _rows(db, ChildRow, ChildRow.family_id == family_id),
            "registrations": _rows(db, Registration, Registration.child_id.in_(children)),
            "exemptions": _rows(db, Exemption, Exemption.family_id == family_id),
            "certificates": _rows(db, CertificateRow, CertificateRow.family_id == family_id),
            "consents": _rows(db, Consent, Consent.family_id == family_id),
            "bookings": _rows(db, BookingRow, BookingRow.family_id == family_id),
            "bills": _rows(db, BillRow, BillRow.booking_id.in_(_bookings(family_id))),
            "doctor_forms": _rows(db, DoctorFormRow, DoctorFormRow.child_id.in_(children)),
            "doctor_form_photos": _rows(
                db, DoctorFormPhoto, DoctorFormPhoto.booking_id.in_(_bookings(family_id))
            ),
            "episodes": _rows(db, Episode, Episode.child_id.in_(children)),
            "wishes": _rows(db, WishRow, WishRow.id.in_(wishes)),
            "refusals": _rows(db, RefusalRow, RefusalRow.wish_id.in_(wishes)),
            "devices": _rows(db, Device, Device.guardian_id.in_(guardians)),
            "messages": _rows(db, Outbox, Outbox.guardian_id.in_(guardians)),
            "log": _rows(db, Audit, Audit.on_behalf_of == family_id),
            "facilities": _facilities(db),
        }


def _bookings(family_id: str) -> Any:
    return select(BookingRow.id).where(BookingRow.family_id == family_id)


def _rows(db: Session, table: type[Base], which: Any) -> list[dict[str, Any]]:
    names = [column.key for column in inspect(table).columns if column.key not in HIDDEN]
    found = db.scalars(select(table).where(which)).all()
    return [{name: _plain(getattr(row, name)) for name in names} for row in found]


def _facilities(db: Session) -> dict[str, str]:
    """The codes behind the ids that bookings name."""
    return {row.id: row.code for row in db.execute(select(Facility.id, Facility.code))}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date | time) else value
