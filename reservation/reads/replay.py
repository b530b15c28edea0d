"""A day played again from its audit: was a place ever given that was not there (I13), or a hold
confirmed after its end (I12)?

The audit of a day is in the order of its commits, since each act locks the day first. It says
until when a place was held and what staff set for the day; the rule book in force at that moment
says the rest. Heads are counted; who sits where is asked of the day as it is (I1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
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

GIVEN = frozenset({"hold", "yes", "yes_for_review", "take", "take_for_review"})
"""Steps that give a place by the rules; staff may override them, and undo a mistake."""
SAME_HOLD = frozenset({
    "move", "pin", "unpin", "change_illness", "doctor_form", "close_condition", "open_condition",
})  # fmt: skip
"""Rows of a hold that say nothing of its end."""
TAKEN = frozenset({"confirm", "submit"})
"""Steps that a hold may take before its end only."""
NEVER = datetime.max.replace(tzinfo=UTC)
"""The end of a hold of which the audit does not say until when: it counts once it is confirmed."""
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


@dataclass(frozen=True, slots=True)
class Found:
    """What a day shows: places given while it was closed or full, and late confirmations."""

    oversold: int
    late: int


def play(db: Session, facility_id: str, day: date, rules: Books) -> Found:
    """Play one day from its first audit row to its last."""
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
    for row in rows:
        played.next(row)
    return Found(played.oversold, played.late)


@dataclass(slots=True)
class _Played:
    """The day after the rows so far: who holds a place until when, and what staff had set."""

    facility_id: str
    day: date
    rules: Books
    held: dict[str, datetime | None] = field(default_factory=dict)
    closed: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    oversold: int = 0
    late: int = 0

    def next(self, row: AnyRow) -> None:
        """Play one row."""
        if row.entity == "day":
            self._set(row)
            return
        held = row.to is not None and State(row.to) in HOLDS_A_PLACE
        self.oversold += held and row.action in GIVEN and not self._room(row.at, row.entity_id)
        until = self.held.get(row.entity_id)
        self.late += row.action in TAKEN and until is not None and until <= row.at
        if not held:
            self.held.pop(row.entity_id, None)
        elif row.to != State.HELD:
            self.held[row.entity_id] = None
        elif row.action not in SAME_HOLD:
            until = row.detail.get("until")
            self.held[row.entity_id] = datetime.fromisoformat(until) if until else NEVER

    def _set(self, row: AnyRow) -> None:
        if row.action == "set_day":
            self.settings = row.detail
        elif row.action in ("close_day", "reopen_day"):
            self.closed = row.action == "close_day"

    def _room(self, at: datetime, but: str) -> bool:
        others = sum(
            until is None or NEVER != until > at for key, until in self.held.items() if key != but
        )
        most = max((self._capacity(instant) for instant in (at, at - MEANWHILE)), default=0)
        return not self.closed and others < most

    def _capacity(self, at: datetime) -> int:
        book = self.rules.at(self.day, at)
        if book is None:
            return 0
        plain = Day(facility_id=self.facility_id, date=self.day, rules=book)
        return capacity.capacity(days.with_settings(plain, self.settings))
