"""The public board and its bytes against bare Flask returning the same bytes; and after ten years.

    python -m bench.board --bookings 15000000 --facilities 4000
    python -m bench.board --past postgresql://… --bookings 15000000 --facilities 4000

Two databases, one without any booking and one with a past of that size, each behind its own server
(granian, 2 workers), and bare Flask behind a third; measured in turns. Also: pages while bookings
change the board, and pages that are made anew for each reader.
"""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from sqlalchemy import select

from bench import history
from bench.frame import Figures, Goal, Rounds, Side, alone, alternate, keep, say
from bench.load import Ask, Reader, drive, get
from bench.past import Plan
from bench.stage import DATABASES, Server, Stage, cpu_seconds, server, stage
from reservation import create_app, settings
from reservation.store import days
from reservation.store.db import write
from reservation.store.tables.places import Facility, Municipality
from tests import databases

NOW = "2026-11-24T06:40+09:00"
UNTIL = date(2026, 11, 24)
PAGE = "?complaint=cough&age=3"
MADE_ANEW = PAGE + "&for=me"
"""An address that says something unknown is made for its reader alone."""
THREADS = ("--blocking-threads", "4")
"""Of each worker, as deploy/ runs it."""
FEW = 4
"""Connections where each answer costs: more would still be waited for when the next side begins."""
SETTINGS = {"now": NOW, "board_look_ms": "250"}
CHANGES = 10
"""Commits a second that change the board, in the rounds in which it changes."""


@dataclass(frozen=True)
class House:
    """A filled database and the server over it."""

    name: str
    code: str
    stage: Stage
    server: Server

    def at(self, path: str) -> str:
        """An address of its municipality, the first of the past."""
        return f"/m/{self.code}/{path}"


@click.command()
@click.option("--database", type=click.Choice(DATABASES), default="postgresql", show_default=True)
@click.option("--bookings", default=150_000, show_default=True, help="Size of the past.")
@click.option("--facilities", default=40, show_default=True, help="Facilities with that past.")
@click.option("--connections", default=32, show_default=True)
@click.option("--seconds", default=3.0, show_default=True, help="Of each side in each round.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--past", default="", help="A database that bench.history has filled so already.")
@click.option("--lock", help="Measure while holding the lock of this file.")
def main(
    database: str,
    bookings: int,
    facilities: int,
    connections: int,
    seconds: float,
    rounds: int,
    past: str,
    lock: str | None,
) -> None:
    """Measure the board, and keep the result."""
    plan = Plan(years=10, facilities=facilities, bookings=bookings, seed=1, until=UNTIL)
    with ExitStack() as stack:
        nothing = _filled(database, replace(plan, facilities=5, bookings=0))
        much = _known(past) if past else _filled(database, plan)
        empty = stack.enter_context(_house("empty", nothing, plan.code(0)))
        full = stack.enter_context(_house("ten years", much, plan.code(0)))
        bare = stack.enter_context(_bare(empty))
        sides = _sides(bare, [empty, full], connections, seconds)
        with alone(lock):
            done = alternate(sides, rounds)
    size = {"bookings": bookings, "facilities": facilities, "connections": connections}
    name = "board" if database == "postgresql" else f"board-{database}"
    keep(name, {"size": size, "medians": done.medians()}, _goals(done))


def _goals(done: Rounds) -> list[Goal]:
    of, same = done.ratio, ("bytes", "304", "page", "page, changing", "made anew")

    def used(side: str) -> float:
        return done.median(side, "cpu_us") / 1000

    def grown(what: str) -> float:
        return of(f"ten years: {what}", f"empty: {what}", "cpu_us")

    return [
        Goal("vacancy.json, 200, of bare Flask (6)", of("empty: bytes", "bare: bytes"), 0.7),
        Goal("vacancy.json, 304, of bare Flask (6)", of("empty: 304", "bare: bytes"), 0.7),
        Goal("board of constant bytes (7)", of("empty: page", "bare: page"), 0.5),
        Goal("changing board of constant bytes", of("empty: page, changing", "bare: page"), 0.5),
        Goal("CPU of vacancy.json, ms (15)", used("empty: bytes"), 0.3, most=True),
        Goal("CPU of a page made anew, ms (15)", used("empty: made anew"), 6, most=True),
        *(Goal(f"CPU after ten years: {what}", grown(what), 1.1, most=True) for what in same),
    ]


def _sides(bare: Server, houses: list[House], connections: int, seconds: float) -> dict[str, Side]:
    load = partial(_load, connections=connections, seconds=seconds)
    sides: dict[str, Side] = {
        "bare: bytes": partial(load, bare, get("/vacancy.json")),
        "bare: page": partial(load, bare, get("/")),
    }
    for house in houses:
        here = partial(load, house.server)
        page = partial(here, get(house.at(PAGE)))
        sides |= {
            f"{house.name}: bytes": partial(here, get(house.at("vacancy.json"))),
            f"{house.name}: 304": partial(_unchanged, house, here),
            f"{house.name}: page": page,
            f"{house.name}: page, changing": partial(_changing, house, page),
            f"{house.name}: made anew": partial(here, get(house.at(MADE_ANEW)), connections=FEW),
        }
    return sides


def _load(to: Server, ask: Ask, *, connections: int, seconds: float, status: int = 200) -> Figures:
    """One address as often as the server can, all answers with this status."""
    begun = cpu_seconds(to.pid)
    readers = (_again(ask) for _ in range(connections))
    log = drive(to.address, readers, connections, limit=seconds)
    used = cpu_seconds(to.pid) - begun
    answers = log.count(ask.kind)
    if log.count(ask.kind, status) != answers or not answers:
        raise click.ClickException(f"{ask.kind}: {log.statuses}")
    return {
        "rate": log.rate(ask.kind),
        "cpu_us": 1e6 * used / answers,
        "p50_ms": log.percentile(ask.kind, 0.5),
        "p99_ms": log.percentile(ask.kind, 0.99),
    }


def _unchanged(house: House, load: Callable[..., Figures]) -> Figures:
    """For who has the bytes already."""
    known = f"If-None-Match: {_fetch(house, 'vacancy.json').tag}\r\n"
    return load(get(house.at("vacancy.json"), more=known), status=304)


def _again(ask: Ask) -> Reader:
    while True:
        yield ask


def _changing(house: House, load: Side) -> Figures:
    """The same while the board gets a new version several times a second."""
    done = threading.Event()
    writer = threading.Thread(target=_write, args=[house, done])
    writer.start()
    try:
        return load()
    finally:
        done.set()
        writer.join()


def _write(house: House, done: threading.Event) -> None:
    wanted = select(Facility.id).join(Municipality, Municipality.id == Facility.municipality_id)
    with house.stage.app.app_context():
        while not done.wait(1 / CHANGES):
            with write() as db:
                place = db.scalars(wanted.where(Municipality.code == house.code).limit(1)).one()
                days.load(db, place, UNTIL, lock=True)
                days.touch(db, (place, UNTIL))


@contextmanager
def _house(name: str, filled: AbstractContextManager[Stage], code: str) -> Iterator[House]:
    with filled as made, server(made.environ, options=THREADS) as running:
        say(f"{name}: served")
        yield House(name, code, made, running)


@contextmanager
def _filled(database: str, plan: Plan) -> Iterator[Stage]:
    with stage(database, **SETTINGS) as made:
        history.fill(made.url, **asdict(plan))
        yield made


@contextmanager
def _known(url: str) -> Iterator[Stage]:
    with TemporaryDirectory(prefix="reservation-bench-") as folder:
        environ = databases.environ(Path(folder), database_url=url, **SETTINGS)
        app = create_app(settings.load(environ))
        yield Stage("postgresql", Path(folder), app, environ, url)
        databases.close(app)


@contextmanager
def _bare(house: House) -> Iterator[Server]:
    """Bare Flask with the very bytes of that house."""
    folder = house.stage.folder / "constant"
    folder.mkdir()
    for name, path in (("vacancy.json", "vacancy.json"), ("page.html", PAGE)):
        (folder / name).write_bytes(_fetch(house, path).body)
    with server({"BENCH_CONSTANT": str(folder)}, "bench.constant:app", options=THREADS) as running:
        yield running


@dataclass(frozen=True)
class Fetched:
    """One answer: its bytes and its ETag."""

    body: bytes
    tag: str


def _fetch(house: House, path: str) -> Fetched:
    connection = http.client.HTTPConnection(*house.server.address, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", house.at(path))
        answer = connection.getresponse()
        return Fetched(answer.read(), answer.headers["ETag"])


if __name__ == "__main__":
    main()
