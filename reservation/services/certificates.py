"""Staff or officers have seen a family's paper of enrolment or work, or take that back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import certificates, dates
from reservation.domain.certificates import Certificate
from reservation.domain.rulebook.people import CERTIFICATES
from reservation.domain.states import OPEN
from reservation.services import audit, desk, keys, offers, shown, work
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome
from reservation.services.shown import Shown
from reservation.services.work import Work
from reservation.store import certificates as store
from reservation.store.days import DayKey
from reservation.store.db import write
from reservation.store.tables.bookings import BookingRow, literals
from reservation.store.tables.people import CertificateRow
from reservation.store.tables.places import Facility
from reservation.store.types import AnyRow, new_id


def enter(at_desk: Shown, seen: Certificate, by: By, key: Key | None, now: Now) -> Outcome:
    """Keep that the family has shown this paper: 'kept'; its value ``bookings`` counts those that
    waited for it.

    It counts at every facility of the municipality from its first care day on. Raises NotFound
    for what is another place's, ValueError for an unknown paper and an end before the beginning.
    """
    backwards = seen.valid_to is not None and seen.valid_to < seen.valid_from
    if seen.paper not in CERTIFICATES or backwards:
        raise ValueError("no certificate: its kind or its days")

    def step(task: Work, ref: AnyRow) -> None:
        identity = new_id()
        row = {
            "id": identity, "family_id": ref.family_id, "child_id": ref.child_id,
            "municipality_id": ref.municipality_id, "paper": seen.paper,
            "valid_from": seen.valid_from, "valid_to": seen.valid_to,
            "seen_at": task.at, "seen_by": by.id,
        }  # fmt: skip
        task.db.execute(insert(CertificateRow), [row])
        _record(task, "see_certificate", identity, at_desk, ref)

    return _changed("kept", "close_condition", at_desk, step, by, key, now)


def take_back(at_desk: Shown, certificate_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """It was a mistake: the paper counts no more, and bookings wait for it again: 'taken_back'.

    A paper that is gone already, or another family's, changes nothing. Raises NotFound for what
    is another place's.
    """

    def step(task: Work, ref: AnyRow) -> None:
        mine = store.of_child(ref.family_id, ref.child_id, ref.municipality_id)
        gone = delete(CertificateRow).where(CertificateRow.id == certificate_id, mine)
        done: Any = task.db.execute(gone.execution_options(synchronize_session=False))
        if done.rowcount:
            _record(task, "take_back_certificate", certificate_id, at_desk, ref)

    return _changed("taken_back", "open_condition", at_desk, step, by, key, now)


def first_day(care_day: date, now: Now) -> date:
    """From when a paper counts that is shown now for a care day."""
    return certificates.first_day(care_day, dates.local(now()).date())


def _changed(
    code: str,
    action: str,
    at_desk: Shown,
    step: Callable[[Work, AnyRow], None],
    by: By,
    key: Key | None,
    now: Now,
) -> Outcome:
    def act() -> Outcome:
        with write() as db:
            ref = shown.whose(db, at_desk)
            task = work.lock(db, _days(db, ref), by, now, family_id=ref.family_id)
            if (past := keys.find(db, key)) is not None:
                return past
            step(task, ref)
            changed = _settle(task, ref, action)
            return offers.close(task, key, Outcome(code, values={"bookings": changed}))

    return keys.once(act)


def _days(db: Session, ref: AnyRow) -> set[DayKey]:
    """The days of the family's open bookings in the municipality."""
    rows = db.execute(
        select(BookingRow.facility_id, BookingRow.care_day)
        .join(Facility, Facility.id == BookingRow.facility_id)
        .where(
            BookingRow.family_id == ref.family_id,
            BookingRow.state.in_(literals(OPEN)),
            Facility.municipality_id == ref.municipality_id,
        )
    )
    return {(row.facility_id, row.care_day) for row in rows}


def _settle(task: Work, ref: AnyRow, action: str) -> int:
    """Close, and open again, what the family's bookings wait for. Returns how many changed."""
    seen: dict[str, Iterable[Certificate]] = {}
    count = 0
    for day in list(task.days.values()):
        for booking in [one for one in day.bookings if one.family_id == ref.family_id]:
            child = booking.child_id
            if child not in seen:
                rows = store.rows(task.db, ref.family_id, child, ref.municipality_id)
                seen[child] = [store.of_row(row) for row in rows]
            after = booking.change(
                conditions=certificates.settled(day.rules, booking, seen[child], task.at)
            )
            if after != booking:
                desk.change(task, booking, after, action)
                count += 1
    return count


def _record(task: Work, action: str, identity: str, at_desk: Shown, ref: AnyRow) -> None:
    audit.record(
        task.db, task.by, task.at, action, "certificate", identity,
        facility_id=at_desk.place.facility_id, on_behalf_of=ref.family_id,
    )  # fmt: skip
