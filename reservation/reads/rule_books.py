"""The rule book page: what counts, what came before, and the days a change would touch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.changes import Change, before, diff
from reservation.domain.rulebook.defaults import Defaults, Followed
from reservation.domain.states import OPEN
from reservation.domain.values import Day
from reservation.store import days, followed, rulebooks
from reservation.store.db import read
from reservation.store.tables.access import Account
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow
from reservation.store.tables.places import DayRow, Facility, RuleBookRow


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a facility's rule book, and what it changed of what had counted until then.

    ``created_at`` is aware UTC; ``who`` may be ''. ``changes`` is None where nothing had counted.
    """

    version: int
    valid_from: date
    created_at: datetime
    who: str
    changes: tuple[Change, ...] | None = None
    by_town: bool = False
    """Whether the municipality changed what it says, and this room follows."""


@dataclass(frozen=True, slots=True)
class Editing:
    """The newest rule book, which the form changes, and all versions, newest first.

    A change may count from ``earliest`` on: not in the past, and not before a rule book that is
    planned already, which would otherwise take the change back on its day.
    """

    book: RuleBook
    version: int
    earliest: date
    versions: tuple[Version, ...]
    follows: tuple[str, ...] = ()
    """The units of ``book`` that come from the municipality."""
    towns: tuple[Defaults, ...] = ()
    """What the municipality says, newest day first."""

    @property
    def followed(self) -> Followed:
        """The rule book with what it follows."""
        return Followed(self.book, self.follows)


def editing(facility_id: str, today: date) -> Editing:
    """The rule book of a facility, ready to be changed. Raises rulebooks.NoRuleBook."""
    with read() as db:
        here = db.execute(
            select(Facility.rules_version, Facility.municipality_id)
            .where(Facility.id == facility_id)
        ).one_or_none()  # fmt: skip
        if here is None or not here.rules_version:
            raise rulebooks.NoRuleBook(facility_id)
        newest, towns = followed.books(db, facility_id)[0], followed.defaults(db, here[1])
        versions = _history(db, facility_id)
    book = newest.book
    earliest = max(today, book.valid_from)
    return Editing(book, here.rules_version, earliest, versions, newest.follows, towns)


def _history(db: Session, facility_id: str) -> tuple[Version, ...]:
    rows = db.execute(
        select(RuleBookRow, Account.name)
        .outerjoin(Account, Account.id == RuleBookRow.created_by)
        .where(RuleBookRow.facility_id == facility_id)
        .order_by(RuleBookRow.version)
    ).all()
    books = [RuleBook.model_validate(row.document) for row, _ in rows]
    found = []
    for index, (row, who) in enumerate(rows):
        old = before(books, index)
        changed = diff(old, books[index]) if old else None
        town = row.town_version is not None
        found.append(Version(row.version, row.valid_from, row.created_at, who or "", changed, town))
    return tuple(reversed(found))


def families(booking_ids: Collection[str]) -> dict[str, str]:
    """The families of these bookings by id, each with the first sign of the child's kana."""
    question = (
        select(ChildRow.family_id, ChildRow.kana)
        .join(BookingRow, BookingRow.child_id == ChildRow.id)
        .where(BookingRow.id.in_(list(booking_ids)))
        .order_by(ChildRow.kana)
    )
    with read() as db:
        return {family: kana[:1] for family, kana in db.execute(question)}


def coming(facility_id: str, first: date) -> tuple[Day, ...]:
    """The stored days from ``first`` on: those with bookings, or on which staff set something."""
    with read() as db:
        booked = select(BookingRow.care_day).where(
            BookingRow.facility_id == facility_id,
            BookingRow.care_day >= first,
            BookingRow.state.in_([state.value for state in sorted(OPEN)]),
        )
        stored = select(DayRow.date).where(DayRow.facility_id == facility_id, DayRow.date >= first)
        found = days.load_span(db, facility_id, db.scalars(booked.union(stored)))
    return tuple(found[day] for day in sorted(found))
