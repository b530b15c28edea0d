"""A process dies where it is told to, and only there; what was committed is there afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from reservation import failpoints
from reservation.store.db import read, write
from tests import databases

ACT = """
from reservation import create_app
from reservation.store.db import write
from sqlalchemy import text
with create_app().app_context(), write() as db:
    db.execute(text("insert into installation (name, value) values ('act', 'done')"))
print("lived")
"""


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


@pytest.mark.parametrize(
    ("points", "ending", "stored"),
    [("", 0, 1), ("before_commit:1", -9, 0), ("after_commit:1", -9, 1), ("after_smtp:1", 0, 1)],
)
def test_a_commit_is_there_or_not(tmp_path: Path, points: str, ending: int, stored: int) -> None:
    app = databases.make_app(tmp_path)
    try:
        done = subprocess.run(
            [sys.executable, "-c", ACT],
            env=databases.environ(tmp_path, failpoints=points),
            capture_output=True,
            check=False,
        )
        assert done.returncode == ending, done.stderr.decode()
        with app.app_context(), read() as db:
            assert db.scalar(text("select count(*) from installation where name='act'")) == stored
    finally:
        databases.close(app)


def test_a_place_may_raise_and_is_silent_by_chance_and_when_disarmed(context: Flask) -> None:
    failpoints.arm("seed:1,before_commit:0.5:raise")
    ended = []
    for _ in range(200):
        try:
            with write() as db:
                db.execute(text("select 1"))
            ended.append("committed")
        except failpoints.Reached:
            ended.append("raised")
    assert 60 < ended.count("raised") < 140
    failpoints.arm("")
    failpoints.reach("before_commit")
