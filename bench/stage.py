"""What a bench plays on: a durable PostgreSQL or SQLite, the application over it, its server.

Everything lives in a temporary folder and is gone afterwards. The clock of the application is set
by RESERVATION_NOW, so that a bench measures the same morning every time.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from bench.frame import ROOT
from tests import databases, postgres

DATABASES = ("sqlite", "postgresql")
START_SECONDS = 90


@dataclass
class Stage:
    """A migrated database, the application over it in this process, and its environment."""

    database: str
    folder: Path
    app: Flask
    environ: dict[str, str]
    url: str

    @property
    def pid_of_database(self) -> int | None:
        """The postmaster, for its CPU; None on SQLite."""
        if self.database == "sqlite":
            return None
        return int((self.socket_folder / "data" / "postmaster.pid").read_text().split()[0])

    @property
    def socket_folder(self) -> Path:
        """Where PostgreSQL's socket lies: the host of pgbench and psql."""
        return Path(self.url.partition("host=")[2])


@contextmanager
def stage(database: str, **settings: str) -> Iterator[Stage]:
    """A stage on "sqlite" or "postgresql"; `settings` in small letters (now="…").

    Both are as durable as in production: synchronous=FULL, fsync and synchronous_commit on.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reservation-bench-")))
        url = f"sqlite:///{folder / 'reservation.sqlite'}"
        if database == "postgresql":
            url = stack.enter_context(postgres.server(durable=True))
        # As long as the product waits, not as tests do.
        settings = {"database_url": url, "pool_wait": "3", "lock_wait": "2", **settings}
        app = databases.make_app(folder, **settings)
        stack.callback(databases.close, app)
        yield Stage(database, folder, app, databases.environ(folder, **settings), url)


@dataclass
class Server:
    """A running server: its address, and its process for CPU and memory."""

    port: int
    pid: int

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return ("127.0.0.1", self.port)


@contextmanager
def pages(of: Stage, **more: str) -> Iterator[Server]:
    """The application's server as it is deployed: two workers of four threads over PostgreSQL,
    eight connections for both; one worker over SQLite. ``more`` are further variables."""
    workers = 1 if of.database == "sqlite" else 2
    environ = {**of.environ, "RESERVATION_POOL_PROCESSES": str(workers), **more}
    threads = 8 // workers
    with server(environ, workers=workers, options=("--blocking-threads", str(threads))) as started:
        yield started


@contextmanager
def server(
    environ: dict[str, str],
    target: str = "wsgi:app",
    *,
    workers: int = 2,
    interface: str = "wsgi",
    options: tuple[str, ...] = (),
) -> Iterator[Server]:
    """granian over a target of this tree (`wsgi:app`, or a bare application of a bench)."""
    port = _free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", interface, "--workers", str(workers),
        "--host", "127.0.0.1", "--port", str(port), "--no-ws", "--no-log", *options, target,
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def cpu_seconds(pid: int) -> float:
    """CPU that a process and its children have used so far, ended children included."""
    ticks = 0
    for one in tree(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_kib(pid: int) -> int:
    """Resident memory of a process and its children; shared pages count once per process."""
    total = 0
    for one in tree(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{one}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
    return total


def tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for one in found:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for thread in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (thread / "children").read_text().split()]
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("the server does not answer")
