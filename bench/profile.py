"""Where the processor's time of one answer goes: by part of the house, and its dearest functions.

In this process, one caller, SQLite or PostgreSQL. The milliseconds are those of the process without
the profiler; the shares are the profiler's, which makes small functions look dearer than they are.
"""

from __future__ import annotations

import cProfile
import pstats
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bench import frame, stage, town
from bench.board import MADE_ANEW
from bench.rush import PLACES, ROOMS
from bench.town import DAYS, Home, Town

Act = Callable[[int], None]
TOP = 25


@click.command(help=__doc__)
@click.option("--database", type=click.Choice(stage.DATABASES), default="postgresql")
@click.option("--times", default=60, show_default=True)
def main(database: str, times: int) -> None:
    """Run each act, and keep bench/results/profile-<database>.json."""
    rooms = {f"room{n}": town.places(PLACES) for n in range(ROOMS)}
    with stage.stage(database, now=town.NOW) as set_up:
        made = town.found(set_up, rooms, 3 * times)
        town.open_days(made)
        found = {name: measure(act, times) for name, act in acts(made).items()}
    for name, one in found.items():
        frame.say(f"{name}: {one['cpu_ms']} ms")
        for part, share in one["parts"].items():
            frame.say(f"  {share:5.1f} %  {part}")
    frame.keep(f"profile-{database}", found, [])


def acts(made: Town) -> dict[str, Act]:
    """One answer each; the number says which family asks."""
    client = made.stage.app.test_client(use_cookies=False)
    rooms = list(made.rooms.values())
    day = DAYS[0].isoformat()

    def anew(_number: int) -> None:
        expect(client.get(f"/{MADE_ANEW}"), 200)

    def board(number: int) -> None:
        path = f"/my/book?complaint=fever&day={day}"
        expect(client.get(path, headers={"Cookie": home(number).cookies}), 200)

    def hold(number: int) -> None:
        one = home(number)
        fields = made.form(one, (rooms[number % ROOMS], DAYS[1]))
        expect(client.post("/my/book", data=fields, headers={"Cookie": one.cookies}), 303)

    def home(number: int) -> Home:
        return made.homes[number % len(made.homes)]

    return {"a town's board made anew": anew, "a family's board": board, "a hold": hold}


def expect(answer: Any, status: int) -> None:
    """An answer that is not what it should be measures nothing."""
    assert answer.status_code == status, answer.status


def measure(act: Act, times: int) -> dict[str, Any]:
    """Milliseconds of one act, and where they went."""
    for number in range(5):
        act(number)
    begun = time.process_time()
    for number in range(5, times):
        act(number)
    spent = 1000 * (time.process_time() - begun) / (times - 5)
    watch = cProfile.Profile(time.process_time)
    watch.enable()
    for number in range(times, 2 * times):
        act(number)
    watch.disable()
    stats: Any = pstats.Stats(watch)
    return {"cpu_ms": round(spent, 2), "parts": _parts(stats), "dearest": _dearest(stats)}


def _parts(stats: Any) -> dict[str, float]:
    """Percent of the time by the part of the house (or the library) whose line was at work."""
    spent: Counter[str] = Counter()
    for (path, _line, name), (_calls, _all, own, _with, _callers) in stats.stats.items():
        spent[_part(path, name)] += own
    whole = sum(spent.values())
    return {part: round(100 * own / whole, 1) for part, own in spent.most_common(12)}


def _part(path: str, name: str) -> str:
    parts = Path(path).parts
    if path == "~":
        return "the database's driver" if "sqlite3" in name or "psycopg" in name else "python"
    if path.endswith(".html") or path == "<template>":
        return "templates"
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1].removesuffix(".py")
    if "reservation" in parts:
        rest = parts[len(parts) - 1 - parts[::-1].index("reservation") :]
        return "/".join(rest[:2]).removesuffix(".py")
    return "python"


def _dearest(stats: Any) -> list[str]:
    """The functions of ours in which, with what they call, most time is spent."""
    ours = [
        (spent, f"{_part(path, name)}: {name}")
        for (path, _line, name), (_calls, _all, _own, spent, _callers) in stats.stats.items()
        if "/reservation/" in path or path.endswith(".html")
    ]
    whole = max(spent for spent, _ in ours)
    return [
        f"{100 * spent / whole:.0f} % {name}" for spent, name in sorted(ours, reverse=True)[:TOP]
    ]


if __name__ == "__main__":
    main()
