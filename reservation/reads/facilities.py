"""The facilities of an installation with the rule books they have, for the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from reservation.domain.rulebook import RuleBook
from reservation.store import rulebooks
from reservation.store.db import read
from reservation.store.tables.places import Facility, Municipality


@dataclass(frozen=True, slots=True)
class Listed:
    """A facility; ``books`` are its rule books, the newest first (there may be none)."""

    id: str
    code: str
    municipality_code: str
    municipality: Mapping[str, str]
    version: int
    books: tuple[RuleBook, ...]

    def on(self, day: date) -> RuleBook | None:
        """The rule book in force on that day, or None where none is yet."""
        try:
            return rulebooks.Shelf(self.books).on(day)
        except rulebooks.NoRuleBook:
            return None


def listed(municipality_code: str | None = None, code: str | None = None) -> tuple[Listed, ...]:
    """All facilities, or those of a municipality, or those with this code; in their order."""
    question = (
        select(
            Facility.id, Facility.code, Facility.rules_version,
            Municipality.code.label("town"), Municipality.name,
        )
        .join(Municipality, Municipality.id == Facility.municipality_id)
        .order_by(Municipality.code, Facility.position, Facility.code)
    )  # fmt: skip
    if municipality_code:
        question = question.where(Municipality.code == municipality_code)
    if code:
        question = question.where(Facility.code == code)
    with read() as db:
        return tuple(
            Listed(
                row.id, row.code, row.town, row.name, row.rules_version,
                rulebooks.of_version(db, row.id, row.rules_version).books,
            )
            for row in db.execute(question).all()
        )  # fmt: skip


def towns() -> list[str]:
    """The codes of all municipalities."""
    with read() as db:
        return list(db.scalars(select(Municipality.code).order_by(Municipality.code)))
