"""The race for the last places, again and again: winners = places, and every loser is told.

    python -m tests.storm.last_place --rounds 10000 --database sqlite|postgresql [--seconds 300]

Each round, 2 to 50 families stand behind a barrier and ask for 1 to 5 places at one instant.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text, update

from reservation import clock
from reservation.domain import limits
from reservation.domain.refusals import NO_PLACE
from reservation.domain.values import Complaint
from reservation.services import audit, holds
from reservation.services.children import Wanted
from reservation.services.outcomes import Outcome
from reservation.store import days
from reservation.store.db import Unavailable, write
from reservation.store.tables.places import DayRow
from tests import databases
from tests.storm import ground, haste, machine
from tests.storm.ground import Ground, House
from tests.storm.machine import Cluster

MOST = 50
SEATS = (1, 1, 1, 2, 3, 4)


@dataclass
class Tally:
    """What the rounds came to."""

    rounds: int = 0
    clients: int = 0
    wrong: list[dict[str, Any]] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)

    def line(self, database: str, seconds: float) -> dict[str, Any]:
        """As JSON; seconds until the last loser of a round was told."""
        slow = sorted(self.slowest) or [0.0]
        return {
            "database": database, "rounds": self.rounds, "clients": self.clients,
            "seconds": round(seconds, 1), "wrong": self.wrong[:3], "wrong rounds": len(self.wrong),
            "last answer p50 s": round(slow[len(slow) // 2], 3),
            "last answer p99 s": round(slow[int(len(slow) * 0.99)], 3),
            "last answer max s": round(slow[-1], 3),
        }  # fmt: skip


def race(app: Flask, town: Ground, rounds: int, seconds: float, seed: int) -> Tally:
    """So many rounds, or as many as the seconds allow."""
    dice, tally = random.Random(f"last place {seed}"), Tally()
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(MOST) as pool:
        while tally.rounds < rounds and time.monotonic() < end:
            clients = min(MOST, round(2 * 25 ** dice.random()))
            places = min(dice.choice(SEATS), clients)
            asking = dice.sample(town.houses, clients)
            _round(app, town, asking, places, pool, tally)
    return tally


def _round(
    app: Flask, town: Ground, asking: list[House], places: int, pool: Any, tally: Tally
) -> None:
    where = (town.places[0].id, ground.DAYS[0])
    with app.app_context():
        _set_up(*where, places)
    barrier = threading.Barrier(len(asking))

    def ask(house: House) -> tuple[str, float]:
        with app.app_context():
            barrier.wait()
            begun = time.monotonic()
            try:
                answer = _answer(_hold(house, *where))
            except Unavailable:
                answer = "unavailable"
            return answer, time.monotonic() - begun

    answers = list(pool.map(ask, asking))
    counted = Counter(answer for answer, _ in answers)
    tally.rounds += 1
    tally.clients += len(asking)
    tally.slowest.append(max(seconds for _, seconds in answers))
    if counted != Counter({"held": places, "told": len(asking) - places}):
        tally.wrong.append({"clients": len(asking), "places": places, "answers": dict(counted)})


def _set_up(facility_id: str, day: Any, places: int) -> None:
    """An empty day with so many places."""
    with write() as db:
        days.load(db, facility_id, day, lock=True)
        db.execute(text("delete from booking"))
        db.execute(text("delete from audit where entity = 'booking'"))
        db.execute(
            update(DayRow)
            .where(DayRow.facility_id == facility_id, DayRow.date == day)
            .values(effective_capacity=places)
            .execution_options(synchronize_session=False)
        )


def _hold(house: House, facility_id: str, day: Any) -> Outcome:
    wanted = Wanted(
        child_id=house.child_id, facility_id=facility_id, care_day=day,
        complaint=Complaint.COUGH, told=None,
    )  # fmt: skip
    by = audit.guardian(house.guardian_id, house.family_id)
    return holds.hold(wanted, by, None, clock.now)


def _answer(outcome: Outcome) -> str:
    """'held', or 'told' when the reason is that there is no place."""
    told = outcome.is_refused and {one.code for one in outcome.refusals} <= set(NO_PLACE)
    return "told" if told else outcome.code


@contextmanager
def field_of(database: str, folder: Path) -> Iterator[tuple[Flask, Ground]]:
    """An application over a durable database with a town in it."""
    clock.set_offset_from(ground.START)
    # Nobody's tenth hold of the hour is refused; holds end in their ten minutes.
    usual, limits.asks_an_hour = limits.asks_an_hour, lambda rules: haste.HOLDS_AN_HOUR
    cluster = Cluster(folder) if database == "postgresql" else None
    more = {"now": clock.pinned(), "pool_size": "8"}
    try:
        if cluster is not None:
            cluster.start()
            more["database_url"] = cluster.url
        app = databases.make_app(folder, **more)
        try:
            yield app, ground.lay(app, 2 * MOST)
        finally:
            databases.close(app)
    finally:
        limits.asks_an_hour = usual
        clock.set_offset_from(ground.REAL)
        if cluster is not None:
            cluster.stop()


def main() -> int:
    """The command. 0: as many winners as places in every round."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm.last_place")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begun = time.monotonic()
    with machine.folder() as folder, field_of(options.database, folder) as (app, town):
        tally = race(app, town, options.rounds, options.seconds, options.seed)
    line = tally.line(options.database, time.monotonic() - begun)
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
