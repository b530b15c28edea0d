"""The morning's question whether the child comes: asked, answered, and what silence means.

Only opening the link answers nothing: mail scanners open links too. A "no" frees the place and
the next family is asked in the same transaction. Where the rule book wants it the clock gives up
the place of who has not answered, but only where the question is known to have reached somebody:
a family without mail is telephoned by staff and never loses its place to the clock.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import clocks, dates
from reservation.domain.clocks import Reconfirming
from reservation.domain.refusals import Code, Refusal
from reservation.domain.states import State
from reservation.domain.values import Booking
from reservation.services import acts, bookings, keys, offers, outbox, work
from reservation.services.audit import CLOCK, By
from reservation.services.keys import Key
from reservation.services.outbox import Note
from reservation.services.outcomes import Outcome, refused
from reservation.services.several_days import UNASKED, Falling, Rest
from reservation.services.work import Work
from reservation.store import rulebooks
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.records import Outbox, Task

B = BookingRow


def answer(
    booking_id: str, coming: bool, by: By, key: Key | None, now: Now, rest: Rest | None = None
) -> Outcome:
    """Say whether the child comes: 'coming', or 'cancelled' as with any cancellation, by the page
    also where late ones are taken by telephone only, because we have asked.

    A "no" takes the later days of the illness as a cancellation does; ``rest`` is what was said
    about them. Refused with NOT_POSSIBLE for who was not asked or has no place any more, and where
    the later days are not those the reader was told. Raises NotFound for what is not one's own.
    """
    falling = Falling(rest)

    def step(task: Work, booking: Booking) -> Outcome:
        return answer_step(task, booking, coming, falling)

    return acts.on_one(booking_id, by, key, now, step, also=None if coming else falling.keys)


def answer_step(task: Work, booking: Booking | None, coming: bool, falling: Falling) -> Outcome:
    """A step: the answer, from a page or by telephone; open calls about it end."""
    if booking is None or booking.state is not State.CONFIRMED:
        return refused(Refusal(Code.NOT_POSSIBLE), booking_id=booking.id if booking else None)
    asked = select(B.reconfirm_asked_at).where(B.id == booking.id)
    if task.db.scalar(asked) is None:
        return refused(Refusal(Code.NOT_POSSIBLE), booking_id=booking.id)
    others = () if coming else falling.of(task, booking)
    _end_calls(task, booking.id, "yes" if coming else "no")
    if not coming:
        return bookings.give_up(task, booking, others)
    after = work.take(task, booking, "reconfirm", row={"reconfirmed_at": task.at})
    work.tell_others(task, after, "coming")
    return Outcome("coming", booking.id)


def due(now: Now) -> int:
    """A job: ask, tell staff who has not answered, and release where the rule book says so.

    Each booking is a transaction of its own, claimed by its mark. Returns how many were touched.
    """
    with read() as db:
        at = now()
        today = dates.local(at).date()
        rows = db.execute(
            select(B.__table__).where(
                B.state == State.CONFIRMED.value,
                B.care_day == today,
                B.reconfirmed_at.is_(None),
            )
        ).all()
        rooms = {row.facility_id for row in rows}
        questions = {room: _question(db, room, today) for room in rooms}
    found = [(row, questions[row.facility_id]) for row in rows]
    return sum(_next(row, times, at, now) for row, (times, frees) in found if times) + sum(
        _release(row, times, now) for row, (times, frees) in found if times and frees
    )


def _question(db: Session, facility_id: str, day: date) -> tuple[Reconfirming | None, bool]:
    """When families are asked at this facility, and whether silence gives a place up."""
    rules = rulebooks.in_force(db, facility_id, day)
    times = clocks.reconfirming(rules, day)
    return times, rules.reminders.reconfirm == "release"


def _next(row: Any, times: Reconfirming, at: datetime, now: Now) -> int:
    if row.reconfirm_asked_at is None:
        before = row.confirmed_at is not None and row.confirmed_at < times.at
        return _ask(row, times, now) if before and times.at <= at < times.until else 0
    if row.reconfirm_called_at is None and at >= times.half:
        return _tell_staff(row, times, now)
    return 0


def _ask(row: Any, times: Reconfirming, now: Now) -> int:
    with write() as db:
        at = now()
        if not _claim(db, row.id, B.reconfirm_asked_at, at):
            return 0
        note = Note("reconfirm", f"reconfirm:{row.id}", at, times.ends(at))
        where = {"facility_id": row.facility_id, "booking_id": row.id, "care_day": row.care_day}
        if not outbox.tell_family(db, note, row.family_id, at, or_call=False, **where):
            _claim(db, row.id, B.reconfirm_called_at, at)
            _add_call(db, row, times, at)
        return 1


def _tell_staff(row: Any, times: Reconfirming, now: Now) -> int:
    with write() as db:
        at = now()
        if not _claim(db, row.id, B.reconfirm_called_at, at):
            return 0
        _add_call(db, row, times, at)
        return 1


def _claim(db: Session, booking_id: str, mark: Any, at: datetime) -> bool:
    """A step: whether this transaction is the one that sets the mark."""
    won: Any = db.execute(
        update(B)
        .where(
            B.id == booking_id,
            B.state == State.CONFIRMED.value,
            B.reconfirmed_at.is_(None),
            mark.is_(None),
        )
        .values({mark: at})
        .execution_options(synchronize_session=False)
    )
    return bool(won.rowcount == 1)


def _add_call(db: Session, row: Any, times: Reconfirming, at: datetime) -> None:
    outbox.add_task(
        db, "call_coming", row.facility_id, at, booking_id=row.id, family_id=row.family_id,
        care_day=row.care_day, about="reconfirm", due_at=times.until,
    )  # fmt: skip


def _end_calls(task: Work, booking_id: str, result: str) -> None:
    task.db.execute(
        update(Task)
        .where(Task.booking_id == booking_id, Task.kind == "call_coming", Task.done_at.is_(None))
        .values(done_at=task.at, done_by=task.by.id, result=result)
        .execution_options(synchronize_session=False)
    )


def _release(row: Any, times: Reconfirming, now: Now) -> int:
    """The clock gives the place up, if the family was reached and has had its time; later days of
    the illness go with it where the question said so."""
    if row.reconfirm_asked_at is None or now() < times.ends(row.reconfirm_asked_at):
        return 0
    key = (row.facility_id, row.care_day)

    def act() -> int:
        with write() as db:
            falling = Falling(UNASKED)
            later = falling.keys(db, work.reference(db, row.id, CLOCK))
            task = work.lock(db, [key, *later], CLOCK, now)
            booking = task.days[key].booking(row.id)
            if booking is None or not _is_silent(db, booking):
                return 0
            others = falling.of(task, booking)
            reason = Code.NOT_RECONFIRMED.value
            # We asked: whoever does not answer in time is not late.
            how = bookings.counted(task, booking) | {"late": False}
            work.take(task, booking, "release_unanswered", row=how, reason=reason)
            bookings.fall(task, others)
            _end_calls(task, row.id, "released")
            offers.tidy(task)
            return 1

    return keys.once(act)


def _is_silent(db: Session, booking: Booking) -> bool:
    """Whether nobody has answered although a mail that asked has been sent."""
    sent = select(Outbox.id).where(
        Outbox.booking_id == booking.id, Outbox.kind == "reconfirm", Outbox.status == "sent"
    )
    answered = db.scalar(select(B.reconfirmed_at).where(B.id == booking.id))
    reached = db.execute(sent.limit(1)).one_or_none() is not None
    return booking.state is State.CONFIRMED and answered is None and reached
