"""The filled past: as many as asked, the same every time, and consistent like a real one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from bench.history import fill
from bench.lives import begin, live
from bench.past import Plan
from reservation import clock as application_clock
from reservation import figures
from reservation.domain import capacity
from reservation.store import days, invariants
from reservation.store.db import db, read
from reservation.store.migrations import differences
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow
from reservation.store.tables.places import Facility
from tests.databases import both_databases

UNTIL = date(2026, 11, 1)
WITHOUT_AUDIT = {
    "I4 the state is the last one audited",
    "I14 who ended a booking is who the audit says",
}
"""The rules that a thin audit cannot keep."""


@pytest.fixture
def filled(app: Flask) -> Iterator[Plan]:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    plan = fill(url, years=1, facilities=6, bookings=1_501, seed=3, until=UNTIL, jobs=1)
    with app.app_context():
        yield plan


def test_the_same_plan_is_the_same_past() -> None:
    plan = Plan(1, 2, 100, 7, UNTIL)
    first = live(begin(plan, 0))
    assert first == live(begin(plan, 0))
    assert first != live(begin(Plan(1, 2, 100, 8, UNTIL), 0))


@both_databases
def test_a_filled_database_is_like_a_lived_one(filled: Plan) -> None:
    with read() as db_:
        assert db_.scalar(select(func.count()).select_from(BookingRow)) == 1_501
        assert db_.scalar(select(func.count()).select_from(Facility)) == 6
        broken = invariants.violations(db_, application_clock.read("2026-11-01 12:00"))
        assert set(broken) == WITHOUT_AUDIT
        counts = db_.execute(
            select(BookingRow.facility_id, BookingRow.care_day, func.count())
            .where(BookingRow.checked_in_at.is_not(None))
            .group_by(BookingRow.facility_id, BookingRow.care_day)
        ).all()
        assert len(counts) > 500
        for facility, day, count in counts:
            assert count <= capacity.capacity(days.load(db_, facility, day))
        # A name in Japanese has come through as it was written.
        assert "\\" not in str(db_.scalar(select(ChildRow.name).limit(1)))
    with db.engine.connect() as connection:
        assert differences(connection) == []
        assert connection.scalar(text("select count(*) from booking where ended_by is null")) == 0


@both_databases
def test_figures_find_something_to_count(filled: Plan) -> None:
    with read() as db_:
        town = db_.execute(select(Facility.municipality_id).limit(1)).scalar_one()
        scope = figures.scope(db_, town, filled.first, filled.until, filled.until)
        for code in figures.FIGURES:
            table = figures.FIGURES[code].run(db_, scope)
            assert table.rows, code
