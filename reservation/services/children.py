"""A child as the entry rules see it, and the wish that its family opens."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from reservation.domain import dates, doctor_form, families, illnesses, vaccines
from reservation.domain.exemptions import Proof
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import Actor
from reservation.domain.values import Child, Complaint, Wish
from reservation.services import facts
from reservation.services.audit import By
from reservation.services.facts import Facts
from reservation.services.outcomes import NotFound
from reservation.store import certificates, exemptions
from reservation.store.tables.bookings import BookingRow, Episode, WishRow
from reservation.store.together import New, write_all
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
    onset: date | None = None
    """The day on which the illness began, where the rules of that day ask for it."""


@dataclass(frozen=True, slots=True)
class Known:
    """A child with the family and the places that belong to it."""

    child: Child
    family_id: str
    municipality_id: str
    municipality_code: str
    """Of the facility that is asked."""
    proof: Proof | None = None
    """What the family has proved to that municipality, for the care day."""


def known(
    db: Session, child_id: str, facility_id: str, rules: RuleBook, day: date, by: By, at: datetime
) -> Known:
    """A step: the child as this facility's rules see it on that care day.

    Raises NotFound for a child that does not exist, has left, or is another family's.
    """
    return of(facts.ask(db, child_id, facility_id, day, at), rules, by)


def of(found: Facts, rules: RuleBook, by: By) -> Known:
    """The same from facts that have been asked."""
    row = found.child
    foreign = by.actor is Actor.FAMILY and row.family_id != by.family_id
    if row.left_at is not None or foreign:
        raise NotFound(row.child_id)
    child = Child(
        id=row.child_id,
        birthday=row.birthday,
        residence=row.residence,
        nursery_in=row.nursery_in,
        works_in=row.works_in,
        registration=_registration(found, rules.registering.scope),
        guardian_on_leave=row.on_leave,
        guardians_work=row.guardians_work or "",
        family_id=row.family_id,
        vaccines=vaccines.read(row.vaccines),
        certificates=certificates.read(row.certificates),
        form=found.form,
        days=found.days,
    )
    proof = exemptions.proof(row)
    return Known(child, row.family_id, row.municipality_id, row.municipality_code, proof)


def _registration(found: Facts, scope: str) -> str:
    """'approved', 'pending' or 'none' in the scope the rule book asks for."""
    if scope == "none":
        return "approved"
    row = found.child
    wanted = row.asked_facility_id if scope == "facility" else row.municipality_id
    return families.standing([status for place, status in found.registrations if place == wanted])


def wish_for(
    who: Known,
    wanted: Wanted,
    rules: RuleBook,
    asked_at: datetime,
    *,
    booking_id: str | None = None,
) -> Wish:
    """The domain's wish for what is asked."""
    illness = illnesses.illness_for(rules, wanted.complaint, wanted.told)
    return Wish(
        child=who.child,
        care_day=wanted.care_day,
        complaint=wanted.complaint,
        illness=illness,
        asked_at=asked_at,
        booking_id=booking_id,
        isolated=doctor_form.keeps_apart(rules, who.child.form, illness, wanted.care_day),
    )


def wish_id(child_id: str, day: date) -> str:
    """The id of the one wish of this child for this day; needs no look-up."""
    return hashlib.sha256(f"{child_id}:{day.isoformat()}".encode()).hexdigest()[:32]


def open_wish(db: Session, who: Known, wish: Wish, opened_by: str, by: By, at: datetime) -> str:
    """A step: open the child's wish for the day unless it is open already. Returns its id.

    A wish is what unmet demand is counted from; looking at the board opens none
    (answers.md §3).
    """
    row = wish_row(who, wish, opened_by, by, at)
    write_all(db, [row])
    return str(row.row["id"])


def wish_row(who: Known, wish: Wish, opened_by: str, by: By, at: datetime) -> New:
    """The same row, for a step that inserts it together with others."""
    return New(
        WishRow,
        {
            "id": wish_id(wish.child.id, wish.care_day),
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
        once=True,
    )


def keep_onset(db: Session, booking_id: str, onset: date) -> None:
    """A step: the day on which the illness of a booking began; the episode's further days are
    counted from it without asking again."""
    episode = select(BookingRow.episode_id).where(BookingRow.id == booking_id).scalar_subquery()
    db.execute(
        update(Episode)
        .where(Episode.id == episode)
        .values(onset=onset)
        .execution_options(synchronize_session=False)
    )


def episode_row(wanted: Wanted, illness: str, at: datetime) -> New:
    """A new episode of this illness at this facility."""
    return New(
        Episode,
        {
            "id": new_id(),
            "facility_id": wanted.facility_id,
            "child_id": wanted.child_id,
            "complaint": wanted.complaint.value,
            "illness": illness,
            "onset": wanted.onset,
            "created_at": at,
        },
    )
