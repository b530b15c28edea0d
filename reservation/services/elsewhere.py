"""Which other rooms still take a child that has waited in vain: for the last message of a list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from reservation.domain import illnesses
from reservation.domain.refusals import Code
from reservation.domain.states import Actor
from reservation.domain.values import Complaint
from reservation.services import holds
from reservation.services.audit import By
from reservation.services.children import Wanted
from reservation.services.outcomes import NotFound
from reservation.store.tables.places import Facility

MOST = 5
"""So many rooms a message names at most."""


def still_take(db: Session, booking: Row[Any], at: datetime) -> list[dict[str, Any]]:
    """A step: the other rooms of the municipality with a place for this child on that day.

    ``booking`` is its row. The same look as that of a hold, at this instant, without a lock:
    age, town, registration, illness, seats and who waits there. A room that only takes calls by
    now is among them, since the message gives its telephone number. At most ``MOST``, in the
    municipality's order, each with 'name', 'telephone' and whether it can be booked ('online').
    """
    told = None if illnesses.undiagnosed(booking.illness) else booking.illness
    found: list[dict[str, Any]] = []
    for facility_id in _others(db, booking.facility_id):
        wanted = Wanted(
            child_id=booking.child_id,
            facility_id=facility_id,
            care_day=booking.care_day,
            complaint=Complaint(booking.complaint),
            told=told,
        )
        room = _room(db, wanted, booking.family_id, at)
        if room is not None:
            found.append(room)
        if len(found) == MOST:
            break
    return found


def _room(db: Session, wanted: Wanted, family_id: str, at: datetime) -> dict[str, Any] | None:
    by = By(Actor.FAMILY, family_id=family_id)
    try:
        known = holds.ask(db, wanted, at)
        seen = holds.look(wanted, by, at, known, holds.load_day(db, wanted, known))
    except NotFound:  # no rules there for that day, or the child has left
        return None
    codes = {reason.code for reason in seen.reasons}
    if not codes <= {Code.TOO_LATE}:
        return None
    about = seen.day.rules.about
    return {"name": about.short_name, "telephone": about.telephone, "online": not codes}


def _others(db: Session, facility_id: str) -> list[str]:
    here = select(Facility.municipality_id).where(Facility.id == facility_id).scalar_subquery()
    return list(
        db.scalars(
            select(Facility.id)
            .where(Facility.municipality_id == here, Facility.id != facility_id)
            .order_by(Facility.position, Facility.code)
        )
    )
