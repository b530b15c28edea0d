"""A real Chromium, and the two sizes in which people look at us."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
JAPAN: dict[str, Any] = {"locale": "ja-JP", "timezone_id": "Asia/Tokyo"}


class Missing(Exception):
    """No browser can be had here; the text says why."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium that reaches this machine only. Raises Missing."""
    names = ("chromium", "google-chrome", "chromium-browser")
    path = os.environ.get("RESERVATION_TEST_CHROMIUM") or next(
        (found for name in names if (found := shutil.which(name))), None
    )
    if path is None:
        raise Missing("no chromium on the PATH")
    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def context(browser: Browser, size: dict[str, Any], base_url: str) -> Iterator[BrowserContext]:
    """A fresh reader: own cookies, Japanese, Asia/Tokyo."""
    fresh = browser.new_context(**JAPAN, **size, base_url=base_url)
    fresh.set_default_timeout(10_000)
    try:
        yield fresh
    finally:
        fresh.close()
