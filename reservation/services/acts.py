"""The frame of an act on one booking: lock, replay, step, tidy, keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import states
from reservation.domain.refusals import Code, Refusal
from reservation.domain.values import Booking
from reservation.services import keys, offers, others, work
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome, refused
from reservation.services.work import Work
from reservation.store import booking_rows
from reservation.store.days import DayKey
from reservation.store.db import write
from reservation.store.tables.bookings import BookingRow
from reservation.store.types import AnyRow

Step = Callable[[Work, Booking], Outcome]
Also = Callable[[Session, AnyRow], Iterable[DayKey]]
"""Further days that an act on this booking (work.reference) may change, locked with its own."""


def on_one(
    booking_id: str,
    by: By,
    key: Key | None,
    now: Now,
    step: Step,
    *,
    rivals: bool = False,
    ended: bool = False,
    also: Also | None = None,
) -> Outcome:
    """One act on one booking. A step that the table does not list for the state in which the lock
    found it is refused with NOT_POSSIBLE: the page was stale.

    ``rivals`` locks the family and the days of the child's other open bookings too; with ``ended``
    a booking that is over is handed to the step as well; ``also`` names days to lock beside its
    own. Raises NotFound for what is not one's own.
    """

    def act() -> Outcome:
        with write() as db:
            ref = work.reference(db, booking_id, by)
            where = (ref.facility_id, ref.care_day)
            wanted = {where, *(also(db, ref) if also else ())}
            task = others.lock(db, ref, by, now) if rivals else work.lock(db, wanted, by, now)
            task.owners[booking_id] = ref.family_id
            if (past := keys.find(db, key)) is not None:
                return past
            booking = task.days[where].booking(booking_id)
            if booking is None and ended:
                booking = _ended(task, booking_id)
            outcome = refused(Refusal(Code.NOT_POSSIBLE), booking_id=booking_id)
            if booking is not None:
                with suppress(states.NotPossible):
                    outcome = step(task, booking)
            return offers.close(task, key, outcome)

    return keys.once(act)


def _ended(task: Work, booking_id: str) -> Booking:
    """A booking that is over; days hold only open ones."""
    row = task.db.execute(
        select(BookingRow.__table__).where(BookingRow.id == booking_id)
    ).one()  # fmt: skip
    return booking_rows.to_booking(row)
