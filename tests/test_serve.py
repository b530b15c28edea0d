"""`reservation serve` as a person starts and stops it: a process, a port, Ctrl-C."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.databases import environ

pytestmark = pytest.mark.alone


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    """Every process under `pid`, from the process table."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *children(int(child))]
    return found


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, Path]]:
    port = free_port()
    env = {**os.environ, **environ(tmp_path, port=str(port), now="2026-01-15T06:58+09:00")}
    command = [sys.executable, "-m", "reservation"]
    subprocess.run([*command, "migrate"], env=env, check=True)
    with subprocess.Popen([*command, "serve"], env=env) as process:
        yield process, f"http://127.0.0.1:{port}", tmp_path / "reservation.sqlite"
        process.kill()


def answers(url: str, seconds: float = 30) -> str:
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url) as answer:
                return str(answer.read().decode())
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def heartbeat(database: Path, seconds: float = 45) -> str:
    """When the scheduler last beat, in its own clock's words."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with closing(sqlite3.connect(database)) as connection:
            row = connection.execute(
                "SELECT finished_at FROM job_run WHERE name = 'heartbeat' AND ok"
            ).fetchone()
        if row:
            return str(row[0])
        time.sleep(0.2)
    raise AssertionError("the scheduler never beat")


def test_serve_answers_turns_the_timetable_and_leaves_nothing_behind(
    serving: tuple[subprocess.Popen[bytes], str, Path],
) -> None:
    process, url, database = serving
    assert answers(f"{url}/healthz") == "ok\n"
    assert heartbeat(database).startswith("2026-01-14T21:5")
    under = children(process.pid)
    assert len(under) >= 2
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    end = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in under) and time.monotonic() < end:
        time.sleep(0.1)
    assert [pid for pid in under if Path(f"/proc/{pid}").exists()] == []
