"""The classes of fees in a municipality: those of all its facilities, by code."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.money import FeeClass
from reservation.store import rulebooks
from reservation.store.tables.places import Facility


def of(db: Session, municipality_id: str, day: date) -> dict[str, FeeClass]:
    """Code → class on this care day; where facilities differ, the first facility's words."""
    found: dict[str, FeeClass] = {}
    for rules in tariffs(db, municipality_id, day):
        for one in rules.fees.classes:
            found.setdefault(one.code, one)
    return found


def tariffs(db: Session, municipality_id: str, day: date) -> list[RuleBook]:
    """The rule books in force that day, in the order of the facilities."""
    rows = db.execute(
        select(Facility.id, Facility.rules_version)
        .where(Facility.municipality_id == municipality_id)
        .order_by(Facility.position)
    ).all()
    shelves = [rulebooks.of_version(db, row.id, row.rules_version) for row in rows]
    begun = ((book for book in shelf.books if book.valid_from <= day) for shelf in shelves)
    return [book for books in begun if (book := next(books, None)) is not None]
