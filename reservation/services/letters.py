"""What a queued message needs to be written: whether it is still true, and its facts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urljoin

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from reservation import messages
from reservation.domain import belongings, clocks, dates, doctor_form, morning, queue, vaccines
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import STEPS, State
from reservation.services import elsewhere
from reservation.store import booking_rows, days, later_days, rulebooks
from reservation.store.tables.bookings import BookingRow, Episode
from reservation.store.tables.people import ChildRow, Family, Guardian
from reservation.store.tables.places import DayRow, Facility, Municipality
from reservation.store.tables.records import Task

TRUE_IN: dict[str, frozenset[str]] = {
    kind: frozenset(step.to.value for step in STEPS if step.tells == kind)
    for kind in messages.TOLD_BY_STEPS
} | {
    "reminder_evening": frozenset({State.CONFIRMED.value}),
    "reminder_cutoff": frozenset({State.CONFIRMED.value}),
    "review_late": frozenset({State.REQUESTED.value}),
    "reconfirm": frozenset({State.CONFIRMED.value}),
    "changed": frozenset({State.REQUESTED.value, State.CONFIRMED.value}),
    "passed": frozenset({State.WAITING.value}),
    "coming": frozenset({State.CONFIRMED.value}),
    "photo_again": frozenset(state.value for state in doctor_form.SENDS),
}
"""In which states of its booking a message is still true."""

PAGES = {
    "mail_changed": "/my",
    "joined": "/my",
    "registration_approved": "/my",
    "registration_returned": "/my",
    "registration_declined": "/my",
}
"""Where a message about no booking leads. Codes lead nowhere, so that nobody learns to follow
a link beside a code."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A claimed row of the outbox."""

    id: str
    kind: str
    channel: str
    address: str
    language: str
    params: str | None
    facility_id: str | None
    booking_id: str | None
    guardian_id: str | None
    created_at: datetime
    useful_until: datetime | None
    attempts: int


def why_not(db: Session, one: Envelope, at: datetime) -> str | None:
    """A step: why this message must not go out any more, or None.

    Its time is over, its reader has left, its booking has moved on, or its care day is past.
    """
    if one.useful_until is not None and at >= one.useful_until:
        return "too late"
    if one.guardian_id is not None and db.get(Guardian, one.guardian_id) is None:
        return "reader has left"
    if one.kind not in messages.OF_BOOKINGS:
        return None
    row = db.execute(
        select(BookingRow.state, BookingRow.ends_at, BookingRow.care_day).where(
            BookingRow.id == one.booking_id
        )
    ).one_or_none()
    if row is None:
        return "booking is gone"
    if row.state not in TRUE_IN[one.kind]:
        return f"booking is {row.state}"
    if one.kind == "offer" and row.ends_at != one.useful_until:
        return "another offer is out"
    if at >= dates.at(row.care_day + timedelta(days=1), time(0)):
        return "day is over"
    return None


def facts(db: Session, one: Envelope, at: datetime, base_url: str) -> dict[str, Any]:
    """A step: what the text of this message says (messages.render's ``params``).

    ``base_url`` is the address of the site without a slash at its end. Raises
    rulebooks.NoRuleBook for a facility without rules.
    """
    given = json.loads(one.params) if one.params else {}
    known: dict[str, Any] = {"home": f"{base_url}/", **given}
    if "until" in given:
        known["until"] = datetime.fromisoformat(given["until"])
    elif one.useful_until is not None:
        known["until"] = one.useful_until
    path = given.get("link") or PAGES.get(one.kind, "")
    known["link"] = urljoin(f"{base_url}/", path) if path else ""
    if one.kind in messages.OF_BOOKINGS:
        booking: Any = db.execute(
            select(BookingRow.__table__, Episode.onset, ChildRow.vaccines)
            .join(Episode, Episode.id == BookingRow.episode_id)
            .join(ChildRow, ChildRow.id == BookingRow.child_id)
            .where(BookingRow.id == one.booking_id)
        ).one()
        rules = rulebooks.in_force(db, booking.facility_id, booking.care_day)
        known |= _of_booking(rules, booking, one, at)
        known["by"] = _by(db, known.pop("guardian", None), one, booking.family_id)
        page = "coming" if one.kind == "reconfirm" else "bookings"
        known["link"] = f"{base_url}/my/{page}/{booking.id}"
        known |= _MORE.get(one.kind, _nothing)(db, rules, booking, at)
    elif one.facility_id is not None:
        rules = rulebooks.in_force(db, one.facility_id, dates.local(at).date())
    else:
        return known | _of_town(_town(db, one, given))
    known |= _of_facility(rules)
    town = _of_town(_town(db, one, given))
    known["town"], known["town_telephone"] = town["town"], town.get("telephone", "")
    return known


def _of_facility(rules: RuleBook) -> dict[str, Any]:
    about = rules.about
    return {
        "facility": about.short_name,
        "telephone": about.telephone,
        "hours": about.telephone_hours,
    }


def _of_town(town: Row[Any] | None) -> dict[str, Any]:
    if town is None:
        return {"town": {}}
    return {"town": town.name, "telephone": town.telephone, "hours": town.telephone_hours}


def _of_booking(rules: RuleBook, row: Row[Any], one: Envelope, at: datetime) -> dict[str, Any]:
    hours = dates.hours(rules, row.care_day)
    opens, closes = (hours.opens, hours.closes) if hours else (None, None)
    booking = booking_rows.to_booking(row)
    open_conditions = [c for c in booking.conditions if c.is_open]
    return {
        "booking_id": row.id,
        "written": one.created_at,
        "day": row.care_day,
        "opens": opens,
        "closes": closes,
        "starts": dates.at(row.care_day, opens or time(0)),
        "ends": dates.at(row.care_day, closes or time(23, 59)),
        "open_conditions": [(c.code, c.due_at) for c in open_conditions],
        "form": rules.doctor_form.name,
        "to_bring": belongings.to_bring(rules, row.birthday, row.care_day),
        "has_morning": bool(morning.of(rules, booking, row.onset, vaccines.read(row.vaccines))),
        "cancel_until": row.cancel_until,
        "can_cancel": row.cancel_until is not None and at < row.cancel_until,
        "by_telephone": rules.cancelling.afterwards == "telephone",
        "price": row.price,
        "review_due": row.review_due,
        "reason": row.reason,
        "late_fee": rules.cancelling.late_fee if row.late else 0,
    }


def _by(db: Session, who: str | None, one: Envelope, family_id: str) -> str | None:
    """The name of the other guardian who did it ('' without a name or since removed); None when it
    was the reader, staff or the clock."""
    if who is None or who == one.guardian_id:
        return None
    named = select(Guardian.name).where(Guardian.id == who, Guardian.family_id == family_id)
    return db.scalar(named) or ""


def _waiting(db: Session, rules: RuleBook, row: Row[Any], at: datetime) -> dict[str, Any]:
    day = days.load(db, row.facility_id, row.care_day)
    return {
        "rank": queue.rank(day, row.id),
        "wakes": row.wakes,
        "called_up": rules.waiting.mode == "automatic",
        "quiet_from": rules.waiting.quiet_from,
        "quiet_until": rules.waiting.quiet_until,
    }


def _offer(db: Session, rules: RuleBook, row: Row[Any], at: datetime) -> dict[str, Any]:
    asked = select(func.count()).where(
        BookingRow.facility_id == row.facility_id,
        BookingRow.care_day == row.care_day,
        BookingRow.round_id == row.round_id,
        BookingRow.state == State.OFFERED.value,
    )
    return {"asked": db.execute(asked).scalar_one(), "together": row.together is not None}


def _lapsed(db: Session, rules: RuleBook, row: Row[Any], at: datetime) -> dict[str, Any]:
    return {"last_chance": row.lapses >= rules.waiting.lapses_allowed}


def _ended(db: Session, rules: RuleBook, row: Row[Any], at: datetime) -> dict[str, Any]:
    unanswered = row.lapses > rules.waiting.lapses_allowed
    return {
        "unanswered": row.lapses if unanswered else 0,
        "rooms": elsewhere.still_take(db, row, at),
        "asked_at": at,
    }


def _closed(db: Session, rules: RuleBook, row: Row[Any], at: datetime) -> dict[str, Any]:
    why = select(DayRow.closed).where(
        DayRow.facility_id == row.facility_id, DayRow.date == row.care_day
    )
    return {"closed": db.execute(why).scalar() or ""}


def _late(db: Session, rules: RuleBook, row: Row[Any], at: datetime) -> dict[str, Any]:
    declines = rules.booking.unreviewed == "decline"
    return {"declined_at": clocks.stop_at(rules, row.care_day) if declines else None}


def _reconfirm(db: Session, rules: RuleBook, row: Row[Any], at: datetime) -> dict[str, Any]:
    takes = later_days.after(db, row.id) if rules.chain.model == "cascade" else None
    later = [one.day for one in takes.days] if takes else []
    return {"releases": rules.reminders.reconfirm == "release", "later": later}


def _changed(db: Session, rules: RuleBook, row: Row[Any], at: datetime) -> dict[str, Any]:
    seeks = select(Task.id).where(
        Task.booking_id == row.id, Task.kind == "reseat", Task.done_at.is_(None)
    )
    return {"seeking": db.execute(seeks.limit(1)).first() is not None}


def _nothing(db: Session, rules: RuleBook, row: Row[Any], at: datetime) -> dict[str, Any]:
    return {}


_MORE: dict[str, Callable[[Session, RuleBook, Row[Any], datetime], dict[str, Any]]] = {
    "waiting": _waiting,
    "offer": _offer,
    "offer_lapsed": _lapsed,
    "list_ended": _ended,
    "closed": _closed,
    "review_late": _late,
    "reconfirm": _reconfirm,
    "changed": _changed,
}


def _town(db: Session, one: Envelope, given: dict[str, Any]) -> Row[Any] | None:
    """The municipality of the facility, of the reader, named by ``municipality_id``, or the
    only one there is; None when that leaves it open."""
    towns = select(
        Municipality.id, Municipality.name, Municipality.telephone, Municipality.telephone_hours
    )
    if one.facility_id is not None:
        towns = towns.join(Facility, Facility.municipality_id == Municipality.id).where(
            Facility.id == one.facility_id
        )
    elif "municipality_id" in given:
        towns = towns.where(Municipality.id == given["municipality_id"])
    elif one.guardian_id is not None:
        towns = (
            towns.join(Family, Family.municipality_id == Municipality.id)
            .join(Guardian, Guardian.family_id == Family.id)
            .where(Guardian.id == one.guardian_id)
        )
    found: Any = db.execute(towns.limit(2)).all()
    return found[0] if len(found) == 1 else None
