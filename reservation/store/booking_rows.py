"""A booking's row and the domain's Booking: one from the other, and written back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from reservation.domain.states import State
from reservation.domain.values import Booking, Complaint, Condition, Terms
from reservation.store.db import Unavailable
from reservation.store.tables.bookings import BookingRow
from reservation.store.together import Change, New, write_all
from reservation.store.types import AnyRow


class Overtaken(Unavailable):
    """A booking is no longer as it was read: an act that locks another day has ended it meanwhile
    (others.lapse_elsewhere). Nothing was stored; the act is run again and finds it as it is."""


def new_row(booking: Booking, row: Mapping[str, Any]) -> New:
    """A new booking to insert: what the rules know, and ``row`` for the other columns."""
    return New(BookingRow, {**_columns(booking), **row})


def save_booking(
    db: Session,
    booking: Booking,
    row: Mapping[str, Any] | None = None,
    *,
    was: State,
    rows: Sequence[New] = (),
) -> None:
    """Write a changed booking back, with other columns in ``row``, and insert ``rows`` with it.

    ``was`` is the state it was read in. Raises Overtaken when its row has another one by now.
    """
    values = {**_columns(booking), **(row or {})}
    named = {f"to_{name}": value for name, value in values.items()}
    known = {"booking_key": booking.id, "was": was.value}
    changed = write_all(db, rows, Change(_saving(tuple(values)), {**known, **named}))
    if changed.rowcount != 1:
        raise Overtaken(booking.id)


@lru_cache(64)
def _saving(names: tuple[str, ...]) -> Any:
    columns = BookingRow.__table__.c
    return (
        update(BookingRow.__table__)  # type: ignore[arg-type]
        .where(columns.id == bindparam("booking_key"), columns.state == bindparam("was"))
        .values({name: bindparam(f"to_{name}", type_=columns[name].type) for name in names})
    )


def to_booking(row: AnyRow) -> Booking:
    """A domain Booking from a row that has (at least) the columns the rules look at."""
    return Booking(
        id=row.id,
        facility_id=row.facility_id,
        child_id=row.child_id,
        care_day=row.care_day,
        state=State(row.state),
        complaint=Complaint(row.complaint),
        illness=row.illness,
        birthday=row.birthday,
        asked_at=row.asked_at,
        ends_at=row.ends_at,
        room=row.room,
        pinned=row.pinned,
        round_id=row.round_id,
        lapses=row.lapses,
        passed_at=row.passed_at,
        conditions=tuple(_condition(c) for c in row.conditions),
        cancel_until=row.cancel_until,
        extended=row.extended,
        family_id=row.family_id,
        terms=Terms(row.wakes, row.takes_until, row.near, row.examined),
        isolated=row.isolated,
        together=row.together,
    )


def conditions_json(conditions: Iterable[Condition]) -> list[dict[str, str | None]]:
    """Open conditions as they are stored on the booking."""
    return [
        {
            "code": c.code,
            "due_at": c.due_at.isoformat() if c.due_at else None,
            "closed_at": c.closed_at.isoformat() if c.closed_at else None,
        }
        for c in conditions
    ]


def _condition(stored: Mapping[str, str | None]) -> Condition:
    due, closed = stored["due_at"], stored["closed_at"]
    return Condition(
        str(stored["code"]),
        datetime.fromisoformat(due) if due else None,
        datetime.fromisoformat(closed) if closed else None,
    )


def _columns(booking: Booking) -> dict[str, Any]:
    return {
        "id": booking.id,
        "facility_id": booking.facility_id,
        "child_id": booking.child_id,
        "care_day": booking.care_day,
        "state": booking.state.value,
        "complaint": booking.complaint.value,
        "illness": booking.illness,
        "birthday": booking.birthday,
        "asked_at": booking.asked_at,
        "ends_at": booking.ends_at,
        "room": booking.room,
        "pinned": booking.pinned,
        "round_id": booking.round_id,
        "lapses": booking.lapses,
        "passed_at": booking.passed_at,
        "conditions": conditions_json(booking.conditions),
        "cancel_until": booking.cancel_until,
        "extended": booking.extended,
        "wakes": booking.terms.wakes,
        "takes_until": booking.terms.takes_until,
        "near": booking.terms.near,
        "examined": booking.terms.examined,
        "isolated": booking.isolated,
        "together": booking.together,
    }
