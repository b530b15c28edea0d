"""Municipalities, facilities and their rule books: added, and changed from a care day on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain.rulebook import RuleBook
from reservation.services import audit
from reservation.services.audit import By
from reservation.services.outcomes import NotFound
from reservation.store import days, months
from reservation.store.db import write
from reservation.store.tables.places import DayRow, Facility, Municipality, RuleBookRow
from reservation.store.types import new_id


def put_municipality(document: Mapping[str, Any], by: By, now: Now) -> str:
    """Add a municipality, or change the one with this code. Returns its id.

    ``document`` has code, name, telephone, telephone_hours, consent_version, consent_text, and
    may have host and office.
    """
    with write() as db:
        at = now()
        known = db.scalar(select(Municipality.id).where(Municipality.code == document["code"]))
        identity = known or new_id()
        values = {
            "host": None,
            "telephone_hours": {},
            "office": {},
            **document,
        }
        if known:
            db.execute(update(Municipality).where(Municipality.id == known).values(**values))
        else:
            db.execute(insert(Municipality), [{"id": identity, **values}])
        audit.record(db, by, at, "put", "municipality", identity)
        return identity


def put_rule_book(municipality_code: str, book: RuleBook, by: By, now: Now) -> str:
    """Let a rule book count from its ``valid_from`` on; an unknown code is a new facility.

    Versions are added, never overwritten; no booking is ended or changed (answers.md §5). Days
    from then on get a new version, so that boards look again. Returns the facility's id. Raises
    NotFound for an unknown municipality.
    """
    with write() as db:
        at = now()
        municipality_id = db.scalar(
            select(Municipality.id).where(Municipality.code == municipality_code)
        )
        if municipality_id is None:
            raise NotFound(municipality_code)
        facility_id = _facility(db, municipality_id, book.code)
        add_version(db, facility_id, book, by, at)
        return facility_id


def add_version(db: Session, facility_id: str, book: RuleBook, by: By, at: datetime) -> int:
    """A step: one more version of a facility's rule book; days from its date on are touched."""
    version = int(
        db.execute(
            update(Facility)
            .where(Facility.id == facility_id)
            .values(rules_version=Facility.rules_version + 1)
            .returning(Facility.rules_version)
            .execution_options(synchronize_session=False)
        ).scalar_one()
    )
    db.execute(
        insert(RuleBookRow),
        [
            {
                "id": new_id(),
                "facility_id": facility_id,
                "version": version,
                "valid_from": book.valid_from,
                "document": book.model_dump(mode="json"),
                "created_at": at,
                "created_by": by.id,
            }
        ],
    )
    audit.record(
        db, by, at, "put_rule_book", "facility", facility_id, facility_id=facility_id,
        detail={"version": version, "valid_from": book.valid_from.isoformat()},
    )  # fmt: skip
    months.mark_since(db, facility_id, book.valid_from, at)
    coming = select(DayRow.date).where(
        DayRow.facility_id == facility_id, DayRow.date >= book.valid_from
    )
    for day in sorted(db.scalars(coming)):
        days.touch(db, (facility_id, day))
    return version


def _facility(db: Session, municipality_id: str, code: str) -> str:
    known = db.scalar(
        select(Facility.id).where(
            Facility.municipality_id == municipality_id, Facility.code == code
        )
    )
    if known is not None:
        return known
    place = db.scalar(select(func.count()).where(Facility.municipality_id == municipality_id))
    identity = new_id()
    db.execute(
        insert(Facility),
        [
            {
                "id": identity,
                "municipality_id": municipality_id,
                "code": code,
                "position": place or 0,
                "rules_version": 0,
            }
        ],
    )
    return identity
