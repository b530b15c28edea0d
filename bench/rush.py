"""The morning: thousands of families want a few places within seconds, through the real pages.

3,000 families, 30 rooms of six places for one day, ten seconds. Each opens its board and presses
the button of one room. Who gets the place opens the check page and books; who is refused reads why
and stands in the list. Afterwards the database is counted.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

import click
from sqlalchemy import func, select

from bench import frame, load, stage, town
from bench.frame import Goal
from bench.load import Answer, Log
from bench.town import DAYS, Home, Town, Where
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.records import Outbox

ROOMS, PLACES = 30, 6
KINDS = ("board", "hold", "check", "confirm", "refused", "join")
SAID = {"brings": "mother", "arrives_at": "8:30", "temperature": "38.2", "since": "evening"}
_HIDDEN = re.compile(rb'name="(csrf_token|key)"[^>]*value="([^"]+)"')


@click.command(help=__doc__)
@click.option("--database", type=click.Choice(stage.DATABASES), default="postgresql")
@click.option("--families", default=3000, show_default=True)
@click.option("--seconds", default=10.0, show_default=True, help="Within which all of them come.")
@click.option("--connections", default=64, show_default=True)
@click.option(
    "--limit", default=170.0, show_default=True, help="Seconds after which it is cut off."
)
@click.option("--seed", default=1, show_default=True)
def main(
    database: str, families: int, seconds: float, connections: int, limit: float, seed: int
) -> None:
    """Run once, and keep bench/results/rush-<database>.json."""
    rooms = {f"room{n}": town.places(PLACES) for n in range(ROOMS)}
    chance = random.Random(seed)
    with stage.stage(database, now=town.NOW) as set_up:
        made = town.found(set_up, rooms, families)
        town.open_days(made)
        goes = [(home, (chance.choice(list(made.rooms.values())), DAYS[0])) for home in made.homes]
        arrivals = sorted(chance.uniform(0, seconds) for _ in goes)
        outcomes: Counter[str] = Counter()
        with stage.pages(set_up) as server:
            cpu = stage.cpu_seconds(server.pid)
            readers = [family(made, home, where, outcomes) for home, where in goes]
            log = load.drive(server.address, readers, connections, limit=limit, arrivals=arrivals)
            cpu = stage.cpu_seconds(server.pid) - cpu
        counted = count(made)
    figures = _figures(log, outcomes, counted, cpu)
    frame.say(str(figures))
    frame.keep(f"rush-{database}", figures, _goals(log, outcomes, counted))


def family(made: Town, home: Home, where: Where, outcomes: Counter[str]) -> load.Reader:
    """One family's way through the pages."""
    cookies = dict(one.split("=", 1) for one in home.cookies.split("; "))

    def then(answer: Answer) -> str:
        for name, value in answer.headers:
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                cookies[key] = rest.partition(";")[0]
        return "; ".join(f"{key}={value}" for key, value in cookies.items())

    fields = made.form(home, where)
    day = where[1].isoformat()
    page = yield load.get(f"/my/book?complaint=fever&day={day}", then(_NONE), kind="board")
    answer = yield load.post("/my/book", fields | _hidden(page), then(page), kind="hold")
    place = answer.header("location")
    if place.startswith("/my/hold/"):
        page = yield load.get(place, then(answer), kind="check")
        answer = yield load.post(place, SAID | _hidden(page), then(page), kind="confirm")
        outcomes["booked" if _leads_to_booking(answer) else "not booked"] += 1
        return
    page = yield load.get("/my/book/refused", then(answer), kind="refused")
    answer = yield load.post("/my/book/join", fields | _hidden(page), then(page), kind="join")
    outcomes["waiting" if _leads_to_booking(answer) else "not waiting"] += 1


def count(made: Town) -> dict[str, Any]:
    """What the database says afterwards."""
    with made.stage.app.app_context(), read() as db:
        rows = db.execute(select(BookingRow.state, func.count()).group_by(BookingRow.state))
        states: dict[str, int] = {row[0]: row[1] for row in rows}
        mails = select(func.count()).where(Outbox.kind == "confirmed")
        told = db.scalar(mails.select_from(Outbox)) or 0
    taken = town.taken(made)
    return {
        "states": states,
        "oversold": sum(max(0, n - PLACES) for n in taken.values()),
        "free": ROOMS * PLACES - sum(taken.values()),
        "confirmed_mails": told,
    }


def _figures(
    log: Log, outcomes: Counter[str], counted: dict[str, Any], cpu: float
) -> dict[str, Any]:
    answers = sum(log.count(kind) for kind in KINDS)
    return {
        "answers": answers,
        "answers_per_second": round(answers / log.seconds, 1),
        "seconds_to_the_last_answer": round(log.seconds, 1),
        "server_cpu_ms_per_answer": round(1000 * cpu / max(1, answers), 2),
        "errors": log.errors(),
        "cut_off": log.unfinished,
        "outcomes": dict(outcomes),
        "p50_ms": {kind: round(log.percentile(kind, 0.5)) for kind in KINDS},
        "p99_ms": {kind: round(log.percentile(kind, 0.99)) for kind in KINDS},
        **counted,
    }


def _goals(log: Log, outcomes: Counter[str], counted: dict[str, Any]) -> list[Goal]:
    booked = counted["states"].get("confirmed", 0)
    lost = abs(booked - outcomes["booked"]) + abs(booked - counted["confirmed_mails"])
    return [
        Goal("1: oversold", counted["oversold"], 0, most=True),
        Goal("1: booked rows, answers and mails that differ", lost, 0, most=True),
        Goal("13: places left free", counted["free"], 0, most=True),
        Goal("errors and lost answers", log.errors(), 0, most=True),
    ]


def _hidden(page: Answer) -> dict[str, str]:
    """The tokens of a page's forms: of the session one, of the keys the last."""
    return {name.decode(): value.decode() for name, value in _HIDDEN.findall(page.body)}


def _leads_to_booking(answer: Answer) -> bool:
    return answer.status == 303 and answer.header("location").startswith("/my/bookings/")


_NONE = Answer(0, [], b"", 0.0)

if __name__ == "__main__":
    main()
