"""The processes of the storm, each started by us and ended by its pid."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests import databases, postgres
from tests.post_office import free_port

ROOT = Path(__file__).parents[2]


class Cluster:
    """A PostgreSQL of our own that promises what production promises (fsync on)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.as_root = os.geteuid() == 0
        self.binaries = postgres.binaries(folder, copy=self.as_root)
        if self.as_root:
            os.chown(folder, postgres.NOBODY, postgres.NOBODY)
        self.url = f"postgresql://postgres@/postgres?host={folder}"
        self._call("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                   "--locale=C.UTF-8")  # fmt: skip

    def start(self) -> None:
        """Start, or start again after a crash; repeats while the dead one's memory is in use."""
        options = (
            f"-k {self.folder} -c listen_addresses='' -c timezone=UTC -c max_connections=100 "
            "-c fsync=on -c synchronous_commit=on"
        )
        for _ in range(20):
            with suppress(postgres.Missing):
                self._call("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-o", options, "-l",
                           str(self.folder / "log"), "start")  # fmt: skip
                return
            time.sleep(0.5)
        raise postgres.Missing((self.folder / "log").read_text()[-400:])

    def backends(self) -> list[int]:
        """The processes that serve clients now."""
        return [pid for pid in children(self._postmaster()) if b"postgres: postgres" in words(pid)]

    def crash(self) -> None:
        """SIGKILL to the postmaster and all that it has started."""
        postmaster = self._postmaster()
        for pid in [postmaster, *children(postmaster)]:
            kill(pid)

    def stop(self) -> None:
        """End it, whatever its state."""
        with suppress(postgres.Missing, FileNotFoundError, ValueError):
            self._call("pg_ctl", "-D", str(self.data), "-m", "immediate", "stop")

    def _postmaster(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def _call(self, program: str, *arguments: str) -> None:
        prefix = []
        if self.as_root:
            who = postgres.NOBODY
            prefix = ["setpriv", f"--reuid={who}", f"--regid={who}", "--clear-groups"]
        with (self.folder / "out").open("ab") as out:
            done = subprocess.run(
                [*prefix, str(self.binaries / program), *arguments],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False,
            )  # fmt: skip
        if done.returncode:
            raise postgres.Missing((self.folder / "out").read_text()[-400:])


class Keeper:
    """One command that is started again whenever it ends, until it is told to stop."""

    def __init__(self, command: list[str], environ: dict[str, str], log: Path) -> None:
        self.command, self.environ, self.log = command, environ, log
        self.process: subprocess.Popen[bytes] | None = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._keep, daemon=True)
        self.thread.start()

    def _keep(self) -> None:
        with self.log.open("ab") as log:
            while not self.stopping.is_set():
                self.process = subprocess.Popen(
                    self.command, cwd=ROOT, env=self.environ, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
                self.process.wait()
                self.stopping.wait(0.1)

    @property
    def pid(self) -> int | None:
        """The process at work, None between two."""
        return self.process.pid if self.process and self.process.poll() is None else None

    def stop(self) -> None:
        """End it and what it has started; frozen ones are woken first."""
        self.stopping.set()
        if self.pid is not None:
            below = children(self.pid)
            for number in (signal.SIGCONT, signal.SIGTERM):
                signal_to(self.pid, number)
            self.thread.join(10)
            for pid in [*below, *([self.pid] if self.pid else [])]:
                kill(pid)
        self.thread.join(10)


class Machine:
    """Everything that runs beside the clients."""

    def __init__(self, folder: Path, database: str, environ: dict[str, str], workers: int) -> None:
        self.folder, self.database = folder, database
        self.port = free_port()
        self.cluster: Cluster | None = None
        self.environ = {**os.environ, **environ, "PYTHONUNBUFFERED": "1"}
        self.workers = workers if database == "postgresql" else 1
        self.kills: Counter[str] = Counter()
        self.web: Keeper | None = None
        self.schedulers: list[Keeper] = []

    def start(self) -> None:
        """Server and two schedulers; returns when pages are answered."""
        self.web = Keeper(
            [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
             "--port", str(self.port), "--workers", str(self.workers), "--blocking-threads", "8",
             "--respawn-failed-workers", "--respawn-interval", "0.1", "--no-ws", "--log-level",
             "error",
             "tests.storm.web:app"],
            self.environ, self.folder / "web.log",
        )  # fmt: skip
        command = [sys.executable, "-m", "tests.storm.clockwork"]
        self.schedulers = [
            Keeper(command, self.environ, self.folder / f"scheduler-{n}.log") for n in (1, 2)
        ]
        end = time.monotonic() + 60
        while not self.answers():
            if time.monotonic() > end:
                raise RuntimeError((self.folder / "web.log").read_text()[-2000:])
            time.sleep(0.2)

    def answers(self) -> bool:
        """Whether pages are answered at this moment."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                return True
        except OSError:
            return False

    def stop(self) -> None:
        """End all of it."""
        for keeper in [self.web, *self.schedulers]:
            if keeper is not None:
                keeper.stop()

    def disarm(self) -> None:
        """Start schedulers without failpoints, so that the queue can end."""
        self.environ.pop("RESERVATION_FAILPOINTS", None)
        for keeper in self.schedulers:
            keeper.environ.pop("RESERVATION_FAILPOINTS", None)
            if keeper.pid is not None:
                signal_to(keeper.pid, signal.SIGCONT)
                kill(keeper.pid)

    def own_kills(self) -> Counter[str]:
        """How often a failpoint was reached, by place and kind of process, from their logs."""
        found: Counter[str] = Counter()
        for log in self.folder.glob("*.log"):
            kind = "web" if log.name == "web.log" else "scheduler"
            for line in log.read_bytes().splitlines():
                if line.startswith(b"failpoint "):
                    found[f"{kind} {line.split()[1].decode()}"] += 1
        return found


class Nemesis:
    """Kills and freezes by seed until told to stop."""

    BLOWS = {
        "postgresql": {"worker": 50, "freeze": 12, "scheduler": 13, "backend": 15, "crash": 10},
        "sqlite": {"worker": 60, "freeze": 18, "scheduler": 22},
    }

    def __init__(self, machine: Machine, seed: int, every: float = 2.0) -> None:
        self.machine, self.every = machine, every
        self.random = random.Random(f"nemesis {seed}")
        self.stopping = threading.Event()
        self.blows: list[tuple[float, str]] = []
        self.thread = threading.Thread(target=self._rage, daemon=True)

    def _rage(self) -> None:
        blows = self.BLOWS[self.machine.database]
        while not self.stopping.wait(self.every * self.random.uniform(0.6, 1.4)):
            kind = self.random.choices(list(blows), list(blows.values()))[0]
            with suppress(ProcessLookupError, FileNotFoundError, ValueError, IndexError):
                getattr(self, f"_{kind}")()
                self.machine.kills[kind] += 1
                self.blows.append((time.monotonic(), kind))

    def _worker(self) -> None:
        # Who is still starting after the last blow would only be struck at the same spot again.
        if not self.machine.answers():
            raise ProcessLookupError
        web = self.machine.web
        pids = children(web.pid) if web and web.pid else []
        os.kill(
            self.random.choice([p for p in pids if b"resource_tracker" not in words(p)]),
            signal.SIGKILL,
        )

    def _freeze(self) -> None:
        pids = [keeper.pid for keeper in self.machine.schedulers if keeper.pid]
        for pid in pids:
            signal_to(pid, signal.SIGSTOP)
        self.stopping.wait(4.5)
        for pid in pids:
            signal_to(pid, signal.SIGCONT)

    def _scheduler(self) -> None:
        pids = [keeper.pid for keeper in self.machine.schedulers if keeper.pid]
        os.kill(self.random.choice(pids), signal.SIGKILL)

    def _backend(self) -> None:
        assert self.machine.cluster is not None
        os.kill(self.random.choice(self.machine.cluster.backends()), signal.SIGKILL)

    def _crash(self) -> None:
        assert self.machine.cluster is not None
        self.machine.cluster.crash()
        self.machine.cluster.start()

    def stop(self) -> None:
        """No more blows; a server that is down comes up again first."""
        self.stopping.set()
        self.thread.join(90)


def children(pid: int) -> list[int]:
    """The processes that this one has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def words(pid: int) -> bytes:
    """The command line of a process."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def signal_to(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def kill(pid: int) -> None:
    """SIGKILL to a process of ours that may be gone."""
    signal_to(pid, signal.SIGKILL)


@contextmanager
def folder(keep: Path | None = None) -> Iterator[Path]:
    """A folder for one storm, deleted afterwards unless it is named."""
    made = keep or Path(tempfile.mkdtemp(prefix="reservation-storm-"))
    made.mkdir(parents=True, exist_ok=True)
    # PostgreSQL runs as nobody below it.
    made.chmod(0o755)
    try:
        yield made
    finally:
        if keep is None:
            shutil.rmtree(made, ignore_errors=True)


def environ(folder: Path, **more: str) -> dict[str, str]:
    """The environment of the storm's processes."""
    return databases.environ(folder, log_level="error", **more)
