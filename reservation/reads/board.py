"""The public board: every room of a municipality for one kind of child on one day.

The same read serves `/` and a family's /my/book. There ``who`` names the child, and the marks
know its registration, residence and age; everybody else is a profile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from reservation.domain import clocks, dates, gates, illnesses, queue, vacancy
from reservation.domain.refusals import NO_PLACE, Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.fields import Text
from reservation.domain.rulebook.sections import Hours
from reservation.domain.vacancy import Mark, Profile
from reservation.domain.vacancy.fitting import is_closed
from reservation.domain.values import Child, Complaint, Day, Wish
from reservation.reads import columns, coming_days
from reservation.reads.coming_days import ComingDays, Place
from reservation.reads.municipalities import House

Who = Callable[[str, RuleBook, date], Child]
"""The child that asks, as this facility (by id) knows it on that care day."""

FOR_EVERYBODY = frozenset(
    {
        *NO_PLACE, Code.CLOSED, Code.NOT_YET_OPEN, Code.TOO_LATE, Code.NEVER_ILLNESS,
        Code.NOT_UNDIAGNOSED, Code.TOO_YOUNG, Code.TOO_OLD,
    }
)  # fmt: skip
"""Reasons that a board without a family can give; all others are about one child."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader has chosen: a complaint, or a diagnosis, and an age.

    ``months`` and ``grade`` (0 before school) stand for the age; see ``ages``.
    """

    complaint: Complaint
    told: str | None
    months: int
    grade: int

    @property
    def sign(self) -> str:
        """'fever' … or 'diagnosed:<code>': the row of the bytes."""
        return sign(self.complaint, self.told)


@dataclass(frozen=True, slots=True)
class RoomCard:
    """One room on the chosen day."""

    facility_id: str
    code: str
    name: Text
    short_name: Text
    town: Text
    telephone: str
    hours: Hours | None
    fee: int
    mark: Mark
    until: datetime | None
    """Until when it can be asked for; None when it cannot now."""
    waiting: int
    joins: bool
    """Whether standing in the waiting list makes sense."""
    may_join: bool
    """Whether it would, were the room full: for pages that change in place."""
    only_here: bool
    """× for a reason that the public bytes do not know: scripts leave the card as it is."""
    from_months: int | None
    """The youngest age, where only a part of the chosen year is old enough."""
    clock_reasons: tuple[Refusal, ...]
    """What the clock could still say of this day: closed again, or open again."""

    @property
    def rank(self) -> int:
        """Which place in the list who asks now would get."""
        return self.waiting + 1


@dataclass(frozen=True, slots=True)
class DayTab:
    """A day that can be asked for, with the number of rooms that have a place."""

    day: date
    free: int


@dataclass(frozen=True, slots=True)
class Board:
    """A board as a page shows it. ``day`` is None when no day can be asked for."""

    choice: Choice
    day: date | None
    tabs: tuple[DayTab, ...]
    rooms: tuple[RoomCard, ...]
    closed: tuple[date, ...]
    """Days until the last of the tabs on which every room is closed."""
    ages: tuple[tuple[int, int], ...]
    """The ages to choose from, see ``ages``."""
    at: datetime
    version: int
    fresh_until: datetime
    of_family: bool = False
    """Whether a child has been named: these marks know more than the public bytes."""

    @property
    def free(self) -> int:
        """How many rooms can be had."""
        return sum(room.mark.kind != "no" for room in self.rooms)

    @property
    def is_full(self) -> bool:
        """Whether every room is ×: then the page offers to count the need."""
        return bool(self.rooms) and self.free == 0


def board(
    house: House, choice: Choice, wanted: date | None, now: datetime, who: Who | None = None
) -> Board:
    """The board for this choice; ``wanted`` is shown if it can be asked for, else the first day."""
    coming = coming_days.coming(house.id, now)
    asked = coming_days.askable(coming.places, now, _asks(choice, now, who) if who else None)
    day = wanted if wanted in asked else next(iter(asked), None)
    marks = _marks(coming, asked, choice, now, house.code, who)
    cards = [
        _card(place, place.days[day], marks[place.id, day], choice, now)
        for place in coming.places
        if day is not None and day in place.days
    ]
    free = dict.fromkeys(asked, 0)
    for (_id, each), mark in marks.items():
        free[each] += mark.kind != "no"
    return Board(
        choice,
        day,
        tuple(DayTab(each, free[each]) for each in asked),
        tuple(sorted(cards, key=_takeable)),
        _closed(coming, asked),
        _ages(coming),
        now,
        coming.version,
        coming_days.next_change(coming.places, now),
        who is not None,
    )


def ages(municipality_id: str, now: datetime) -> tuple[tuple[int, int], ...]:
    """The ages to choose from as (years, grade): 0 to 6 years before school, then the grades that
    some room takes."""
    return _ages(coming_days.coming(municipality_id, now))


def _ages(coming: ComingDays) -> tuple[tuple[int, int], ...]:
    oldest = max((book.ages.oldest_grade for book in coming.books()), default=0)
    return (*((years, 0) for years in range(7)), *((5 + g, g) for g in range(1, oldest + 1)))


def choice(complaint: Complaint, told: str | None, years: int, grade: int = 0) -> Choice:
    """A choice by completed years. The year's last month stands for it: who is old enough for a
    room in some month of it sees the room, with the month beside it."""
    return Choice(complaint, told, years * 12 + 11, grade)


def sign(complaint: Complaint, told: str | None) -> str:
    """The name of a profile's row in the bytes."""
    return f"{complaint.value}:{told}" if told else complaint.value


def told_illnesses() -> Mapping[str, str]:
    """The illnesses that a doctor may have told, by code, with their words (msgids)."""
    lines = illnesses.CATALOGUE.values()
    return {line.code: line.words for line in lines if not illnesses.undiagnosed(line.code)}


def _marks(
    coming: ComingDays,
    asked: tuple[date, ...],
    choice: Choice,
    now: datetime,
    municipality: str,
    who: Who | None,
) -> dict[tuple[str, date], Mark]:
    """By facility and day: as this child is known there, or as everybody's profile."""
    found = [
        (place.id, place.days[day]) for place in coming.places for day in asked if day in place.days
    ]
    if who is not None:
        return {(id_, day.date): _mark(day, choice, now, municipality, who) for id_, day in found}
    profiles = vacancy.profiles(coming.books())
    child = Profile(choice.complaint, choice.told, choice.months, choice.grade)
    at = columns.place_of(profiles, child)
    return {(id_, day.date): columns.column(day, profiles, now).marks[at] for id_, day in found}


def _asks(choice: Choice, now: datetime, who: Who) -> coming_days.Asks:
    return lambda day: gates.clock_for(day.rules, _wish(day, choice, now, who), now)


def _wish(day: Day, choice: Choice, now: datetime, who: Who) -> Wish:
    return Wish(
        child=who(day.facility_id, day.rules, day.date),
        care_day=day.date,
        complaint=choice.complaint,
        illness=illnesses.illness_for(day.rules, choice.complaint, choice.told),
        asked_at=now,
    )


def _mark(day: Day, choice: Choice, now: datetime, municipality: str, who: Who) -> Mark:
    wish = _wish(day, choice, now, who)
    refused = gates.check_on(day, wish, now, municipality=municipality)
    return vacancy.mark(day, wish, now, refused)


def _card(place: Place, day: Day, mark: Mark, choice: Choice, now: datetime) -> RoomCard:
    rules = day.rules
    months = rules.ages.youngest_months
    full = mark.kind == "no" and all(reason.code in NO_PLACE for reason in mark.reasons)
    listed = queue.list_rules(day, now)
    return RoomCard(
        facility_id=place.id,
        code=place.code,
        name=rules.about.name,
        short_name=rules.about.short_name,
        town=rules.about.town,
        telephone=rules.about.telephone,
        hours=dates.hours(rules, day.date),
        fee=rules.fees.resident,
        mark=mark,
        until=_until(rules, day.date, now),
        waiting=len(queue.queue(day)),
        joins=full and listed,
        may_join=listed,
        only_here=any(reason.code not in FOR_EVERYBODY for reason in mark.reasons),
        from_months=months if choice.months - 11 < months <= choice.months else None,
        clock_reasons=_clock_reasons(rules, day.date, now),
    )


def _until(rules: RuleBook, day: date, now: datetime) -> datetime | None:
    if clocks.may_ask(rules, day, now) is not None:
        return None
    closes = clocks.closes_at(rules, day)
    window = clocks.same_day_window(rules, day)
    return closes if now < closes or window is None else window[1]


def _clock_reasons(rules: RuleBook, day: date, now: datetime) -> tuple[Refusal, ...]:
    if not dates.is_open_day(rules, day):
        return ()
    starts = [clocks.opens_at(rules, day)]
    ends = [clocks.closes_at(rules, day)]
    window = clocks.same_day_window(rules, day)
    if window is not None:
        starts, ends = [*starts, window[0]], [*ends, window[1]]
    over = Refusal(Code.TOO_LATE, {"at": max(ends)})
    later = [start for start in starts if start > now]
    return (Refusal(Code.NOT_YET_OPEN, {"at": min(later)}), over) if later else (over,)


def _takeable(card: RoomCard) -> int:
    """Rooms with a place first, then those with a list, in the municipality's order."""
    return 0 if card.mark.kind != "no" else 1 if card.joins else 2


def _closed(coming: ComingDays, asked: tuple[date, ...]) -> tuple[date, ...]:
    every = sorted({day for place in coming.places for day in place.days})
    return tuple(
        day
        for day in every
        if asked
        and day < asked[-1]
        and all(is_closed(p.days[day]) for p in coming.places if day in p.days)
    )
