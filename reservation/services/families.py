"""A family tells who it is: children, guardians, home, consent.

Names are stored exactly as typed; フリガナ comes as katakana (domain/kana.py). What the family
writes here never changes a booking that exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.services import audit, consents, keys, registrations, telephones
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import NotFound, Outcome
from reservation.store.db import write
from reservation.store.tables.people import ChildRow, Family, Guardian
from reservation.store.types import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildFacts:
    """A child as the family describes it. For allergies, medical care and doctor '' means "none"
    and None "not said yet"; ``nursery_in`` is a municipality code."""

    name: str
    kana: str
    birthday: date
    allergies: str | None = None
    medical_care: str | None = None
    family_doctor: str | None = None
    nursery: str = ""
    nursery_in: str = ""
    vaccines: str | None = None
    """As domain/vaccines.py writes it; None where nothing was asked or answered."""

    def row(self) -> dict[str, Any]:
        """As columns."""
        return {field: getattr(self, field) for field in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianFacts:
    """A guardian as they describe themselves; ``language`` is that of their messages."""

    name: str
    kana: str
    relation: str
    telephone: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFacts:
    """Where the family lives and a guardian works: municipality codes, postcode and address."""

    residence: str
    postcode: str | None = None
    address: str | None = None
    on_leave: bool = False
    works_in: str = ""
    guardians_work: str | None = None
    """'all' or 'not_all' (families.WORK); None where nothing was asked or answered."""


def add_child(facts: ChildFacts, by: By, key: Key | None, now: Now) -> Outcome:
    """A new child of the acting guardian's family: 'saved' with the value ``child_id``."""

    def act() -> Outcome:
        with write() as db:
            if (past := keys.find(db, key)) is not None:
                return past
            at = now()
            child_id = _new_child(db, facts, by, at)
            return keys.keep(db, key, Outcome("saved", values={"child_id": child_id}), at)

    return keys.once(act)


def first_child(
    facts: ChildFacts, facility_id: str, consent_version: str, by: By, key: Key | None, now: Now
) -> Outcome:
    """What a first-timer says at night: the child, the consent, and the request for registration
    that this facility needs, so that a hold can begin. 'saved' with the value ``child_id``.

    Raises NotFound for an unknown facility.
    """

    def act() -> Outcome:
        with write() as db:
            if (past := keys.find(db, key)) is not None:
                return past
            at = now()
            child_id = _new_child(db, facts, by, at)
            consents.agree(db, consent_version, by, at)
            registrations.ask_for(db, child_id, facility_id, by, at)
            return keys.keep(db, key, Outcome("saved", values={"child_id": child_id}), at)

    return keys.once(act)


def edit_child(child_id: str, facts: ChildFacts, by: By, now: Now) -> None:
    """Change what is known of a child. Raises NotFound for another family's."""
    with write() as db:
        at = now()
        own_child(db, child_id, by)
        _set(db, ChildRow, child_id, facts.row())
        audit.record(db, by, at, "edit", "child", child_id, on_behalf_of=by.family_id)


def edit_guardian(facts: GuardianFacts, by: By, now: Now) -> None:
    """Change what is known of the acting guardian.

    Raises ValueError for a telephone number that is none; pages check the shape before.
    """
    with write() as db:
        at = now()
        row = {
            "name": facts.name,
            "kana": facts.kana,
            "relation": facts.relation,
            "language": facts.language,
            **telephones.columns(facts.telephone),
        }
        _set(db, Guardian, _acting(by), row)
        audit.record(db, by, at, "edit", "guardian", _acting(by), on_behalf_of=by.family_id)


def edit_home(facts: HomeFacts, by: By, now: Now) -> None:
    """Change where the family lives."""
    with write() as db:
        at = now()
        row = {
            "residence": facts.residence,
            "postcode": facts.postcode,
            "address": facts.address,
            "on_leave": facts.on_leave,
            "works_in": facts.works_in,
            "guardians_work": facts.guardians_work,
        }
        _set(db, Family, _family(by), row)
        audit.record(db, by, at, "edit", "family", _family(by), on_behalf_of=by.family_id)


def own_child(db: Session, child_id: str, by: By) -> str:
    """A step: the id of a child of the acting family. Raises NotFound for any other."""
    found = db.scalar(
        select(ChildRow.id).where(
            ChildRow.id == child_id,
            ChildRow.family_id == by.family_id,
            ChildRow.left_at.is_(None),
        )
    )
    if found is None:
        raise NotFound(child_id)
    return found


def _new_child(db: Session, facts: ChildFacts, by: By, at: datetime) -> str:
    child_id = new_id()
    row = {"id": child_id, "family_id": _family(by), "created_at": at, **facts.row()}
    db.execute(insert(ChildRow), [row])
    audit.record(db, by, at, "create", "child", child_id, on_behalf_of=by.family_id)
    return child_id


def _set(db: Session, table: Any, identity: str, row: dict[str, Any]) -> None:
    db.execute(
        update(table)
        .where(table.id == identity)
        .values(row)
        .execution_options(synchronize_session=False)
    )


def _family(by: By) -> str:
    if by.family_id is None:
        raise NotFound("family")
    return by.family_id


def _acting(by: By) -> str:
    if by.id is None:
        raise NotFound("guardian")
    return by.id
