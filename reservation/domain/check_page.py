"""What a family chooses on the check page, by the codes that are stored."""

from __future__ import annotations

from datetime import time

from reservation.domain.families import RELATIONS
from reservation.domain.rulebook.sections import Hours
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

STEP, CHOICES = 15, 17
"""Arrival times: every quarter of an hour for four hours from opening."""


def arrivals(hours: Hours) -> tuple[str, ...]:
    """The local times of arrival to choose from, as 8:15, the first one at opening."""
    opens = hours.opens.hour * 60 + hours.opens.minute
    closes = hours.closes.hour * 60 + hours.closes.minute
    minutes = (opens + STEP * n for n in range(CHOICES))
    return tuple(f"{each // 60}:{each % 60:02}" for each in minutes if each < closes)


def usual(hours: Hours) -> str:
    """The arrival time that is chosen before the family chooses."""
    found = arrivals(hours)
    return found[min(2, len(found) - 1)]


def arrival(text: str) -> time | None:
    """A stored arrival time as a local time; None where none was said."""
    hour, colon, minute = text.partition(":")
    return time(int(hour), int(minute)) if colon else None
