"""Open streams, from a commit to the last phone: embedded, nginx with nchan, and bare asyncio.

    python -m bench.live --streams 500,2000,5000 --way embedded,nchan

All phones listen to one board (the worst case); a day gets a new version, and the seconds until
each phone has the new board are taken, beside the server's CPU for a delivery and memory for a
stream. `topics` are as many phones on a hundred boards, of which one changes.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from time import perf_counter

import click
from sqlalchemy import select

from bench import history
from bench.frame import Figures, Goal, Rounds, alone, alternate, keep, percentile, say
from bench.past import Plan
from bench.phones import Phones, raise_limit
from bench.stage import Stage, cpu_seconds, memory_kib, server, stage
from reservation.live.hub import RECHECK, TOGETHER
from reservation.store import days
from reservation.store.db import write
from reservation.store.tables.places import Facility, Municipality
from tests.deploy import arrangement
from tests.test_serve import free_port

NOW, UNTIL = "2026-11-24T06:40+09:00", date(2026, 11, 24)
PLAN = Plan(years=1, facilities=500, bookings=0, seed=1, until=UNTIL)
TOPICS = 100
EVENTS, PAUSE = 5, 0.5
OPENS, ARRIVES = 120.0, 20.0
"""Seconds within which all streams must have begun, and an event must have come to all."""
STREAMS = ("--factory", "--backpressure", "20000", "--workers-kill-timeout", "10")


@dataclass(frozen=True)
class Way:
    """A running way of the stream: where phones connect, and the processes that carry them."""

    port: int
    pids: tuple[int, ...]
    host: str = "127.0.0.1"


@click.command()
@click.option("--streams", default="500,2000,5000", show_default=True)
@click.option("--way", default="embedded,nchan", show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--lock", help="Measure while holding the lock of this file.")
def main(streams: str, way: str, rounds: int, lock: str | None) -> None:
    """Measure the live stream, and keep the result."""
    say(f"open files: {raise_limit()}")
    sizes, names = [int(one) for one in streams.split(",")], way.split(",")
    with ExitStack() as stack:
        on = stack.enter_context(stage("postgresql", now=NOW, live_streams="20000"))
        history.fill(on.url, years=1, facilities=500, bookings=0, seed=1, until=UNTIL)
        starts = {"embedded": _embedded(on), "nchan": _nchan(on)}
        ways = {"bare": stack.enter_context(_bare(on))}
        ways |= {name: stack.enter_context(starts[name]) for name in names}
        for name in names:
            _warm(ways[name])
        done = {}
        for size in sizes:
            with alone(lock):
                done[size] = alternate(_sides(on, ways, size, size == max(sizes)), rounds)
    figures = {str(size): rounds_.medians() for size, rounds_ in done.items()}
    keep("live", {"streams": figures}, _goals(done, names))


def _goals(done: dict[int, Rounds], names: list[str]) -> list[Goal]:
    size = max(done)
    most, goals = done[size], []
    for name in names:
        allowed = 1000 * TOGETHER + 3 * most.median("bare", "p99_ms")
        # What the first round has taken is not given back, so only the largest is true.
        kib = max(one["stream_kib"] for one in most.of[name])
        found = [
            ("lost (9)", most.median(name, "lost"), 0.0),
            ("p99 of coalescing + 3 x bare (9)", most.median(name, "p99_ms") / allowed, 1),
            ("CPU of a delivery, of bare (9)", most.ratio(name, "bare", "cpu_us"), 2),
            ("KiB a stream (9)", kib, 8),
        ]
        if f"{name}: topics" in most.of:
            event = most.ratio(f"{name}: topics", name, "cpu_event_ms")
            found.append((f"CPU of an event on 1 of {TOPICS} topics, of on one (10)", event, 0.03))
        goals += [Goal(f"{name}, {size}: {what}", n, goal, most=True) for what, n, goal in found]
    return goals


def _sides(
    on: Stage, ways: dict[str, Way], size: int, with_topics: bool
) -> dict[str, Callable[[], Figures]]:
    one = [f"m/{PLAN.code(0)}"] * size
    many = [f"m/{PLAN.code(n % TOPICS)}" for n in range(size)]
    sides = {name: partial(_measure, on, way, one) for name, way in ways.items()}
    others = {n: way for n, way in ways.items() if n != "bare" and with_topics}
    return sides | {f"{n}: topics": partial(_measure, on, w, many) for n, w in others.items()}


def _measure(on: Stage, way: Way, topics: list[str]) -> Figures:
    """Open the streams, let the first board change several times, go away."""
    phones, changes = Phones(), _changes(on)
    next(changes)
    before = sum(map(memory_kib, way.pids))
    try:
        opened = phones.open(("127.0.0.1", way.port), topics, way.host, OPENS)
        phones.rest(1.0)
        memory = sum(map(memory_kib, way.pids)) - before
        # Topics are looked at in turns; one alone costs next to nothing.
        span = RECHECK if len(set(topics)) > 1 else 1.0
        idle = _cpu_while(way, lambda: phones.rest(span)) / span
        listeners = topics.count(topics[0])
        times: list[list[float]] = []
        begun = perf_counter()

        def events() -> None:
            for _ in range(EVENTS):
                next(changes)
                times.append(phones.receive(listeners, ARRIVES))
                phones.rest(PAUSE)

        used = _cpu_while(way, events) - idle * (perf_counter() - begun)
    finally:
        phones.close()
    return {
        "p50_ms": 1000 * statistics.median(percentile(one, 0.5) for one in times),
        "p99_ms": 1000 * statistics.median(percentile(one, 0.99) for one in times),
        "last_ms": 1000 * statistics.median(max(one, default=ARRIVES) for one in times),
        "lost": float(listeners * EVENTS - sum(map(len, times))),
        "cpu_event_ms": 1000 * used / EVENTS,
        "cpu_us": 1e6 * used / (EVENTS * listeners),
        "idle_cores": idle,
        "stream_kib": memory / len(topics),
        "opened_s": opened,
    }


def _warm(way: Way) -> None:
    """Ask for each topic once: a process works a board out when it first hears of it."""
    for n in range(TOPICS):
        phones = Phones()
        phones.open(("127.0.0.1", way.port), [f"m/{PLAN.code(n)}"], way.host, OPENS)
        phones.close()


def _cpu_while(way: Way, act: Callable[[], None]) -> float:
    begun = sum(map(cpu_seconds, way.pids))
    act()
    return sum(map(cpu_seconds, way.pids)) - begun


def _changes(on: Stage) -> Iterator[None]:
    """Each step is one commit that gives the first board a new version."""
    of = select(Facility.id).join(Municipality, Municipality.id == Facility.municipality_id)
    with on.app.app_context():
        while True:
            with write() as db:
                place = db.scalars(of.where(Municipality.code == PLAN.code(0)).limit(1)).one()
                days.load(db, place, UNTIL, lock=True)
                days.touch(db, (place, UNTIL))
            yield


@contextmanager
def _bare(on: Stage) -> Iterator[Way]:
    """With events as large as the board's."""
    url = on.url.replace("+psycopg", "")
    port, log = free_port(), on.folder / "bare.log"
    words = [sys.executable, "-m", "bench.bare_stream", str(port), url, str(_size(on))]
    with arrangement.started(words, {}, log, port) as process:
        yield Way(port, (process.pid,))


def _size(on: Stage) -> int:
    answer = on.app.test_client().get(f"/m/{PLAN.code(0)}/vacancy.json")
    say(f"an event has {len(answer.data)} bytes")
    return len(answer.data)


@contextmanager
def _embedded(on: Stage) -> Iterator[Way]:
    target = "reservation.live:streams"
    with server(on.environ, target, workers=1, interface="asgi", options=STREAMS) as running:
        yield Way(running.port, (running.pid,))


@contextmanager
def _nchan(on: Stage) -> Iterator[Way]:
    """The shipped nginx with nchan, and the publisher; the CPU of both counts."""
    folder, port = on.folder / "nchan", free_port()
    folder.mkdir()
    with arrangement.nginx(folder, [port], port, nchan=True) as front:
        more = {
            "RESERVATION_PUBLISHER_PORT": str(port),
            "RESERVATION_NCHAN_URL": f"http://127.0.0.1:{front.publish_port}/publish",
        }
        words = [sys.executable, "-m", "reservation", "publisher"]
        log = folder / "publisher.log"
        with arrangement.started(words, on.environ | more, log, port) as process:
            nginx = int((folder / "pid").read_text())
            yield Way(front.port, (process.pid, nginx), arrangement.HOST)


if __name__ == "__main__":
    main()
