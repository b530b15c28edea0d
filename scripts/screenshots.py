"""The main pages as pictures: `bash scripts/screenshots.sh [docs/screenshots]`.

Starts the demo town at 6:58 in a temporary instance on a free port, walks to each page in a real
Chromium as whoever may see it, and stops everything. The same town every time, so that a picture
changes only when a page does (or its clock, by seconds).
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, expect

from tests import browsers

FILLED, SHOWN = "2026-11-25T06:58:00+09:00", "2026-11-25T06:58:30+09:00"
"""A Wednesday. Making the data takes its time: the server starts when they are there."""
TOMORROW = "2026-11-26"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TALL = PHONE | {"viewport": {"width": 390, "height": 1240}}
"""The README's first picture: with the first rooms on it."""
DESK = {"viewport": {"width": 1280, "height": 800}}
MOST = 200_000
"""Bytes of a picture: they are read over mobile networks too."""


def family(page: Page, mail: str) -> None:
    """Sign in as a family of the demo, with one click."""
    page.goto("/signin")
    page.locator(f'form:has(input[value="{mail}"]) button').click()
    page.wait_for_url(re.compile("/my$"))


def staff(page: Page, mail: str) -> None:
    """Sign in as somebody of the staff or of the office, with one click."""
    page.goto("/staff/sign-in")
    page.locator(f'form:has(input[value="{mail}"]) button').click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def board(page: Page) -> None:
    """What a family sees first, for tomorrow."""
    page.goto(f"/?complaint=cough&age=3&day={TOMORROW}")


def board_in_english(page: Page) -> None:
    """The same for somebody who does not read Japanese."""
    page.goto(f"/?complaint=cough&age=3&day={TOMORROW}&lang=en")


def hold(page: Page) -> None:
    """A place is held: the check page."""
    family(page, "sakura@example.org")
    page.goto("/my/book?complaint=cough")
    page.locator(".days a").last.click()
    page.locator("[data-line=hold]:not([hidden]) button").first.click()
    page.wait_for_url(re.compile("/my/hold/"))


def answer(page: Page) -> None:
    """The place that was held for the picture before is confirmed."""
    family(page, "sakura@example.org")
    page.get_by_role("link", name="予約を続ける").click()
    page.get_by_role("button", name=re.compile("予約を確定する|予約を申し込む")).click()
    page.wait_for_url(re.compile("/my/bookings/"))


def offer(page: Page) -> None:
    """A place has become free: the page that the mail's link opens."""
    family(page, "hana@example.org")
    page.get_by_role("link", name="返事をする").click()


def my(page: Page) -> None:
    """What a family has coming."""
    family(page, "sakura@example.org")


def today(page: Page) -> None:
    """The desk of a room, for tomorrow: decisions, rooms, waiting list."""
    staff(page, "kangoshi@example.org")
    page.goto(f"/staff/seeds/day/{TOMORROW}")


def telephone(page: Page) -> None:
    """A call is being entered."""
    staff(page, "kangoshi@example.org")
    page.goto("/staff/seeds/telephone")
    page.locator("[name=who]").fill("ヒナタノ ヒマリ")
    page.locator("[name=day]").select_option(index=1)
    page.locator("[name=who]").press("Enter")
    expect(page.get_by_text("そのまま読める答え")).to_be_visible()


def capacity(page: Page) -> None:
    """Staff, rooms and places of a day."""
    staff(page, "shisetsucho@example.org")
    page.goto(f"/staff/seeds/capacity/{TOMORROW}")


def rule_book(page: Page) -> None:
    """The rule book as a form."""
    staff(page, "shisetsucho@example.org")
    page.goto("/staff/seeds/rules")


def figures(page: Page) -> None:
    """The month in figures."""
    staff(page, "tantou@example.org")
    page.goto("/municipality/131156/figures")


PICTURES: tuple[tuple[str, dict[str, Any], Callable[[Page], None]], ...] = (
    ("offer-390", PHONE, offer),
    ("board-390", TALL, board),
    ("board-en-390", PHONE, board_in_english),
    ("board-1280", DESK, board),
    ("my-390", PHONE, my),
    ("today-1280", DESK, today),
    ("telephone-1280", DESK, telephone),
    ("capacity-1280", DESK, capacity),
    ("rulebook-1280", DESK, rule_book),
    ("figures-1280", DESK, figures),
    ("hold-390", PHONE, hold),
    ("answer-390", PHONE, answer),
)
"""In this order: the offer lapses, and what is held shows on the board."""


@contextmanager
def demo() -> Iterator[str]:
    """The demo's address, while it runs."""
    with socket.socket() as one, tempfile.TemporaryDirectory(prefix="screenshots-") as instance:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        one.close()
        own = {name: text for name, text in os.environ.items() if "RESERVATION" not in name}
        own |= {
            "RESERVATION_INSTANCE": instance,
            "PORT": str(port),
            "RESERVATION_LOG_LEVEL": "warning",
        }
        command = [sys.executable, "-m", "reservation", "demo"]
        filled = own | {"RESERVATION_NOW": FILLED}
        subprocess.run([*command, "--only-fill"], env=filled, check=True, stdout=subprocess.DEVNULL)
        shown = own | {"RESERVATION_NOW": SHOWN}
        running = subprocess.Popen(command, env=shown, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", running)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(30)


def wait_for(url: str, running: subprocess.Popen[bytes]) -> None:
    """Return when the address answers; raises when the server has ended, or after a minute."""
    end = time.monotonic() + 60
    while True:
        try:
            urlopen(url, timeout=2).close()
            return
        except (URLError, OSError):
            if running.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.2)


def take(folder: Path, only: list[str]) -> None:
    """Write the pictures into the folder. Raises when a page does not come or one is too big."""
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as url, browsers.chromium() as browser:
        for name, size, walk in PICTURES:
            if only and name not in only:
                continue
            with browsers.context(browser, size | {"device_scale_factor": 1}, url) as reader:
                page = reader.new_page()
                walk(page)
                expect(page.locator("h1")).to_be_visible()
                picture = page.screenshot(path=folder / f"{name}.png")
            if len(picture) > MOST:
                raise ValueError(f"{name}.png has {len(picture)} bytes, more than {MOST}")
            sys.stdout.write(f"{folder / name}.png  {len(picture) // 1000} kB\n")


if __name__ == "__main__":
    where = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots")
    take(where, sys.argv[2:])
