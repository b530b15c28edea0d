"""`reservation seed`: a municipality of any size, the same every time, within the rules."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from datetime import date

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.cli import main
from reservation.demo import bulk
from reservation.demo.bulk import Known, Size
from reservation.domain import illnesses
from reservation.domain.rooms import Seat, seat
from reservation.reads import integrity
from reservation.store import rulebooks
from reservation.store.db import Base, read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import Family
from reservation.store.tables.places import Facility
from reservation.store.types import Encrypted
from tests import databases
from tests.databases import both_databases

TODAY = date(2026, 1, 15)
SMALL = Size(facilities=6, families=150, years=1, seed=7)


def digest() -> str:
    """All rows but what is sealed (a nonce differs each time) and numbered (audit.seq)."""
    sums = hashlib.sha256()
    with read() as db:
        for table in Base.metadata.sorted_tables:
            plain = [
                column for column in table.columns
                if not isinstance(column.type, Encrypted) and column.name not in ("seq", "value")
            ]  # fmt: skip
            rows = sorted(repr(tuple(row)) for row in db.execute(select(*plain)))
            sums.update("\n".join([table.name, *rows]).encode())
    return sums.hexdigest()


@both_databases
def test_the_same_seed_writes_the_same_rows(context: Flask) -> None:
    bulk.make(SMALL, TODAY)
    first = digest()
    databases.empty(context)
    bulk.make(SMALL, TODAY)
    assert digest() == first
    databases.empty(context)
    bulk.make(Size(6, 150, 1, seed=8), TODAY)
    assert digest() != first


@both_databases
def test_what_it_writes_keeps_the_rules(context: Flask) -> None:
    bulk.make(SMALL, TODAY)
    with application_clock.fixed(application_clock.read("2026-01-15 06:58")):
        assert integrity.check(application_clock.now) == ()
    days: dict[tuple[str, date], list[Seat]] = defaultdict(list)
    with read() as db:
        assert len(db.execute(select(Family.id)).all()) == 150
        facilities = db.scalars(select(Facility.id)).all()
        assert len(facilities) == 6
        shelves = {one: rulebooks.shelf(db, one) for one in facilities}
        states = Counter(db.scalars(select(BookingRow.state)))
        for row in db.execute(
            select(BookingRow.facility_id, BookingRow.care_day, BookingRow.id, BookingRow.illness)
            .where(BookingRow.state == "completed")
        ):  # fmt: skip
            rules = shelves[row.facility_id].on(row.care_day)
            cohort = illnesses.cohort(rules, row.illness, row.id)
            key = (row.facility_id, row.care_day)
            days[key].append(Seat(row.id, cohort, None, fixed=False))
    assert states["completed"] > 1000
    assert set(states) == {"completed", "cancelled", "no_show"}
    for (facility, day), children in days.items():
        places = shelves[facility].on(day).places
        assert len(children) <= places.official_capacity
        assert seat(children, places.rooms) is not None


def test_a_second_municipality_stands_beside_and_a_known_seed_is_refused(context: Flask) -> None:
    bulk.make(Size(1, 10, 0, 1), TODAY)
    bulk.make(Size(1, 10, 0, 2), TODAY)
    with pytest.raises(Known):
        bulk.make(Size(1, 10, 0, 1), TODAY)


def test_production_is_refused(
    fresh_database: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    safe = {"RESERVATION_MODE": "production", "RESERVATION_BASE_URL": "https://example.org",
            "RESERVATION_SMTP_HOST": "127.0.0.1"}  # fmt: skip
    for name, value in (fresh_database | safe).items():
        monkeypatch.setenv(name, value)
    answer = CliRunner().invoke(main, ["seed", "--families", "1", "--years", "0"])
    assert answer.exit_code == 1
    assert "production" in answer.output
