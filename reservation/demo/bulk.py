"""A municipality of any size, written in bulk: for measuring, and the same every time.

Nothing here goes through the services, so the rows themselves keep the rules: no day over its
places, one infectious illness in a room, each booking with its chain of audit rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from reservation.demo import mixture, people
from reservation.demo.past_day import PastDay
from reservation.demo.people import Kid, Place, identity
from reservation.domain import dates
from reservation.domain.rulebook import RuleBook, documents
from reservation.store.db import write
from reservation.store.tables.bookings import BookingRow, Episode, RefusalRow, WishRow
from reservation.store.tables.places import Facility, Municipality, RuleBookRow, SnapshotRow
from reservation.store.tables.records import Audit, Outbox

PATTERNS = ("seeds", "rabbit", "tamura", "kohitsuji", "fifth")
"""Whose rules the facilities have, in turn."""

TABLES = (Episode, WishRow, BookingRow, Audit, RefusalRow, SnapshotRow, Outbox)
"""In the order in which they may be inserted."""

BATCH = 20_000
CHUNK = 2_000
"""Families per transaction."""


class Known(Exception):
    """The municipality of this seed is there already."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made."""

    facilities: int
    families: int
    years: int
    seed: int

    @property
    def code(self) -> str:
        """The municipality's code; no real one begins with a 9."""
        return f"{900_000 + self.seed % 100_000}"


@dataclass(slots=True)
class Sheet:
    """Rows that wait to be inserted."""

    rows: dict[Any, list[dict[str, Any]]] = field(
        default_factory=lambda: {table: [] for table in TABLES}
    )

    def add(self, table: Any, row: dict[str, Any]) -> None:
        """One more row."""
        self.rows[table].append(row)

    @property
    def is_full(self) -> bool:
        """Whether it is time to insert."""
        return sum(map(len, self.rows.values())) >= BATCH

    def store(self) -> None:
        """Insert everything in one transaction, and begin anew."""
        with write() as db:
            for table in TABLES:
                if self.rows[table]:
                    db.execute(insert(table), self.rows[table])
                    self.rows[table] = []


def make(size: Size, today: date) -> str:
    """Make the municipality with its past up to the day before ``today``; its code.

    Raises Known when this seed's municipality is there already.
    """
    rng = Random(size.seed)
    start = today - timedelta(days=365 * size.years)
    at = dates.at(start - timedelta(days=30), time(9))
    books = list(rule_books(size.facilities, start))
    with write() as db:
        place, ids = _places(db, size, books, at, rng)
    kids = _families(size, place, today, at, rng)
    sheet = Sheet()
    for number in range((today - start).days):
        day = start + timedelta(days=number)
        _one_day(sheet, place, dict(zip(ids, books, strict=True)), kids, day, today, rng)
        if sheet.is_full:
            sheet.store()
    sheet.store()
    return size.code


def rule_books(facilities: int, start: date) -> Iterator[RuleBook]:
    """So many rule books in force since before ``start``, in the patterns' turn."""
    folder = files("reservation.demo") / "suginami"
    patterns = [documents.read((folder / f"{one}.yaml").read_text("utf-8")) for one in PATTERNS]
    for number in range(facilities):
        pattern = patterns[number % len(patterns)]
        name = {"ja": f"(見本)病児保育室 {number + 1}", "en": f"Sample room {number + 1}"}
        about = pattern.about.model_copy(update={"name": name, "short_name": name})
        yield pattern.model_copy(
            update={
                "code": f"room-{number + 1:04d}",
                "about": about,
                "valid_from": min(pattern.valid_from, start - timedelta(days=60)),
            }
        )


def _places(
    db: Session, size: Size, books: list[RuleBook], at: datetime, rng: Random
) -> tuple[Place, list[str]]:
    """A step: municipality, facilities and rule books."""
    if db.scalar(select(Municipality.id).where(Municipality.code == size.code)) is not None:
        raise Known(size.code)
    town = identity(rng)
    row = {
        "id": town,
        "code": size.code,
        "name": {"ja": f"見本市{size.seed}", "en": f"Sample City {size.seed}"},
        "telephone": "03-0000-0000",
        "telephone_hours": {"ja": "平日 8:30〜17:00"},
        "consent_version": "見本-1",
        "consent_text": {"ja": "見本の同意文です。"},
        "office": {"section": {"ja": "保育課(見本)"}, "address": {}, "mail": ""},
    }
    db.execute(insert(Municipality), [row])
    ids = [identity(rng) for _ in books]
    facilities: list[dict[str, Any]] = []
    documents_: list[dict[str, Any]] = []
    for number, (facility_id, book) in enumerate(zip(ids, books, strict=True)):
        facilities.append({"id": facility_id, "municipality_id": town, "code": book.code,
                           "position": number, "rules_version": 1})  # fmt: skip
        documents_.append({"id": identity(rng), "facility_id": facility_id, "version": 1,
                           "valid_from": book.valid_from, "created_at": at,
                           "document": book.model_dump(mode="json")})  # fmt: skip
    if facilities:
        db.execute(insert(Facility), facilities)
        db.execute(insert(RuleBookRow), documents_)
    sizes = {book.code: book.places.official_capacity for book in books} or {"none": 1}
    place = Place(town, size.code, "見本-1", sizes, f"m{size.code}.example.org")
    return place, ids


def _families(size: Size, place: Place, today: date, at: datetime, rng: Random) -> list[Kid]:
    kids: list[Kid] = []
    for first in range(0, size.families, CHUNK):
        crowd = people.Crowd()
        for number in range(first, min(first + CHUNK, size.families)):
            people.family(crowd, place, number, today, at, rng)
        with write() as db:
            crowd.store(db)
        kids += crowd.kids
    return kids


def _one_day(
    sheet: Sheet,
    place: Place,
    facilities: dict[str, RuleBook],
    kids: list[Kid],
    day: date,
    today: date,
    rng: Random,
) -> None:
    """One past day of all facilities; no child is at two of them."""
    opened = {one: book for one, book in facilities.items() if dates.is_open_day(book, day)}
    wanted = {
        one: mixture.demand(day, book.places.official_capacity, False, rng)
        for one, book in opened.items()
    }
    drawn = rng.sample(kids, min(len(kids), sum(wanted.values())))
    for facility_id, book in opened.items():
        own, drawn = drawn[: wanted[facility_id]], drawn[wanted[facility_id] :]
        past = PastDay(sheet.add, place, facility_id, book, day, (today - day).days < 9, rng)
        for kid in own:
            past.ask(replace(kid, facility=book.code))
        past.close()
