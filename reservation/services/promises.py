"""What a family is promised with a place, copied onto the booking so that it never moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from reservation.domain import clocks, doctor_form, exemptions, fees, gates, illnesses
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import Booking, Condition, Wish
from reservation.services import children, facts
from reservation.services.audit import CLOCK
from reservation.services.children import Known
from reservation.services.facts import Facts


@dataclass(frozen=True, slots=True)
class Promise:
    """Until when it may be cancelled, what is still to come, who decides, and the price."""

    cancel_until: datetime
    conditions: tuple[Condition, ...]
    review: bool
    row: dict[str, Any]


def make(
    db: Session, rules: RuleBook, booking: Booking, at: datetime, found: Facts | None = None
) -> Promise:
    """A step: the promise for a booking that takes its place now (answers.md §5). ``found`` are
    the facts of its child, where the act has asked them already."""
    found = found or facts.ask(db, booking.child_id, booking.facility_id, booking.care_day, at)
    who = children.of(found, rules, CLOCK)
    return of(rules, who, wish_of(booking, who), at)


def of(rules: RuleBook, who: Known, wish: Wish, at: datetime) -> Promise:
    """The same for a child that has just been read."""
    conditions = gates.conditions(rules, wish, at, municipality=who.municipality_code)
    asks = rules.booking.review == "staff" or illnesses.needs_staff(
        rules, wish.complaint, wish.illness
    )
    waits = rules.doctor_form.before_confirming and any(
        one.code == doctor_form.CODE for one in conditions
    )
    review = asks or waits
    standing = exemptions.on_day(rules.fees, who.proof, wish.care_day)
    row: dict[str, Any] = {
        "price": fees.price(rules, who.child.residence, who.municipality_code, standing.fee_class),
        "residence": who.child.residence,
        "review_due": clocks.review_due(rules, wish.care_day, at) if review else None,
    }
    return Promise(
        clocks.cancel_until(rules, wish.care_day),
        conditions,
        review,
        row,
    )


def alike(promised: Sequence[Promise], rules: RuleBook, day: date, at: datetime) -> list[Promise]:
    """These promises with one way of deciding: staff decide about all where they do about one."""
    if not any(one.review for one in promised):
        return list(promised)
    due = {"review_due": clocks.review_due(rules, day, at)}
    return [replace(one, review=True, row={**one.row, **due}) for one in promised]


def wish_of(booking: Booking, who: Known) -> Wish:
    """The wish of a booking, with the child as it is registered now."""
    return Wish(
        child=who.child,
        care_day=booking.care_day,
        complaint=booking.complaint,
        illness=booking.illness,
        asked_at=booking.asked_at,
        booking_id=booking.id,
        isolated=booking.isolated,
    )
