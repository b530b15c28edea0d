"""A child as the entry rules see it, and the wish that its family opens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from reservation.domain import dates, families, illnesses
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import Actor
from reservation.domain.values import Child, Complaint, Wish
from reservation.services.audit import By
from reservation.services.outcomes import NotFound
from reservation.store.db import insert_ignore
from reservation.store.tables.bookings import BookingRow, Episode, WishRow
from reservation.store.tables.people import ChildRow, Family, Registration
from reservation.store.tables.places import Facility, Municipality
from reservation.store.types import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for: a child, a facility, a care day and what is wrong. ``told`` is the
    illness code a doctor has named, with the complaint 'diagnosed'."""

    child_id: str
    facility_id: str
    care_day: date
    complaint: Complaint
    told: str | None = None
    asked_at: datetime | None = None
    """When a call came that staff enter later; families always ask now."""


@dataclass(frozen=True, slots=True)
class Known:
    """A child with the family and the places that belong to it."""

    child: Child
    family_id: str
    municipality_id: str
    municipality_code: str
    """Of the facility that is asked."""


def known(
    db: Session, child_id: str, facility_id: str, rules: RuleBook, day: date, by: By
) -> Known:
    """A step: the child as this facility's rules see it on that care day.

    Raises NotFound for a child that does not exist, has left, or is another family's.
    """
    row = db.execute(
        select(
            ChildRow.id, ChildRow.birthday, ChildRow.nursery_in, ChildRow.family_id,
            ChildRow.left_at, Family.residence, Family.on_leave,
            Facility.municipality_id, Municipality.code,
        )
        .join(Family, Family.id == ChildRow.family_id)
        .join(Facility, Facility.id == facility_id)
        .join(Municipality, Municipality.id == Facility.municipality_id)
        .where(ChildRow.id == child_id)
    ).one_or_none()  # fmt: skip
    if row is None or row.left_at is not None:
        raise NotFound(child_id)
    if by.actor is Actor.FAMILY and row.family_id != by.family_id:
        raise NotFound(child_id)
    status = registration_status(
        db, child_id, rules.registering.scope, facility_id, row.municipality_id, day
    )
    child = Child(
        id=row.id,
        birthday=row.birthday,
        residence=row.residence,
        nursery_in=row.nursery_in,
        registration=status,
        guardian_on_leave=row.on_leave,
    )
    return Known(child, row.family_id, row.municipality_id, row.code)


def registration_status(
    db: Session, child_id: str, scope: str, facility_id: str, municipality_id: str, day: date
) -> str:
    """A step: 'approved', 'pending' or 'none' in the scope the rule book asks for, on that day."""
    if scope == "none":
        return "approved"
    place = (
        Registration.facility_id == facility_id
        if scope == "facility"
        else Registration.municipality_id == municipality_id
    )
    found = set(
        db.scalars(
            select(Registration.status).where(
                Registration.child_id == child_id,
                place,
                Registration.valid_from <= day,
                or_(Registration.valid_to.is_(None), Registration.valid_to >= day),
            )
        )
    )
    return families.standing(found)


def wish_for(
    who: Known,
    wanted: Wanted,
    rules: RuleBook,
    asked_at: datetime,
    *,
    booking_id: str | None = None,
) -> Wish:
    """The domain's wish for what is asked."""
    return Wish(
        child=who.child,
        care_day=wanted.care_day,
        complaint=wanted.complaint,
        illness=illnesses.illness_for(rules, wanted.complaint, wanted.told),
        asked_at=asked_at,
        booking_id=booking_id,
    )


def wish_id(child_id: str, day: date) -> str:
    """The id of the one wish of this child for this day; needs no look-up."""
    return hashlib.sha256(f"{child_id}:{day.isoformat()}".encode()).hexdigest()[:32]


def open_wish(db: Session, who: Known, wish: Wish, opened_by: str, by: By, at: datetime) -> str:
    """A step: open the child's wish for the day unless it is open already. Returns its id.

    A wish is what unmet demand is counted from; looking at the board opens none
    (answers.md §3).
    """
    identity = wish_id(wish.child.id, wish.care_day)
    insert_ignore(
        db,
        WishRow,
        {
            "id": identity,
            "municipality_id": who.municipality_id,
            "child_id": wish.child.id,
            "care_day": wish.care_day,
            "opened_by": opened_by,
            "channel": by.channel.value,
            "complaint": wish.complaint.value,
            "illness": wish.illness,
            "age_months": dates.age_months(wish.child.birthday, wish.care_day),
            "opened_at": at,
        },
    )
    return identity


def episode(db: Session, who: Known, wanted: Wanted, illness: str, at: datetime) -> str:
    """A step: the episode of this illness at this facility; days within a week belong together."""
    found = db.scalar(
        select(Episode.id)
        .join(BookingRow, BookingRow.episode_id == Episode.id)
        .where(
            Episode.facility_id == wanted.facility_id,
            Episode.child_id == wanted.child_id,
            Episode.illness == illness,
            BookingRow.care_day >= wanted.care_day - timedelta(days=7),
            BookingRow.care_day <= wanted.care_day + timedelta(days=7),
        )
        .limit(1)
    )
    if found is not None:
        return found
    identity = new_id()
    db.execute(
        insert(Episode),
        [
            {
                "id": identity,
                "facility_id": wanted.facility_id,
                "child_id": who.child.id,
                "complaint": wanted.complaint.value,
                "illness": illness,
                "created_at": at,
            }
        ],
    )
    return identity
