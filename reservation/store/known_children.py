"""Which children a facility may look up: those of its municipality, and those it has met."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_

from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow, Family, Registration


def at(facility_id: str, municipality_id: str) -> ColumnElement[bool]:
    """A condition on ChildRow joined with Family: its home, a registration, or a booking here."""
    registered = exists().where(
        Registration.child_id == ChildRow.id,
        or_(
            Registration.facility_id == facility_id,
            Registration.municipality_id == municipality_id,
        ),
    )
    booked = exists().where(
        BookingRow.child_id == ChildRow.id, BookingRow.facility_id == facility_id
    )
    return or_(Family.municipality_id == municipality_id, registered, booked)
