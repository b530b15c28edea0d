"""Rule books in force, kept parsed in the process by facility and version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain.rulebook import RuleBook
from reservation.store.tables.places import Facility, RuleBookRow

_cache: dict[tuple[str, int], tuple[RuleBook, ...]] = {}


class NoRuleBook(LookupError):
    """The facility has no rule book in force on that day."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """All rule books of a facility that may be in force, newest first."""

    books: tuple[RuleBook, ...]

    def on(self, day: date) -> RuleBook:
        """The rule book in force on this care day. Raises NoRuleBook."""
        for book in self.books:
            if book.valid_from <= day:
                return book
        raise NoRuleBook(str(day))


def shelf(db: Session, facility_id: str) -> Shelf:
    """The facility's rule books; two statements at most, one when they are known already."""
    version = db.scalar(select(Facility.rules_version).where(Facility.id == facility_id))
    if version is None:
        raise NoRuleBook(facility_id)
    return of_version(db, facility_id, version)


def shelves(db: Session, facility_ids: Iterable[str]) -> dict[str, Shelf]:
    """The same of several facilities, in one statement when they are known already."""
    rows = db.execute(
        select(Facility.id, Facility.rules_version).where(Facility.id.in_(list(facility_ids)))
    )
    return {row.id: of_version(db, row.id, row.rules_version) for row in rows.all()}


def of_version(db: Session, facility_id: str, version: int) -> Shelf:
    """The same, for a caller that has just read ``rules_version`` with its facility."""
    known = _cache.get((facility_id, version))
    if known is None:
        known = _read(db, facility_id)
        if len(_cache) > 20_000:
            _cache.clear()
        _cache[(facility_id, version)] = known
    return Shelf(known)


def in_force(db: Session, facility_id: str, day: date) -> RuleBook:
    """The rule book that decides this care day (answers.md §5). Raises NoRuleBook."""
    return shelf(db, facility_id).on(day)


def _read(db: Session, facility_id: str) -> tuple[RuleBook, ...]:
    rows = db.execute(
        select(RuleBookRow.valid_from, RuleBookRow.document)
        .where(RuleBookRow.facility_id == facility_id)
        .order_by(RuleBookRow.valid_from.desc(), RuleBookRow.version.desc())
    )
    newest: dict[date, RuleBook] = {}
    for valid_from, document in rows:
        if valid_from not in newest:
            newest[valid_from] = RuleBook.model_validate(document)
    return tuple(newest.values())
