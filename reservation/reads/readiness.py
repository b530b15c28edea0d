"""Can this installation do its work now? One line per question, for load balancers and people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from reservation import clock, settings
from reservation.clock import Now
from reservation.settings import Settings
from reservation.store import migrations, photos, probe
from reservation.store.backups import COPIED
from reservation.store.db import Unavailable, read
from reservation.store.tables.jobs import JobRun
from reservation.store.tables.records import Installation, Outbox

HEARTBEAT = timedelta(minutes=2)
OUTBOX = timedelta(minutes=10)
SKEW = timedelta(seconds=2)
FREE = 0.05
"""Share of the disk that must be free."""
COPY = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class Line:
    """One question and its answer; ``words`` is a code or a number, never a person's value.

    A line that does not ``stop`` calls for somebody and keeps nobody from booking: no reason for a
    load balancer to take this process out.
    """

    name: str
    ok: bool
    words: str
    stops: bool = True


def look(now: Now) -> tuple[Line, ...]:
    """All questions in order. A database that is away answers the first and ends the list."""
    here = settings.current()
    try:
        probe.take_the_lock(here)
        with read() as db:
            at = now()
            lines = [Line("database", True, "writable"), _tables(db)]
            lines += [_scheduler(db, at), _outbox(db, at), *_jobs(db), *_database(db, at)]
            lines += [_disk(here), _photos(here), *_copy(db, here, at)]
    except Unavailable as error:
        return (Line("database", False, str(error)),)
    return tuple(lines)


def _tables(db: Session) -> Line:
    """At head. Tables of a newer program do not stop: between the steps of an upgrade both run."""
    have = migrations.current(db.connection())
    newer = bool(have) and not migrations.is_known(have)
    return Line("migrations", have == migrations.head(), have or "none", stops=not newer)


def _scheduler(db: Session, at: datetime) -> Line:
    # While it runs, its start is the news.
    at_work = func.coalesce(JobRun.finished_at, JobRun.started_at)
    beat = db.scalar(select(at_work).where(JobRun.name == "heartbeat"))
    alive = beat is not None and at - beat < HEARTBEAT
    return Line("scheduler", alive, beat.isoformat() if beat else "never")


def _outbox(db: Session, at: datetime) -> Line:
    oldest = db.scalar(
        select(func.min(Outbox.due_at)).where(Outbox.status.in_(["queued", "sending"]))
    )
    waits = timedelta() if oldest is None else at - oldest
    return Line("outbox", waits < OUTBOX, f"{max(0, int(waits.total_seconds()))} s")


def _disk(here: Settings) -> Line:
    free = probe.free_space(here)
    return Line("disk", free > FREE, f"{free:.0%} free")


def _photos(here: Settings) -> Line:
    """Whether families can send photos of the doctor's form."""
    words = "writable" if (ok := photos.is_writable(here.photos)) else "not writable"
    return Line("photos", ok, words, stops=False)


def _copy(db: Session, here: Settings, at: datetime) -> list[Line]:
    """The age of the last copy, where a daily one is made."""
    if here.backup_keep == 0 or here.mode == "demo":
        return []
    told = db.scalar(select(Installation.value).where(Installation.name == COPIED))
    when = datetime.fromisoformat(told) if told else None
    fresh = when is not None and at - when < COPY
    return [Line("backup", fresh, when.isoformat() if when else "never", stops=False)]


def _jobs(db: Session) -> list[Line]:
    """Each job's last outcome; one that has not ended yet keeps the last one's."""
    rows = db.execute(select(JobRun.name, JobRun.ok, JobRun.message).order_by(JobRun.name))
    return [
        Line(f"job {row.name}", row.ok is not False, row.message or "well", stops=False)
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
