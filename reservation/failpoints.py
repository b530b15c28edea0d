"""Places at which a process dies on purpose, so that a drill can prove what a crash costs.

Armed by `RESERVATION_FAILPOINTS=seed:7,before_commit:0.003,after_smtp:0.01:sleep` outside
production; unarmed, a place is one look at an empty table.
"""

import os
import random
import signal
import time
from dataclasses import dataclass

PLACES = ("before_commit", "after_commit", "after_smtp")
WAYS = ("kill", "raise", "sleep")
SLEEP_SECONDS = 2


class Reached(Exception):
    """A failpoint of the way 'raise' was reached."""


@dataclass(frozen=True)
class Point:
    """How often a place does its harm, and which: 'kill' (SIGKILL to this process), 'raise' or
    'sleep'."""

    chance: float
    way: str


_armed: dict[str, Point] = {}
_random = random.Random()


def read(text: str) -> tuple[int, dict[str, Point]]:
    """(seed, points by place) of a setting. Raises ValueError with what is wrong with it."""
    seed, points = 0, {}
    for part in filter(None, text.replace(" ", "").split(",")):
        name, _, rest = part.partition(":")
        chance, _, way = rest.partition(":")
        if name == "seed" and chance.isdecimal():
            seed = int(chance)
        elif name in PLACES and (way or "kill") in WAYS and _is_chance(chance):
            points[name] = Point(float(chance), way or "kill")
        else:
            raise ValueError(f"{part} is no failpoint")
    return seed, points


def arm(text: str) -> None:
    """Let the places of this setting do harm from now on; '' disarms all of them."""
    seed, points = read(text)
    _armed.clear()
    _armed.update(points)
    # Another sequence in each process: one that is started again must not die at the same step.
    _random.seed(f"{seed} {os.getpid()}")


def reach(place: str) -> None:
    """Say that this place is reached; it may be the last thing this process does."""
    point = _armed.get(place)
    if point is None or _random.random() >= point.chance:
        return
    os.write(2, f"failpoint {place} {point.way}\n".encode())
    if point.way == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if point.way == "sleep":
        time.sleep(SLEEP_SECONDS)
    else:
        raise Reached(place)


def _is_chance(text: str) -> bool:
    try:
        return 0 < float(text) <= 1
    except ValueError:
        return False
