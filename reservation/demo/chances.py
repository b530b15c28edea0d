"""When people act, drawn: a family that cancels, staff who decide, a guardian at the check page."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from reservation.domain import dates
from reservation.domain.rulebook import RuleBook
from reservation.services.bookings import CheckPage

MINUTE = timedelta(minutes=1)


def cancelled_at(rules: RuleBook, day: date, now: datetime, rng: Random) -> datetime:
    """When a family cancels: a third in the evening before, most before the cut-off at dawn."""
    lot = rng.random()
    if lot < 0.35:
        evening = dates.open_day_before(rules, day, 1)
        when = _between(evening, time(18, 0), time(22, 30), rng)
    elif lot < 0.85:
        when = _between(day, time(5, 30), time(6, 58), rng)
    else:
        when = _between(day, time(7, 0), time(8, 15), rng)
    return max(when, now + 10 * MINUTE)


def decided_at(asked: datetime, rng: Random) -> datetime:
    """When staff come to a request: within two hours, but between 7:00 and 20:00."""
    later = asked + rng.uniform(8, 110) * MINUTE
    local = dates.local(later)
    if local.time() >= time(20, 0):
        return dates.at(local.date() + timedelta(days=1), time(7, 5))
    if local.time() < time(7, 0):
        return dates.at(local.date(), time(7, 0)) + rng.uniform(0, 14) * MINUTE
    return later


def said(rng: Random) -> CheckPage:
    """What a family says on the check page."""
    return CheckPage(
        brings=rng.choice(("mother", "mother", "father", "grandparent")),
        arrives_at=rng.choice(("8:00", "8:30", "8:45", "9:00")),
        temperature=f"{rng.uniform(36.4, 38.9):.1f}",
        since=rng.choice(("morning", "noon", "evening", "yesterday", "earlier")),
    )


def _between(day: date, first: time, last: time, rng: Random) -> datetime:
    start, end = dates.at(day, first), dates.at(day, last)
    return start + (end - start) * rng.random()
