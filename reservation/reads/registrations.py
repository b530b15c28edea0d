"""Registrations to decide: a list for the place that decides, and one child with all it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from reservation.domain import dates, vaccines
from reservation.domain.states import OPEN, State
from reservation.domain.vaccines import Told
from reservation.reads import towns
from reservation.store import booking_rows, rulebooks
from reservation.store.db import read
from reservation.store.tables.access import Account
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow, Family, Guardian, Registration
from reservation.store.tables.places import Facility
from reservation.store.types import AnyRow

STATUSES = ("pending", "returned", "approved", "declined")
MOST = 200
"""Lines of a list; more than that nobody reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The place that decides: exactly one of the two is set."""

    municipality_id: str | None = None
    facility_id: str | None = None

    def owns(self) -> ColumnElement[bool]:
        """Registrations with this place, and no others."""
        # Plain equality: "is not distinct from" finds no index, and looks at all there are.
        if self.facility_id is not None:
            return Registration.facility_id == self.facility_id
        return Registration.municipality_id == self.municipality_id


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the list. ``next_day`` is the child's next booked care day."""

    id: str
    name: str
    kana: str
    birthday: date
    status: str
    asked_at: datetime
    decided_at: datetime | None
    next_day: date | None


@dataclass(frozen=True, slots=True)
class Applicant:
    """A guardian. ``relation`` is a code of families.RELATIONS or ''."""

    name: str
    kana: str
    relation: str
    telephone: str
    mail: str
    mail_failed: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """A coming booking of the child; ``waits_for_us`` when it carries the open condition."""

    facility: Mapping[str, str]
    care_day: date
    state: State
    waits_for_us: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """All that is looked at for a decision. Empty texts were left empty or not asked."""

    id: str
    child_id: str
    family_id: str
    status: str
    number: str
    answer: str
    asked_at: datetime
    decided_at: datetime | None
    decided_by: str
    valid_to: date | None
    name: str
    kana: str
    birthday: date
    months: int
    nursery: str
    nursery_in: str
    allergies: str | None
    medical_care: str | None
    family_doctor: str
    vaccines: Told
    residence: str
    postcode: str
    address: str
    on_leave: bool
    works_in: str
    guardians_work: str
    guardians: tuple[Applicant, ...]
    coming: tuple[Coming, ...]


def listing(office: Office, status: str, today: date) -> tuple[Asked, ...]:
    """Registrations of a place with this status; who needs the answer first stands first."""
    next_day = (
        select(func.min(BookingRow.care_day))
        .where(
            BookingRow.child_id == Registration.child_id,
            BookingRow.care_day >= today,
            BookingRow.state.in_([state.value for state in sorted(OPEN)]),
        )
        .correlate(Registration)
        .scalar_subquery()
    )
    with read() as db:
        rows = db.execute(
            select(
                Registration.id, ChildRow.name, ChildRow.kana, ChildRow.birthday,
                Registration.status, Registration.asked_at, Registration.decided_at,
                next_day.label("next_day"),
            )
            .join(ChildRow, ChildRow.id == Registration.child_id)
            .where(office.owns(), Registration.status == status, ChildRow.left_at.is_(None))
            .order_by(Registration.asked_at.desc())
            .limit(MOST)
        ).all()  # fmt: skip
    lines = [Asked(*row) for row in rows]
    if status in ("pending", "returned"):
        lines.sort(key=lambda one: (one.next_day or date.max, one.asked_at))
    return tuple(lines)


def counts(office: Office) -> dict[str, int]:
    """How many there are of each status."""
    with read() as db:
        rows = db.execute(
            select(Registration.status, func.count())
            .join(ChildRow, ChildRow.id == Registration.child_id)
            .where(office.owns(), ChildRow.left_at.is_(None))
            .group_by(Registration.status)
        )
        return dict.fromkeys(STATUSES, 0) | {row[0]: row[1] for row in rows}


def application(registration_id: str, office: Office, today: date) -> Application | None:
    """One registration with this place; None for one that is not there or is another's."""
    with read() as db:
        row = db.execute(
            select(
                Registration.id, Registration.status, Registration.number, Registration.answer,
                Registration.asked_at, Registration.decided_at, Registration.valid_to,
                Account.name.label("decided_by"), ChildRow.id.label("child_id"), ChildRow.name,
                ChildRow.kana, ChildRow.birthday, ChildRow.nursery, ChildRow.nursery_in,
                ChildRow.allergies, ChildRow.medical_care, ChildRow.family_doctor,
                ChildRow.vaccines,
                Family.id.label("family_id"), Family.residence, Family.postcode, Family.address,
                Family.on_leave, Family.works_in, Family.guardians_work,
            )
            .join(ChildRow, ChildRow.id == Registration.child_id)
            .join(Family, Family.id == ChildRow.family_id)
            .outerjoin(Account, Account.id == Registration.decided_by)
            .where(Registration.id == registration_id, office.owns(), ChildRow.left_at.is_(None))
        ).one_or_none()  # fmt: skip
        if row is None:
            return None
        return _application(
            row,
            towns.of(db, today),
            _guardians(db, row.family_id),
            _coming(db, row.child_id, office, today),
            today,
        )


def _application(
    row: AnyRow,
    names: Mapping[str, Mapping[str, str]],
    guardians: tuple[Applicant, ...],
    coming: tuple[Coming, ...],
    today: date,
) -> Application:
    return Application(
        id=row.id, child_id=row.child_id, family_id=row.family_id, status=row.status,
        number=row.number or "", answer=row.answer or "", asked_at=row.asked_at,
        decided_at=row.decided_at, decided_by=row.decided_by or "",
        valid_to=row.valid_to, name=row.name, kana=row.kana, birthday=row.birthday,
        months=dates.age_months(row.birthday, today), nursery=row.nursery,
        nursery_in=names.get(row.nursery_in, {}).get("ja", ""),
        allergies=row.allergies, medical_care=row.medical_care,
        family_doctor=row.family_doctor or "", vaccines=vaccines.read(row.vaccines),
        residence=names.get(row.residence, {}).get("ja", ""),
        works_in=names.get(row.works_in, {}).get("ja", ""), guardians_work=row.guardians_work or "",
        postcode=row.postcode or "", address=row.address or "", on_leave=row.on_leave,
        guardians=guardians, coming=coming,
    )  # fmt: skip


def _guardians(db: Session, family_id: str) -> tuple[Applicant, ...]:
    rows = db.execute(
        select(
            Guardian.name, Guardian.kana, Guardian.relation, Guardian.telephone, Guardian.mail,
            Guardian.mail_failed_at,
        )
        .where(Guardian.family_id == family_id)
        .order_by(Guardian.created_at, Guardian.id)
    )  # fmt: skip
    return tuple(
        Applicant(
            row.name, row.kana, row.relation, row.telephone or "", row.mail or "",
            row.mail_failed_at is not None,
        )
        for row in rows
    )  # fmt: skip


def _coming(db: Session, child_id: str, office: Office, today: date) -> tuple[Coming, ...]:
    """Open bookings from today on, at the facilities of this place."""
    here = (
        Facility.id == office.facility_id
        if office.facility_id
        else Facility.municipality_id == office.municipality_id
    )
    scope = "facility" if office.facility_id else "municipality"
    rows = db.execute(
        select(BookingRow.__table__)
        .join(Facility, Facility.id == BookingRow.facility_id)
        .where(
            BookingRow.child_id == child_id,
            here,
            BookingRow.care_day >= today,
            BookingRow.state.in_([state.value for state in sorted(OPEN)]),
        )
        .order_by(BookingRow.care_day, BookingRow.id)
    ).all()
    found = []
    for row in rows:
        rules = rulebooks.in_force(db, row.facility_id, row.care_day)
        booking = booking_rows.to_booking(row)
        waits = any(c.code == "registration" and c.is_open for c in booking.conditions)
        ours = waits and rules.registering.scope == scope
        found.append(Coming(rules.about.short_name, row.care_day, booking.state, ours))
    return tuple(found)
