"""A no that staff say to a family counts like one of the rules: on the wish, with its reason."""

from __future__ import annotations

from reservation.domain.refusals import Code, Refusal
from reservation.domain.values import Booking
from reservation.services import children, holds, promises
from reservation.services.work import Work


def record(task: Work, booking: Booking, reason: Code) -> None:
    """A step: write the refusal of a booking's wish (answers.md §3)."""
    rules = task.day(booking).rules
    who = children.known(
        task.db, booking.child_id, booking.facility_id, rules, booking.care_day, task.by, task.at
    )
    wish = promises.wish_of(booking, who)
    reasons = (Refusal(reason),)
    holds.refuse(task.db, who, wish, booking.facility_id, reasons, task.by, task.at)
