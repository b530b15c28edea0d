"""What happened to one booking, as its family reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain.states import STEPS
from reservation.store.tables.people import Guardian
from reservation.store.tables.records import Audit

_STEPS = sorted({step.action for step in STEPS})
"""What a family reads of a booking's history."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One thing that happened to a booking: when, which action, by whom of the family if it was
    the family (a guardian's name or '')."""

    at: datetime
    action: str
    to: str
    actor: str
    is_me: bool
    name: str


def lines(db: Session, booking_id: str, guardian_id: str) -> tuple[LogLine, ...]:
    """A step: every step that this booking took, in order; ``guardian_id`` is the reader."""
    rows = db.execute(
        select(Audit.at, Audit.action, Audit.to, Audit.actor, Audit.actor_id, Guardian.name)
        .outerjoin(Guardian, Guardian.id == Audit.actor_id)
        .where(
            Audit.entity == "booking",
            Audit.entity_id == booking_id,
            Audit.to.is_not(None),
            Audit.action.in_(_STEPS),
        )
        .order_by(Audit.seq)
    ).all()
    return tuple(
        LogLine(r.at, r.action, r.to, r.actor, r.actor_id == guardian_id, r.name or "")
        for r in rows
    )
