"""A doctor's form as staff enter it: it names the illness, may keep the child apart, and closes
what was still to come, on every open day of the child at this facility."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import dates, doctor_form, illnesses
from reservation.domain.doctor_form import Paper
from reservation.domain.refusals import Code, Refusal
from reservation.domain.states import OPEN
from reservation.domain.values import Booking
from reservation.services import audit, keys, offers, photos, rooming, work
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome, refused
from reservation.services.work import Work
from reservation.store.db import write
from reservation.store.tables.bookings import BookingRow, literals
from reservation.store.tables.papers import DoctorFormRow
from reservation.store.types import AnyRow, new_id

KEPT = timedelta(days=90)
"""After its day of issue a form is forgotten (docs/decisions.md)."""
ISOLATION = "2"
"""The rest level that keeps a child apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What stands on the form. ``phase`` is 'acute' or 'recovering' or '', ``rest`` '1' to '4'."""

    illness: str
    issued: date
    clinic: str = ""
    phase: str = ""
    rest: str = "4"
    tests: str = ""

    @property
    def paper(self) -> Paper:
        """The same as the rules look at it."""
        return Paper(self.illness, self.issued, self.rest == ISOLATION)


def enter(booking_id: str, form: Written, by: By, key: Key | None, now: Now) -> Outcome:
    """Keep a form and re-seat: 'kept', 'moved' or 'unseated' as rooming.change_illness.

    The child's other open days at this facility for which the form is good take it over too.
    Refused with NOT_POSSIBLE for a booking that is over. Raises ValueError for an illness that is
    not in the catalogue and for a clinic whose forms the rule book does not take.
    """
    if form.illness not in illnesses.CATALOGUE:
        raise ValueError(f"not in the catalogue of illnesses: {form.illness!r}")

    def act() -> Outcome:
        with write() as db:
            ref = work.reference(db, booking_id, by)
            task = work.lock(db, _days(db, ref), by, now, family_id=ref.family_id)
            if (past := keys.find(db, key)) is not None:
                return past
            booking = task.days[(ref.facility_id, ref.care_day)].booking(booking_id)
            if booking is None:
                return offers.close(task, key, _over(booking_id))
            return offers.close(task, key, _entered(task, booking, form))

    return keys.once(act)


def _days(db: Session, ref: AnyRow) -> set[tuple[str, date]]:
    """Where the child has something open at this facility; its family is not locked yet, and a
    booking that comes meanwhile asks for the newest form itself."""
    found = db.scalars(
        select(BookingRow.care_day).where(
            BookingRow.facility_id == ref.facility_id,
            BookingRow.child_id == ref.child_id,
            BookingRow.state.in_(literals(OPEN)),
        )
    )
    return {(ref.facility_id, day) for day in (ref.care_day, *found)}


def _over(booking_id: str) -> Outcome:
    return refused(Refusal(Code.NOT_POSSIBLE), booking_id=booking_id)


def _entered(task: Work, booking: Booking, form: Written) -> Outcome:
    if not doctor_form.takes(task.day(booking).rules, form.clinic):
        raise ValueError("a form of a clinic that this facility does not take")
    _keep(task, booking, form)
    photos.seen(task.db, booking.id, task.by, task.at)
    outcome = rooming.reseat(task, booking, form.illness, form.paper)
    for other in _others(task, booking):
        rules = task.day(other).rules
        if doctor_form.is_good(rules, form.paper, form.illness, other.care_day):
            photos.seen(task.db, other.id, task.by, task.at)
            rooming.reseat(task, other, form.illness, form.paper)
    return outcome


def _others(task: Work, booking: Booking) -> Iterable[Booking]:
    days = [task.days[key] for key in sorted(task.days)]
    mine = [b for day in days for b in day.bookings if b.child_id == booking.child_id]
    return [one for one in mine if one.id != booking.id and one.state in OPEN]


def _keep(task: Work, booking: Booking, form: Written) -> None:
    episode = select(BookingRow.episode_id).where(BookingRow.id == booking.id).scalar_subquery()
    row = {
        "id": new_id(),
        "facility_id": booking.facility_id,
        "child_id": booking.child_id,
        "episode_id": task.db.execute(select(episode)).scalar_one(),
        "illness": form.illness,
        "issued": form.issued,
        "isolated": form.paper.isolated,
        "clinic": form.clinic or None,
        "phase": form.phase or None,
        "rest": form.rest,
        "tests": form.tests or None,
        "entered_at": task.at,
        "entered_by": task.by.id,
    }
    task.db.execute(insert(DoctorFormRow), [row])
    audit.record(
        task.db, task.by, task.at, "doctor_form", "booking", booking.id,
        facility_id=booking.facility_id, care_day=booking.care_day, frm=booking.state,
        to=booking.state, on_behalf_of=work.owner(task, booking.id),
    )  # fmt: skip


def forget(now: Now) -> int:
    """A job: forms whose day of issue is long past go. Returns how many."""
    before = dates.local(now()).date() - KEPT
    with write() as db:
        gone = delete(DoctorFormRow).where(DoctorFormRow.issued < before)
        done: Any = db.execute(gone.execution_options(synchronize_session=False))
        return int(done.rowcount)
