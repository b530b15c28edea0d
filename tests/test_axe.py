"""Every page of the URL map, by whoever may open it, on a phone and at a desk.

The list is the URL map itself, so a new page is looked at without anybody remembering it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.routing import Rule

from reservation.web import access
from tests import browsers
from tests.browser import axe
from tests.conftest import Server
from tests.test_guards import TABLE, Scene, scene

__all__ = ["scene"]

WIDTHS = (390, 1280)
NOT_PAGES = frozenset({
    "static", "public.healthz", "public.readyz", "public.metrics", "public.vacancy",
    "parents.export", "parents.calendar", "desk_door.square", "staff.board",
    "staff.photo", "municipality.figure_csv", "municipality.workbook",
})  # fmt: skip
"""Endpoints that answer with something else than a page; each is tested where it belongs."""
ONE_TOWN = frozenset({"/facilities/<code>"})
"""Addresses that mean nothing where there are two towns; the same page stands under /m/<town>/."""
ENGLISH = (
    "public.board", "public.facility", "door.ask", "parents.home", "parents.book",
    "parents.family", "parents.booking", "staff.today", "municipality.rooms",
    "municipality.figures",
)  # fmt: skip
"""The ten main pages in which other languages are looked at, too (answers.md §13)."""


@pytest.fixture
def window(scene: Scene, server: Server, browser: Browser) -> Iterator[Page]:
    """A browser's window at the server of the scene."""
    with browsers.context(browser, browsers.DESK, server.url) as context:
        yield context.new_page()


def rules(app: Flask) -> list[Rule]:
    """Every address that shows a page to somebody, in a house of two towns."""
    return [
        rule
        for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule)
        if "GET" in (rule.methods or ())
        and rule.endpoint not in NOT_PAGES
        and rule.rule not in ONE_TOWN
    ]


def visitor(endpoint: str) -> str:
    """Who opens this page: the first of these who may."""
    order = ("anonymous", "parent A", "officer M1", "manager F1", "staff F1", "operator")
    return next(name for name in order if name in TABLE[endpoint])


def cookies_of(scene: Scene, name: str, url: str) -> list[dict[str, str]]:
    """The visitor's cookies as the browser takes them."""
    host = url.removeprefix("http://").split(":")[0]
    client = scene.people[name]
    jar = [client.get_cookie(key) for key in ("device", "desk")]
    return [{"name": c.key, "value": c.value, "domain": host, "path": "/"} for c in jar if c]


def open_as(page: Page, scene: Scene, server: Server, rule: Rule, lang: str = "") -> int:
    """Open a page as whoever may; answers its status."""
    page.context.clear_cookies()
    page.context.add_cookies(cookies_of(scene, visitor(rule.endpoint), server.url))  # type: ignore[arg-type]
    address = scene.address(rule) + (f"?lang={lang}" if lang else "")
    answer = page.goto(address, wait_until="load")
    assert answer is not None
    # In a sealed picture nothing can be asked, and asking would never end.
    assert answer.headers["content-type"].startswith("text/html"), rule.rule
    return answer.status


def wrong_with(page: Page, widths: tuple[int, ...]) -> list[str]:
    """What axe finds, and sideways scrolling, at each width."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844})
        found += [f"{width}: {one}" for one in axe.findings(page)]
        if pushed := axe.sideways(page):
            found.append(f"{width}: scrolls sideways by {pushed} px")
    return found


def test_axe_is_the_file_it_says_it_is() -> None:
    assert axe.is_genuine()


def test_axe_finds_what_is_planted(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html><body><img src='x'><input><p style='color:#ccc'>薄い</p></body></html>")
    found = " ".join(axe.findings(page))
    page.close()
    assert {"image-alt", "label", "color-contrast", "html-has-lang"} <= set(
        found.replace(":", " ").split()
    )


KINDS = ("public", "parents", "staff", "municipality")


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_is_accessible_on_a_phone_and_at_a_desk(
    kind: str, scene: Scene, server: Server, window: Page
) -> None:
    wrong = {}
    for rule in rules(scene.app):
        if access.kind_of(scene.app, rule.endpoint) != kind:
            continue
        status = open_as(window, scene, server, rule)
        found = wrong_with(window, WIDTHS)
        if status != 200 or found:
            wrong[rule.rule] = (status, found)
    assert wrong == {}


def test_the_main_pages_are_accessible_in_english(
    scene: Scene, server: Server, window: Page
) -> None:
    wrong, seen = {}, set()
    for rule in rules(scene.app):
        if rule.endpoint not in ENGLISH or rule.endpoint in seen:
            continue
        seen.add(rule.endpoint)
        status = open_as(window, scene, server, rule, "en")
        found = wrong_with(window, (390,))
        if window.get_attribute("html", "lang") != "en":
            found.append("is not in English")
        if status != 200 or found:
            wrong[rule.rule] = (status, found)
    assert wrong == {}
    assert seen == set(ENGLISH)
