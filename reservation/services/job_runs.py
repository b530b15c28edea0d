"""What the jobs did last, for `/readyz` and the staff screen."""

from reservation.clock import Now
from reservation.store.db import insert_ignore, write
from reservation.store.tables.jobs import JobRun


def started(name: str, now: Now) -> None:
    """Note that a job begins; the last outcome stays readable until the new one is there."""
    with write() as db:
        # Two processes may meet at a job's very first run.
        insert_ignore(db, JobRun, {"name": name, "started_at": now(), "count": 0, "message": ""})
        run = db.get_one(JobRun, name)
        run.started_at, run.finished_at = now(), None


def finished(name: str, now: Now, *, ok: bool, count: int = 0, message: str = "") -> None:
    """Note a job's outcome: whether it went well, how many things it did, the kind of error."""
    with write() as db:
        run = db.get(JobRun, name)
        if run is None:
            run = JobRun(name=name, started_at=now())
            db.add(run)
        run.finished_at, run.ok, run.count, run.message = now(), ok, count, message


def heartbeat(now: Now) -> int:
    """A job that does nothing: that its run was noted is the news."""
    return 0
