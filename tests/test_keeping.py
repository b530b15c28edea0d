"""Copies: made while the town is at work, looked at, restored, and never sent twice."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from reservation import clock as application_clock
from reservation.store import backups
from tests.databases import both_databases
from tests.postgres import PACKAGE
from tests.town import Household


@pytest.fixture
def url(app: Flask, database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database's address; PostgreSQL's programs of the test's own server on the PATH."""
    if database == "postgres":
        found = importlib.util.find_spec(PACKAGE)
        assert found is not None
        assert found.submodule_search_locations
        package = Path(found.submodule_search_locations[0])
        newest = sorted(package.glob("pginstall*/bin"))[-1]
        monkeypatch.setenv("PATH", f"{newest}{os.pathsep}{os.environ['PATH']}")
    return str(app.extensions["settings"].database_url)


@both_databases
def test_a_copy_is_rehearsed_with_its_rows_and_without_its_mail(
    url: str, sakura: Household, tmp_path: Path
) -> None:
    sakura.books()
    copy = backups.make(url, tmp_path, application_clock.now())
    rows = backups.rehearse(url, copy, tmp_path)
    assert rows["booking"] == 1
    assert rows["outbox"] == 1
    assert oct(copy.stat().st_mode)[-3:] == "600"
    assert sorted(tmp_path.iterdir()) == [copy]


def test_a_restored_database_has_what_the_copy_had_and_sends_nothing(
    url: str, sakura: Household, tmp_path: Path
) -> None:
    sakura.books()
    copy = backups.make(url, tmp_path, application_clock.now())
    target = f"sqlite:///{tmp_path / 'new.sqlite'}"
    assert backups.restore(target, copy)["booking"] == 1
    with create_engine(target, poolclass=NullPool).connect() as connection:
        assert connection.scalar(text("select status from outbox")) == "dropped"


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
