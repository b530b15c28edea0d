"""What staff do by telephone: an offer is answered, news is told, a try is noted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain.refusals import Code, Refusal
from reservation.services import audit, keys, offers, others, reconfirming, work
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import NotFound, Outcome, refused
from reservation.services.several_days import UNASKED, Falling
from reservation.services.work import Work
from reservation.store.days import DayKey
from reservation.store.db import write
from reservation.store.tables.records import Task
from reservation.store.types import AnyRow

ANSWERS = ("yes", "no", "no_answer", "done")


def answer(task_id: str, said: str, by: By, key: Key | None, now: Now) -> Outcome:
    """What came of a telephone call.

    'yes' and 'no' answer the offer of a 'call_offer', and of a 'call_coming' whether the child
    comes, like the family's own buttons; 'done' ends
    any other task; 'no_answer' notes the try and leaves the task open. Refused like the offer:
    OFFER_ENDED, ALREADY_GONE; the task ends then too. Raises NotFound for another facility's task,
    ValueError for an unknown answer.
    """
    if said not in ANSWERS:
        raise ValueError(f"no answer to a task: {said!r}")

    def act() -> Outcome:
        with write() as db:
            row = _task(db, task_id, by)
            if said in ("yes", "no") and row.booking_id is not None:
                return _answer_offer(db, row, said, by, key, now)
            at = now()
            row = _task(db, task_id, by, lock=True)
            if (past := keys.find(db, key)) is not None:
                return past
            return keys.keep(db, key, _note(db, row, said, by, at), at)

    return keys.once(act)


def told(db: Session, booking_id: str, by: By, at: datetime) -> None:
    """A step: what would have to be telephoned about this booking has just been said."""
    db.execute(
        update(Task)
        .where(
            Task.booking_id == booking_id,
            Task.kind.in_(["call_news", "call_offer"]),
            Task.done_at.is_(None),
        )
        .values(done_at=at, done_by=by.id, result="done")
        .execution_options(synchronize_session=False)
    )


def _answer_offer(
    db: Session, row: AnyRow, said: str, by: By, key: Key | None, now: Now
) -> Outcome:
    ref = work.reference(db, row.booking_id, by)
    where = (ref.facility_id, ref.care_day)
    falling = Falling(UNASKED)
    locked = others.keys_beside(db, ref)
    if row.kind == "call_coming" and said == "no":
        locked.update(falling.keys(db, ref))
    task = work.lock(db, locked, by, now, family_id=ref.family_id)
    row = _task(db, row.id, by, lock=True)
    if (past := keys.find(db, key)) is not None:
        return past
    if row.done_at is not None or row.kind not in CALLS:
        outcome = refused(Refusal(Code.NOT_POSSIBLE), booking_id=ref.id)
    else:
        outcome = CALLS[row.kind](task, where, ref.id, said == "yes", falling)
        _end(db, row, "gone" if outcome.is_refused else said, by, task.at)
    offers.tidy(task)
    # The family heard it on the telephone; nobody has to call again.
    if not outcome.is_refused:
        told(db, ref.id, by, task.at)
    return keys.keep(db, key, outcome, task.at)


def _offer(task: Work, where: DayKey, booking_id: str, yes: bool, _falling: Falling) -> Outcome:
    step = offers.yes_step if yes else offers.no_step
    return step(task, where, booking_id)


def _coming(task: Work, where: DayKey, booking_id: str, yes: bool, falling: Falling) -> Outcome:
    booking = task.days[where].booking(booking_id)
    return reconfirming.answer_step(task, booking, yes, falling)


CALLS = {"call_offer": _offer, "call_coming": _coming}
"""Calls that ask something: what a yes or a no to them does."""


def _note(db: Session, row: AnyRow, said: str, by: By, at: datetime) -> Outcome:
    if row.done_at is not None or said in ("yes", "no"):
        return refused(Refusal(Code.NOT_POSSIBLE), booking_id=row.booking_id)
    if said == "no_answer":
        _record(db, row, "no_answer", by, at)
        return Outcome("no_answer", row.booking_id)
    _end(db, row, said, by, at)
    return Outcome("done", row.booking_id)


def _end(db: Session, row: AnyRow, result: str, by: By, at: datetime) -> None:
    db.execute(
        update(Task)
        .where(Task.id == row.id)
        .values(done_at=at, done_by=by.id, result=result)
        .execution_options(synchronize_session=False)
    )
    _record(db, row, "end_task", by, at)


def _record(db: Session, row: AnyRow, action: str, by: By, at: datetime) -> None:
    audit.record(
        db, by, at, action, "task", row.id, facility_id=row.facility_id, care_day=row.care_day,
        on_behalf_of=row.family_id, detail={"kind": row.kind},
    )  # fmt: skip


def _task(db: Session, task_id: str, by: By, *, lock: bool = False) -> AnyRow:
    question = select(Task.__table__).where(Task.id == task_id, Task.facility_id == by.facility_id)
    found = db.execute(question.with_for_update() if lock else question).one_or_none()
    if found is None:
        raise NotFound(task_id)
    return found
