"""A day played again from its audit: was a place ever given that was not there? (I13)

The audit of a day is in the order of its commits, since each act locks the day first. It says
until when a place was held and what staff set for the day; the rule book in force at that moment
says the rest. Heads are counted; who sits where is asked of the day as it is (I1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain import capacity
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import HOLDS_A_PLACE, State
from reservation.domain.values import Day
from reservation.store import days
from reservation.store.tables.places import RuleBookRow
from reservation.store.tables.records import Audit
from reservation.store.types import AnyRow

GIVEN = frozenset({"hold", "yes", "yes_for_review"})
"""Steps that give a place by the rules; staff may override them, and undo a mistake."""
MEANWHILE = timedelta(seconds=15)
"""A new rule book locks no day: an act under way may still have seen the one before."""


@dataclass(frozen=True, slots=True)
class Books:
    """A facility's rule books with the instant from which each was known, best first."""

    known: tuple[tuple[datetime, RuleBook], ...]

    def at(self, day: date, at: datetime) -> RuleBook | None:
        """The one that decided this care day at that instant."""
        fitting = [book for since, book in self.known if book.valid_from <= day and since <= at]
        return fitting[0] if fitting else None


def books(db: Session, facility_id: str) -> Books:
    """All rule books of a facility."""
    rows = db.execute(
        select(RuleBookRow.created_at, RuleBookRow.document)
        .where(RuleBookRow.facility_id == facility_id)
        .order_by(RuleBookRow.valid_from.desc(), RuleBookRow.version.desc())
    )
    return Books(
        tuple((row.created_at, RuleBook.model_validate(row.document)) for row in rows.all())
    )


def oversold(db: Session, facility_id: str, day: date, rules: Books) -> int:
    """How many places of this day were given while it was closed or full."""
    rows = db.execute(
        select(Audit.entity, Audit.entity_id, Audit.action, Audit.to, Audit.detail, Audit.at)
        .where(
            Audit.facility_id == facility_id,
            Audit.care_day == day,
            Audit.entity.in_(["booking", "day"]),
        )
        .order_by(Audit.seq)
    )
    played = _Played(facility_id, day, rules)
    return sum(played.next(row) for row in rows)


@dataclass(slots=True)
class _Played:
    """The day after the rows so far: who holds a place until when, and what staff had set."""

    facility_id: str
    day: date
    rules: Books
    held: dict[str, datetime | None] = field(default_factory=dict)
    closed: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    def next(self, row: AnyRow) -> bool:
        """Play one row; whether it gave a place that was not there."""
        if row.entity == "day":
            self._set(row)
            return False
        held = row.to is not None and State(row.to) in HOLDS_A_PLACE
        wrong = held and row.action in GIVEN and not self._room(row.at, but=row.entity_id)
        if not held:
            self.held.pop(row.entity_id, None)
        elif row.to != State.HELD:
            self.held[row.entity_id] = None
        elif row.action != "move":
            # A hold of which the audit does not say until when counts from its confirmation on.
            until = row.detail.get("until")
            self.held[row.entity_id] = datetime.fromisoformat(until) if until else row.at
        return wrong

    def _set(self, row: AnyRow) -> None:
        if row.action == "set_day":
            self.settings = row.detail
        elif row.action in ("close_day", "reopen_day"):
            self.closed = row.action == "close_day"

    def _room(self, at: datetime, but: str) -> bool:
        others = sum(until is None or at < until for key, until in self.held.items() if key != but)
        most = max((self._capacity(instant) for instant in (at, at - MEANWHILE)), default=0)
        return not self.closed and others < most

    def _capacity(self, at: datetime) -> int:
        book = self.rules.at(self.day, at)
        if book is None:
            return 0
        plain = Day(facility_id=self.facility_id, date=self.day, rules=book)
        return capacity.capacity(days.with_settings(plain, self.settings))
