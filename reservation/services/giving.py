"""A place goes to who waits for it: after a yes, or because the family wished it taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reservation.domain import vacancy
from reservation.domain.values import Booking
from reservation.services import others, promises, work
from reservation.services.facts import Facts
from reservation.services.promises import Promise
from reservation.services.work import Work


def give(
    task: Work,
    entries: Sequence[Booking],
    places: Sequence[vacancy.Fits | vacancy.FitsAfterMove],
    action: str,
    *,
    found: Facts | None = None,
    params: Mapping[str, Any] | None = None,
) -> list[Booking]:
    """A step: entries of the list get these places by ``action``, or ``action`` with
    ``_for_review`` where staff decide; each child's other bookings of that day end.

    One entry, or siblings who want both places or none: where staff decide about one of them,
    they decide about both. ``found`` are the facts of the first."""
    asked = [found, *[None] * (len(entries) - 1)]
    promised = promises.alike(
        [promises.make(task.db, task.day(e).rules, e, task.at, f)
         for e, f in zip(entries, asked, strict=True)],
        task.day(entries[0]).rules, entries[0].care_day, task.at,
    )  # fmt: skip
    return [
        _give(task, entry, place, action, promise, params)
        for entry, place, promise in zip(entries, places, promised, strict=True)
    ]


def _give(
    task: Work,
    booking: Booking,
    answer: vacancy.Fits | vacancy.FitsAfterMove,
    action: str,
    promise: Promise,
    params: Mapping[str, Any] | None,
) -> Booking:
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
