"""The rooms of a municipality and their next days, kept in the process by version.

The board, its bytes and the live stream ask this one place. A cheap statement says which facility
has changed; only its days are read again. Everything kept is plain values, so the clock alone
(a hold that ends) changes nothing here: that is the rules' to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from reservation.domain import clocks, dates
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import Day
from reservation.store import days, rulebooks
from reservation.store.db import read
from reservation.store.rulebooks import NoRuleBook, Shelf
from reservation.store.tables.places import DayRow, Facility

HORIZON = 7
"""How many days after today a board looks at."""
KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """A facility with its days from today on, those with a rule book in force."""

    id: str
    code: str
    version: int
    """Grows with every change of its rule books or of one of these days."""
    shelf: Shelf
    days: Mapping[date, Day]


@dataclass(frozen=True, slots=True)
class ComingDays:
    """All places of a municipality, in its order."""

    municipality_id: str
    today: date
    places: tuple[Place, ...]

    @property
    def version(self) -> int:
        """Grows with every change of any of the days: ETag of the board, id of the stream."""
        return sum(place.version for place in self.places)

    def books(self) -> Iterator[RuleBook]:
        """Every rule book in force on one of the days, each once."""
        seen: set[int] = set()
        for place in self.places:
            for day in place.days.values():
                if id(day.rules) not in seen:
                    seen.add(id(day.rules))
                    yield day.rules


@dataclass(frozen=True, slots=True)
class _Edge:
    """Until when the clock leaves a day as it is, worked out at ``since``."""

    day: Day
    since: datetime
    until: datetime | None

    def holds(self, day: Day, now: datetime) -> bool:
        return self.day is day and self.since <= now and (self.until is None or now < self.until)


_kept: dict[str, tuple[date, Place]] = {}
_edges: dict[tuple[str, date], _Edge] = {}


def coming(municipality_id: str, now: datetime) -> ComingDays:
    """The next days of every place of a municipality, as they are stored at this moment."""
    today = dates.local(now).date()
    with read() as db:
        places = tuple(_place(db, row, today) for row in _versions(db, municipality_id, today))
    return ComingDays(municipality_id, today, places)


Asks = Callable[[Day], Refusal | None]
"""Why somebody may not ask for this day now; None when they may."""


def askable(places: tuple[Place, ...], now: datetime, asks: Asks | None = None) -> tuple[date, ...]:
    """The days that can be asked for somewhere now; when none can, the first one that opens later,
    so that a page can say when. ``asks`` knows of a child that may ask before others."""
    why = asks or (lambda day: clocks.may_ask(day.rules, day.date, now))
    found = {(day, _code(why(place.days[day]))) for place in places for day in place.days}
    now_open = sorted(day for day, code in found if code is None)
    later = sorted(day for day, code in found if code is Code.NOT_YET_OPEN)
    return tuple(dict.fromkeys(now_open)) or tuple(later[:1])


def next_change(places: tuple[Place, ...], now: datetime) -> datetime:
    """The next instant at which the clock alone changes what a board says: a hold or an offer
    ends, booking opens or closes, the list ends, or a new day begins."""
    midnight = dates.local(now).date() + timedelta(days=1)
    edges = [dates.at(midnight, clocks.MIDNIGHT)]
    for place in places:
        for day in place.days.values():
            found = day_change(day, now)
            if found is not None:
                edges.append(found)
    return min(edges)


def day_change(day: Day, now: datetime) -> datetime | None:
    """The same for one day; None when the clock changes nothing of it any more."""
    key = (day.facility_id, day.date)
    known = _edges.get(key)
    if known is not None and known.holds(day, now):
        return known.until
    ends = [b.ends_at for b in day.bookings if b.ends_at and b.ends_at > now]
    ends += [each.ends_at for each in day.rounds if each.ends_at > now]
    edge = clocks.next_change(day.rules, day.date, now)
    until = min([*ends, *([edge] if edge else [])], default=None)
    if len(_edges) > KEPT:
        _edges.clear()
    _edges[key] = _Edge(day, now, until)
    return until


def _code(refusal: Refusal | None) -> Code | None:
    return refusal.code if refusal else None


def _versions(db: Session, municipality_id: str, today: date) -> list[tuple[str, str, int, int]]:
    """(id, code, version of the rules, version) of each facility: one statement."""
    span = and_(
        DayRow.facility_id == Facility.id,
        DayRow.date >= today,
        DayRow.date <= today + timedelta(days=HORIZON),
    )
    rows = db.execute(
        select(
            Facility.id,
            Facility.code,
            Facility.rules_version,
            func.coalesce(func.sum(DayRow.version), 0),
        )
        .outerjoin(DayRow, span)
        .where(Facility.municipality_id == municipality_id)
        .group_by(Facility.id, Facility.code, Facility.rules_version, Facility.position)
        .order_by(Facility.position, Facility.code)
    )
    return [(row[0], row[1], row[2], row[2] + int(row[3])) for row in rows]


def _place(db: Session, row: tuple[str, str, int, int], today: date) -> Place:
    facility_id, code, rules_version, version = row
    known = _kept.get(facility_id)
    if known is not None and known[0] == today and known[1].version == version:
        return known[1]
    shelf = rulebooks.of_version(db, facility_id, rules_version)
    span = [today + timedelta(days=n) for n in range(HORIZON + 1)]
    wanted = [day for day in span if _has_rules(shelf, day)]
    found = days.load_span(db, facility_id, wanted) if wanted else {}
    before = known[1].days if known is not None else {}
    # What is worked out of a day is kept by the day's identity; most days stay as they were.
    same = {day: before[day] for day in found if before.get(day) == found[day]}
    place = Place(facility_id, code, version, shelf, {**found, **same})
    if len(_kept) > KEPT:
        _kept.clear()
    _kept[facility_id] = (today, place)
    return place


def _has_rules(shelf: Shelf, day: date) -> bool:
    try:
        shelf.on(day)
    except NoRuleBook:
        return False
    return True


@dataclass(frozen=True, slots=True)
class DayState:
    """How far one facility's day has come: the versions of day and rules, and the next instant
    at which the clock alone changes it."""

    version: int
    rules_version: int
    fresh_until: datetime | None


def day_state(facility_id: str, day: date, now: datetime) -> DayState | None:
    """The state of one facility's day; None for an unknown one."""
    with read() as db:
        try:
            found = days.load(db, facility_id, day)
        except NoRuleBook:
            return None
        rules = db.scalar(select(Facility.rules_version).where(Facility.id == facility_id)) or 0
    return DayState(found.version, rules, day_change(found, now))
