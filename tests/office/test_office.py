"""The officer's day: all rooms on one screen, the figures, the spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.services import accounts, devices
from reservation.services.devices import Owner
from reservation.store.db import read, write
from reservation.store.tables.records import Audit
from tests.databases import both_databases
from tests.pages import Reader
from tests.town import SUGINAMI, Household, Town, Worker

HOME = f"/municipality/{SUGINAMI}/"
FIGURES = f"/municipality/{SUGINAMI}/figures"


def at_the_desk(app: Flask, worker: Worker) -> Reader:
    """A browser in which this person is signed in."""
    with write() as db:
        at = application_clock.now()
        token = devices.open_device(
            db, Owner(account_id=worker.account_id), "x", at, accounts.LASTS
        )
    client = app.test_client()
    client.set_cookie("desk", token)
    return Reader(client)


@pytest.fixture
def desk(context: Flask, officer: Worker) -> Reader:
    return at_the_desk(context, officer)


@both_databases
def test_all_rooms_stand_on_one_screen(
    context: Flask, officer: Worker, sakura: Household, clock: Any
) -> None:
    sakura.books()
    clock.set("2026-11-24 07:05")
    page = at_the_desk(context, officer).opens(HOME)
    assert page.heading == "2施設で、お預かり中 0人・これから 1人"
    page.says("しーず", "ラビット", "03-0000-0002")


def test_a_closed_day_says_why(desk: Reader, town: Town) -> None:
    desk.opens(f"{HOME}?date=2026-11-23").says("お休み", "勤労感謝の日")


def test_an_unreadable_day_is_no_page(desk: Reader, town: Town) -> None:
    desk.opens(f"{HOME}?date=tomorrow", status=404)


@both_databases
def test_the_sentence_answers_the_month(
    context: Flask, make_town: Callable[..., Town], clock: Any
) -> None:
    town = make_town(capacity=1)
    town.family("さくら").books()
    town.family("はな").holds()
    clock.set("2026-11-24 20:00")
    page = at_the_desk(context, town.worker("officer")).opens(f"{FIGURES}?month=2026-11")
    page.says("満たされなかったのは", "1人日", "数え方", "この日は満室です。")


def test_a_fiscal_year_has_its_own_page(desk: Reader, town: Town) -> None:
    assert desk.opens(f"{FIGURES}?year=2026").heading == "2026年度"


def test_a_future_month_says_that_nothing_is_there_yet(desk: Reader, town: Town) -> None:
    desk.opens(f"{FIGURES}?month=2027-01").says("まだありません")


@pytest.mark.parametrize("query", ["month=2026-13", "month=x", "year=0", "year=99999"])
def test_a_period_that_there_is_not_is_no_page(desk: Reader, town: Town, query: str) -> None:
    desk.opens(f"{FIGURES}?{query}", status=404)


def test_a_csv_leaves_with_a_name_and_a_note(desk: Reader, town: Town) -> None:
    answer = desk.client.get(f"{FIGURES}/use.csv?month=2026-11")
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert '"131156"' in answer.text
    with read() as db:
        noted = db.execute(select(Audit.detail).where(Audit.action == "export")).scalar_one()
    assert noted == {"what": "use", "period": "2026-11"}


def test_an_unknown_figure_is_no_file(desk: Reader, town: Town) -> None:
    assert desk.client.get(f"{FIGURES}/nothing.csv").status_code == 404


def test_a_workbook_leaves_too(desk: Reader, town: Town) -> None:
    answer = desk.client.get(f"/municipality/{SUGINAMI}/figures.xlsx?year=2026")
    assert answer.status_code == 200
    assert answer.data[:2] == b"PK"


def test_a_reviewer_looks_at_the_same_pages(context: Flask, town: Town) -> None:
    desk = at_the_desk(context, town.worker("reviewer"))
    desk.opens(HOME)
    desk.opens(FIGURES)


@both_databases
def test_rooms_are_named_in_the_readers_language(
    context: Flask, make_town: Callable[..., Town], clock: Any
) -> None:
    """しーず has an English name, ラビット has none and says that it is Japanese."""
    names = {"name": {"ja": "しーず"}, "short_name": {"ja": "しーず", "en": "Seeds <1>"}}
    town = make_town(capacity=1, about={**names, "telephone": "03-0000-0001"})
    town.family("さくら").books()
    town.family("はな").holds()
    clock.set("2026-11-24 20:00")
    desk = at_the_desk(context, town.worker("officer"))
    page = desk.opens(f"{FIGURES}?month=2026-11&lang=en").text
    assert "しーず" not in page
    assert '<th scope="row">Seeds &lt;1&gt;</th>' in page
    assert "<figcaption>Seeds &lt;1&gt;" in page
    assert '<th scope="row"><span lang="ja">ラビット</span></th>' in page
    # The refusals have a column for each room.
    assert '<th scope="col" class="num">Seeds &lt;1&gt;' in page
    lines = desk.client.get(f"{FIGURES}/refusals.csv?month=2026-11&lang=en").text.splitlines()
    assert "Seeds <1>" in lines[0]
    assert '"All"' in lines[-1]
    assert "Seeds <1>" in desk.client.get(f"{FIGURES}/use.csv?month=2026-11&lang=en").text
