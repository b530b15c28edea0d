"""One booking beside the board: all that is known of it, and what may be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reservation.domain import chain, doctor_form, illnesses, morning, states
from reservation.domain.doctor_form import Paper
from reservation.domain.morning import Statement
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.fields import Text
from reservation.domain.rulebook.money import Item
from reservation.domain.states import CAME, Actor
from reservation.domain.values import Day, holds_place
from reservation.reads import bills, children_of_day, photos, rooms_of_day
from reservation.reads.bills import Charged
from reservation.reads.children_of_day import Carer, DayChild
from reservation.reads.photos import Sent
from reservation.store.later_days import LaterDays, after
from reservation.store.tables.access import Account
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.papers import DoctorFormRow
from reservation.store.tables.records import Audit


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the booking's history. ``who`` is 'family', 'clock', or a colleague's name."""

    action: str
    to: str
    at: datetime
    who: str
    channel: str
    note: str


@dataclass(frozen=True, slots=True)
class EnteredForm:
    """A doctor's form as it was entered; ``illness`` is a msgid, ``until`` its last care day."""

    illness: str
    issued: date
    until: date
    clinic: str
    phase: str
    rest: str
    tests: str
    is_good: bool
    """Whether it counts for this booking."""


@dataclass(frozen=True, slots=True)
class Card:
    """A child's card. ``may`` are the actions that staff may take from this state."""

    child: DayChild
    carers: tuple[Carer, ...]
    may: frozenset[str]
    rooms: tuple[tuple[str, Text, bool], ...]
    every_room: tuple[tuple[str, Text], ...]
    room: Text | None
    visits: int
    events: tuple[Event, ...]
    holds: bool
    money: Charged
    items: tuple[Item, ...]
    """What the rule book sells beside the day."""
    taxi: bool
    form: EnteredForm | None
    photos: tuple[Sent, ...]
    """Of the doctor's form, as the family sent them."""
    takes_photos: bool
    rules: RuleBook
    later: LaterDays
    """The days that may fall when the family cancels this one."""
    morning: tuple[Statement, ...]
    """What must hold at the door; asked before the child is let in."""

    @property
    def asks_papers(self) -> bool:
        """Whether families show papers here: for lower fees, or of enrolment and work."""
        return bool(self.rules.fees.classes or self.rules.eligibility.certificates)


def card(db: Session, facility_id: str, booking_id: str, day: Day, now: datetime) -> Card | None:
    """A step: the card of a booking of this facility; None for one that is not there."""
    found = children_of_day.children(
        db, BookingRow.id == booking_id, BookingRow.facility_id == facility_id
    )
    if not found:
        return None
    child = found[0]
    stored = day.booking(booking_id) or child.booking
    holds = holds_place(stored, now)
    rooms = day.rules.places.rooms
    return Card(
        child,
        children_of_day.carers(db, [child.family_id]).get(child.family_id, ()),
        frozenset(step.action for step in states.possible(child.state, Actor.STAFF)),
        rooms_of_day.may_move_to(day, stored, now) if holds else (),
        tuple((room.id, room.label) for room in rooms if room.id not in day.closed_rooms),
        next((room.label for room in rooms if room.id == stored.room), None),
        _visits(db, child),
        _events(db, booking_id),
        holds,
        bills.of(db, [booking_id])[booking_id],
        day.rules.fees.items,
        day.rules.fees.taxi,
        _form(db, child, day.rules),
        photos.of_booking(db, booking_id) if day.rules.doctor_form.by_photo else (),
        doctor_form.takes_photos(day.rules, child.booking),
        day.rules,
        _later(db, day, booking_id),
        _morning(day, child),
    )


def _morning(day: Day, child: DayChild) -> tuple[Statement, ...]:
    if child.state in states.ENDED or child.checked_in_at is not None:
        return ()
    return morning.of(day.rules, child.booking, child.onset, child.vaccines)


def _form(db: Session, child: DayChild, rules: RuleBook) -> EnteredForm | None:
    """The newest doctor's form that this facility has of the child."""
    booking = child.booking
    row = db.scalars(
        select(DoctorFormRow)
        .where(
            DoctorFormRow.facility_id == booking.facility_id,
            DoctorFormRow.child_id == booking.child_id,
        )
        .order_by(DoctorFormRow.entered_at.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    paper = Paper(row.illness, row.issued, row.isolated)
    return EnteredForm(
        illnesses.CATALOGUE[row.illness].words,
        row.issued,
        doctor_form.last_day(rules, paper),
        row.clinic or "",
        row.phase or "",
        row.rest or "",
        row.tests or "",
        doctor_form.is_good(rules, paper, booking.illness, booking.care_day),
    )


def _later(db: Session, day: Day, booking_id: str) -> LaterDays:
    if chain.takes_others(day.rules):
        return after(db, booking_id)
    return LaterDays(day.rules.chain.model)


def _visits(db: Session, child: DayChild) -> int:
    """How often the child has been here, this booking not counted."""
    return db.execute(
        select(func.count()).where(
            BookingRow.facility_id == child.booking.facility_id,
            BookingRow.child_id == child.booking.child_id,
            BookingRow.state.in_(sorted(CAME)),
            BookingRow.id != child.id,
        )
    ).scalar_one()


def _events(db: Session, booking_id: str) -> tuple[Event, ...]:
    rows = db.execute(
        select(Audit.action, Audit.to, Audit.at, Audit.actor, Audit.channel, Audit.note,
               Account.name)
        .outerjoin(Account, Account.id == Audit.actor_id)
        .where(Audit.entity == "booking", Audit.entity_id == booking_id)
        .order_by(Audit.seq)
    )  # fmt: skip
    return tuple(
        Event(row.action, row.to or "", row.at, row.name or row.actor, row.channel, row.note or "")
        for row in rows
    )
