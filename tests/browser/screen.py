"""Somebody before a screen: taps, types and reads, so that a test reads like the day it tells.

Nothing here waits for time to pass: every step waits for what must be there, and fails after the
limit of tests/browsers.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect


@dataclass
class Screen:
    """A page, or with ``part`` only what is inside that element."""

    page: Page
    part: Locator | None = None

    @property
    def here(self) -> Page | Locator:
        """Where this screen's words are looked for."""
        return self.part or self.page

    def opens(self, path: str) -> Screen:
        """Go to an address of the town."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self

    def taps(self, words: str) -> Screen:
        """Press the first visible button, link or summary with these words."""
        name = re.compile(_loosely(words))
        found = self.here.get_by_role("button", name=name).or_(
            self.here.get_by_role("link", name=name)
        )
        found = found.or_(self.here.locator("summary", has_text=name))
        found.filter(visible=True).first.click()
        return self

    def chooses(self, words: str) -> Screen:
        """Tap the tile, radio button or box with these words."""
        name = re.compile(_loosely(words))
        self.here.locator("label", has_text=name).filter(visible=True).first.click()
        return self

    def picks(self, field: str, option: str) -> Screen:
        """Choose an option of the field of that name."""
        self.here.locator(f"select[name={field}]").select_option(label=option)
        return self

    def writes(self, field: str, *texts: str) -> Screen:
        """Fill the field of that name; several texts fill boxes of one name in their order."""
        boxes = self.here.locator(f"[name={field}]").filter(visible=True)
        for number, text in enumerate(texts):
            boxes.nth(number).fill(text)
        return self

    def presses(self, *keys: str) -> Screen:
        """Press keys one after the other, once the page's scripts are there to hear them."""
        self.page.wait_for_load_state("load")
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def sees(self, *sentences: str, within: float = 10) -> Screen:
        """These words stand there, at the latest after so many seconds."""
        for sentence in sentences:
            _expect(self, sentence, within)
        return self

    def sees_not(self, *sentences: str) -> Screen:
        """None of these words stands there (any more)."""
        for sentence in sentences:
            found = self.here.get_by_text(re.compile(_loosely(sentence)))
            expect(found.filter(visible=True)).to_have_count(0)
        return self

    def has_heading(self, words: str) -> Screen:
        """The one h1 of the page says this."""
        expect(self.page.locator("h1")).to_have_text(re.compile(_loosely(words)))
        return self

    def is_at(self, address: str) -> Screen:
        """The address has come to match this pattern."""
        self.page.wait_for_url(re.compile(address))
        return self

    def at(self, selector: str, words: str = "") -> Screen:
        """The same page, only the part with this selector, and these words in it."""
        found = self.here.locator(selector)
        if words:
            found = found.filter(has_text=re.compile(_loosely(words)))
        return Screen(self.page, found.filter(visible=True).first)

    def room(self, code: str) -> Screen:
        """A room's card on the board."""
        return self.at(f"[data-room={code}]")

    def signs_in_as(self, mail: str, door: str = "/signin") -> Screen:
        """The demo's one click."""
        self.page.goto(door)
        self.page.locator(f'form:has(input[value="{mail}"]) button').click()
        self.page.wait_for_url(lambda url: not url.endswith(door))
        return self

    def reloads_for(self, selector: str, *words: str) -> Screen:
        """Load the page anew until a part with these words is there: what the scheduler brings."""
        found = self.page.locator(selector)
        for one in words:
            found = found.filter(has_text=re.compile(_loosely(one)))
        for _attempt in range(60):
            if found.count():
                return Screen(self.page, found.first)
            with self.page.expect_response(lambda answer: answer.ok):
                self.page.reload()
        seen = self.page.locator(selector).locator("h2").all_inner_texts()
        raise AssertionError(f"{words} did not come, only: {seen[:8]}")


def _expect(screen: Screen, sentence: str, within: float) -> None:
    part = screen.part or screen.page.locator("body")
    words = re.compile(_loosely(sentence))
    try:
        expect(part).to_contain_text(words, timeout=within * 1000, use_inner_text=True)
    except AssertionError:
        seen = " ".join(part.inner_text().split()) if part.count() else "nothing there"
        raise AssertionError(f"{sentence!r} does not stand there: {seen}") from None


def _loosely(words: str) -> str:
    """A pattern in which spaces and line breaks count for nothing."""
    return r"\s*".join(re.escape(one) for one in re.sub(r"\s+", "", words))
