"""Figures from families' own acts, number by number; and definitions nobody may misread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from reservation import clock as application_clock
from reservation import figures
from reservation.figures import Scope, Table
from reservation.services import bookings, offers
from reservation.store.db import read, write
from tests.databases import both_databases
from tests.town import CARE_DAY, Household, Town

pytestmark = both_databases


def scope_of(town: Town, first: date = CARE_DAY, last: date = CARE_DAY) -> Scope:
    with read() as db:
        return figures.scope(db, town.municipality_id, first, last, application_clock.today())


def run(code: str, town: Town, **period: date) -> Table:
    scope = scope_of(town, **period)
    with read() as db:
        return figures.FIGURES[code].run(db, scope)


def came(booking: str) -> None:
    """The child came and was picked up (the desk's acts have tests of their own)."""
    with write() as db:
        db.execute(text("update booking set state = 'completed' where id = :id"), {"id": booking})


def row(table: Table, name: Any) -> tuple[Any, ...]:
    return next(line for line in (*table.rows, table.total or ()) if line and line[0] == name)


@pytest.fixture
def day_after(clock: Any) -> Callable[[], None]:
    return lambda: clock.set("2026-11-24 20:00")


def test_child_days_and_heads_are_not_the_same(
    town: Town, sakura: Household, hana: Household, day_after: Callable[[], None]
) -> None:
    for booking in (sakura.books(), hana.books(), sakura.books(day=date(2026, 11, 25))):
        came(booking)
    application_clock.fix(application_clock.read("2026-11-25 20:00"))
    table = run("use", town, last=date(2026, 11, 25))
    assert row(table, "しーず")[1:3] == (3, 2)
    assert table.total is not None
    assert table.total[1:3] == (3, 2)


def test_utilisation_is_of_open_days_only(
    town: Town, sakura: Household, day_after: Callable[[], None]
) -> None:
    came(sakura.books())
    day_after()
    # Saturday 21 to Tuesday 24: the weekend and the holiday Monday are closed.
    table = run("utilisation", town, first=date(2026, 11, 21))
    assert row(table, "しーず")[1:6] == (1, 1, 6, 16.7, 6)


def test_a_cancellation_counts_by_how_long_before(
    town: Town, sakura: Household, hana: Household, clock: Any
) -> None:
    momo, ume = town.family("もも"), town.family("うめ")
    booked = [family.books() for family in (sakura, hana, momo, ume)]
    sakura.cancels(booked[0])  # 18:00 the evening before: 14 hours
    clock.set("2026-11-24 06:30")
    hana.cancels(booked[1])
    clock.set("2026-11-24 07:30")
    momo.cancels(booked[2])
    table = run("cancelling", town)
    # confirmed, 24 h, 24–12 h, 12 h–cut-off, late, no-show, facility, rate, same day
    assert row(table, "しーず")[1:] == (4, 0, 1, 1, 1, 0, 0, 75.0, 2)


def test_three_refusals_and_one_place_are_one_served_and_none_unmet(
    make_town: Callable[..., Town], day_after: Callable[[], None]
) -> None:
    town = make_town(capacity=1)
    full = town.family("さくら").books()
    hana = town.family("はな")
    for _ in range(3):
        assert hana.holds().is_refused
    came(full)
    came(hana.books(at="rabbit"))
    day_after()
    assert row(run("refusals", town), "この日は満室です。")[-1] == 3
    assert run("unmet", town).rows == ()


def test_who_found_nothing_is_one_unmet_child_day_with_its_cause(
    make_town: Callable[..., Town], day_after: Callable[[], None]
) -> None:
    town = make_town(capacity=1)
    full = town.family("さくら").books()
    hana = town.family("はな")
    hana.holds()
    hana.holds()
    came(full)
    day_after()
    assert run("unmet", town).rows == (("この日は満室です。", 1),)
    gaps = run("gaps", town)
    assert gaps.rows == ((CARE_DAY, 1, 6, 1),)


def test_who_cancelled_in_time_is_not_unmet(
    town: Town, sakura: Household, day_after: Callable[[], None]
) -> None:
    sakura.cancels(sakura.books())
    day_after()
    assert run("unmet", town).rows == ()


def test_a_need_without_any_room_is_demand(
    town: Town, sakura: Household, day_after: Callable[[], None]
) -> None:
    bookings.need(sakura.wants(), sakura.by, None, application_clock.now)
    day_after()
    assert run("unmet", town).rows == ((figures.demand.CAUSES["NEED"], 1),)


def test_a_waiting_list_that_ended_is_unmet_and_counted_as_not_placed(
    make_town: Callable[..., Town], clock: Any
) -> None:
    town = make_town(capacity=1)
    full = town.family("さくら").books()
    town.family("はな").waits()
    came(full)
    clock.set("2026-11-24 07:30")
    offers.sweep(application_clock.now)
    assert run("unmet", town).rows == ((figures.demand.CAUSES["LIST_ENDED"], 1),)
    assert row(run("waiting", town), "しーず")[1:4] == (1, 0, 0.0)


def test_a_place_from_the_list_is_counted_with_its_hours(
    make_town: Callable[..., Town], clock: Any
) -> None:
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    booking = sakura.books()
    entry = hana.waits()
    clock.forward(hours=2)
    sakura.cancels(booking)
    hana.says_yes(entry)
    clock.set("2026-11-24 20:00")
    assert row(run("waiting", town), "しーず")[1:] == (1, 1, 100.0, 2.0)


def test_tomorrow_is_never_missed(make_town: Callable[..., Town]) -> None:
    town = make_town(capacity=1)
    town.family("さくら").books()
    town.family("はな").holds()
    assert run("unmet", town).rows == ()


def test_every_figure_runs_on_an_empty_town(town: Town) -> None:
    for code in figures.FIGURES:
        assert isinstance(run(code, town), Table)


def test_a_figure_is_registered_once(town: Town) -> None:
    with pytest.raises(ValueError, match="two figures"):
        figures.registry.figure("use", "x", "y")(figures.FIGURES["use"].run)
