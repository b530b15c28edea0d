"""The lines of the timetable: each runs on real data, and a second run finds nothing to do."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from reservation import jobs
from reservation.jobs import JOBS, Job
from tests.conftest import Clock
from tests.databases import both_databases
from tests.town import Town


@both_databases
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_second_run_finds_nothing(context: Flask, town: Town, clock: Clock, job: Job) -> None:
    town.family("さくら").books()
    clock.set("2026-11-24 08:00")
    first = jobs.run(context, job)
    # One job counts what is wrong and mends nothing: here, mail that nobody has delivered.
    assert jobs.run(context, job) == (first if job.name == "invariants" else 0)


@both_databases
def test_two_timetables_at_once_harm_nobody(context: Flask, town: Town, clock: Clock) -> None:
    sakura, hana = town.family("さくら"), town.family("はな")
    booking = sakura.books()
    hana.holds()
    clock.set("2026-11-24 08:00")
    wrong: list[Exception] = []

    def turn() -> None:
        try:
            for job in JOBS:
                jobs.run(context, job)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=turn) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert town.state(booking) == "confirmed"


def test_every_job_has_its_own_name_and_one_rhythm() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
    assert all(bool(job.every) is not bool(job.cron) for job in JOBS)
