"""One storm from the first process to the verdict.

python -m tests.storm.drill --database sqlite|postgresql --seconds 60 --seed N
    [--clients 16] [--plant NAME] [--points 0.003] [--keep FOLDER]
python -m tests.storm.drill --gate [NAME …]
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import func, select, text

from reservation import clock
from reservation.reads import integrity
from reservation.services import audit, bookings
from reservation.store.db import Unavailable, read, write
from reservation.store.tables.jobs import JobRun
from tests import databases
from tests.post_office import Office, free_port
from tests.storm import ground, machine, plants, verdict
from tests.storm.clients import Client, Manager
from tests.storm.machine import Cluster, Machine, Nemesis
from tests.storm.reader import PATIENCE, History

MODES = ("ok", "ok", "greylisted", "ok", "hang", "curt", "drop", "busy")
QUIET_SECONDS = 60
_LISTED = "select id, family_id from booking where state in ('waiting', 'offered')"
_OPEN = (
    "select (select count(*) from outbox where status in ('queued', 'sending'))"
    " + (select count(*) from booking where state in ('held', 'offered'))"
)


class Sink(Office):
    """The mail server outside the database; counts the letters it took without saying so."""

    def __init__(self) -> None:
        super().__init__()
        self.unsaid = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if session.what == "drop":
            self.unsaid += 1
        return await super().handle_DATA(server, session, envelope)


class Storm:
    """Everything of one run; leave it by ``with``."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options, self.folder = options, folder
        self.sink = Sink()
        self.stop = threading.Event()
        self.stack = ExitStack()

    def __enter__(self) -> Storm:
        clock.set_offset_from(ground.START)
        port = free_port()
        post = Controller(self.sink, hostname="127.0.0.1", port=port)
        post.start()
        self.stack.callback(post.stop)
        self.stack.callback(self.sink.ended.set)
        self.machine = self._machine(port)
        self.stack.callback(self.machine.stop)
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        self.stack.close()
        clock.set_offset_from(ground.REAL)

    def _machine(self, port: int) -> Machine:
        points, options = self.options.points, self.options
        more = {"now": clock.pinned(), "smtp_host": "127.0.0.1", "smtp_port": str(port),
                "smtp_tls": "none"}  # fmt: skip
        if options.database == "postgresql":
            cluster = Cluster(self.folder)
            cluster.start()
            self.stack.callback(cluster.stop)
            more["database_url"] = cluster.url
        self.app = databases.make_app(self.folder, **more)
        self.stack.callback(databases.close, self.app)
        if options.plant == "no_index":
            with self.app.app_context(), write() as db:
                db.execute(text("drop index one_place_a_day"))
        self.ground = ground.lay(self.app, options.families)
        armed = f"seed:{options.seed},before_commit:{points},after_commit:{points},after_smtp:0.01"
        environ = machine.environ(self.folder, **more)
        if points:
            environ["RESERVATION_FAILPOINTS"] = armed
        if options.plant:
            environ[plants.NAME] = options.plant
        made = Machine(self.folder, options.database, environ, options.workers)
        if options.database == "postgresql":
            made.cluster = cluster
        return made

    def rage(self) -> None:
        """The storm itself: clients, manager, nemesis and a moody mail server, for its seconds."""
        options = self.options
        self.machine.start()
        self.history = History(self.folder / "history.jsonl")
        n = options.clients
        self.clients = [
            Client(k, options.seed, self.ground, self.ground.houses[k::n], self.machine.port,
                   self.history, self.stop) for k in range(n)
        ]  # fmt: skip
        manager = Manager(options.seed, self.ground, self.machine.port, self.history, self.stop,
                          min(5.0, options.seconds / 4))  # fmt: skip
        self.nemesis = Nemesis(self.machine, options.seed, options.every)
        self.begun = time.monotonic()
        for thread in [*self.clients, manager, self.nemesis.thread]:
            thread.start()
        moods = random.Random(f"mail {options.seed}")
        while time.monotonic() < self.begun + options.seconds:
            self.sink.always(moods.choice(MODES))
            time.sleep(min(3.0, options.seconds / 5))
        self.lasted = time.monotonic() - self.begun
        self.sink.always("ok")
        self.stop.set()
        self.nemesis.stop()
        for thread in [*self.clients, manager]:
            thread.join(PATIENCE)
        self.history.close()

    def rest(self) -> int:
        """Let everything end: holds, offers, lists, mail. Returns in how many of three looks a
        free place stood beside somebody who waited (I10)."""
        self.machine.disarm()
        self._wait_for_a_sweep()
        time.sleep(6)
        looks = [self._unoffered() for _ in range(3)]
        self._close_lists()
        self._wait_for_the_end()
        return sum(looks)

    def _wait_for_a_sweep(self) -> None:
        """Until a scheduler that was started just now is at work: on a busy machine it takes long
        to start, and a list that nobody sweeps yet says nothing about the product."""
        since, end = clock.now(), time.monotonic() + QUIET_SECONDS
        swept = select(func.count()).where(JobRun.name == "sweep", JobRun.started_at > since)
        while time.monotonic() < end:
            with self.app.app_context(), suppress(Unavailable), read() as db:
                if db.scalar(swept):
                    return
            time.sleep(0.5)

    def _wait_for_the_end(self) -> None:
        """Until nothing is open, or nothing has ended for a minute."""
        left, end = self._open(), time.monotonic() + QUIET_SECONDS
        while left and time.monotonic() < end:
            time.sleep(0.5)
            now = self._open()
            if now < left:
                end = time.monotonic() + QUIET_SECONDS
            left = now

    def _unoffered(self) -> bool:
        time.sleep(1)
        with self.app.app_context():
            from_now = [b.code for b in integrity.check(clock.now, grace=machine_grace())]
        return "I10" in from_now

    def _close_lists(self) -> None:
        """Everybody leaves the lists; else offers would run for ever."""
        owners = {h.family_id: h.guardian_id for h in self.ground.houses}
        with self.app.app_context():
            for _ in range(3):
                with read() as db:
                    rows = db.execute(text(_LISTED)).all()
                for row in rows:
                    by = audit.guardian(owners[row.family_id], row.family_id)
                    with suppress(Unavailable):
                        bookings.cancel(row.id, by, None, clock.now)

    def _open(self) -> int:
        with self.app.app_context(), read() as db:
            return int(db.scalar(text(_OPEN)) or 0)

    def report(self, unoffered: int) -> dict[str, Any]:
        """The verdict and the figures."""
        calls, letters = self.history.calls, self.sink.ids()
        found = verdict.judge(self.app, self.ground, calls, letters)
        own = self.machine.own_kills()
        kills = self.machine.kills
        found.add("I10 no free place beside who waits", [unoffered] if unoffered == 3 else [])
        senders = kills["scheduler"] + kills["freeze"] * 2 + kills["crash"] + kills["backend"]
        senders += sum(n for point, n in own.items() if point.startswith("scheduler"))
        allowed = senders + self.sink.unsaid
        again = verdict.repeats(letters)
        found.add("G2 letters come twice only where a sender died", [again] * (again > allowed))
        offset = clock.now().timestamp() - time.monotonic()
        blows = [at + offset for at, _ in self.nemesis.blows]
        if not self.options.points:
            quiet = verdict.unprovoked(calls, blows)
            found.add("G6 no answer is missing unprovoked", quiet)
        found.add("the drill itself", [c.error for c in self.clients if c.error is not None])
        deaths = Counter({k: n for k, n in kills.items() if k != "freeze"})
        return {
            "database": self.options.database, "seed": self.options.seed,
            "seconds": round(self.lasted, 1), "clients": self.options.clients,
            "plant": self.options.plant, "attempts": sum(c.attempts for c in self.clients),
            "kills": sum(deaths.values()) + sum(own.values()), "by nemesis": dict(kills),
            "at failpoints": dict(own), **verdict.figures(calls), "letters": len(letters),
            "letters again": again, "letters again at most": allowed,
            "broken": dict(found.found), "examples": found.examples,
        }  # fmt: skip


def machine_grace() -> timedelta:
    """How long the storm's sweep may leave a place unoffered."""
    return timedelta(seconds=4)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """One storm; the report."""
    with machine.folder(options.keep) as folder, Storm(options, folder) as storm:
        storm.rage()
        return storm.report(storm.rest())


def gate(names: list[str], seed: int = 1) -> int:
    """Plant each defect; it must be found in three short storms at most. The exit code."""
    missed = []
    for name in names or list(plants.PLANTS):
        database = plants.ON.get(name, "postgresql")
        for number in range(seed, seed + 3):
            weather = GATE.get(name, ["--points", "0.005", "--every", "4", "--workers", "2"])
            where = ["--database", database, "--seconds", "15", "--seed", str(number)]
            report = run(parse([*where, "--plant", name, *weather]))
            if report["broken"]:
                break
        else:
            missed.append(name)
        say({"plant": name, "database": database, "runs": number - seed + 1,
             "found by": report["broken"]})  # fmt: skip
    say({"gate": "holds" if len(missed) <= 1 else "fails", "missed": missed})
    return 1 if len(missed) > 1 else 0


GATE = {"deferred_begin": ["--points", "0", "--every", "60"]}
"""Defects that show in quiet weather: missing answers prove nothing where processes are killed."""


def say(report: dict[str, Any]) -> None:
    """One line of JSON."""
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options of one storm."""
    parser = argparse.ArgumentParser(prog="bash scripts/storm.sh")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--families", type=int, default=400)
    parser.add_argument("--workers", type=int, default=3, help="On PostgreSQL; SQLite has one.")
    parser.add_argument("--every", type=float, default=2.0, help="Seconds between two blows.")
    parser.add_argument("--points", type=float, default=0.003, help="Chance of a failpoint.")
    parser.add_argument("--plant", choices=sorted(plants.PLANTS), default="")
    parser.add_argument("--keep", type=Path, help="Folder for logs and history.")
    parser.add_argument("--gate", nargs="*", metavar="NAME", help="Plant defects, find them.")
    return parser.parse_args(arguments)


def main() -> int:
    """The command. 0: everything held. 1: something did not."""
    # Whoever ends the drill ends what it has started.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    options = parse(sys.argv[1:])
    if options.gate is not None:
        return gate(options.gate)
    report = run(options)
    say(report)
    return 1 if report["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
