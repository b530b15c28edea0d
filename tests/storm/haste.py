"""Minutes become seconds: what the storm shortens so that everything happens within a minute.

Only lengths of time are changed, by the names under which the product keeps them, and how often
one family may ask. The rules, the acts and the jobs are the product's own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from reservation import jobs
from reservation.channels import mail
from reservation.domain import clocks, limits
from reservation.domain.clocks import Ladder
from reservation.domain.rulebook import RuleBook
from reservation.services import delivery

HOLD = timedelta(seconds=3)
OFFER = timedelta(seconds=4)
HOLDS_AN_HOUR = 1_000_000
EVERY = {"heartbeat": 5, "sweep": 1, "deliver": 0.5, "reminders": 20, "reviews": 20}
"""Seconds between two runs of these jobs."""


def apply() -> None:
    """Shorten the times of this process."""
    offer_end = clocks.offer_end

    def soon(rules: RuleBook, day: date, now: datetime) -> Ladder | None:
        ladder = offer_end(rules, day, now)
        return ladder and replace(ladder, ends_at=min(ladder.ends_at, now + OFFER))

    clocks.offer_end = soon
    clocks.hold_end = lambda rules, now: now + HOLD
    # A family of the storm asks as often in a minute as others in a year.
    limits.asks_an_hour = lambda rules: HOLDS_AN_HOUR
    mail.SECONDS = 6
    delivery.CLAIM = timedelta(seconds=20)
    delivery.WAITS = tuple(timedelta(seconds=n) for n in (1, 1, 1, 2, 2, 3, 3, 5, 5))
    jobs.JOBS = tuple(
        replace(job, every=EVERY[job.name]) if job.name in EVERY else job for job in jobs.JOBS
    )
