"""Plain values that the rules work on: frozen, comparable, free of databases and clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from reservation.domain.states import HOLDS_A_PLACE, State

if TYPE_CHECKING:
    from reservation.domain.certificates import Certificate
    from reservation.domain.doctor_form import Paper
    from reservation.domain.rulebook import RuleBook


class Complaint(StrEnum):
    """What the family says is wrong, before or after a doctor has seen the child."""

    FEVER = "fever"
    COUGH = "cough"
    STOMACH = "stomach"
    RASH = "rash"
    DIAGNOSED = "diagnosed"
    UNSURE = "unsure"


class Channel(StrEnum):
    """By which way a request or an act reached us."""

    WEB = "web"
    TELEPHONE = "telephone"
    DESK = "desk"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What the entry rules may know of a child. ``residence``, ``nursery_in``
    and ``works_in`` are municipality codes (全国地方公共団体コード) or '' where unknown."""

    id: str
    birthday: date
    residence: str = ""
    nursery_in: str = ""
    works_in: str = ""
    """Where a guardian works, as the family has said."""
    registration: str = "none"
    """'approved', 'pending' or 'none', in the scope the facility asks for, on the care day."""
    guardian_on_leave: bool = False
    guardians_work: str = ""
    """Whether all guardians work, on leave or not: 'all', 'not_all' or '' where not said."""
    family_id: str = ""
    """'' for a child that nobody knows."""
    vaccines: Mapping[str, str] = field(default_factory=dict)
    """What the family has said of its vaccinations (domain/vaccines.py)."""
    certificates: tuple[Certificate, ...] = ()
    """What its family has shown of enrolment and work to the facility's municipality."""
    form: Paper | None = None
    """The newest doctor's form that the facility has of this child."""
    days: tuple[tuple[str, date], ...] = ()
    """Illness and care day of the places the child has, or has had, at the facility."""


@dataclass(frozen=True, slots=True)
class Condition:
    """An open end of a booking: what is still to come, and until when (aware UTC)."""

    code: str
    """A code of conditions.WORDS."""
    due_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether staff have not closed it yet. A passed due time closes nothing."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a family waits: what it said beside wanting the place.

    ``wakes``: may be asked in quiet hours. ``takes_until`` (aware UTC): until then a place is
    taken for it without asking. ``near``: can come within 60 minutes, so it may be asked after
    the stop time too. ``examined``: the child was seen at the facility's own clinic. The rule
    book says which of them count (waiting.allowed).
    """

    wakes: bool = False
    takes_until: datetime | None = None
    near: bool = False
    examined: bool = False


PLAIN = Terms()
"""The family is asked, by day, until the stop time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One child, one facility, one care day, with all that the rules look at.

    Instants are aware UTC. ``illness`` is a catalogue code and always set: a complaint without
    a diagnosis maps to one through the rule book. ``asked_at`` orders the waiting list.
    """

    id: str
    facility_id: str
    child_id: str
    care_day: date
    state: State
    complaint: Complaint
    illness: str
    birthday: date
    asked_at: datetime
    ends_at: datetime | None = None
    """End of the hold while HELD, end of the offer while OFFERED."""
    room: str | None = None
    pinned: bool = False
    round_id: str | None = None
    lapses: int = 0
    passed_at: datetime | None = None
    """When the family last let an offer go by; see waiting.may_be_asked."""
    conditions: tuple[Condition, ...] = ()
    cancel_until: datetime | None = None
    extended: bool = False
    family_id: str = ""
    terms: Terms = PLAIN
    isolated: bool = False
    """Whether a doctor's form keeps the child apart from others with a general illness."""
    together: str | None = None
    """The mark that children of one family share who want their places together or not at all."""

    def change(self, **changes: object) -> Booking:
        """A copy with these fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def holds_place(booking: Booking, now: datetime) -> bool:
    """Whether the booking takes a place at ``now``.

    An expired hold is free at once, whether or not any job has swept it (practice.md, 10).
    """
    if booking.state not in HOLDS_A_PLACE:
        return False
    if booking.state is State.HELD:
        return booking.ends_at is not None and now < booking.ends_at
    return True


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a family on the list has, or has had, at the facility it waits at."""

    child_id: str
    illness: str
    """Of the episode that its day belongs to."""
    day: date
    state: State
    ends_at: datetime | None = None
    """End of a hold (aware UTC)."""
    named: bool = True
    """Whether a doctor has named the illness."""

    def stands(self, now: datetime) -> bool:
        """Whether it counts at ``now``: a hold only until its end."""
        return self.state is not State.HELD or (self.ends_at is not None and now < self.ends_at)


@dataclass(frozen=True, slots=True)
class Round:
    """An offer of n places to some families at once, until a clock time (aware UTC)."""

    id: str
    places: int
    ends_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Open until its end; at the end itself it is over."""
        return now < self.ends_at


@dataclass(frozen=True, slots=True)
class Duty:
    """Staff on duty in one half of the day: 'am' or 'pm'."""

    half: str
    childcare_workers: int
    nurses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Everything about one facility on one care day that rules need, and nothing else.

    ``bookings`` holds those in OPEN states (holding a place or on the list); ended ones may be
    present and are ignored. ``freed_at`` is when a place last came back.
    """

    facility_id: str
    date: date
    rules: RuleBook
    closed: str | None = None
    """Reason words when staff closed the day, else None (the rule book may close it too)."""
    effective_capacity: int | None = None
    closed_rooms: frozenset[str] = frozenset()
    room_uses: Mapping[str, str] = field(default_factory=dict)
    """What staff use a room for that day, by its id, where that is not the rule book's use."""
    duty: tuple[Duty, ...] = ()
    bookings: tuple[Booking, ...] = ()
    rounds: tuple[Round, ...] = ()
    freed_at: datetime | None = None
    version: int = 0
    beside: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    """What the family of each entry of the list has besides, by the entry's id; only where a rule
    asks for it (limits.asks)."""
    provisional: frozenset[str] = frozenset()
    """Entries whose place would await the approval of a registration."""

    def booking(self, booking_id: str) -> Booking | None:
        """The booking with this id, or None."""
        return next((b for b in self.bookings if b.id == booking_id), None)

    def change(self, **changes: object) -> Day:
        """A copy with these fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def with_booking(self, booking: Booking) -> Day:
        """A copy in which this booking is added, or takes the place of the one with its id."""
        rest = tuple(b for b in self.bookings if b.id != booking.id)
        return replace(self, bookings=(*rest, booking))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A child that wants a place on a day, as the rules see it.

    ``booking_id`` names an existing booking of this child on this day that asks again (an entry
    of the list that says yes, a hold that confirms): it is left out when places are counted.
    """

    child: Child
    care_day: date
    complaint: Complaint
    illness: str
    asked_at: datetime
    booking_id: str | None = None
    isolated: bool = False
    """Whether a doctor's form that is good that day keeps the child apart."""
    onset: date | None = None
    """The day on which the illness began (day 0), once the family has said it."""
