"""What happened to a day's places while nobody was at the desk, from the audit: in numbers, and
line by line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain import dates, states
from reservation.domain.rulebook import RuleBook
from reservation.reads import night_log
from reservation.reads.night_log import Line
from reservation.store.tables.records import Audit

EVENING = time(18, 0)
TAKING = ("yes", "yes_for_review", "take", "take_for_review")
FREEING = frozenset(step.action for step in states.STEPS if step.frees)


@dataclass(frozen=True, slots=True)
class Night:
    """The hours from the evening before until the day began, in numbers. Instants are UTC."""

    starts: datetime
    ends: datetime
    freed: int
    offered: int
    taken: int
    passed: int
    unanswered: int
    cancelled: tuple[tuple[str, datetime], ...]
    """Booking ids of families that cancelled, and when."""
    log: tuple[Line, ...] = ()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing happened at all."""
        return not (self.freed or self.offered or self.taken or self.passed or self.unanswered)


def night(db: Session, facility_id: str, day: date, rules: RuleBook, now: datetime) -> Night | None:
    """A step: the night before a care day; None while it has not begun. Three statements."""
    starts = _starts(rules, day)
    if now < starts:
        return None
    hours = dates.hours(rules, day)
    ends = min(now, dates.at(day, hours.opens if hours else time(9, 0)))
    rows = db.execute(
        select(
            Audit.action,
            Audit.entity_id,
            Audit.at,
            Audit.to,
            Audit.actor,
            Audit.channel,
        )
        .where(
            Audit.facility_id == facility_id,
            Audit.care_day == day,
            Audit.entity == "booking",
            Audit.at >= starts,
            Audit.at <= ends,
        )
        .order_by(Audit.seq)
    ).all()
    count = Counter(row.action for row in rows)
    return Night(
        starts,
        ends,
        sum(count[action] for action in FREEING),
        count["offer"],
        sum(count[action] for action in TAKING),
        count["no"],
        count["lapse_offer"] + count["lapse_twice"],
        tuple((row.entity_id, row.at) for row in rows if row.action == "cancel"),
        night_log.lines(db, (facility_id, day), (starts, ends), rows),
    )


def _starts(rules: RuleBook, day: date) -> datetime:
    """When the desk was left: closing time of the day before, or six in the evening."""
    before = day - timedelta(days=1)
    hours = dates.hours(rules, before)
    return dates.at(before, hours.closes if hours else EVENING)
