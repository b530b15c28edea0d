"""The whole hold POST against the minimal correct transaction on the same database.

PostgreSQL: granian with two workers over wsgi.py, against pgbench's five statements and its one.
SQLite: one worker, against plain sqlite3 doing the five. *Spread* asks 300 facility-days in turn;
*hot* asks one day of thirty places until it is full, then the next; *refused* asks a day that is
full. Every run starts from the same empty days.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import click

from bench import frame, load, minimal, stage, town
from bench.frame import Figures, Goal, Rounds
from bench.stage import Server, Stage
from bench.town import DAYS, Home, Town, Where
from reservation import clock
from reservation.domain.values import Complaint
from reservation.services import audit, bookings, holds
from reservation.services.children import Wanted

FULL = "full"
HOT_PLACES = 30
ROOMS = {f"room{n}": town.places(6) for n in range(100)}
HOT = {f"hot{n}": town.places(HOT_PLACES) for n in range(10)}
LIMIT = 60.0


def spread(made: Town, number: int) -> Where:
    """Each of 300 facility-days in turn."""
    return made.rooms[f"room{number % 100}"], DAYS[number // 100 % 3]


def hot(made: Town, number: int) -> Where:
    """One day until it is full, then the next."""
    day = number // HOT_PLACES
    return made.rooms[f"hot{day % 10}"], DAYS[day // 10 % 3]


def full(made: Town, _number: int) -> Where:
    """The day that has no place left."""
    return made.rooms[FULL], DAYS[0]


def http(
    made: Town, server: Server, where: Callable[[Town, int], Where], clients: int, times: int
) -> Figures:
    """So many holds by as many families over so many connections; checks what was stored."""
    town.clear(made)
    if where is full:
        fill(made)
    answers: Counter[str] = Counter()
    asks = [(home, where(made, n)) for n, home in enumerate(made.homes[1 : times + 1])]
    readers = [asker(made, home, place, answers) for home, place in asks]
    before, database = stage.cpu_seconds(server.pid), _database_cpu(made.stage)
    log = load.drive(server.address, readers, clients, limit=LIMIT)
    cpu = (stage.cpu_seconds(server.pid) - before) / times
    cpu_database = (_database_cpu(made.stage) - database) / times
    _must(log.errors() == 0 and not log.unfinished, f"{log.statuses} {log.unfinished} unfinished")
    taken = town.taken(made)
    _must(sum(taken.values()) == answers["held"] + (where is full), f"{answers} {len(taken)}")
    _must(all(n <= HOT_PLACES for n in taken.values()), "oversold")
    return {
        "rate": times / log.seconds,
        "held": answers["held"] / times,
        "p50_ms": log.percentile("hold", 0.5),
        "p99_ms": log.percentile("hold", 0.99),
        "cpu_ms": 1000 * cpu,
        "cpu_database_ms": 1000 * cpu_database,
    }


def asker(made: Town, home: Home, where: Where, answers: Counter[str]) -> load.Reader:
    """One tap."""
    answer = yield load.post("/my/book", made.form(home, where), home.cookies, kind="hold")
    place = answer.header("location")
    answers["held" if place.startswith("/my/hold/") else "refused"] += 1
    if answer.status != 303 or place.startswith("/signin"):
        answers["wrong"] += 1


def fill(made: Town) -> None:
    """Take the only place of the full room."""
    home, (room, day) = made.homes[0], full(made, 0)
    with made.stage.app.app_context():
        by = audit.guardian(home.guardian_id, home.family_id)
        wanted = Wanted(
            child_id=home.child_id, facility_id=room, care_day=day, complaint=Complaint.FEVER
        )
        held = holds.hold(wanted, by, None, clock.now)
        bookings.confirm(str(held.booking_id), bookings.CheckPage(), by, None, clock.now)


def in_process(
    made: Town, where: Callable[[Town, int], Where], processes: int, threads: int, times: int
) -> Figures:
    """The act itself in other processes: hold() from so many threads each."""
    town.clear(made)
    each = times // processes
    asks = [
        (home.family_id, home.guardian_id, home.child_id, *where(made, n))
        for n, home in enumerate(made.homes[: each * processes])
    ]
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.in_process", str(threads)],
            env=made.stage.environ, cwd=frame.ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(processes)
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()  # "ready"
    for number, worker in enumerate(workers):
        assert worker.stdin is not None
        # Every n-th ask, so that the processes meet on the hot day.
        worker.stdin.write(json.dumps(asks[number::processes], default=str) + "\n")
        worker.stdin.flush()
    found: list[dict[str, Any]] = [json.loads(one.communicate()[0]) for one in workers]
    _must(all(one["held"] == each for one in found), str(found))
    return {
        "rate": each * processes / max(one["seconds"] for one in found),
        "longest_ms": max(one["longest_ms"] for one in found),
        "cpu_ms": 1000 * sum(one["cpu"] for one in found) / (each * processes),
    }


def on_postgresql(made: Town, server: Server, times: int, seconds: float) -> dict[str, frame.Side]:
    """What runs in turns on PostgreSQL."""
    sides: dict[str, frame.Side] = {}
    for name, script, is_hot, clients in (
        ("pgbench five, 8", minimal.FIVE, False, 8),
        ("pgbench five, 16", minimal.FIVE, False, 16),
        ("pgbench five hot, 8", minimal.FIVE, True, 8),
        ("pgbench one hot, 32", minimal.ONE, True, 32),
    ):
        sides[name] = partial(
            minimal.pgbench, made.stage, script, hot=is_hot, clients=clients, seconds=seconds
        )
    sides["hold() spread, 8"] = lambda: in_process(made, spread, 2, 4, times)
    sides["hold() hot, 8"] = lambda: in_process(made, hot, 2, 4, times)
    return sides | _over_http(made, server, times)


def on_sqlite(made: Town, server: Server, times: int, seconds: float) -> dict[str, frame.Side]:
    """What runs in turns on SQLite."""
    path = made.stage.folder / "minimal.sqlite"
    sides: dict[str, frame.Side] = {
        "raw sqlite3": lambda: minimal.raw_sqlite(path, processes=1, seconds=seconds),
        "raw sqlite3, 4 processes": lambda: minimal.raw_sqlite(path, processes=4, seconds=seconds),
        "hold() spread, 1": lambda: in_process(made, spread, 1, 1, times),
        "hold() spread, 4 processes": lambda: in_process(made, spread, 4, 1, times),
    }
    return sides | _over_http(made, server, times)


def _over_http(made: Town, server: Server, times: int) -> dict[str, frame.Side]:
    sides: dict[str, frame.Side] = {}
    for name, where in (("spread", spread), ("hot", hot), ("refused", full)):
        for clients in (8, 32, 64) if where is not full else (32,):
            sides[f"http {name}, {clients}"] = partial(http, made, server, where, clients, times)
    return sides


def goals(database: str, done: Rounds) -> list[Goal]:
    """The goals of docs/performance.md that this bench answers."""
    common = [
        Goal("4: hot at 64 connections against 8", done.ratio("http hot, 64", "http hot, 8"), 0.8),
        Goal(
            "15: server CPU of a hold, ms", done.median("http spread, 32", "cpu_ms"), 8, most=True
        ),
    ]
    refused = done.ratio("http refused, 32", "http spread, 32")
    if database == "sqlite":
        held = done.ratio("hold() spread, 1", "raw sqlite3")
        wait = done.ratio("hold() spread, 4 processes", "raw sqlite3, 4 processes", "longest_ms")
        return [
            Goal("5: refused against held", refused, 1.0),
            Goal("11: hold() against raw sqlite3", held, 0.30),
            Goal("11: longest wait, 4 processes, against raw", wait, 0.1, most=True),
            *common,
        ]
    act, acts_hot = (
        ("hold() spread, 8", "pgbench five, 8"),
        ("hold() hot, 8", "pgbench five hot, 8"),
    )
    page, pages_hot = (
        ("http spread, 32", "pgbench five, 16"),
        ("http hot, 32", "pgbench one hot, 32"),
    )
    return [
        Goal("2: hold() spread against five", done.ratio(*act), 0.30),
        Goal("2: hold() hot against five hot", done.ratio(*acts_hot), 0.50),
        Goal("3: http spread against five", done.ratio(*page), 0.12),
        Goal("3: http hot against one hot", done.ratio(*pages_hot), 0.20),
        Goal("5: refused against held", refused, 1.5),
        *common,
    ]


@click.command(help=__doc__)
@click.option("--database", type=click.Choice(stage.DATABASES), default="postgresql")
@click.option("--rounds", default=3, show_default=True)
@click.option("--times", default=400, show_default=True, help="Holds in each run.")
@click.option("--seconds", default=3.0, show_default=True, help="Length of a yardstick's run.")
def main(database: str, rounds: int, times: int, seconds: float) -> None:
    """Run, and keep bench/results/booking-<database>.json."""
    is_sqlite = database == "sqlite"
    with stage.stage(database, now=town.NOW) as set_up:
        made = town.found(set_up, {**ROOMS, **HOT, FULL: town.places(1)}, times + 1)
        town.open_days(made)
        if not is_sqlite:
            minimal.lay_out(set_up)
        with stage.pages(set_up) as server:
            _warm_up(made, server)
            sides = (on_sqlite if is_sqlite else on_postgresql)(made, server, times, seconds)
            done = frame.alternate(sides, rounds)
    frame.keep(f"booking-{database}", done.medians(), goals(database, done))


def _warm_up(made: Town, server: Server) -> None:
    """Let every worker read every rule book and build every statement once."""
    for where in (spread, hot):
        http(made, server, where, 16, len(made.homes) - 1)


def _database_cpu(of: Stage) -> float:
    return stage.cpu_seconds(of.pid_of_database) if of.pid_of_database else 0.0


def _must(right: bool, why: str) -> None:
    if not right:
        raise click.ClickException(f"this run does not count: {why}")


if __name__ == "__main__":
    main()
