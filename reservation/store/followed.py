"""Rule books with what they follow, and what municipalities say: as they are stored."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.defaults import Defaults, Followed
from reservation.store.tables.places import RuleBookRow, RuleDefaultsRow


def books(db: Session, facility_id: str) -> tuple[Followed, ...]:
    """The rule books of a facility that may be in force, one per first day, newest day first."""
    question = (
        select(RuleBookRow.valid_from, RuleBookRow.document, RuleBookRow.follows)
        .where(RuleBookRow.facility_id == facility_id)
        .order_by(RuleBookRow.valid_from.desc(), RuleBookRow.version.desc())
    )
    return tuple(
        Followed(RuleBook.model_validate(row.document), tuple(row.follows or ()))
        for row in _newest(db, question)
    )


def defaults(db: Session, municipality_id: str) -> tuple[Defaults, ...]:
    """What a municipality says, one document per first day, newest day first."""
    question = (
        select(RuleDefaultsRow.valid_from, RuleDefaultsRow.said)
        .where(RuleDefaultsRow.municipality_id == municipality_id)
        .order_by(RuleDefaultsRow.valid_from.desc(), RuleDefaultsRow.version.desc())
    )
    return tuple(Defaults(row.valid_from, row.said) for row in _newest(db, question))


def _newest(db: Session, question: Select[Any]) -> list[Any]:
    """The first row of each day."""
    found: dict[date, Any] = {}
    for row in db.execute(question):
        found.setdefault(row.valid_from, row)
    return list(found.values())
