"""What the clock says to families and staff: reminders, and requests that nobody has decided.

Due means "at or before now and not yet done". Each booking is a transaction of its own, claimed by
a conditional update on the mark that says it was done; delivery drops what comes too late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import clocks, dates
from reservation.domain.refusals import Code
from reservation.domain.states import State
from reservation.services import keys, offers, outbox, work
from reservation.services.audit import CLOCK
from reservation.services.outbox import Note
from reservation.store import booking_rows, rulebooks
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.records import Task

EVENING = "reminder_evening"
CUTOFF = "reminder_cutoff"
_MARKS = {EVENING: BookingRow.evening_reminded_at, CUTOFF: BookingRow.cutoff_reminded_at}


@dataclass(frozen=True, slots=True)
class Reminder:
    """One message to one family: due since ``at``, of use until ``useful_until``."""

    kind: str
    booking_id: str
    facility_id: str
    family_id: str
    care_day: date
    at: datetime
    useful_until: datetime


def due(now: Now) -> int:
    """A job: remind of confirmed bookings on the evening before and before the cut-off.

    Who confirmed after the time of a reminder gets none: the confirmation has just said the same.
    Telephone families are not telephoned for it. Returns how many were reminded.
    """
    with read() as db:
        found = _due(db, now())
    return sum(_remind(one, now) for one in found)


def _due(db: Session, at: datetime) -> list[Reminder]:
    rows = db.execute(
        select(BookingRow.__table__).where(
            BookingRow.state == State.CONFIRMED.value,
            BookingRow.care_day >= dates.local(at).date(),
            or_(
                BookingRow.evening_reminded_at.is_(None),
                BookingRow.cutoff_reminded_at.is_(None),
            ),
        )
    ).all()
    return [
        one
        for row in rows
        for one in _reminders(db, row)
        if one.at <= at and getattr(row, _MARKS[one.kind].key) is None
    ]


def _reminders(db: Session, row: Any) -> list[Reminder]:
    """The reminders of a booking and their times, past or to come."""
    rules = rulebooks.in_force(db, row.facility_id, row.care_day)
    who = (row.id, row.facility_id, row.family_id, row.care_day)
    evening = clocks.evening_reminder_at(rules, row.care_day)
    found = [Reminder(EVENING, *who, evening, dates.at(row.care_day, time(0)))]
    cutoff = clocks.cutoff_reminder_at(rules, booking_rows.to_booking(row))
    if cutoff is not None:
        found.append(Reminder(CUTOFF, *who, cutoff, row.cancel_until))
    return found


def _remind(one: Reminder, now: Now) -> int:
    with write() as db:
        at = now()
        mark = _MARKS[one.kind]
        confirmed_at = db.scalar(
            update(BookingRow)
            .where(
                BookingRow.id == one.booking_id,
                BookingRow.state == State.CONFIRMED.value,
                mark.is_(None),
            )
            .values({mark: at})
            .returning(BookingRow.confirmed_at)
            .execution_options(synchronize_session=False)
        )
        if confirmed_at is None or confirmed_at >= one.at:
            return 0
        outbox.tell_family(
            db, Note(one.kind, f"{one.kind}:{one.booking_id}", at, one.useful_until),
            one.family_id, at, facility_id=one.facility_id, booking_id=one.booking_id,
            care_day=one.care_day, or_call=False,
        )  # fmt: skip
        return 1


def reviews(now: Now) -> int:
    """A job: requests that staff have not decided by their time (answers.md §1.4).

    Staff get the task 'review_late', the family reads that it is late; the place stays held.
    Where the rule book says so, the request is declined at the stop time (NOT_REVIEWED). Returns
    how many requests were touched.
    """
    with read() as db:
        at = now()
        rows = db.execute(
            select(BookingRow.__table__).where(
                BookingRow.state == State.REQUESTED.value, BookingRow.review_due <= at
            )
        ).all()
        ended = [row for row in rows if _declines(db, row, at)]
        late = [row for row in rows if row not in ended and row.review_warned_at is None]
    return sum(_decline(row, now) for row in ended) + sum(_warn(row, now) for row in late)


def _declines(db: Session, row: Any, at: datetime) -> bool:
    """Whether the stop time has come in a facility that declines what nobody reviewed."""
    rules = rulebooks.in_force(db, row.facility_id, row.care_day)
    stop = clocks.stop_at(rules, row.care_day)
    return rules.booking.unreviewed == "decline" and at >= stop


def _warn(row: Any, now: Now) -> int:
    with write() as db:
        at = now()
        won: Any = db.execute(
            update(BookingRow)
            .where(
                BookingRow.id == row.id,
                BookingRow.state == State.REQUESTED.value,
                BookingRow.review_warned_at.is_(None),
            )
            .values(review_warned_at=at)
            .execution_options(synchronize_session=False)
        )
        if not won.rowcount:
            return 0
        rules = rulebooks.in_force(db, row.facility_id, row.care_day)
        where = {
            "facility_id": row.facility_id,
            "booking_id": row.id,
            "care_day": row.care_day,
        }
        outbox.add_task(
            db, "review_late", at=at, family_id=row.family_id, about="received",
            due_at=clocks.stop_at(rules, row.care_day), **where,
        )  # fmt: skip
        note = Note("review_late", f"review_late:{row.id}", at)
        outbox.tell_family(db, note, row.family_id, at, or_call=False, **where)
        return 1


def _decline(row: Any, now: Now) -> int:
    key = (row.facility_id, row.care_day)

    def act() -> int:
        with write() as db:
            task = work.lock(db, [key], CLOCK, now)
            booking = task.days[key].booking(row.id)
            if booking is None or booking.state is not State.REQUESTED:
                return 0
            work.take(task, booking, "decline", reason=Code.NOT_REVIEWED.value)
            db.execute(
                update(Task)
                .where(
                    Task.booking_id == row.id, Task.kind == "review_late", Task.done_at.is_(None)
                )
                .values(done_at=task.at, result="declined")
                .execution_options(synchronize_session=False)
            )
            offers.tidy(task)
            return 1

    return keys.once(act)
