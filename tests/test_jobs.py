import threading
import time
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from flask import Flask

from reservation import jobs
from reservation.cli import main
from reservation.clock import Now
from reservation.jobs import Job, Runner
from reservation.store.db import db, read
from reservation.store.leader import leader
from reservation.store.tables.jobs import JobRun
from tests.conftest import Clock
from tests.databases import both_databases


def until(true: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def last_run(name: str) -> JobRun:
    with read() as session:
        return session.get_one(JobRun, name)


@both_databases
def test_a_run_leaves_its_outcome(context: Flask, clock: Clock) -> None:
    assert jobs.run(context, Job("three", lambda now: 3, every=1)) == 3
    run = last_run("three")
    assert (run.ok, run.count, run.started_at, run.finished_at) == (
        True,
        3,
        clock.now(),
        clock.now(),
    )


@both_databases
def test_a_failed_run_leaves_the_kind_of_error_and_not_its_words(context: Flask) -> None:
    def fail(now: Now) -> int:
        raise ValueError("さくら")

    with pytest.raises(ValueError, match="さくら"):
        jobs.run(context, Job("fails", fail, every=1))
    run = last_run("fails")
    assert (run.ok, run.message) == (False, "ValueError")
    jobs.run(context, Job("fails", lambda now: 1, every=1))
    assert (last_run("fails").ok, last_run("fails").message) == (True, "")


@both_databases
def test_one_of_two_runners_works_and_the_other_takes_over(context: Flask) -> None:
    ran: list[str] = []
    settings = context.extensions["settings"]

    def runner(name: str) -> tuple[Runner, threading.Thread]:
        job = Job("sweep", lambda now: ran.append(name) or 0, every=1)
        made = Runner(context, leader(settings), (job,))
        thread = threading.Thread(target=made.turn)
        thread.start()
        return made, thread

    first, first_thread = runner("first")
    assert until(lambda: "first" in ran)
    second, second_thread = runner("second")
    time.sleep(1.5)
    assert "second" not in ran
    first.stop()
    assert until(lambda: "second" in ran)
    first_thread.join(20)
    second.stop()
    second_thread.join(20)
    assert not first_thread.is_alive()
    assert not second_thread.is_alive()


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_leader_whose_connection_is_cut_knows_it(context: Flask) -> None:
    settings = context.extensions["settings"]
    one, other = leader(settings), leader(settings)
    assert one.take()
    assert not other.take()
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )
    assert not one.still()
    assert until(other.take)
    other.release()


def test_names_are_unique_and_every_job_has_one_time() -> None:
    assert len({job.name for job in jobs.JOBS}) == len(jobs.JOBS)
    assert all(bool(job.every) != bool(job.cron) for job in jobs.JOBS)


def test_the_command_runs_one_job(fresh_database: dict[str, str]) -> None:
    run = CliRunner().invoke
    assert run(main, ["migrate"], env=fresh_database).exit_code == 0
    answer = run(main, ["job", "heartbeat"], env=fresh_database)
    assert (answer.exit_code, answer.output) == (0, "0\n")
