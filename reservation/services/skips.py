"""Whom a free place does not suit is kept, so that the night can be told in full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from reservation.domain import waiting
from reservation.domain.refusals import Refusal
from reservation.domain.values import Booking
from reservation.services.work import Work
from reservation.store.days import DayKey
from reservation.store.tables.bookings import RoundRow
from reservation.store.types import new_id


def note(task: Work, key: DayKey) -> None:
    """A step after the list was called up: a look at the list that found nobody to ask.

    A row without places, ended as it begins. Each entry is kept once for a place that came free,
    and again only when its reason has changed, however often the sweep looks.
    """
    day = task.days[key]
    found = waiting.unsuited(day, task.at)
    if not found:
        return
    known = _known(task.db, key, day.freed_at)
    new = [(entry, why) for entry, why in found if known.get(entry.id) != why.code.value]
    if not new:
        return
    keep(task, key, new)
    task.mark(key)


def keep(task: Work, key: DayKey, skipped: Sequence[tuple[Booking, Refusal]]) -> None:
    """A step: who was passed over, as a round in which nobody was asked and no place reserved."""
    facility_id, care_day = key
    row = {
        "id": new_id(),
        "facility_id": facility_id,
        "care_day": care_day,
        "places": 0,
        "started_at": task.at,
        "ends_at": task.at,
        "closed_at": task.at,
        "skipped": kept(skipped),
    }
    task.db.execute(insert(RoundRow), [row])


def kept(skipped: Sequence[tuple[Booking, Refusal]]) -> list[dict[str, Any]]:
    """Entries and their reasons as a row keeps them."""
    return [{"booking": entry.id, "code": why.code.value} for entry, why in skipped]


def _known(db: Session, key: DayKey, freed_at: datetime | None) -> dict[str, str]:
    """The last reason kept of each entry since a place came free."""
    rows = select(RoundRow.skipped).where(
        RoundRow.facility_id == key[0], RoundRow.care_day == key[1]
    )
    if freed_at is not None:
        rows = rows.where(RoundRow.started_at >= freed_at)
    looks = db.execute(rows.order_by(RoundRow.started_at, RoundRow.places.desc())).scalars()
    return {one["booking"]: one["code"] for skipped in looks for one in skipped}
