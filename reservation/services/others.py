"""A child's other bookings of the same day, at whatever facility: found, refused for, or ended."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain.states import HOLDS_A_PLACE, OPEN, State
from reservation.domain.values import Booking
from reservation.services import audit, work
from reservation.services.audit import CLOCK, By
from reservation.services.work import Work
from reservation.store.days import DayKey
from reservation.store.db import lock_row
from reservation.store.tables.bookings import BookingRow, literals
from reservation.store.tables.people import Family
from reservation.store.types import AnyRow


def keys_of(db: Session, child_id: str, day: date) -> list[DayKey]:
    """A step: the days on which this child has something open, for locking them together."""
    rows = db.execute(
        select(BookingRow.facility_id)
        .where(
            BookingRow.child_id == child_id,
            BookingRow.care_day == day,
            BookingRow.state.in_(literals(OPEN)),
        )
        .distinct()
    )
    return [(row.facility_id, day) for row in rows]


def lock(db: Session, ref: AnyRow, by: By, now: Now) -> Work:
    """A step: lock the family of a booking (work.reference), then its day and those of the
    child's other open bookings, which only the locked family can add to meanwhile."""
    lock_row(db, Family, ref.family_id)
    task = work.lock(db, keys_beside(db, ref), by, now)
    task.owners[ref.id] = ref.family_id
    return task


def keys_beside(db: Session, ref: AnyRow) -> set[DayKey]:
    """A step: a booking's day and those of its child's other open bookings, for locking them
    together; for siblings who want both places or none those of the whole family."""
    where = {(ref.facility_id, ref.care_day)}
    if not ref.together:
        return where.union(keys_of(db, ref.child_id, ref.care_day))
    found = select(BookingRow.facility_id).where(
        BookingRow.family_id == ref.family_id,
        BookingRow.care_day == ref.care_day,
        BookingRow.state.in_(literals(OPEN)),
    )
    return where.union((facility_id, ref.care_day) for facility_id in db.scalars(found.distinct()))


def holding(db: Session, child_id: str, day: date) -> AnyRow | None:
    """A step: the booking with which this child holds a place on that day, or None."""
    return db.execute(
        select(BookingRow.id, BookingRow.facility_id, BookingRow.state, BookingRow.ends_at).where(
            BookingRow.child_id == child_id,
            BookingRow.care_day == day,
            BookingRow.state.in_(literals(HOLDS_A_PLACE)),
        )
    ).one_or_none()


def lapse_elsewhere(db: Session, child_id: str, day: date, at: datetime) -> None:
    """A step: end this child's expired holds by one conditional update, so that index and rule
    agree. The days' versions are raised by the sweep (answers.md §1.12)."""
    rows = db.execute(
        update(BookingRow)
        .where(
            BookingRow.child_id == child_id,
            BookingRow.care_day == day,
            BookingRow.state == State.HELD.value,
            BookingRow.ends_at <= at,
        )
        .values(state=State.EXPIRED.value, ended_at=at, ended_by="clock", room=None, pinned=False)
        .returning(BookingRow.id, BookingRow.facility_id, BookingRow.family_id)
        .execution_options(synchronize_session=False)
    ).all()
    for row in rows:
        audit.record(
            db, CLOCK, at, "lapse", "booking", row.id, facility_id=row.facility_id,
            care_day=day, frm=State.HELD, to=State.EXPIRED, on_behalf_of=row.family_id,
        )  # fmt: skip


def supersede(task: Work, winner: Booking, *, only_holders: bool = False) -> None:
    """A step: the child has a place now, so its other open bookings of that day end.

    With ``only_holders`` (a place that staff have yet to confirm) entries of waiting lists stay.
    Only days that the act has locked are looked at; acts lock them by ``keys_of``.
    """
    ending = (HOLDS_A_PLACE if only_holders else OPEN) - {State.CHECKED_IN}
    end_all(task, winner.child_id, winner.care_day, ending, but=winner.id)


def end_all(
    task: Work, child_id: str, care_day: date, ending: frozenset[State], *, but: str | None = None
) -> None:
    """A step: end the child's bookings of that day in these states, on the locked days."""
    for day in list(task.days.values()):
        for booking in day.bookings:
            same = booking.child_id == child_id and booking.care_day == care_day
            if same and booking.id != but and booking.state in ending:
                changes = {"ends_at": None, "round_id": None}
                work.take(task, booking, "supersede", by=CLOCK, changes=changes)
