"""What the installation has to say of itself in numbers, asked of the database at the moment.

Codes and numbers only: no name, no id, no illness, in no label.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain.states import State
from reservation.store.backups import COPIED, REHEARSED
from reservation.store.db import Unavailable, read
from reservation.store.invariants import PERIOD
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.jobs import JobRun
from reservation.store.tables.records import Installation, Outbox

DEAD = timedelta(days=1)
"""How far back messages that reached nobody are counted."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One name with its sentence; several values are told apart by ``label``."""

    name: str
    about: str
    values: Mapping[str, float]
    label: str = ""


def look(now: Now) -> tuple[Measure, ...]:
    """All measures of this moment; only that it is away where the database does not answer."""
    try:
        with read() as db:
            found = [*_messages(db, now()), *_bookings(db, now()), *_jobs(db, now())]
            found += _copies(db, now())
    except Unavailable:
        return (_one("database_up", "Whether the database answers.", 0),)
    return (_one("database_up", "Whether the database answers.", 1), *found)


def _one(name: str, about: str, value: float) -> Measure:
    return Measure(f"reservation_{name}", about, {"": value})


def _messages(db: Session, at: datetime) -> Iterator[Measure]:
    waiting = Outbox.status.in_(["queued", "sending"])
    oldest = db.scalar(select(func.min(Outbox.due_at)).where(waiting))
    yield _one(
        "outbox_oldest_seconds",
        "How long the oldest message that is due has waited.",
        0 if oldest is None else max(0.0, _since(oldest, at)),
    )
    queued = select(func.count()).select_from(Outbox).where(waiting, Outbox.due_at <= at)
    yield _one("outbox_due", "Messages that are due and not sent.", db.scalar(queued) or 0)
    dead = (
        select(func.count())
        .select_from(Outbox)
        .where(Outbox.status == "dead", Outbox.ended_at > at - DEAD)
    )
    yield _one("dead_letters", "Messages of the last day that were given up.", db.scalar(dead) or 0)


def _bookings(db: Session, at: datetime) -> Iterator[Measure]:
    def count(state: State, *more: object) -> int:
        query = select(func.count()).select_from(BookingRow).where(BookingRow.state == state.value)
        return int(db.scalar(query.where(*more)) or 0)  # type: ignore[arg-type]

    late = BookingRow.ends_at < at - PERIOD
    yield _one(
        "holds_overdue",
        f"Holds that ended more than {PERIOD.seconds} s ago and were not swept.",
        count(State.HELD, late),
    )
    yield _one("holds_open", "Places held for a family at its form.", count(State.HELD))
    yield _one("offers_open", "Offers that wait for an answer.", count(State.OFFERED))


def _jobs(db: Session, at: datetime) -> Iterator[Measure]:
    runs = db.scalars(select(JobRun).order_by(JobRun.name)).all()
    ended = {run.name: run for run in runs if run.finished_at is not None}
    yield Measure(
        "reservation_job_age_seconds",
        "Since a job last began.",
        {run.name: _since(run.started_at, at) for run in runs},
        "job",
    )
    yield Measure(
        "reservation_job_ok",
        "Whether a job's last run went well; left out while it runs.",
        {name: float(bool(run.ok)) for name, run in ended.items()},
        "job",
    )
    yield Measure(
        "reservation_job_seconds",
        "How long a job's last run took.",
        {
            name: (run.finished_at - run.started_at).total_seconds()
            for name, run in ended.items()
            if run.finished_at is not None
        },
        "job",
    )
    yield Measure(
        "reservation_job_done",
        "How many things a job's last run did.",
        {name: float(run.count) for name, run in ended.items()},
        "job",
    )
    rules = ended.get("invariants")
    if rules is not None:
        yield _one("invariant_rows", "Rows that break a rule that must always hold.", rules.count)


def _copies(db: Session, at: datetime) -> Iterator[Measure]:
    facts = db.execute(
        select(Installation.name, Installation.value).where(
            Installation.name.in_([COPIED, REHEARSED])
        )
    )
    when = {row.name: datetime.fromisoformat(row.value) for row in facts}
    for name, fact, about in (
        ("backup", COPIED, "Since the last copy of the database that was found good."),
        ("rehearsal", REHEARSED, "Since a copy was last restored for a try."),
    ):
        age = _since(when[fact], at) if fact in when else math.inf
        yield _one(f"{name}_age_seconds", f"{about} +Inf: never.", age)


def _since(instant: datetime, at: datetime) -> float:
    return (at - instant).total_seconds()
