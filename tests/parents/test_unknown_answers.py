"""The answer to an act is lost on its way: the page finds out by itself what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.web.parents.session import DEVICE
from tests import browsers
from tests.browser import axe
from tests.conftest import Server
from tests.lines import Line, line
from tests.pages import Reader
from tests.town import Household

pytestmark = pytest.mark.browser
BOARD = "/my/book?complaint=fever&day=2026-11-24"
HOLD = "この席をおさえる"


@pytest.fixture
def broken(server: Server) -> Iterator[Line]:
    """A line to the server that can be cut."""
    with line(server.url) as made:
        yield made


@pytest.fixture
def opened(
    browser: Browser, broken: Line, sakura: Household, sign_in: Callable[..., Reader]
) -> Iterator[Page]:
    """さくら's mother before the board, at the other end of the line."""
    device = sign_in(sakura).client.get_cookie(DEVICE)
    assert device is not None
    with browsers.context(browser, browsers.PHONE, broken.url) as reader:
        reader.add_cookies([{"name": DEVICE, "value": device.value, "url": broken.url}])
        page = reader.new_page()
        page.goto(BOARD)
        yield page


def states() -> list[str]:
    with read() as db:
        return list(db.scalars(select(BookingRow.state)))


def holds(page: Page) -> None:
    page.get_by_role("button", name=HOLD).first.click()


def test_lost_answers_end_in_the_hold_and_in_one_row(
    context: Flask, opened: Page, broken: Line
) -> None:
    before = opened.evaluate("history.length")
    broken.cuts = 1000
    holds(opened)
    dialog = opened.get_by_role("dialog", name="確認中です")
    expect(dialog).to_contain_text("18:00")
    assert axe.findings(opened) == []
    broken.cuts = 0
    expect(opened.locator("h1")).to_contain_text("席をおさえました")
    expect(dialog).to_have_count(0)
    assert (broken.lost > 0, states()) == (True, ["held"])
    assert opened.evaluate("history.length") == before + 1
    opened.get_by_label("体温").fill("高い")
    opened.get_by_role("button", name="予約を確定する").click()
    expect(opened.locator("#error-summary")).to_be_focused()
    opened.get_by_label("体温").fill("38.2")
    broken.cuts = 1
    opened.get_by_role("button", name="予約を確定する").click()
    expect(opened.locator("h1")).to_contain_text("予約が確定しました")
    assert (broken.cuts, states()) == (0, ["confirmed"])


def test_a_server_that_cannot_tell_is_asked_again(
    context: Flask, opened: Page, broken: Line
) -> None:
    answers = [503, 502, 504]

    def cannot_tell(route: Route) -> None:
        if answers:
            answers.append(answers.pop(0))
            route.fulfill(status=answers[-1])
        else:
            route.continue_()

    opened.route("**/my/book", cannot_tell)
    holds(opened)
    expect(opened.get_by_role("dialog", name="確認中です")).to_be_visible()
    answers.clear()
    expect(opened.locator("h1")).to_contain_text("席をおさえました")
    assert states() == ["held"]


def test_after_a_minute_there_is_the_number_and_a_button(
    context: Flask, opened: Page, broken: Line
) -> None:
    opened.clock.install()
    opened.reload()
    broken.cuts = 1000
    holds(opened)
    dialog = opened.get_by_role("dialog", name="確認中です")
    expect(dialog).to_contain_text("このままお待ちください")
    opened.clock.fast_forward(61_000)
    expect(dialog).to_contain_text("1分たっても答えが届きません")
    expect(dialog).to_contain_text("03-0000-0000")
    button = dialog.get_by_role("button", name="もう一度確かめる")
    expect(button).to_be_focused()
    assert axe.findings(opened) == []
    broken.cuts = 0
    button.click()
    expect(opened.locator("h1")).to_contain_text("席をおさえました")
    assert states() == ["held"]
