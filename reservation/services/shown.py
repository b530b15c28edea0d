"""Where a family shows a paper: with a registration at the place that decides about it, or with a
booking at its facility (where no registration is needed there is none)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reservation.services.outcomes import NotFound
from reservation.services.registrations import Place
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow, Registration
from reservation.store.tables.places import Facility
from reservation.store.types import AnyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """At which place, and with what of its own: exactly one of the two is set."""

    place: Place
    registration_id: str | None = None
    booking_id: str | None = None


def whose(db: Session, shown: Shown) -> AnyRow:
    """A step: child_id, family_id and municipality_id. Raises NotFound for a registration or a
    booking of another place."""
    asked = _with_booking(shown) if shown.booking_id else _with_registration(shown)
    row = db.execute(asked).one_or_none()
    if row is None:
        raise NotFound(shown.booking_id or shown.registration_id or "")
    return row


def _with_registration(shown: Shown) -> Any:
    town = func.coalesce(Registration.municipality_id, Facility.municipality_id)
    return (
        select(ChildRow.id.label("child_id"), ChildRow.family_id, town.label("municipality_id"))
        .select_from(Registration)
        .join(ChildRow, ChildRow.id == Registration.child_id)
        .outerjoin(Facility, Facility.id == Registration.facility_id)
        .where(
            Registration.id == shown.registration_id,
            Registration.facility_id.is_not_distinct_from(shown.place.facility_id),
            Registration.municipality_id.is_not_distinct_from(shown.place.municipality_id),
        )
    )


def _with_booking(shown: Shown) -> Any:
    return (
        select(ChildRow.id.label("child_id"), ChildRow.family_id, Facility.municipality_id)
        .select_from(BookingRow)
        .join(ChildRow, ChildRow.id == BookingRow.child_id)
        .join(Facility, Facility.id == BookingRow.facility_id)
        .where(
            BookingRow.id == shown.booking_id,
            BookingRow.facility_id == shown.place.facility_id,
            ChildRow.left_at.is_(None),
        )
    )
