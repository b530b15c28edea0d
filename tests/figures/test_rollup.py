"""Kept months: the same numbers as a recount at every moment, whatever is changed later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from reservation import clock as application_clock
from reservation.figures import counting
from reservation.reads import integrity
from reservation.services import bookings, capacity, leaving, months
from reservation.store.db import read, write
from reservation.store.tables.months import FacilityMonth, MonthMark, MunicipalityMonth
from tests import databases
from tests.databases import both_databases
from tests.figures import lives
from tests.figures.lives import Life
from tests.town import CARE_DAY, Household, Town, Worker, book

now = application_clock.now
NOVEMBER = date(2026, 11, 1)
FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)


def marks() -> int:
    with read() as db:
        return len(db.scalars(select(MonthMark.id)).all())


def same(town: Town) -> None:
    assert lives.kept(town, FIRST, LAST) == lives.recounted(town, FIRST, LAST)


@pytest.fixture
def december(town: Town, sakura: Household, hana: Household, clock: Any) -> Town:
    """Sakura has booked for November 24, Hana waits elsewhere; it is the third of December."""
    sakura.books()
    hana.books(illness="FLU_A")
    clock.set("2026-12-03 12:00")
    assert months.keep(now) == 1
    return town


@both_databases
def test_a_month_is_kept_once_it_is_over(december: Town) -> None:
    assert lives.months_kept(december, FIRST, LAST) == {NOVEMBER}
    with read() as db:
        row = db.execute(
            select(FacilityMonth.open_days, FacilityMonth.confirmed).where(
                FacilityMonth.facility_id == december.facilities["seeds"]
            )
        ).one()
    assert row == (19, 2)
    same(december)
    assert lives.differences() == []


def test_the_month_at_hand_is_never_kept(town: Town, sakura: Household, clock: Any) -> None:
    sakura.books()
    clock.set("2026-11-30 23:59")
    assert months.keep(now) == 0
    clock.set("2026-12-01 00:30")
    assert months.keep(now) == 0, "acts of the last minute may not be stored yet"
    clock.set("2026-12-01 03:10")
    assert months.keep(now) == 1


@both_databases
@pytest.mark.parametrize("late", ["cancel", "capacity", "close", "rules"])
def test_a_late_change_counts_at_once(
    december: Town, sakura: Household, nurse: Worker, late: str
) -> None:
    before = lives.kept(december, FIRST, LAST)
    seeds = december.facilities["seeds"]
    if late == "cancel":
        with read() as db:
            mine = db.execute(
                text("select id from booking where child_id = :c"), {"c": sakura.child_id}
            ).scalar_one()
        bookings.cancel(mine, nurse.by, None, now)
    elif late == "capacity":
        capacity.set_day(seeds, CARE_DAY, capacity.Settings(2), nurse.by, None, now)
    elif late == "close":
        capacity.close(seeds, date(2026, 11, 25), "見本", nurse.by, None, now)
    else:
        december.rules(book("seeds", capacity=3, valid_from=date(2026, 11, 10)))
    assert marks()
    assert lives.months_kept(december, FIRST, LAST) == set()
    after = lives.kept(december, FIRST, LAST)
    assert after != before
    same(december)
    months.keep(now)
    assert marks() == 0
    assert lives.months_kept(december, FIRST, LAST) >= {NOVEMBER}
    assert lives.kept(december, FIRST, LAST) == after
    assert lives.differences() == []


def test_a_change_in_its_own_month_leaves_no_mark(
    town: Town, sakura: Household, hana: Household
) -> None:
    sakura.cancels(sakura.books())
    assert marks() == 0


def test_a_late_change_marks_the_town_of_the_wish_too(
    december: Town, sakura: Household, nurse: Worker
) -> None:
    """A family of one town may book in another: then unmet demand is counted at home."""
    with write() as db:
        db.execute(
            text(
                "insert into municipality select 'other', '131148', null, name, telephone,"
                " telephone_hours, consent_version, consent_text, office from municipality"
            )
        )
        db.execute(
            text("update wish set municipality_id = 'other' where child_id = :c"),
            {"c": sakura.child_id},
        )
        mine = db.execute(
            text("select id from booking where child_id = :c"), {"c": sakura.child_id}
        ).scalar_one()
    bookings.cancel(mine, nurse.by, None, now)
    with read() as db:
        assert set(db.scalars(select(MonthMark.municipality_id))) == {
            "other", december.municipality_id
        }  # fmt: skip


def test_an_act_that_is_stored_while_a_month_is_counted_keeps_its_mark(
    december: Town, nurse: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The count deletes only the marks that it saw before it looked."""
    seeds, seen = december.facilities["seeds"], []
    capacity.set_day(seeds, CARE_DAY, capacity.Settings(2), nurse.by, None, now)

    count = counting.count

    def meanwhile(db: Any, scope: Any) -> Any:
        found = count(db, scope)
        db.execute(
            text("insert into month_mark values ('later', :m, '2026-11-01')"),
            {"m": december.municipality_id},
        )
        seen.append(found)
        return found

    monkeypatch.setattr(counting, "count", meanwhile)
    months.keep(now)
    assert seen
    assert marks() == 1


def test_months_just_over_are_counted_again_every_night(december: Town) -> None:
    """What no act has marked, such as a row written by hand, is right again the next day."""
    with write() as db:
        db.execute(update(FacilityMonth).values(confirmed=99))
    assert lives.differences() == ["131156 2026-11"]
    assert "I14" in {broken.code for broken in integrity.check(now)}
    months.keep(now)
    assert lives.differences() == []
    assert "I14" not in {broken.code for broken in integrity.check(now)}


def test_a_wrong_detail_is_noticed_too(december: Town) -> None:
    with write() as db:
        details = {"empty": [], "unmet": [], "refusals": [], "came": [], "waits": {}}
        db.execute(update(MunicipalityMonth).values(details=details))
    assert lives.differences() == ["131156 2026-11"]


def test_leaving_changes_no_kept_number(december: Town, sakura: Household, nurse: Worker) -> None:
    with read() as db:
        mine = db.execute(
            text("select id from booking where child_id = :c"), {"c": sakura.child_id}
        ).scalar_one()
    bookings.cancel(mine, nurse.by, None, now)
    months.keep(now)
    before = lives.kept(december, FIRST, LAST)
    assert leaving.leave(sakura.by, now).code == "left"
    assert lives.kept(december, FIRST, LAST) == before
    same(december)


def steps(acts: tuple[str, ...], least: int, most: int) -> st.SearchStrategy[Any]:
    number = st.integers(0, 99)
    return st.lists(st.tuples(st.sampled_from(acts), number, number), min_size=least, max_size=most)


@both_databases
@settings(
    max_examples=12, deadline=None, database=None, derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # a shorter life is minutes away
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(early=steps(lives.EARLY, 8, 20), late=steps(lives.LATE, 4, 12))
def test_kept_and_recounted_are_the_same_in_any_life(
    context: Flask,
    make_town: Callable[..., Town],
    early: list[tuple[str, int, int]],
    late: list[tuple[str, int, int]],
) -> None:
    databases.empty(context)
    town = make_town(capacity=2)
    life = Life(town, [town.family(name) for name in ("さくら", "はな", "もも", "うめ")])
    for act in early:
        life.does(*act)
    life.over()
    for act in late:
        life.does(*act)
        same(town)
    months.keep(now)
    same(town)
    assert marks() == 0
    assert lives.differences() == []
