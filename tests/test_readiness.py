"""/readyz says what is wrong, line by line."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from reservation import clock as application_clock
from reservation import jobs
from reservation.reads import readiness
from reservation.store import db as store
from reservation.store.db import Unavailable, write
from tests.databases import both_databases
from tests.town import Household


def lines() -> dict[str, readiness.Line]:
    return {line.name: line for line in readiness.look(application_clock.now)}


@both_databases
def test_with_a_heartbeat_all_but_the_tests_own_durability_is_well(
    context: Flask, clock: Any, database: str
) -> None:
    jobs.run(context, jobs.find("heartbeat"))
    wrong = {name for name, line in lines().items() if not line.ok}
    assert wrong == (set() if database == "sqlite" else {"durability"})


def test_a_silent_scheduler_is_said(context: Flask, client: FlaskClient, clock: Any) -> None:
    assert client.get("/readyz").status_code == 503
    jobs.run(context, jobs.find("heartbeat"))
    assert client.get("/readyz").status_code == 200
    clock.forward(minutes=2)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["scheduler"]["ok"] is False


def test_a_job_that_failed_is_said_by_name(context: Flask, clock: Any) -> None:
    def fails(_now: Any) -> int:
        raise ZeroDivisionError

    jobs.run(context, jobs.find("sweep"))
    assert lines()["job sweep"].ok
    with pytest.raises(ZeroDivisionError):
        jobs.run(context, jobs.Job("sweep", fails, every=20))
    assert lines()["job sweep"] == readiness.Line("job sweep", False, "ZeroDivisionError")


def test_mail_that_waits_too_long_is_said(sakura: Household, clock: Any) -> None:
    sakura.books()
    assert lines()["outbox"].ok
    clock.forward(minutes=11)
    assert not lines()["outbox"].ok


def test_tables_of_another_version_are_said(context: Flask) -> None:
    with write() as db:
        db.execute(text("update alembic_version set version_num = 'other'"))
    try:
        assert not lines()["migrations"].ok
    finally:
        with write() as db:
            newest = store_head()
            db.execute(text("update alembic_version set version_num = :v"), {"v": newest})


def store_head() -> str:
    return readiness.head()


def test_a_database_that_is_away_is_one_line(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_kind: str) -> Any:
        raise Unavailable("OperationalError")

    monkeypatch.setattr(store, "_engine", away)
    assert [(line.name, line.ok) for line in readiness.look(application_clock.now)] == [
        ("database", False)
    ]
