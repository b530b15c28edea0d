"""A family as it has described itself, and what its registrations still need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from reservation.domain import dates, families, vaccines
from reservation.domain.rulebook import RuleBook
from reservation.domain.vaccines import Told
from reservation.reads import exemptions, towns
from reservation.reads.exemptions import Seen
from reservation.store import rulebooks
from reservation.store.db import read
from reservation.store.tables.people import ChildRow, Consent, Family, Guardian, Registration
from reservation.store.tables.places import Facility, Municipality


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianLine:
    """A guardian of the family. Mail and telephone of others are shown to the family too."""

    id: str
    name: str
    kana: str
    relation: str
    telephone: str
    mail: str
    language: str
    mail_failed: bool
    is_me: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationLine:
    """Where a child may be registered, and how far that is. ``facility_id`` is what asking names:
    for the municipality's registration any facility that goes by it."""

    place: Mapping[str, str]
    facility_id: str
    status: str
    """'none', 'pending', 'approved', 'returned', 'declined' or 'over'."""
    answer: str
    valid_to: date | None
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLine:
    """A child, its registrations, and the codes of what is missing for one."""

    id: str
    name: str
    kana: str
    birthday: date
    age_years: int
    age_months: int
    allergies: str | None
    medical_care: str | None
    family_doctor: str | None
    nursery: str
    nursery_in: str
    vaccines: Told
    registrations: tuple[RegistrationLine, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPage:
    """Everything the family page shows."""

    me: GuardianLine
    guardians: tuple[GuardianLine, ...]
    children: tuple[ChildLine, ...]
    residence: str
    postcode: str
    address: str
    on_leave: bool
    works_in: str
    guardians_work: str
    asks_work: bool
    """Whether some room of the town takes only children whose guardians all work."""
    vaccines: tuple[str, ...]
    """What some room of the town asks for, by their codes."""
    proofs: tuple[Seen, ...]
    """What was seen for lower fees."""
    consents: frozenset[str]
    """Versions of the text this family has agreed to."""

    def child(self, child_id: str) -> ChildLine | None:
        """The child with this id, None for another family's."""
        return next((one for one in self.children if one.id == child_id), None)


def family(guardian_id: str, family_id: str, at: datetime) -> FamilyPage:
    """The acting guardian's family."""
    today = dates.local(at).date()
    with read() as db:
        home = db.get_one(Family, family_id)
        guardians = _guardians(db, family_id, guardian_id)
        me = next(one for one in guardians if one.is_me)
        books = _books(db, home.municipality_id, today)
        offices = _offices(db.get_one(Municipality, home.municipality_id), books)
        return FamilyPage(
            me=me,
            guardians=guardians,
            children=_children(db, home, me, offices, today),
            residence=home.residence,
            postcode=home.postcode or "",
            address=home.address or "",
            on_leave=home.on_leave,
            works_in=home.works_in,
            guardians_work=home.guardians_work or "",
            asks_work=any(rules.eligibility.all_working for _, rules in books),
            vaccines=_asked(books),
            proofs=exemptions.of_family(db, family_id, home.municipality_id, today).seen,
            consents=frozenset(
                db.scalars(select(Consent.version).where(Consent.family_id == family_id))
            ),
        )


def relation(guardian_id: str) -> str:
    """What the guardian is to the child, as a code of domain/families.py; '' when not said."""
    with read() as db:
        return db.scalar(select(Guardian.relation).where(Guardian.id == guardian_id)) or ""


def readers(family_id: str) -> int:
    """How many guardians of the family mail goes to."""
    with read() as db:
        return db.execute(
            select(func.count()).where(
                Guardian.family_id == family_id,
                Guardian.mail.is_not(None),
                Guardian.mail_failed_at.is_(None),
            )
        ).scalar_one()


def towns_by_name(today: date) -> list[tuple[str, Mapping[str, str]]]:
    """Code and name of each municipality that a family may choose."""
    with read() as db:
        return list(towns.of(db, today).items())


@dataclass(frozen=True, slots=True)
class _Office:
    """One place of registration of the home municipality."""

    municipality_id: str | None
    facility_id: str
    name: Mapping[str, str]

    def is_of(self, row: Registration) -> bool:
        if self.municipality_id is not None:
            return row.municipality_id == self.municipality_id
        return row.facility_id == self.facility_id


def _books(db: Session, municipality_id: str, today: date) -> list[tuple[str, RuleBook]]:
    """Each facility of the municipality that has a rule book today, in order."""
    rows = db.execute(
        select(Facility.id, Facility.rules_version)
        .where(Facility.municipality_id == municipality_id)
        .order_by(Facility.position)
    ).all()
    found = []
    for row in rows:
        try:
            found.append((row.id, rulebooks.of_version(db, row.id, row.rules_version).on(today)))
        except rulebooks.NoRuleBook:
            continue
    return found


def _offices(town: Municipality, books: Iterable[tuple[str, RuleBook]]) -> list[_Office]:
    found: list[_Office] = []
    for facility_id, rules in books:
        scope = rules.registering.scope
        if scope == "municipality" and not any(one.municipality_id for one in found):
            found.insert(0, _Office(town.id, facility_id, town.name))
        elif scope == "facility":
            found.append(_Office(None, facility_id, rules.about.name))
    return found


def _asked(books: Iterable[tuple[str, RuleBook]]) -> tuple[str, ...]:
    named = {one.vaccine for _, rules in books for one in rules.vaccines.needed}
    return tuple(code for code in vaccines.WORDS if code in named)


def _guardians(db: Session, family_id: str, guardian_id: str) -> tuple[GuardianLine, ...]:
    rows = db.scalars(
        select(Guardian)
        .where(
            Guardian.family_id == family_id, or_(Guardian.mail.is_not(None), Guardian.name != "")
        )
        .order_by(Guardian.created_at, Guardian.id)
    ).all()
    return tuple(
        GuardianLine(
            id=row.id,
            name=row.name,
            kana=row.kana,
            relation=row.relation,
            telephone=row.telephone or "",
            mail=row.mail or "",
            language=row.language,
            mail_failed=row.mail_failed_at is not None,
            is_me=row.id == guardian_id,
        )
        for row in rows
    )


def _children(
    db: Session, home: Family, me: GuardianLine, offices: list[_Office], today: date
) -> tuple[ChildLine, ...]:
    rows = db.scalars(
        select(ChildRow)
        .where(ChildRow.family_id == home.id, ChildRow.left_at.is_(None))
        .order_by(ChildRow.birthday, ChildRow.id)
    ).all()
    registered = db.scalars(
        select(Registration)
        .where(Registration.child_id.in_([row.id for row in rows]))
        .order_by(Registration.asked_at.desc())
    ).all()
    return tuple(
        _child(row, home, me, today, [r for r in registered if r.child_id == row.id], offices)
        for row in rows
    )


def _child(
    row: ChildRow,
    home: Family,
    me: GuardianLine,
    today: date,
    registered: list[Registration],
    offices: list[_Office],
) -> ChildLine:
    told: dict[str, Any] = {
        name: getattr(row, name)
        for name in (
            "id", "name", "kana", "birthday", "allergies", "medical_care", "family_doctor",
            "nursery", "nursery_in",
        )
    }  # fmt: skip
    return ChildLine(
        **told,
        vaccines=vaccines.read(row.vaccines),
        age_years=dates.age_years(row.birthday, today),
        age_months=dates.age_months(row.birthday, today),
        registrations=tuple(_registration(office, registered, today) for office in offices),
        missing=families.missing(
            guardian_name=me.name,
            telephone=me.telephone,
            residence=home.residence,
            allergies=row.allergies,
            medical_care=row.medical_care,
        ),
    )


def _registration(office: _Office, registered: list[Registration], today: date) -> RegistrationLine:
    row = next((one for one in registered if office.is_of(one)), None)
    status = row.status if row else "none"
    if row is not None and row.valid_to is not None and row.valid_to < today:
        status = "over"
    return RegistrationLine(
        place=office.name,
        facility_id=office.facility_id,
        status=status,
        answer=(row.answer if row else None) or "",
        valid_to=row.valid_to if row else None,
        number=(row.number if row else None) or "",
    )
