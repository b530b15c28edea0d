"""The days that a child has booked after a day for one illness, and whether they may fall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from reservation.domain import chain
from reservation.store import rulebooks
from reservation.store.tables.bookings import BookingRow, literals
from reservation.store.tables.places import Facility


@dataclass(frozen=True, slots=True)
class Later:
    """One of them, by id, facility and care day."""

    id: str
    facility_id: str
    day: date


@dataclass(frozen=True, slots=True)
class LaterDays:
    """What may fall with a booking; empty where the rule book leaves other days alone."""

    model: str
    days: tuple[Later, ...] = ()


def after(db: Session, booking_id: str) -> LaterDays:
    """A step, one statement: the days of the same episode after this booking's, by care day."""
    later = aliased(BookingRow)
    rows = db.execute(
        select(
            BookingRow.facility_id, BookingRow.care_day, Facility.rules_version,
            later.id, later.care_day.label("later_day"),
        )
        .join(Facility, Facility.id == BookingRow.facility_id)
        .outerjoin(
            later,
            (later.child_id == BookingRow.child_id)
            & (later.episode_id == BookingRow.episode_id)
            & (later.care_day > BookingRow.care_day)
            & later.state.in_(literals(chain.FALLS)),
        )
        .where(BookingRow.id == booking_id)
    ).all()  # fmt: skip
    if not rows:
        return LaterDays("none")
    first = rows[0]
    rules = rulebooks.of_version(db, first.facility_id, first.rules_version).on(first.care_day)
    model = rules.chain.model
    if not chain.takes_others(rules):
        return LaterDays(model)
    found = (Later(row.id, row.facility_id, row.later_day) for row in rows if row.id is not None)
    return LaterDays(model, tuple(sorted(found, key=lambda one: one.day)))
