"""Bills: made at pick-up, from the times at the door and what staff have added by hand.

Everything happens under the lock of the booking's day; whatever staff add or correct is audited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import exemptions, fees, states
from reservation.domain.fees import Extras, Payer, Stay, written
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import State
from reservation.domain.values import Booking
from reservation.services import acts, audit, work
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome
from reservation.services.work import Work
from reservation.store import exemptions as proofs
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.money import BillRow
from reservation.store.tables.people import Exemption
from reservation.store.tables.places import Facility, Municipality

MOST_YEN = 50_000
"""Of a taxi, and of a correction either way."""


@dataclass(frozen=True, slots=True)
class Added:
    """What staff have entered, as a whole: it replaces what was entered before."""

    extras: Extras
    reason: str = ""


def change(booking_id: str, added: Added, by: By, key: Key | None, now: Now) -> Outcome:
    """Add items and the taxi, or correct the bill: 'billed'; after pick-up it is made anew.

    NOT_POSSIBLE unless the child is or was in care. Raises ValueError for an item that the rule
    book does not know, an amount beyond the limits, and a correction without a reason.
    """
    if added.extras.correction and not added.reason.strip():
        raise ValueError("a correction needs its reason in words")

    def step(task: Work, booking: Booking) -> Outcome:
        if booking.state not in states.CAME:
            raise states.NotPossible("bill", booking.state)
        _must_be_known(task.day(booking).rules, added.extras)
        row = _row(task.db, booking)
        row.items = dict(sorted(added.extras.items.items()))
        row.taxi, row.correction = added.extras.taxi, added.extras.correction
        row.reason = added.reason.strip() or None
        if booking.state is State.COMPLETED:
            make(task, booking)
        detail: dict[str, Any] = {**row.items, "taxi": row.taxi, "correction": row.correction}
        audit.record(
            task.db, task.by, task.at, "bill", "booking", booking.id,
            facility_id=booking.facility_id, care_day=booking.care_day, frm=booking.state,
            to=booking.state, on_behalf_of=work.owner(task, booking.id), note=row.reason,
            detail=detail,
        )  # fmt: skip
        task.mark((booking.facility_id, booking.care_day))
        return Outcome("billed", booking.id)

    return acts.on_one(booking_id, by, key, now, step, ended=True)


def make(task: Work, booking: Booking) -> None:
    """A step: compute the bill of a child that has been fetched, and keep it."""
    at_door = task.db.execute(
        select(
            BookingRow.price, BookingRow.residence, BookingRow.family_id,
            BookingRow.checked_in_at, BookingRow.checked_out_at, Municipality.code,
            *proofs.COLUMNS,
        )
        .join(Facility, Facility.id == BookingRow.facility_id)
        .join(Municipality, Municipality.id == Facility.municipality_id)
        .outerjoin(
            Exemption,
            proofs.newest(BookingRow.family_id, Facility.municipality_id, BookingRow.care_day),
        )
        .where(BookingRow.id == booking.id)
    ).one()  # fmt: skip
    row = _row(task.db, booking)
    left = at_door.checked_out_at or task.at
    rules = task.day(booking).rules
    standing = exemptions.on_day(rules.fees, proofs.proof(at_door), booking.care_day)
    bill = fees.bill(
        rules,
        Payer(at_door.residence, at_door.code, standing.fee_class, standing.expired),
        Stay(booking.care_day, at_door.checked_in_at or left, left),
        at_door.price,
        Extras(items=row.items, taxi=row.taxi, correction=row.correction),
    )
    row.lines, row.total, row.made_at = written.write(bill), bill.total, task.at
    task.db.flush()


def drop(task: Work, booking: Booking) -> None:
    """A step: the child is still here; what staff have added stays."""
    row = _row(task.db, booking)
    row.lines = row.total = row.made_at = None
    task.db.flush()


def _row(db: Session, booking: Booking) -> BillRow:
    found = db.get(BillRow, booking.id)
    if found is None:
        found = BillRow(
            booking_id=booking.id, facility_id=booking.facility_id, items={}, correction=0
        )
        db.add(found)
    return found


def _must_be_known(rules: RuleBook, extras: Extras) -> None:
    codes = {item.code for item in rules.fees.items}
    counts_fit = all(0 <= count <= fees.MOST for count in extras.items.values())
    yen_fits = 0 <= (extras.taxi or 0) <= MOST_YEN and abs(extras.correction) <= MOST_YEN
    if not (codes.issuperset(extras.items) and counts_fit and yen_fits):
        raise ValueError(f"no bill: {extras}")
