"""What a family chooses on the check page, by the codes that are stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

from reservation.domain.families import RELATIONS
from reservation.domain.rulebook.sections import Hours, Pause
from reservation.domain.words import N_

BRINGS = RELATIONS
"""Who brings the child."""

SINCE = {
    "morning": N_("きょうの朝"),
    "noon": N_("きょうの昼"),
    "evening": N_("きょうの夜"),
    "yesterday": N_("きのう"),
    "earlier": N_("おとといより前"),
}
"""Since when the child has been ill."""

DAYS_OF_ONSET = 15
"""How far back the day of onset can be chosen, today included."""
DAY = 24 * 60
STEP, CHOICES = 15, 17
"""Arrival times: every quarter of an hour for four hours from opening."""


def arrivals(hours: Hours, pauses: Iterable[Pause] = ()) -> tuple[str, ...]:
    """The local times of arrival to choose from, as 8:15, the first one at opening.

    None is within a pause (a clinic's lunch break), at whose end the door opens again; where the
    pauses would leave none, all are there.
    """
    opens = hours.opens.hour * 60 + hours.opens.minute
    minutes = (opens + STEP * n for n in range(CHOICES))
    found = [
        t for t in (time(*divmod(each, 60)) for each in minutes if each < DAY) if t < hours.closes
    ]
    resting = tuple(pauses)
    awake = [t for t in found if not any(p.first <= t < p.last for p in resting)]
    return tuple(f"{t.hour}:{t.minute:02}" for t in awake or found)


def usual(hours: Hours, pauses: Iterable[Pause] = ()) -> str:
    """The arrival time that is chosen before the family chooses."""
    found = arrivals(hours, pauses)
    return found[min(2, len(found) - 1)]


def arrival(text: str) -> time | None:
    """A stored arrival time as a local time; None where none was said."""
    hour, colon, minute = text.partition(":")
    return time(int(hour), int(minute)) if colon else None
