"""Copies: made while the town is at work, looked at, restored, and never sent twice."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import create_engine, select, text, update
from sqlalchemy.pool import NullPool

from reservation import clock as application_clock
from reservation import jobs, logs
from reservation.cli import main
from reservation.reads import readiness
from reservation.services import keeping
from reservation.store import backups
from reservation.store.db import read, write
from reservation.store.tables.records import Installation, Outbox
from tests.conftest import Clock
from tests.databases import both_databases
from tests.town import Household


@pytest.fixture
def url(app: Flask) -> str:
    """The database's address."""
    return str(app.extensions["settings"].database_url)


@both_databases
def test_a_copy_is_rehearsed_with_its_rows_and_without_its_mail(
    url: str, sakura: Household, hana: Household, tmp_path: Path
) -> None:
    sakura.books()
    copy = backups.make(url, tmp_path, application_clock.now())
    hana.books()
    tried = backups.rehearse(url, copy, tmp_path)
    assert (tried.rows["booking"], tried.now["booking"]) == (1, 2)
    assert (tried.rows["outbox"], tried.now["outbox"]) == (1, 2)
    assert oct(copy.stat().st_mode)[-3:] == "600"
    assert sorted(tmp_path.iterdir()) == [copy]


def test_a_restored_database_has_what_the_copy_had_and_sends_nothing(
    url: str, sakura: Household, tmp_path: Path
) -> None:
    sakura.books()
    with write() as db:
        db.execute(update(Outbox).values(params='{"code": "123456"}'))
    copy = backups.make(url, tmp_path, application_clock.now())
    target = f"sqlite:///{tmp_path / 'new.sqlite'}"
    assert backups.restore(target, copy)["booking"] == 1
    with create_engine(target, poolclass=NullPool).connect() as connection:
        row = connection.execute(text("select status, params from outbox")).one()
        assert (row.status, row.params) == ("dropped", None)


def test_the_database_that_was_there_is_kept_beside(
    url: str, sakura: Household, tmp_path: Path
) -> None:
    copy = backups.make(url, tmp_path, application_clock.now())
    target = tmp_path / "new.sqlite"
    backups.restore(f"sqlite:///{target}", copy)
    backups.restore(f"sqlite:///{target}", copy)
    assert (tmp_path / "new.sqlite.before-restore").exists()


def test_old_copies_go_and_new_ones_stay(url: str, context: Flask, tmp_path: Path) -> None:
    at = application_clock.read("2026-11-23 18:00")
    made = [backups.make(url, tmp_path, at.replace(minute=minute), keep=2) for minute in (1, 2, 3)]
    assert sorted(tmp_path.iterdir()) == made[1:]


@pytest.mark.parametrize(
    "content", [b"", b"no database at all", b"SQLite format 3\0" + b"x" * 4096]
)
def test_what_is_no_copy_is_refused_with_a_sentence(
    url: str, context: Flask, tmp_path: Path, content: bytes
) -> None:
    bad = tmp_path / "bad.sqlite"
    bad.write_bytes(content)
    with pytest.raises(backups.BadBackup):
        backups.restore(f"sqlite:///{tmp_path / 'new.sqlite'}", bad)
    assert not (tmp_path / "new.sqlite").exists()


def test_nothing_to_copy_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(backups.BadBackup, match="no database"):
        backups.make(f"sqlite:///{tmp_path / 'none.sqlite'}", tmp_path, application_clock.now())


@both_databases
def test_a_database_that_has_lost_what_the_copy_has_is_said(
    url: str, sakura: Household, tmp_path: Path
) -> None:
    sakura.books()
    copy = backups.make(url, tmp_path, application_clock.now())
    with write() as db:
        db.execute(text("delete from audit where action = 'confirm'"))
    with pytest.raises(backups.BadBackup, match="audit"):
        backups.rehearse(url, copy, tmp_path)
    assert sorted(tmp_path.iterdir()) == [copy]


def facts() -> dict[str, str]:
    with read() as db:
        return {one.name: one.value for one in db.scalars(select(Installation))}


@pytest.fixture
def folder(context: Flask) -> Iterator[Path]:
    """Where the daily copies lie."""
    made = context.extensions["settings"].instance / "backups"
    # Another test's run of the timetable has made some.
    shutil.rmtree(made, ignore_errors=True)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@both_databases
def test_the_daily_copy_is_made_once_its_hour_has_come(
    url: str, context: Flask, folder: Path, clock: Clock
) -> None:
    clock.set("2026-01-15 02:31")
    assert keeping.daily(clock.now) == 1
    assert keeping.daily(clock.now) == 0
    clock.set("2026-01-16 02:29")
    assert keeping.daily(clock.now) == 0
    clock.set("2026-01-16 05:00")
    assert keeping.daily(clock.now) == 1
    assert len(list(folder.iterdir())) == 2
    assert facts()[backups.COPIED] == clock.now().isoformat()


def test_a_copy_that_fails_is_an_alarm_and_is_tried_again_an_hour_later(
    url: str, context: Flask, folder: Path, clock: Clock
) -> None:
    lines = StringIO()
    logs.set_up("info", lines)
    folder.write_text("a file where the folder should be")
    try:
        with pytest.raises(backups.BadBackup, match="folder"):
            jobs.run(context, jobs.find("backup"))
    finally:
        folder.unlink()
        logs.set_up(context.extensions["settings"].log_level)
    assert '"reason": "The folder' in lines.getvalue()
    ready = {one.name: one for one in readiness.look(clock.now)}
    assert not ready["job backup"].ok
    assert not ready["backup"].ok
    assert not ready["backup"].stops
    clock.forward(minutes=59)
    assert keeping.daily(clock.now) == 0
    clock.forward(minutes=1)
    assert keeping.daily(clock.now) == 1


@pytest.mark.parametrize(("name", "value"), [("mode", "demo"), ("backup_keep", 0)])
def test_no_daily_copy_in_the_demo_or_where_it_is_switched_off(
    context: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    changed: dict[str, Any] = {name: value}
    here = replace(context.extensions["settings"], **changed)
    monkeypatch.setitem(context.extensions, "settings", here)
    assert keeping.daily(application_clock.now) == 0
    assert not folder.exists()


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_missing_programs_of_postgresql_are_a_sentence(
    context: Flask, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(backups.BadBackup, match="pg_dump is not on the PATH"):
        keeping.daily(clock.now)
    assert list(folder.iterdir()) == []
    assert keeping.daily(clock.now) == 0


def test_the_commands_note_when_they_were_run(fresh_database: dict[str, str]) -> None:
    run = CliRunner().invoke
    assert run(main, ["migrate"], env=fresh_database).exit_code == 0
    made = run(main, ["backup"], env=fresh_database)
    assert made.exit_code == 0
    tried = run(main, ["restore", "--check", made.output.strip()], env=fresh_database)
    assert tried.exit_code == 0
    assert "booking: 0 (now 0)" in tried.output
    file = Path(fresh_database["RESERVATION_INSTANCE"]) / "reservation.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        names = {row[0] for row in connection.execute("select name from installation")}
    assert names >= {backups.COPIED, backups.REHEARSED}
