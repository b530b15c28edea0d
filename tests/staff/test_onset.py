"""Staff ask when the illness began, where the rules of that day count the days since."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from reservation.store.db import read
from reservation.store.tables.bookings import Episode
from reservation.store.tables.records import Task
from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Page, Reader
from tests.staff.test_desk import row_of
from tests.staff.test_telephone_page import TAKE, hers, looks
from tests.town import CARE_DAY, Town

pytestmark = both_databases
AtDesk = Callable[..., Reader]
FLU: dict[str, Any] = {"table": {"FLU_A": {"handling": "cohort", "days_before_school": 2}}}
EARLY = "発症からの日数が足りません。11月25日(水) からご利用になれます。"


@pytest.fixture
def desk(make_town: Callable[..., Town], at_desk: AtDesk) -> tuple[Town, Reader]:
    """A room that counts two full days of influenza, and its nurse."""
    town = make_town(illnesses=FLU)
    return town, at_desk(town.worker("staff", "seeds"))


def began() -> list[str]:
    """The days of onset that are kept."""
    with read() as db:
        return [str(day) for day in db.scalars(select(Episode.onset)) if day is not None]


def reseats() -> list[str]:
    """What the open tasks about a place that is kept are about."""
    with read() as db:
        open_ones = select(Task.about).where(Task.kind == "reseat", Task.done_at.is_(None))
        return list(db.scalars(open_ones))


def flu(page: Page) -> str:
    """Influenza A as the form names it."""
    return re.findall(r'<option[^>]*value="(\d+)"[^>]*>インフルエンザA型', page.text)[0]


def test_the_caller_is_asked_and_too_early_is_said(desk: tuple[Town, Reader]) -> None:
    town, reader = desk
    town.family("さくら")
    page = reader.opens("/staff/seeds/telephone")
    answer = looks(page, sign=flu(page)).says("症状が出た日")
    answer = answer.submit(TAKE, 422).says("症状が出た日を選んでください", "さくら(サクラ)")
    page = answer.submit(TAKE, onset="2026-11-22").says(EARLY)
    answer = looks(page, sign=flu(page))
    answer.submit(TAKE, onset="2026-11-21").says("受け付けました：さくら")
    assert row_of(hers()).state == "confirmed"
    assert began() == ["2026-11-21"]


def test_another_illness_asks_the_caller_nothing(desk: tuple[Town, Reader]) -> None:
    town, reader = desk
    town.family("さくら")
    looks(reader.opens("/staff/seeds/telephone")).says_not("症状が出た日").submit(TAKE)
    assert began() == []


def test_a_child_nobody_knew_is_asked_too(desk: tuple[Town, Reader]) -> None:
    _town, reader = desk
    page = reader.opens("/staff/seeds/telephone")
    new = looks(page, "ソラ", sign=flu(page), call_back="090-1111-2222").says("症状が出た日")
    born: dict[str, Any] = {"birthday": ["2024", "4", "9"]}
    child = {"name": "そら", "reading": "ソラ", "telephone": "090-1111-2222", **born}
    new = new.submit("登録して受け付ける", 422, **child).says("症状が出た日を選んでください")
    new.submit("登録して受け付ける", onset="2026-11-20", **child).says("受け付けました：そら")
    assert began() == ["2026-11-20"]


def test_a_changed_illness_asks_and_keeps_the_place_with_a_task(desk: tuple[Town, Reader]) -> None:
    town, reader = desk
    booking = town.family("さくら").books()
    card = reader.opens(f"/staff/seeds/bookings/{booking}").says("症状が出た日")
    change = "病気を変える"
    card = card.submit(change, 422, illness="FLU_A").says("症状が出た日を選んでください")
    assert row_of(booking).illness == "URI"
    card = card.submit(change, illness="FLU_A", onset="2026-11-22").says("席は残しています", EARLY)
    assert (row_of(booking).illness, row_of(booking).state) == ("FLU_A", "confirmed")
    assert (began(), reseats()) == (["2026-11-22"], ["TOO_EARLY"])
    reader.opens(f"/staff/seeds/day/{CARE_DAY}").says(
        "発症からの日数が足りません。席は残しています"
    )
    card.submit("元に戻す")
    assert (row_of(booking).illness, reseats()) == ("URI", [])


def test_what_is_known_or_cannot_be_known_is_enough(desk: tuple[Town, Reader]) -> None:
    town, reader = desk
    booking = town.family("さくら").books()
    card = reader.opens(f"/staff/seeds/bookings/{booking}")
    card = card.submit("病気を変える", illness="FLU_A", onset="unknown").says("病気を変え")
    assert (began(), reseats()) == ([], [])
    card = card.submit("病気を変える", illness="FLU_A", onset="2026-11-20")
    card.submit("病気を変える", illness="FLU_A")
    assert (began(), reseats()) == (["2026-11-20"], [])


def test_who_only_waits_is_refused_as_on_the_web(
    make_town: Callable[..., Town], at_desk: AtDesk, clock: Clock
) -> None:
    town = make_town(capacity=1, illnesses=FLU)
    town.family("つばき").books()
    entry = town.family("さくら").waits()
    reader = at_desk(town.worker("staff", "seeds"))
    card = reader.opens(f"/staff/seeds/bookings/{entry}")
    card.submit("病気を変える", illness="FLU_A", onset="2026-11-22").says(EARLY)
    assert row_of(entry).illness == "URI"
    card = reader.opens(f"/staff/seeds/bookings/{entry}")
    card.submit("病気を変える", illness="FLU_A", onset="2026-11-21")
    assert row_of(entry).illness == "FLU_A"
