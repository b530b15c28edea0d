"""Siblings who want both places or none: the link ends with whatever happens to one of them."""

from __future__ import annotations

from reservation.domain import queue
from reservation.services import work
from reservation.services.audit import CLOCK
from reservation.services.work import Work
from reservation.store.days import DayKey


def split(task: Work, key: DayKey) -> None:
    """A step: whose brother or sister has gone another way is held, waits or is asked alone from
    now on: never half of a pair."""
    for booking in queue.split(task.days[key]):
        work.take(task, booking, "part", by=CLOCK, changes={"together": None})
