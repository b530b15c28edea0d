"""Registrations are decided: approved, returned with a question, or declined.

One act for both places that decide: the staff of a facility that registers its own children, and
the officers of a municipality. Approving closes the open condition ``registration`` on the child's
coming bookings in the same transaction, so that no family waits for a second decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import dates
from reservation.domain.refusals import Code, Refusal
from reservation.domain.states import OPEN
from reservation.services import audit, desk, keys, offers, outbox, work
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import NotFound, Outcome, refused
from reservation.services.registrations import Place
from reservation.services.work import Work
from reservation.store import rulebooks
from reservation.store.days import DayKey
from reservation.store.db import write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow, Family, Registration
from reservation.store.tables.places import Facility
from reservation.store.types import AnyRow

BECOMES = {"approve": "approved", "return": "returned", "decline": "declined"}
"""What can be decided, and the status that follows."""
FROM = {
    "approve": frozenset({"pending", "returned"}),
    "return": frozenset({"pending"}),
    "decline": frozenset({"pending", "returned"}),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided. ``answer`` are the words the family reads (a must for 'return' and
    'decline'), ``number`` the registration's number where the place gives one."""

    what: str
    answer: str = ""
    number: str = ""


def decide(
    registration_id: str, place: Place, decision: Decision, by: By, key: Key | None, now: Now
) -> Outcome:
    """Decide about a registration with this place: 'approved', 'returned' or 'declined'.

    The outcome's values say how many bookings lost their condition (``closed``) and how many
    guardians were told (``told``). NOT_POSSIBLE when somebody else has decided meanwhile. Raises
    NotFound for a registration with another place, ValueError for an unknown decision or one that
    needs words and has none.
    """
    if decision.what not in BECOMES or (decision.what != "approve" and not decision.answer.strip()):
        raise ValueError(f"no decision: {decision.what!r}")

    def act() -> Outcome:
        with write() as db:
            family_id = _family(db, registration_id, place)
            # The family before the days: a booking made meanwhile is either seen here, or it
            # waits and then finds the registration decided (answers.md §1.8).
            db.execute(select(Family.id).where(Family.id == family_id).with_for_update())
            task = work.lock(db, _coming(db, registration_id, dates.local(now()).date()), by, now)
            if (past := keys.find(db, key)) is not None:
                return past
            row = _locked(db, registration_id)
            outcome = refused(Refusal(Code.NOT_POSSIBLE))
            if row.status in FROM[decision.what]:
                closed = _close(task, row) if decision.what == "approve" else 0
                _store(task, row, decision)
                told = _tell(task, row, family_id, decision.what)
                values = {"closed": closed, "told": told}
                outcome = Outcome(BECOMES[decision.what], values=values)
            offers.tidy(task)
            return keys.keep(db, key, outcome, task.at)

    return keys.once(act)


def _family(db: Session, registration_id: str, place: Place) -> str:
    family_id = db.scalar(
        select(ChildRow.family_id)
        .join(Registration, Registration.child_id == ChildRow.id)
        .where(
            Registration.id == registration_id,
            Registration.facility_id.is_not_distinct_from(place.facility_id),
            Registration.municipality_id.is_not_distinct_from(place.municipality_id),
        )
    )
    if family_id is None:
        raise NotFound(registration_id)
    return family_id


def _locked(db: Session, registration_id: str) -> AnyRow:
    return db.execute(
        select(
            Registration.id, Registration.child_id, Registration.status,
            Registration.facility_id, Registration.municipality_id,
        ).where(Registration.id == registration_id).with_for_update()
    ).one()  # fmt: skip


def _coming(db: Session, registration_id: str, today: date) -> set[DayKey]:
    """The days of the child's open bookings from today on, at the facilities of the place."""
    rows = db.execute(
        select(BookingRow.facility_id, BookingRow.care_day)
        .join(Registration, Registration.child_id == BookingRow.child_id)
        .join(Facility, Facility.id == BookingRow.facility_id)
        .where(
            Registration.id == registration_id,
            (Registration.facility_id == Facility.id)
            | (Registration.municipality_id == Facility.municipality_id),
            BookingRow.care_day >= today,
            BookingRow.state.in_([state.value for state in sorted(OPEN)]),
        )
    )
    return {(row.facility_id, row.care_day) for row in rows}


def _close(task: Work, row: AnyRow) -> int:
    """Close the condition on the locked days where the rule book asks for this very scope."""
    scope = "facility" if row.facility_id else "municipality"
    count = 0
    for day in list(task.days.values()):
        if day.rules.registering.scope != scope:
            continue
        for booking in day.bookings:
            if booking.child_id != row.child_id:
                continue
            closed = tuple(
                replace(c, closed_at=task.at) if c.code == "registration" and c.is_open else c
                for c in booking.conditions
            )
            if closed != booking.conditions:
                after = booking.change(conditions=closed)
                desk.change(task, booking, after, "close_condition", "registration")
                count += 1
    return count


def _store(task: Work, row: AnyRow, decision: Decision) -> None:
    values: dict[str, Any] = {
        "status": BECOMES[decision.what],
        "decided_at": task.at,
        "decided_by": task.by.id,
        "answer": decision.answer.strip() or None,
    }
    if decision.what == "approve":
        values |= _validity(task.db, row, task.at)
        values |= {"number": decision.number.strip() or None}
    task.db.execute(
        update(Registration)
        .where(Registration.id == row.id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        task.db, task.by, task.at, decision.what, "registration", row.id,
        facility_id=row.facility_id, frm=row.status, to=BECOMES[decision.what],
    )  # fmt: skip


def _validity(db: Session, row: AnyRow, at: datetime) -> Mapping[str, date]:
    """Until the end of the fiscal year where a facility of this place renews each year."""
    today = dates.local(at).date()
    facilities = select(Facility.id).where(
        (Facility.id == row.facility_id) | (Facility.municipality_id == row.municipality_id)
    )
    for facility_id in db.scalars(facilities):
        try:
            rule = rulebooks.in_force(db, facility_id, today).registering
        except rulebooks.NoRuleBook:
            continue
        mine = "facility" if row.facility_id else "municipality"
        if rule.scope == mine and rule.renewal == "fiscal_year":
            return {"valid_to": date(dates.fiscal_year(today) + 1, 3, 31)}
    return {}


def _tell(task: Work, row: AnyRow, family_id: str, what: str) -> int:
    kind = f"registration_{BECOMES[what]}"
    note = outbox.Note(kind, f"{kind}:{row.id}:{task.at.isoformat()}", task.at)
    return outbox.tell_family(
        task.db, note, family_id, task.at,
        facility_id=row.facility_id, booking_id=None, care_day=None,
    )  # fmt: skip
