"""A family asks that a child be registered, with the municipality or with one facility.

Deciding is another's (registration_desk.py). The scope is what the facility's rule book says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import dates, families
from reservation.services import audit, consents
from reservation.services.audit import By
from reservation.services.outcomes import NotFound, Outcome
from reservation.store import rulebooks
from reservation.store.db import write
from reservation.store.tables.people import ChildRow, Family, Guardian, Registration
from reservation.store.tables.places import Facility
from reservation.store.types import new_id


@dataclass(frozen=True, slots=True)
class Place:
    """Where a registration counts: exactly one of the two is set."""

    municipality_id: str | None = None
    facility_id: str | None = None


def ask(child_id: str, facility_id: str, consent_version: str, by: By, now: Now) -> Outcome:
    """Ask for the registration that this facility needs, and agree to this text.

    'asked'; 'incomplete' with the codes of domain/families.py that are still missing; 'not_needed'
    where the facility asks for none. Asking twice is harmless; a returned one is asked again.
    Raises NotFound for another family's child and an unknown facility.
    """
    with write() as db:
        at = now()
        missing = _missing(db, child_id, by)
        if missing:
            return Outcome("incomplete", values={"missing": list(missing)})
        consents.agree(db, consent_version, by, at)
        found = ask_for(db, child_id, facility_id, by, at)
        return Outcome("asked" if found else "not_needed")


def ask_for(db: Session, child_id: str, facility_id: str, by: By, at: datetime) -> bool:
    """A step: make the pending row, or leave the one that counts. False where none is needed."""
    place = scope_of(db, facility_id, dates.local(at).date())
    if place is None:
        return False
    row = db.execute(
        select(Registration.id, Registration.status)
        .where(
            Registration.child_id == child_id,
            Registration.municipality_id.is_not_distinct_from(place.municipality_id),
            Registration.facility_id.is_not_distinct_from(place.facility_id),
        )
        .order_by(Registration.asked_at.desc())
        .limit(1)
    ).one_or_none()
    if row is not None and row.status in ("pending", "approved"):
        return True
    if row is not None and row.status == "returned":
        _again(db, row.id, by, at)
        return True
    _new(db, child_id, place, by, at)
    return True


def scope_of(db: Session, facility_id: str, day: date) -> Place | None:
    """A step: where a child must be registered for this facility; None where nowhere.

    Raises NotFound for an unknown facility.
    """
    town = db.scalar(select(Facility.municipality_id).where(Facility.id == facility_id))
    if town is None:
        raise NotFound(facility_id)
    try:
        scope = rulebooks.in_force(db, facility_id, day).registering.scope
    except rulebooks.NoRuleBook:
        raise NotFound(facility_id) from None
    if scope == "none":
        return None
    return Place(municipality_id=town) if scope == "municipality" else Place(None, facility_id)


def _missing(db: Session, child_id: str, by: By) -> tuple[str, ...]:
    row = db.execute(
        select(
            ChildRow.allergies, ChildRow.medical_care, Family.residence, Guardian.name,
            Guardian.telephone,
        )
        .join(Family, Family.id == ChildRow.family_id)
        .join(Guardian, Guardian.family_id == Family.id)
        .where(
            ChildRow.id == child_id, ChildRow.family_id == by.family_id,
            ChildRow.left_at.is_(None), Guardian.id == by.id,
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound(child_id)
    return families.missing(
        guardian_name=row.name,
        telephone=row.telephone,
        residence=row.residence,
        allergies=row.allergies,
        medical_care=row.medical_care,
    )


def _again(db: Session, registration_id: str, by: By, at: datetime) -> None:
    db.execute(
        update(Registration)
        .where(Registration.id == registration_id)
        .values(status="pending", asked_at=at, decided_at=None, decided_by=None)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        db, by, at, "ask_again", "registration", registration_id, frm="returned", to="pending",
        on_behalf_of=by.family_id,
    )  # fmt: skip


def _new(db: Session, child_id: str, place: Place, by: By, at: datetime) -> None:
    identity = new_id()
    db.execute(
        insert(Registration),
        [
            {
                "id": identity,
                "child_id": child_id,
                "municipality_id": place.municipality_id,
                "facility_id": place.facility_id,
                "status": "pending",
                "valid_from": dates.local(at).date(),
                "asked_at": at,
            }
        ],
    )
    audit.record(
        db, by, at, "ask", "registration", identity, to="pending",
        facility_id=place.facility_id, on_behalf_of=by.family_id,
    )  # fmt: skip
