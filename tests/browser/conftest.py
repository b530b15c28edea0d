"""The demo town as its people meet it: a real server with its clock, and their screens."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests import browsers
from tests.browser.screen import Screen
from tests.demo_town import FILE
from tests.test_serve import free_port

Opener = Callable[..., Screen]
Town = Callable[[str], str]


@contextmanager
def running(folder: Path, now: str) -> Iterator[str]:
    """`reservation serve` with scheduler and stream over that folder; yields its address."""
    with started(folder, now) as (_process, url):
        yield url


@contextmanager
def started(folder: Path, now: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The same with its process, for tests that end it themselves."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    own = {
        "RESERVATION_MODE": "demo", "RESERVATION_INSTANCE": str(folder), "RESERVATION_NOW": now,
        "RESERVATION_PORT": str(port), "RESERVATION_BASE_URL": url,
        "RESERVATION_LOG_LEVEL": "warning",
    }  # fmt: skip
    command = [sys.executable, "-m", "reservation", "serve"]
    with subprocess.Popen(command, env={**os.environ, **own}) as process:
        try:
            _wait_for(f"{url}/healthz", process)
            yield process, url
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.1)


@pytest.fixture
def town(demo_folder: Path, tmp_path: Path) -> Iterator[Town]:
    """``town("2026-01-15 22:00")``: a copy of the demo is served from then on; its address."""
    with ExitStack() as stack:

        def start(now: str) -> str:
            for name in (FILE, "settings.toml"):
                shutil.copy(demo_folder / name, tmp_path / name)
            return stack.enter_context(running(tmp_path, now))

        yield start


@pytest.fixture
def morning(town: Town) -> str:
    """The town's address on Thursday at 6:58: an offer is open, requests wait."""
    return town("2026-01-15 06:58")


@pytest.fixture
def evening(town: Town) -> str:
    """The town's address on Thursday at 22:00."""
    return town("2026-01-15 22:00")


@pytest.fixture
def phone(browser: Browser) -> Iterator[Opener]:
    """``phone(address)``: one more phone of 390 px that knows nothing yet."""
    with ExitStack() as stack:
        yield _opener(stack, browser, browsers.PHONE)


@pytest.fixture
def desk(browser: Browser) -> Iterator[Opener]:
    """``desk(address)``: one more desk's screen of 1280 px."""
    with ExitStack() as stack:
        yield _opener(stack, browser, browsers.DESK)


def _opener(stack: ExitStack, browser: Browser, size: dict[str, Any]) -> Opener:
    def opens(address: str, **more: Any) -> Screen:
        reader = stack.enter_context(browsers.context(browser, size | more, address))
        return Screen(reader.new_page())

    return opens
