"""/readyz says what is wrong, line by line."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from reservation import clock as application_clock
from reservation import jobs
from reservation.reads import readiness
from reservation.services import keeping
from reservation.store import db as store
from reservation.store import migrations, probe
from reservation.store.backups import COPIED
from reservation.store.db import Unavailable, insert_ignore, write
from reservation.store.tables.records import Installation
from tests.databases import both_databases
from tests.town import Household


def lines() -> dict[str, readiness.Line]:
    return {line.name: line for line in readiness.look(application_clock.now)}


@both_databases
def test_with_a_heartbeat_all_but_the_tests_own_durability_is_well(
    context: Flask, clock: Any, database: str
) -> None:
    jobs.run(context, jobs.find("heartbeat"))
    keeping.note(COPIED, clock.now)
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
    line = lines()["job sweep"]
    assert line == readiness.Line("job sweep", False, "ZeroDivisionError", stops=False)


def test_mail_that_waits_too_long_is_said(sakura: Household, clock: Any) -> None:
    sakura.books()
    assert lines()["outbox"].ok
    clock.forward(minutes=11)
    assert not lines()["outbox"].ok


@pytest.mark.parametrize(("revision", "stops"), [("other", False), ("7fa0fe24db40", True)])
def test_tables_of_another_version_are_said(context: Flask, revision: str, stops: bool) -> None:
    """A newer program's tables are there while an upgrade goes on: this one may go on too."""
    with write() as db:
        db.execute(text(f"update alembic_version set version_num = '{revision}'"))
    try:
        line = lines()["migrations"]
        assert (line.ok, line.stops) == (False, stops)
    finally:
        with write() as db:
            newest = store_head()
            db.execute(text("update alembic_version set version_num = :v"), {"v": newest})


def store_head() -> str:
    return migrations.head()


def test_a_database_that_is_away_is_one_line(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_kind: str) -> Any:
        raise Unavailable("OperationalError")

    monkeypatch.setattr(store, "_options", away)
    assert [(line.name, line.ok) for line in readiness.look(application_clock.now)] == [
        ("database", False)
    ]


@pytest.mark.parametrize(("free", "ok"), [(0.06, True), (0.05, False)])
def test_a_disk_that_is_nearly_full_is_said(
    context: Flask, monkeypatch: pytest.MonkeyPatch, free: float, ok: bool
) -> None:
    monkeypatch.setattr("reservation.store.probe.free_space", lambda _settings: free)
    assert lines()["disk"].ok is ok


def test_a_folder_of_photos_that_cannot_be_written_is_said_and_stops_nothing(
    context: Flask, clock: Any
) -> None:
    assert lines()["photos"].ok
    folder = context.extensions["settings"].photos
    aside = folder.rename(folder.with_name("aside"))
    folder.write_text("no folder")
    try:
        line = lines()["photos"]
    finally:
        folder.unlink()
        aside.rename(folder)
    assert (line.ok, line.stops, line.words) == (False, False, "not writable")


def test_the_free_space_is_that_of_the_disk(context: Flask) -> None:
    settings = context.extensions["settings"]
    usage = os.statvfs(settings.instance)
    assert 0 < probe.free_space(settings) <= usage.f_bfree / usage.f_blocks + 0.05


@both_databases
def test_a_writer_that_does_not_let_go_is_said_within_two_seconds(
    sakura: Household, context: Flask, clock: Any, database: str
) -> None:
    done, taken = threading.Event(), threading.Event()

    def holds_on() -> None:
        with context.app_context(), write() as db:
            db.execute(text("update installation set value = value"))
            taken.set()
            done.wait(20)

    with write() as db:
        insert_ignore(db, Installation, {"name": "mode", "value": "test"})
    other = threading.Thread(target=holds_on)
    other.start()
    try:
        assert taken.wait(20)
        begun = time.monotonic()
        found = lines()
        assert time.monotonic() - begun < 2
    finally:
        done.set()
        other.join()
    assert not found["database"].ok
    assert lines()["database"].ok
