"""While somebody is on the line: which child it is, and what every room could say to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from reservation.domain import dates, families, gates, illnesses, kana, morning, queue, vacancy
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.fields import Text
from reservation.domain.rulebook.sections import Hours
from reservation.domain.states import ON_THE_LIST, State
from reservation.domain.vacancy import Mark
from reservation.domain.values import Child, Complaint, Day, Wish, holds_place
from reservation.reads import children_of_day, coming_days, my_book
from reservation.reads.children_of_day import DayChild
from reservation.store import crypto, days, known_children, rulebooks
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow, Family, Guardian, Registration
from reservation.store.types import AnyRow

MOST = 10
TAIL = 4


@dataclass(frozen=True, slots=True)
class Caller:
    """A child that the search has found. ``registered`` is 'approved', 'pending' or 'none'."""

    child_id: str
    name: str
    kana: str
    birthday: date
    months: int
    nursery: str
    allergies: str
    registered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is asked at a desk: ``own`` is the facility's id, ``asked_at`` when the call came."""

    own: str
    municipality_id: str
    municipality_code: str
    child_id: str
    day: date
    complaint: Complaint
    told: str | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class RoomAnswer:
    """What one room can say to this child on this day."""

    code: str
    name: Text
    telephone: str
    hours: Hours | None
    fee: int
    mark: Mark
    waiting: int
    own: bool
    asks_onset: bool
    """Whether the day on which the illness began must be said."""

    @property
    def rank(self) -> int:
        """Which place in the list the child would get."""
        return self.waiting + 1


@dataclass(frozen=True, slots=True)
class Taken:
    """A call that has been taken: the booking, with its rank while it waits."""

    child: DayChild
    rank: int | None
    room: Text
    hours: Hours | None
    rules: RuleBook


def find(facility_id: str, municipality_id: str, typed: str, now: datetime) -> tuple[Caller, ...]:
    """Children whose reading begins like this, or whose guardian has this telephone number (whole,
    or its last four digits), or with this registration number; at most ten, by reading."""
    today = dates.local(now).date()
    with read() as db:
        rows = db.execute(
            select(
                ChildRow.id, ChildRow.name, ChildRow.kana, ChildRow.birthday, ChildRow.nursery,
                ChildRow.allergies,
            )
            .join(Family, Family.id == ChildRow.family_id)
            .where(
                ChildRow.left_at.is_(None),
                Family.left_at.is_(None),
                known_children.at(facility_id, municipality_id),
                _typed(typed),
            )
            .order_by(ChildRow.kana, ChildRow.birthday, ChildRow.id)
            .limit(MOST)
        ).all()  # fmt: skip
        standing = _standing(db, [row.id for row in rows], facility_id, municipality_id)
    return tuple(_caller(row, standing.get(row.id, []), today) for row in rows)


def caller(facility_id: str, municipality_id: str, child_id: str, now: datetime) -> Caller | None:
    """One child by its id, if this facility may know of it."""
    with read() as db:
        row = db.execute(
            select(
                ChildRow.id, ChildRow.name, ChildRow.kana, ChildRow.birthday, ChildRow.nursery,
                ChildRow.allergies,
            )
            .join(Family, Family.id == ChildRow.family_id)
            .where(
                ChildRow.id == child_id,
                ChildRow.left_at.is_(None),
                known_children.at(facility_id, municipality_id),
            )
        ).one_or_none()  # fmt: skip
        if row is None:
            return None
        standing = _standing(db, [row.id], facility_id, municipality_id)
    return _caller(row, standing.get(row.id, []), dates.local(now).date())


def open_days(facility_id: str, now: datetime) -> tuple[date, ...]:
    """The facility's open days of the coming week, today included."""
    today = dates.local(now).date()
    with read() as db:
        shelf = rulebooks.shelf(db, facility_id)
    week = [today + timedelta(days=n) for n in range(coming_days.HORIZON + 1)]
    return tuple(
        day
        for day in week
        if any(book.valid_from <= day for book in shelf.books)
        and dates.is_open_day(shelf.on(day), day)
    )


def answers(asking: Asking, now: datetime) -> tuple[RoomAnswer, ...]:
    """What every room of the municipality says: the own one first, then those with a place."""
    who = my_book.known(asking.child_id, asking.municipality_id)
    found = []
    places = coming_days.coming(asking.municipality_id, now).places
    own = _booked(((place.id, place.days.get(asking.day)) for place in places), asking, now)
    for place in places:
        there = place.days.get(asking.day)
        if there is None:
            continue
        mine = place.id == asking.own
        child = who(place.id, there.rules, asking.day)
        mark = _mark(there, child, asking, mine, now, own)
        found.append(_answer(place.code, there, mark, mine, child.birthday, asking))
    return tuple(sorted(found, key=lambda a: (not a.own, a.mark.kind == "no")))


def taken(facility_id: str, booking_id: str) -> Taken | None:
    """The booking that a call has led to; None for one that is not this facility's."""
    with read() as db:
        found = children_of_day.children(
            db, BookingRow.id == booking_id, BookingRow.facility_id == facility_id
        )
        if not found:
            return None
        child = found[0]
        day = days.load(db, facility_id, child.booking.care_day)
    waits = child.state in ON_THE_LIST
    return Taken(
        child,
        queue.rank(day, booking_id) if waits else None,
        day.rules.about.short_name,
        dates.hours(day.rules, day.date),
        day.rules,
    )


def calls_of(facility_id: str, now: datetime) -> tuple[DayChild, ...]:
    """The calls that were taken since midnight, newest first."""
    midnight = dates.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    with read() as db:
        found = children_of_day.children(
            db,
            BookingRow.facility_id == facility_id,
            BookingRow.channel == "telephone",
            BookingRow.created_at >= midnight,
            BookingRow.state != State.HELD.value,
        )
    return tuple(sorted(found, key=lambda child: child.created_at, reverse=True))


def _typed(text: str) -> ColumnElement[bool]:
    reading = kana.katakana(text)
    digits = "".join(sign for sign in reading if sign.isdecimal())
    if len(digits) >= TAIL and not any(sign.isalpha() for sign in reading):
        index = crypto.blind_index
        return ChildRow.family_id.in_(
            select(Guardian.family_id).where(
                or_(
                    Guardian.telephone_index == index(digits, "telephone"),
                    Guardian.telephone_tail_index == index(digits, "telephone_tail"),
                )
            )
        ) | ChildRow.id.in_(select(Registration.child_id).where(Registration.number == digits))
    return ChildRow.kana.startswith(reading, autoescape=True)


def _standing(
    db: Session, ids: list[str], facility_id: str, municipality_id: str
) -> dict[str, list[str]]:
    rows = db.execute(
        select(Registration.child_id, Registration.status).where(
            Registration.child_id.in_(ids),
            or_(
                Registration.facility_id == facility_id,
                Registration.municipality_id == municipality_id,
            ),
        )
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.child_id, []).append(row.status)
    return found


def _caller(row: AnyRow, statuses: list[str], today: date) -> Caller:
    return Caller(
        row.id,
        row.name,
        row.kana,
        row.birthday,
        dates.age_months(row.birthday, today),
        row.nursery,
        row.allergies or "",
        families.standing(statuses),
    )


def _booked(
    days_of: Iterable[tuple[str, Day | None]], asking: Asking, now: datetime
) -> tuple[Refusal, ...]:
    """That the child has a place on that day already, and where: said before anything is tried."""
    for facility_id, there in days_of:
        for booking in there.bookings if there else ():
            if booking.child_id == asking.child_id and holds_place(booking, now):
                return (Refusal(Code.ALREADY_BOOKED, {"facility_id": facility_id}),)
    return ()


def _mark(
    there: Day,
    child: Child,
    asking: Asking,
    mine: bool,
    now: datetime,
    own: tuple[Refusal, ...],
) -> Mark:
    wish = Wish(
        child=child,
        care_day=there.date,
        complaint=asking.complaint,
        illness=illnesses.illness_for(there.rules, asking.complaint, asking.told),
        asked_at=asking.asked_at if mine else now,
    )
    code = asking.municipality_code
    refused = gates.check_on(there, wish, now, municipality=code, by_staff=mine)
    return vacancy.mark(there, wish, now, (*own, *refused))


def _answer(
    code: str, there: Day, mark: Mark, mine: bool, birthday: date, asking: Asking
) -> RoomAnswer:
    about = there.rules.about
    illness = illnesses.illness_for(there.rules, asking.complaint, asking.told)
    return RoomAnswer(
        code,
        about.short_name,
        about.telephone,
        dates.hours(there.rules, there.date),
        there.rules.fees.resident,
        mark,
        len(queue.queue(there)),
        mine,
        morning.asks_onset(there.rules, illness, birthday, there.date),
    )
