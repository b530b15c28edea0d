"""The small script of every page, in a real browser: deadlines, pressed buttons, menus, errors."""

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from tests.look.everything import make_app

pytestmark = pytest.mark.browser


@pytest.fixture
def app() -> Flask:
    return make_app()


def test_a_deadline_moves_turns_soon_and_is_said_once(page: Page) -> None:
    page.clock.install()
    page.goto("/")
    hold = page.locator(".hold").first
    words = page.locator(".offer-until [data-left-words]")
    expect(words).to_have_text("あと 9分。それまで席をおさえています。")
    page.clock.run_for(6 * 60_000)
    expect(words).to_have_text("あと 3分。それまで席をおさえています。")
    assert "is-soon" not in (hold.get_attribute("class") or "")
    page.clock.run_for(31_000)
    expect(hold).to_have_class("hold is-soon")
    expect(hold.locator("[role=status]")).to_have_text("あと2分です")
    assert hold.locator("progress").evaluate("bar => bar.value") == pytest.approx(119, abs=2)
    page.clock.run_for(3 * 60_000)
    expect(words).to_have_text("時間が過ぎました")
    expect(hold).to_have_class("hold is-soon is-over")


def test_a_pressed_button_says_so_and_cannot_be_sent_twice(page: Page) -> None:
    page.goto("/")
    sent: list[str] = []

    def keep(route: Route) -> None:
        sent.append(route.request.post_data or "")  # and no answer, so that the page stays

    page.route("**/x", keep)
    button = page.locator("form[action='/x'] button")
    button.click()
    expect(button).to_have_text("確かめています…")
    expect(button).to_have_attribute("aria-busy", "true")
    button.click()
    page.wait_for_timeout(200)
    assert len(sent) == 1
    assert "answer=yes" in sent[0]


def test_errors_take_the_focus_and_lead_to_their_field(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_role("link", name="ようすをえらんでください").click()
    expect(page.get_by_role("radio", name="発熱")).to_be_focused()


def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(page: Page) -> None:
    page.goto("/")
    menu = page.locator("details.menu").filter(has_text="Decline")
    summary = menu.locator("summary")
    summary.click()
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()
    summary.click()
    page.locator("h1").first.click()
    expect(menu).not_to_have_attribute("open", "")
