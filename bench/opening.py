"""The second at which booking opens: a thousand clients in the ten seconds around it.

Rooms open for the care day at 7:00 of the day before it. Every client asks once, at its own moment
from five seconds before to five seconds after. Who asks before is refused; nobody is accepted a
microsecond early; nobody sees an error.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from sqlalchemy import func, select

from bench import frame, load, stage, town
from bench.frame import Goal
from bench.town import Home, Town, Where
from reservation import clock
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from tests.town import CARE_DAY

OPENS = clock.read("2026-11-20T07:00+09:00")
"""The open day before the care day: the days between are a weekend and a holiday."""
ROOMS, PLACES = 30, 6
SECONDS = 10.0
LEAD = 40.0
"""Seconds from the server's start to the opening: enough to start and to read the rule books."""
P99_MS = {"sqlite": 2000, "postgresql": 1000}


@click.command(help=__doc__)
@click.option("--database", type=click.Choice(stage.DATABASES), default="postgresql")
@click.option("--clients", default=1000, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(database: str, clients: int, seed: int) -> None:
    """Run once, and keep bench/results/opening-<database>.json."""
    opens: dict[str, Any] = {"booking": {"opens": {"days_before": 1, "at": "07:00"}}}
    rooms = {f"room{n}": town.places(PLACES) | opens for n in range(ROOMS)}
    chance = random.Random(seed)
    moments = sorted(chance.uniform(0, SECONDS) for _ in range(clients))
    with stage.stage(database, now=(OPENS - timedelta(minutes=5)).isoformat()) as set_up:
        made = town.found(set_up, rooms, clients + ROOMS)
        town.open_days(made, [CARE_DAY])
        begins = datetime.now(UTC)
        then = OPENS - timedelta(seconds=LEAD)
        opens_at = time.time() + LEAD
        now = f"{then.isoformat()}@{begins.isoformat()}"
        with stage.pages(set_up, RESERVATION_NOW=now) as server:
            _warm_up(made, server)
            time.sleep(max(0.0, opens_at - SECONDS / 2 - time.time()))
            late = time.time() - (opens_at - SECONDS / 2)
            answers: list[tuple[float, str]] = []
            readers = [
                client(made, home, (chance.choice(list(made.rooms.values())), CARE_DAY), answers)
                for home in made.homes[ROOMS:]
            ]
            log = load.drive(server.address, readers, clients, limit=60, arrivals=moments)
        early = count_early(made)
        taken = town.taken(made)
    accepted = [at - opens_at for at, answer in answers if answer == "held"]
    figures: dict[str, Any] = {
        "answers": dict(Counter(answer for _, answer in answers)),
        "first_accepted_s_after": round(min(accepted, default=0.0), 3),
        "errors": log.errors(),
        "cut_off": log.unfinished,
        "began_late_s": round(late, 3),
        "p50_ms": round(log.percentile("hold", 0.5)),
        "p99_ms": round(log.percentile("hold", 0.99)),
        "oversold": sum(max(0, n - PLACES) for n in taken.values()),
    }
    frame.say(str(figures))
    p99 = log.percentile("hold", 0.99)
    goals = [
        Goal("G5: accepted early", early + sum(at < 0 for at in accepted), 0, most=True),
        Goal("G5: errors and lost answers", log.errors() + log.unfinished, 0, most=True),
        Goal("G5: p99 in ms", p99, P99_MS[database], most=True),
        Goal("1: oversold", figures["oversold"], 0, most=True),
    ]
    frame.keep(f"opening-{database}", figures, goals)


def client(made: Town, home: Home, where: Where, answers: list[tuple[float, str]]) -> load.Reader:
    """One tap, and when it was answered by the real clock."""
    answer = yield load.post("/my/book", made.form(home, where), home.cookies, kind="hold")
    held = answer.header("location").startswith("/my/hold/")
    answers.append((time.time(), "held" if held else f"refused {answer.status}"))


def count_early(made: Town) -> int:
    """Bookings whose own time, read under the lock, lies before the opening."""
    with made.stage.app.app_context(), read() as db:
        early = select(func.count()).where(BookingRow.created_at < OPENS)
        return db.scalar(early.select_from(BookingRow)) or 0


def _warm_up(made: Town, server: stage.Server) -> None:
    """Let the workers read the rule books, as the boards that people have open would."""

    def asks(home: Home, room: str) -> load.Reader:
        for _ in range(2):
            where = (room, CARE_DAY)
            yield load.post("/my/book", made.form(home, where), home.cookies, kind="warm")

    pairs = zip(made.homes, made.rooms.values(), strict=False)
    load.drive(server.address, [asks(home, room) for home, room in pairs], 8, limit=LEAD)


if __name__ == "__main__":
    main()
