"""Can this installation do its work now? One line per question, for load balancers and people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from reservation import clock
from reservation.clock import Now
from reservation.store.db import Unavailable, read, write
from reservation.store.migrations import current, head
from reservation.store.tables.jobs import JobRun
from reservation.store.tables.records import Outbox

HEARTBEAT = timedelta(minutes=2)
OUTBOX = timedelta(minutes=10)
SKEW = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Line:
    """One question and its answer; ``words`` is a code or a number, never a person's value."""

    name: str
    ok: bool
    words: str


def look(now: Now) -> tuple[Line, ...]:
    """All questions in order. A database that is away answers the first and ends the list."""
    try:
        with write() as db:
            db.execute(text("select 1"))
    except Unavailable as error:
        return (Line("database", False, str(error)),)
    lines = [Line("database", True, "writable")]
    with read() as db:
        at = now()
        have = current(db.connection())
        lines.append(Line("migrations", have == head(), have or "none"))
        beat = db.scalar(select(JobRun.finished_at).where(JobRun.name == "heartbeat"))
        alive = beat is not None and at - beat < HEARTBEAT
        lines.append(Line("scheduler", alive, beat.isoformat() if beat else "never"))
        oldest = db.scalar(
            select(func.min(Outbox.due_at)).where(Outbox.status.in_(["queued", "sending"]))
        )
        waits = timedelta() if oldest is None else at - oldest
        lines.append(Line("outbox", waits < OUTBOX, f"{max(0, int(waits.total_seconds()))} s"))
        lines += _jobs(db)
        lines += _database(db, at)
    return tuple(lines)


def _jobs(db: Session) -> list[Line]:
    """Each job's last outcome; one that has not ended yet keeps the last one's."""
    rows = db.execute(select(JobRun.name, JobRun.ok, JobRun.message).order_by(JobRun.name))
    return [
        Line(f"job {row.name}", row.ok is not False, row.message or "well")
        for row in rows
        if row.name != "heartbeat"
    ]


def _database(db: Session, at: datetime) -> list[Line]:
    """Durability as promised, and the database's clock beside ours."""
    if db.get_bind().dialect.name == "sqlite":
        level = db.scalar(text("PRAGMA synchronous"))
        mode = db.scalar(text("PRAGMA journal_mode"))
        return [Line("durability", level == 2 and mode == "wal", f"{mode}, synchronous {level}")]
    commit = db.scalar(text("show synchronous_commit"))
    fsync = db.scalar(text("show fsync"))
    durable = commit not in ("off", "local") and fsync == "on"
    lines = [Line("durability", durable, f"synchronous_commit {commit}, fsync {fsync}")]
    theirs = db.scalar(text("select clock_timestamp()"))
    if theirs is not None and not clock.moved():
        skew = abs(theirs - at)
        lines.append(Line("clock", skew <= SKEW, f"{skew.total_seconds():.1f} s"))
    return lines
