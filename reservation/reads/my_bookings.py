"""A family's bookings: one with all that its page says, and the lists of my page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from reservation.domain import dates, exemptions, fees, morning, vaccines
from reservation.domain.chances import Chance
from reservation.domain.exemptions import Standing
from reservation.domain.fees import Bill
from reservation.domain.morning import Statement
from reservation.domain.refusals import Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.sections import Hours
from reservation.domain.states import ENDED, ON_THE_LIST, OPEN, State
from reservation.domain.vaccines import Told
from reservation.domain.values import Booking, Condition
from reservation.reads import bills, booking_log, my_waiting
from reservation.reads.booking_log import LogLine
from reservation.store import booking_rows, rulebooks
from reservation.store import exemptions as proofs
from reservation.store.db import read
from reservation.store.later_days import LaterDays, after
from reservation.store.tables.bookings import BookingRow, Episode, RoundRow
from reservation.store.tables.months import FacilityChance
from reservation.store.tables.people import ChildRow, Exemption
from reservation.store.tables.places import Facility

RECENT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A booking as its family sees it. ``state`` is what counts at this instant: a hold or an
    offer whose time is over reads as ended even if no job has swept it."""

    booking: Booking
    state: State
    child_name: str
    age_years: int
    age_months: int
    rules: RuleBook
    facility_code: str
    hours: Hours | None
    rank: int | None
    chance: Chance | None
    """What became of those who waited alike, where that may be told."""
    offer_began: datetime | None
    price: int | None
    standing: Standing
    """The family's class of fees on the care day, as it is known now."""
    review_due: datetime | None
    brings: str
    arrives_at: str
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    reason: str
    late: bool
    same_day: bool
    asked_coming: bool
    """Asked this morning whether the child comes."""
    coming: bool
    """The family has answered that it does."""
    onset: date | None
    vaccines: Told

    @property
    def id(self) -> str:
        """The booking's id."""
        return self.booking.id

    @property
    def day(self) -> date:
        """The care day."""
        return self.booking.care_day

    @property
    def open_conditions(self) -> tuple[Condition, ...]:
        """What is still to come."""
        return tuple(one for one in self.booking.conditions if one.is_open)

    @property
    def in_the_morning(self) -> tuple[Statement, ...]:
        """What must hold on the morning of the day."""
        return morning.of(self.rules, self.booking, self.onset, self.vaccines)

    @property
    def asks_onset(self) -> bool:
        """Whether the days since onset count here."""
        return morning.counts_days(self.rules, self.booking)


@dataclass(frozen=True, slots=True)
class BookingPage:
    """A booking, what happened to it, and the child's other bookings of that day."""

    booked: Booked
    log: tuple[LogLine, ...]
    others: tuple[Booked, ...]
    bill: Bill | None
    """What is to be paid, once that is known: after pick-up, or after a late cancellation."""
    barred: Refusal | None
    """Why an entry of the list is passed over now, whatever comes free."""
    siblings: tuple[Booked, ...]
    """The open bookings of the brothers and sisters with whom this child asked for places."""

    @property
    def by_another(self) -> LogLine | None:
        """What happened last, when another guardian of the family did it."""
        last = self.log[-1] if self.log else None
        return last if last and last.actor == "family" and not last.is_me else None


def page(booking_id: str, family_id: str, guardian_id: str, at: datetime) -> BookingPage | None:
    """One booking of this family; None for an unknown one and for another family's."""
    with read() as db:
        found = _read(db, [BookingRow.id == booking_id, BookingRow.family_id == family_id], at)
        if not found:
            return None
        booked = found[0]
        same_day = [
            BookingRow.child_id == booked.booking.child_id,
            BookingRow.care_day == booked.day,
            BookingRow.id != booking_id,
            BookingRow.state.in_(_values(OPEN)),
        ]
        others = [one for one in _read(db, same_day, at) if one.state in OPEN]
        return BookingPage(
            booked,
            booking_log.lines(db, booking_id, guardian_id),
            tuple(others),
            _bill(db, booked),
            my_waiting.barred(db, booked.booking, booked.rules, at),
            _siblings(db, booked, at),
        )


def _siblings(db: Session, booked: Booked, at: datetime) -> tuple[Booked, ...]:
    mark = booked.booking.together
    if mark is None:
        return ()
    linked = [
        BookingRow.together == mark,
        BookingRow.family_id == booked.booking.family_id,
        BookingRow.care_day == booked.day,
        BookingRow.id != booked.id,
        BookingRow.state.in_(_values(OPEN)),
    ]
    return tuple(one for one in reversed(_read(db, linked, at)) if one.state in OPEN)


def later_days(booking_id: str) -> LaterDays:
    """The days that may fall when this booking is cancelled."""
    with read() as db:
        return after(db, booking_id)


def _bill(db: Session, booked: Booked) -> Bill | None:
    if booked.state is State.CANCELLED and booked.late:
        return fees.late_cancelled(booked.rules)
    if booked.state is not State.COMPLETED:
        return None
    return bills.of(db, [booked.id])[booked.id].bill


def open_ones(family_id: str, at: datetime) -> list[Booked]:
    """All that is open now, by care day; within a day what holds a place comes first."""
    with read() as db:
        found = _read(
            db, [BookingRow.family_id == family_id, BookingRow.state.in_(_values(OPEN))], at
        )
    return sorted(
        (one for one in found if one.state in OPEN),
        key=lambda one: (one.day, one.state in ON_THE_LIST, one.booking.asked_at),
    )


def ended_ones(family_id: str, at: datetime, most: int = RECENT, skip: int = 0) -> list[Booked]:
    """What is over, the latest care day first. Holds that came to nothing are left out."""
    over = [
        BookingRow.family_id == family_id,
        BookingRow.state.in_(_values(ENDED)),
        or_(BookingRow.confirmed_at.is_not(None), _was_more_than_held()),
    ]
    with read() as db:
        return _read(db, over, at, most=most, skip=skip)


def _was_more_than_held() -> Any:
    # A hold that lapsed or was let go leaves no arrival and was never on a list.
    return (BookingRow.brings != "") | BookingRow.reason.is_not(None) | (BookingRow.lapses > 0)


def _read(
    db: Session, which: Sequence[Any], at: datetime, most: int | None = None, skip: int = 0
) -> list[Booked]:
    rows = db.execute(
        select(
            BookingRow.__table__,
            ChildRow.name.label("child_name"),
            ChildRow.vaccines,
            Facility.rules_version,
            Facility.code.label("facility_code"),
            RoundRow.started_at,
            *proofs.COLUMNS,
            Episode.onset,
            FacilityChance.known,
        )
        .join(ChildRow, ChildRow.id == BookingRow.child_id)
        .join(Facility, Facility.id == BookingRow.facility_id)
        .join(Episode, Episode.id == BookingRow.episode_id)
        .outerjoin(RoundRow, RoundRow.id == BookingRow.round_id)
        .outerjoin(
            FacilityChance,
            (FacilityChance.facility_id == BookingRow.facility_id) & FacilityChance.holds,
        )
        .outerjoin(
            Exemption,
            proofs.newest(BookingRow.family_id, Facility.municipality_id, BookingRow.care_day),
        )
        .where(ChildRow.left_at.is_(None), *which)
        .order_by(BookingRow.care_day.desc(), BookingRow.created_at.desc())
        .limit(most)
        .offset(skip)
    ).all()
    ranks = my_waiting.ranks(db, rows)
    return [_booked(db, row, at, ranks.get(row.id)) for row in rows]


def _booked(db: Session, row: Row[Any], at: datetime, rank: int | None) -> Booked:
    booking = booking_rows.to_booking(row)
    rules = rulebooks.of_version(db, row.facility_id, row.rules_version).on(row.care_day)
    state = _now(booking, at)
    return Booked(
        booking=booking,
        state=state,
        child_name=row.child_name,
        age_years=dates.age_years(row.birthday, row.care_day),
        age_months=dates.age_months(row.birthday, row.care_day),
        rules=rules,
        facility_code=row.facility_code,
        hours=dates.hours(rules, row.care_day),
        rank=rank if state in ON_THE_LIST else None,
        chance=my_waiting.chance(row) if state is State.WAITING else None,
        offer_began=row.started_at,
        price=row.price,
        standing=exemptions.on_day(rules.fees, proofs.proof(row), row.care_day),
        review_due=row.review_due,
        brings=row.brings,
        arrives_at=row.arrives_at,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by or "",
        reason=row.reason or "",
        late=row.late,
        same_day=row.same_day,
        asked_coming=row.reconfirm_asked_at is not None,
        coming=row.reconfirmed_at is not None,
        onset=row.onset,
        vaccines=vaccines.read(row.vaccines),
    )


def _now(booking: Booking, at: datetime) -> State:
    over = booking.ends_at is not None and at >= booking.ends_at
    if over and booking.state is State.HELD:
        return State.EXPIRED
    if over and booking.state is State.OFFERED:
        return State.WAITING
    return booking.state


def _values(states: Iterable[State]) -> list[str]:
    return sorted(state.value for state in states)
