"""A facility's day on one screen: what to decide, who sits where, who waits, what is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from reservation.domain import capacity, dates, vacancy
from reservation.domain.rulebook.fields import Text
from reservation.domain.rulebook.sections import Hours
from reservation.domain.states import OPEN, State
from reservation.domain.values import Day, Duty
from reservation.reads import children_of_day, open_decisions, rooms_of_day
from reservation.reads.child_card import Card, card
from reservation.reads.children_of_day import DayChild
from reservation.reads.night import Night, night
from reservation.reads.open_decisions import Decision
from reservation.reads.rooms_of_day import DayRoom, Opening, Seats, Suggested, Waiting
from reservation.store import days, rulebooks
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.jobs import JobRun
from reservation.store.tables.records import Outbox
from reservation.store.types import AnyRow


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Whether the clock's jobs go round, and what still waits to be sent."""

    ran_at: datetime | None
    failed: tuple[str, ...]
    unsent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """One day of one facility. ``closed`` is a text when the rule book or staff closed it."""

    facility_id: str
    day: date
    is_today: bool
    hours: Hours | None
    closed: Text | None
    by_staff: bool
    """Whether the list is called up by hand."""
    takes_later: bool
    """Whether a day that is not used takes the later days of its illness with it."""
    seats: Seats
    duty: tuple[Duty, ...]
    staff_limit: int
    decisions: tuple[Decision, ...]
    rooms: tuple[DayRoom, ...]
    unseated: tuple[DayChild, ...]
    misfits: tuple[DayChild, ...]
    moves: tuple[Suggested, ...]
    """The fewest moves after which everybody sits as the rules say; nobody who is in care."""
    waiting: tuple[Waiting, ...]
    over: tuple[DayChild, ...]
    """Bookings of the day that have ended, except holds and entries of the list."""
    openings: tuple[Opening, ...]
    night: Night | None
    names: dict[str, str]
    """Name of the child by booking, for the night's line."""
    clockwork: Clockwork
    card: Card | None
    version: int


def today(facility_id: str, wanted: date | None, now: datetime, open_card: str = "") -> Today:
    """The day's page; without a date the day it is in Tokyo. ``open_card`` is a booking's id.

    A fixed number of statements, however many children. Raises rulebooks.NoRuleBook for a day
    without rules, LookupError for a card that is not this facility's.
    """
    this_day = dates.local(now).date()
    day_wanted = wanted or this_day
    with read() as db:
        day = days.load(db, facility_id, day_wanted)
        open_tasks = open_decisions.tasks(db, facility_id)
        everyone = _everyone(db, day, open_tasks, is_today=day_wanted == this_day)
        families = {c.family_id for c in everyone} | {t.family_id for t in open_tasks}
        carers = children_of_day.carers(db, filter(None, families))
        tried = open_decisions.tries(db, open_tasks)
        before = night(db, facility_id, day_wanted, day.rules, now)
        opened = card(db, facility_id, open_card, day, now) if open_card else None
        clockwork = _clockwork(db, facility_id)
    shown_tasks = [t for t in open_tasks if _belongs(t, day_wanted, this_day)]
    mine = {c.id: c for c in everyone if c.booking.care_day == day_wanted}
    asked = [c for c in everyone if c.id in mine or day_wanted == this_day]
    plan = vacancy.plan(day, now)
    closing = day.rules if day.closed is None else None
    return Today(
        facility_id=facility_id,
        day=day_wanted,
        is_today=day_wanted == this_day,
        hours=dates.hours(day.rules, day_wanted),
        closed=dates.closure(closing, day_wanted) if closing else {"ja": day.closed or ""},
        by_staff=day.rules.waiting.mode == "staff",
        takes_later=day.rules.chain.model == "cascade",
        seats=rooms_of_day.seats(day, now),
        duty=duty(day),
        staff_limit=capacity.staff_limit(day),
        decisions=open_decisions.decisions(asked, shown_tasks, tried, carers, now),
        rooms=rooms_of_day.rooms(day, plan, mine, now),
        unseated=tuple(mine[b.id] for b in plan.unseated if b.id in mine),
        misfits=tuple(mine[b.id] for b in plan.misfits if b.id in mine),
        moves=rooms_of_day.moves(day, plan, mine),
        waiting=rooms_of_day.waiting_list(day, mine, now),
        over=tuple(c for c in mine.values() if c.state not in OPEN and _asked_for(c)),
        openings=rooms_of_day.openings(day, now),
        night=before,
        names={c.id: c.name for c in mine.values()},
        clockwork=clockwork,
        card=opened,
        version=day.version,
    )


def duty(day: Day) -> tuple[Duty, ...]:
    """The staff of both halves: as entered, else the usual ones."""
    usual = day.rules.staffing
    entered = {one.half: one for one in day.duty}
    return tuple(
        entered.get(half, Duty(half, usual.standard_workers, usual.standard_nurses))
        for half in ("am", "pm")
    )


def day_of(facility_id: str, booking_id: str) -> date | None:
    """The care day of a facility's booking; None for one that is not there or another's."""
    with read() as db:
        return db.scalar(
            select(BookingRow.care_day).where(
                BookingRow.id == booking_id, BookingRow.facility_id == facility_id
            )
        )


def rooms_on(facility_id: str, day: date) -> tuple[tuple[str, Text, bool], ...]:
    """The rooms of the rule book in force that day: (id, label, whether it is open)."""
    with read() as db:
        there = days.load(db, facility_id, day)
    return tuple(
        (room.id, room.label, room.id not in there.closed_rooms)
        for room in there.rules.places.rooms
    )


def first_day(facility_id: str, today: date) -> date:
    """Today, or where the facility's rules begin later, the first day that has some."""
    with read() as db:
        books = rulebooks.shelf(db, facility_id).books
    return max(today, min(book.valid_from for book in books))


def _everyone(
    db: Session, day: Day, open_tasks: Iterable[AnyRow], *, is_today: bool
) -> list[DayChild]:
    """The day's children, those of the tasks, and (today) requests of coming days."""
    which: list[ColumnElement[bool]] = [
        BookingRow.care_day == day.date,
        BookingRow.id.in_([task.booking_id for task in open_tasks if task.booking_id]),
    ]
    if is_today:
        coming = BookingRow.care_day > day.date
        which.append(coming & (BookingRow.state == State.REQUESTED.value))
    own = BookingRow.facility_id == day.facility_id
    return children_of_day.children(db, own, or_(*which))


def _belongs(task: AnyRow, day: date, this_day: date) -> bool:
    """Today's page shows every open task; another day's page its own."""
    return day == this_day or task.care_day == day


def _asked_for(child: DayChild) -> bool:
    """Whether the family had sent its request: a hold that was let go is nobody's news."""
    decided = child.state in (State.DECLINED, State.NO_SHOW)
    return decided or child.confirmed_at is not None or child.review_due is not None


def _clockwork(db: Session, facility_id: str) -> Clockwork:
    runs = db.execute(select(JobRun.name, JobRun.finished_at, JobRun.ok)).all()
    unsent = db.execute(
        select(func.count()).where(
            Outbox.facility_id == facility_id, Outbox.status.in_(["queued", "sending", "dead"])
        )
    ).scalar_one()
    finished = [run.finished_at for run in runs if run.finished_at is not None]
    failed = tuple(sorted(run.name for run in runs if run.ok is False))
    return Clockwork(max(finished, default=None), failed, unsent)
