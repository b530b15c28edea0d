"""What the family of a booking has shown, for the desk of the facility it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from reservation.reads import certificates, exemptions
from reservation.reads.certificates import Papers
from reservation.reads.exemptions import Proofs
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow
from reservation.store.tables.places import Facility


@dataclass(frozen=True, slots=True)
class ShownPapers:
    """A child with a booking here, what its family has shown for lower fees, and of enrolment and
    work."""

    child_id: str
    name: str
    care_day: date
    proofs: Proofs
    papers: Papers


def of_booking(facility_id: str, booking_id: str, today: date) -> ShownPapers | None:
    """For a booking of this facility; None for one that is not there, or whose child has left."""
    with read() as db:
        row = db.execute(
            select(
                ChildRow.id, ChildRow.name, ChildRow.family_id, BookingRow.care_day,
                Facility.municipality_id,
            )
            .join(BookingRow, BookingRow.child_id == ChildRow.id)
            .join(Facility, Facility.id == BookingRow.facility_id)
            .where(
                BookingRow.id == booking_id, BookingRow.facility_id == facility_id,
                ChildRow.left_at.is_(None),
            )
        ).one_or_none()  # fmt: skip
        if row is None:
            return None
        proofs = exemptions.of_family(db, row.family_id, row.municipality_id, today)
        papers = certificates.of_child(db, row.family_id, row.id, row.municipality_id, today)
        return ShownPapers(row.id, row.name, row.care_day, proofs, papers)
