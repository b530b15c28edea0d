"""The timetable: the JOBS table, and the APScheduler that turns it.

It is only a tick. What is due stands in our own tables, so a missed tick costs minutes and never
work; therefore no job store, no misfire limit (the default of one second lets late jobs vanish).
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from reservation import clock, logs
from reservation.clock import Now
from reservation.reads import integrity
from reservation.services import (
    chances,
    delivery,
    devices,
    doctor_forms,
    job_runs,
    keeping,
    keys,
    mail_codes,
    months,
    offers,
    photos,
    reconfirming,
    reminders,
    snapshots,
    taking,
    throttle,
)
from reservation.store.leader import Leader

_ZONE = "Asia/Tokyo"
_LOOK_SECONDS = 1


@dataclass(frozen=True)
class Job:
    """One line of the timetable: `every` seconds, or a `cron` line in Tokyo's time.

    `run` is a service function `(now) -> how many things were done`: idempotent, and safe when
    two processes run it at once. It may add words for the note of its run.
    """

    name: str
    run: Callable[[Now], int | tuple[int, str]]
    every: int = 0
    cron: str = ""


def invariants(now: Now) -> tuple[int, str]:
    """A job: ask the cheap rules that must always hold. Returns how many rows break one, and the
    numbers of the rules; each is an alarm in the log, and `/metrics` reads the note."""
    broken = integrity.cheap(now)
    for one in broken:
        logs.get().error("invariant", rule=one.rule, count=one.rows)
    codes = sorted({one.code for one in broken})
    return sum(one.rows for one in broken), " ".join(codes)


JOBS: tuple[Job, ...] = (
    Job("heartbeat", job_runs.heartbeat, every=30),
    Job("sweep", offers.sweep, every=20),
    Job("take", taking.due, every=20),
    Job("deliver", delivery.deliver, every=5),
    Job("reminders", reminders.due, every=60),
    Job("reviews", reminders.reviews, every=60),
    Job("reconfirm", reconfirming.due, every=20),
    Job("snapshots", snapshots.freeze, every=300),
    Job("invariants", invariants, every=300),
    Job("backup", keeping.daily, every=600),
    Job("forget_keys", keys.forget, cron="10 * * * *"),
    Job("forget_codes", mail_codes.forget, cron="20 * * * *"),
    Job("forget_tries", throttle.forget, cron="40 * * * *"),
    Job("forget_devices", devices.forget, cron="20 3 * * *"),
    Job("months", months.keep, cron="10 3 * * *"),
    Job("chances", chances.count, cron="25 3 * * *"),
    Job("forget_forms", doctor_forms.forget, cron="40 3 * * *"),
    Job("forget_photos", photos.forget, cron="50 * * * *"),
    Job("prune_outbox", delivery.prune, cron="30 3 * * *"),
)


def find(name: str) -> Job:
    """The job of that name. Raises KeyError."""
    return {job.name: job for job in JOBS}[name]


def run(app: Flask, job: Job) -> int:
    """Run one job now and note its outcome. Its exception is noted and raised again."""
    with app.app_context():
        logs.new_request_id()
        begun = clock.monotonic()
        job_runs.started(job.name, clock.now)
        try:
            done = job.run(clock.now)
        except Exception as error:
            job_runs.finished(job.name, clock.now, ok=False, message=type(error).__name__)
            logs.get().error("job", job=job.name, ok=False, **logs.fault(error))
            raise
        count, words = done if isinstance(done, tuple) else (done, "")
        job_runs.finished(job.name, clock.now, ok=True, count=count, message=words)
        spent = round((clock.monotonic() - begun) * 1000)
        logs.get().info("job", job=job.name, ok=True, count=count, ms=spent)
        return count


class Runner:
    """Turns the timetable while it is the leader, and competes again when it is not."""

    def __init__(self, app: Flask, leader: Leader, jobs: tuple[Job, ...] | None = None) -> None:
        self.app = app
        self.leader = leader
        self.jobs = JOBS if jobs is None else jobs
        self.stopping = threading.Event()
        self.scheduler: BlockingScheduler | None = None

    def turn(self) -> None:
        """Run until `stop()`; blocks."""
        is_told = False
        while not self.stopping.is_set():
            if self.leader.take():
                is_told = False
                logs.get().info("scheduler", state="leads")
                try:
                    self._lead()
                finally:
                    self.leader.release()
            elif not is_told:
                # Once: that another leads is the usual state of all nodes but one.
                is_told = True
                logs.get().info("scheduler", state="waits")
            self.stopping.wait(_LOOK_SECONDS)

    def stop(self) -> None:
        """End `turn()` soon; jobs at work are finished first. Safe from any thread or signal."""
        self.stopping.set()

    def _lead(self) -> None:
        self.scheduler = BlockingScheduler(
            timezone=_ZONE,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for job in self.jobs:
            self.scheduler.add_job(self._run, _trigger(job), args=[job], id=job.name)
            if job.every:
                # Without a trigger it runs at once: what came due while nobody led is done first.
                self.scheduler.add_job(self._run, args=[job], id=f"{job.name} at once")
        keeper = threading.Thread(target=self._keep, args=[self.scheduler], daemon=True)
        keeper.start()
        self.scheduler.start()

    def _keep(self, scheduler: BlockingScheduler) -> None:
        """End the turn when told to stop, or when the lock is gone: then another has it."""
        while not scheduler.running:
            time.sleep(0.01)
        while not self.stopping.wait(_LOOK_SECONDS):
            if not self.leader.still():
                logs.get().warning("scheduler", state="lost the lead")
                break
        scheduler.shutdown(wait=True)

    def _run(self, job: Job) -> None:
        try:
            run(self.app, job)
        except Exception as error:
            # The scheduler must outlive any job; the outcome is noted unless the database is away.
            logs.get().warning("scheduler", job=job.name, error=type(error).__name__)


def _trigger(job: Job) -> IntervalTrigger | CronTrigger:
    if job.cron:
        return CronTrigger.from_crontab(job.cron, timezone=_ZONE)
    return IntervalTrigger(seconds=job.every, timezone=_ZONE)
