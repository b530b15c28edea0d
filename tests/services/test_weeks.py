"""Weeks of two facilities at random: nothing breaks, and an error at a boundary would be found.

Each seed is always the same story. More of them by hand: RESERVATION_TEST_SEEDS=100-120.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from reservation.domain import clocks, queue, waiting
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import State
from reservation.domain.values import Booking, Day
from reservation.services import holds
from reservation.store.db import read
from reservation.store.tables.records import Audit
from tests.domain.build import rooms
from tests.services.chains import CASCADE, CONDITIONAL, Chains
from tests.services.weeks import Weeks
from tests.town import Town, book

Begin = Callable[[int], Weeks]


@pytest.fixture
def weeks(make_town: Callable[..., Town], clock: Any) -> Begin:
    """``weeks(seed)``: a small automatic room, one where staff decide, and twelve families."""

    def begin(seed: int) -> Weeks:
        town = make_town()
        town.rules(book("seeds", capacity=2, rooms=rooms(general=1, isolation=1)))
        staff = {"review": "staff"}
        town.rules(book("rabbit", capacity=1, rooms=rooms(either=1), booking=staff))
        families = [town.family(f"家族{n}", months=8 + 5 * n) for n in range(12)]
        nurses = {code: town.worker("staff", code) for code in town.facilities}
        return Weeks(town, families, nurses, seed)

    return begin


def _seeds(*usual: int) -> list[int]:
    first, dash, last = os.environ.get("RESERVATION_TEST_SEEDS", "").partition("-")
    return list(range(int(first), int(last) + 1)) if dash else list(usual)


def _go_on(town: Weeks, days: int) -> None:
    while town.lasted() < timedelta(days=days):
        town.step()


@pytest.mark.parametrize("seed", _seeds(1))
def test_two_weeks_of_two_facilities(weeks: Begin, seed: int) -> None:
    _go_on(weeks(seed), 15)
    with read() as db:
        done = set(db.scalars(select(Audit.action).group_by(Audit.action).having(func.count() > 0)))
    assert done >= {
        "hold", "lapse", "confirm", "submit", "accept", "cancel", "join", "offer", "end_list",
        "check_in", "change_illness",
    }  # fmt: skip


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_week_on_the_other_database(weeks: Begin) -> None:
    _go_on(weeks(3), 5)


@pytest.fixture
def chains(make_town: Callable[..., Town]) -> Begin:
    """``chains(seed)``: a room whose days fall together, one that asks, and ten families."""

    def begin(seed: int) -> Chains:
        town = make_town()
        town.rules(book("seeds", capacity=2, rooms=rooms(general=1, isolation=1), **CASCADE))
        town.rules(book("rabbit", capacity=1, rooms=rooms(either=1), **CONDITIONAL))
        families = [town.family(f"家族{n}", months=8 + 5 * n) for n in range(10)]
        nurses = {code: town.worker("staff", code) for code in town.facilities}
        return Chains(town, families, nurses, seed)

    return begin


@pytest.mark.parametrize("seed", _seeds(2))
def test_days_that_hang_together(chains: Begin, seed: int) -> None:
    _go_on(chains(seed), 3)
    with read() as db:
        done = set(db.scalars(select(Audit.action).group_by(Audit.action)))
    assert done >= {"confirm", "cancel", "join", "offer", "set_terms"}


# -- would it notice? -----------------------------------------------------------------------------


def hold_ends_late(planted: pytest.MonkeyPatch) -> None:
    """``<=`` in is_held: a hold is confirmed at its end itself."""

    def is_held(one: Booking | None, at: datetime) -> bool:
        held = one is not None and one.state is State.HELD
        return held and one.ends_at is not None and at <= one.ends_at

    planted.setattr(holds, "is_held", is_held)


def opens_late(planted: pytest.MonkeyPatch) -> None:
    """``<`` at the opening: who asks at the very instant is told that it is not open yet."""
    real = clocks.may_ask

    def may_ask(rules: RuleBook, day: date, now: datetime, *more: Any, **named: Any) -> Any:
        opening = clocks.opens_at(rules, day)
        if now == opening:
            return Refusal(Code.NOT_YET_OPEN, {"at": opening})
        return real(rules, day, now, *more, **named)

    planted.setattr(clocks, "may_ask", may_ask)


def list_ends_late(planted: pytest.MonkeyPatch) -> None:
    """``>`` in list_has_ended: who waits is not told at the stop time itself."""
    real = waiting.list_has_ended

    def list_has_ended(day: Day, now: datetime) -> bool:
        return now > clocks.stop_at(day.rules, day.date) and real(day, now)

    planted.setattr(waiting, "list_has_ended", list_has_ended)


def asked_twice(planted: pytest.MonkeyPatch) -> None:
    """Who lets an offer go by is asked about the same place at once again."""
    planted.setattr(queue, "may_be_asked", lambda day, one: one.state is State.WAITING)


PLANTED = (hold_ends_late, opens_late, list_ends_late, asked_twice)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_an_error_at_a_boundary_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], weeks: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = weeks(1)
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        _go_on(town, 15)
