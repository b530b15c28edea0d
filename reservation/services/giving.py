"""A place goes to who waits for it: after a yes, or because the family wished it taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reservation.domain import vacancy
from reservation.domain.values import Booking
from reservation.services import others, promises, work
from reservation.services.facts import Facts
from reservation.services.work import Work


def give(
    task: Work,
    booking: Booking,
    answer: vacancy.Fits | vacancy.FitsAfterMove,
    action: str,
    *,
    found: Facts | None = None,
    params: Mapping[str, Any] | None = None,
) -> Booking:
    """A step: an entry of the list gets this place by ``action``, or ``action`` with
    ``_for_review`` where staff decide; the child's other bookings of that day end."""
    promise = promises.make(task.db, task.day(booking).rules, booking, task.at, found)
    others.supersede(task, booking, only_holders=promise.review)
    if isinstance(answer, vacancy.FitsAfterMove):
        work.move(task, answer.moves)
    changes = {
        "ends_at": None,
        "round_id": None,
        "room": answer.room,
        "cancel_until": promise.cancel_until,
        "conditions": promise.conditions,
    }
    step = f"{action}_for_review" if promise.review else action
    return work.take(task, booking, step, changes=changes, row=promise.row, params=params)
