"""The keyboard of the desk, in a real browser: letters press what stands on the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from reservation import clock as application_clock
from reservation.services import accounts, devices
from reservation.services.devices import Owner
from reservation.store.db import write
from tests import browsers
from tests.conftest import Server
from tests.staff.test_desk import requests
from tests.town import CARE_DAY, Town, Worker

pytestmark = pytest.mark.browser


@pytest.fixture
def strict(make_town: Callable[..., Town]) -> Town:
    """A town in which staff decide."""
    return make_town(booking={"review": "staff"})


@pytest.fixture
def nurse(strict: Town) -> Worker:
    """Its nurse."""
    return strict.worker("staff", "seeds")


@pytest.fixture
def desk(context: Flask, server: Server, browser: Browser, nurse: Worker) -> Iterator[Page]:
    """The nurse's browser."""
    with write() as db:
        token = devices.open_device(
            db, Owner(account_id=nurse.account_id), "x", application_clock.now(), accounts.LASTS
        )
    with browsers.context(browser, browsers.DESK, server.url) as window:
        window.add_cookies([{"name": "desk", "value": token, "url": server.url}])
        page = window.new_page()
        page.goto(f"/staff/seeds/day/{CARE_DAY}")
        yield page


def test_y_accepts_the_first_decision(strict: Town, desk: Page) -> None:
    booking = requests(strict.family("さくら"))
    desk.reload()
    desk.keyboard.press("y")
    expect(desk.get_by_text("予約を確定しました。")).to_be_visible()
    assert strict.state(booking) == "confirmed"


def test_j_and_k_walk_through_the_decisions(strict: Town, desk: Page) -> None:
    first, second = requests(strict.family("さくら")), requests(strict.family("はな"))
    desk.reload()
    for key in ("j", "j"):
        desk.keyboard.press(key)
    chosen = desk.evaluate("document.activeElement.closest('.task').id").removeprefix("d-")
    desk.keyboard.press("y")
    expect(desk.get_by_text("予約を確定しました。")).to_be_visible()
    other = {first, second} - {chosen}
    assert strict.state(chosen) == "confirmed"
    assert [strict.state(one) for one in other] == ["requested"]


def test_letters_open_pages_and_escape_closes_the_card(strict: Town, desk: Page) -> None:
    booking = requests(strict.family("さくら"))
    desk.goto(f"/staff/seeds/bookings/{booking}")
    desk.keyboard.press("Escape")
    expect(desk.locator(".card")).to_have_count(0)
    desk.wait_for_load_state("load")
    desk.keyboard.press("t")
    expect(desk.get_by_role("heading", level=1)).to_have_text("電話を受ける")
    expect(desk.get_by_label("お子さま(カナか番号)")).to_be_focused()
    desk.get_by_role("heading", level=1).click()
    desk.keyboard.press("2")
    expect(desk.locator("#day")).to_be_focused()
    desk.get_by_role("heading", level=1).click()
    desk.keyboard.press("c")
    desk.wait_for_url("**/staff/seeds/week**")


def test_f_pins_the_open_child_to_its_room(strict: Town, desk: Page) -> None:
    booking = requests(strict.family("さくら"))
    desk.goto(f"/staff/seeds/bookings/{booking}")
    desk.keyboard.press("f")
    expect(desk.get_by_text("部屋を固定しました。")).to_be_visible()
    desk.keyboard.press("f")
    expect(desk.get_by_text("部屋の固定をはずしました。")).to_be_visible()


def test_letters_are_letters_in_a_field(strict: Town, desk: Page) -> None:
    desk.goto("/staff/seeds/telephone")
    who = desk.get_by_label("お子さま(カナか番号)")
    who.focus()
    desk.keyboard.type("t1y?")
    expect(who).to_have_value("t1y?")
    expect(desk.locator("#keys")).to_be_hidden()


def test_the_question_mark_lists_the_keys(desk: Page) -> None:
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="キーの一覧")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("#keys")).to_be_hidden()


def test_they_can_be_switched_off(strict: Town, desk: Page, nurse: Worker) -> None:
    accounts.set_keys(nurse.account_id, False, application_clock.now)
    booking = requests(strict.family("さくら"))
    desk.reload()
    desk.keyboard.press("y")
    desk.keyboard.press("?")
    expect(desk.locator("#keys")).to_be_hidden()
    assert strict.state(booking) == "requested"
