"""`reservation demo` as a person starts and stops it: from nothing, again, and by Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reservation.demo.accounts import ACCOUNTS
from tests.test_serve import answers, children, free_port

pytestmark = pytest.mark.alone
COMMAND = [sys.executable, "-m", "reservation", "demo"]


def environ(folder: Path, **more: str) -> dict[str, str]:
    """A fresh machine's environment: nothing of ours is set but the folder."""
    ours = {name: value for name, value in os.environ.items() if "RESERVATION_" not in name}
    return {**ours, "RESERVATION_INSTANCE": str(folder), **more}


@contextmanager
def started(env: dict[str, str], out: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (
        out.open("wb") as file,
        subprocess.Popen(COMMAND, env=env, stdout=file, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[bytes]) -> list[int]:
    """Press Ctrl-C; which of its processes are still there ten seconds after the end."""
    under = children(process.pid)
    assert len(under) >= 2
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    end = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in under) and time.monotonic() < end:
        time.sleep(0.1)
    return [pid for pid in under if Path(f"/proc/{pid}").exists()]


def test_the_demo_starts_from_nothing_and_a_second_time_in_seconds(tmp_path: Path) -> None:
    port = free_port()
    folder, url = tmp_path / "instance", f"http://127.0.0.1:{port}"
    env = environ(folder, PORT=str(port))
    with started(env, tmp_path / "first") as process:
        assert answers(f"{url}/healthz", 240) == "ok\n"
        assert "しーず" in answers(f"{url}/")
        assert "sakura@example.org" in answers(f"{url}/signin")
        assert ended(process) == []
    said = (tmp_path / "first").read_text()
    assert url in said
    assert [one.mail for one in ACCOUNTS if one.mail not in said] == []
    assert (folder / "settings.toml").stat().st_mode & 0o077 == 0
    begun = time.monotonic()
    with started(env, tmp_path / "second") as process:
        assert answers(f"{url}/healthz", 60) == "ok\n"
        assert time.monotonic() - begun < 20
        assert ended(process) == []
    assert "sample data" not in (tmp_path / "second").read_text()


def refused(env: dict[str, str], *arguments: str) -> str:
    """What the command says when it does not start."""
    done = subprocess.run(
        [*COMMAND, *arguments], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    return done.stderr


def test_a_start_before_the_newest_entry_names_the_way_out(
    demo_folder: Path, tmp_path: Path
) -> None:
    for one in ("reservation.sqlite", "settings.toml"):
        (tmp_path / one).write_bytes((demo_folder / one).read_bytes())
    env = environ(tmp_path, RESERVATION_NOW="2026-01-14T06:58+09:00")
    assert "--reset" in refused(env)


@pytest.mark.parametrize("mode", ["test", "production"])
def test_reset_touches_no_database_of_another_mode(tmp_path: Path, mode: str) -> None:
    env = environ(tmp_path)
    prepared = environ(
        tmp_path,
        RESERVATION_MODE=mode,
        RESERVATION_BASE_URL="https://example.org",
        RESERVATION_SMTP_HOST="127.0.0.1",
    )
    make = (
        "from pathlib import Path; from reservation import settings as s; s.make_keys(Path({!r}))"
    )
    subprocess.run([sys.executable, "-c", make.format(str(tmp_path))], env=env, check=True)
    migrate = [sys.executable, "-m", "reservation", "migrate"]
    subprocess.run(migrate, env=prepared, check=True)
    before = (tmp_path / "reservation.sqlite").stat().st_ino
    assert mode in refused(env, "--reset")
    assert mode in refused(env)
    assert (tmp_path / "reservation.sqlite").stat().st_ino == before
