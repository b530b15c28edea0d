"""The server is killed after the booking is stored and before its answer is sent."""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener, started
from tests.demo_town import FILE
from tests.lines import line

pytestmark = [pytest.mark.browser, pytest.mark.alone]
MONDAY = "2026-01-19"
NOW = "2026-01-15 22:00"
SECONDS = 10
"""From the first answer of the new server to the definite one."""


def rows(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(
            connection.execute(
                "select count(*) from booking where care_day = ? and state = 'confirmed'"
                " and child_id in (select id from child where name like '%ひなた')",
                [MONDAY],
            ).fetchone()[0]
        )


def test_the_page_ends_with_the_booking_and_there_is_one(
    demo_folder: Path, tmp_path: Path, phone: Opener
) -> None:
    for name in (FILE, "settings.toml"):
        shutil.copy(demo_folder / name, tmp_path / name)
    with ExitStack() as servers:
        process, url = servers.enter_context(started(tmp_path, NOW))
        with line(url) as wire:
            sakura = phone(wire.url).signs_in_as("sakura@example.org")
            sakura.opens(f"/my/book?complaint=cough&day={MONDAY}")
            sakura.room("seeds").taps("この席をおさえる")
            sakura.has_heading("席をおさえました").writes("temperature", "37.8")
            wire.cuts, wire.when_cut = 1, process.kill
            sakura.taps("予約を確定する").sees("確認中です")
            process.wait(20)
            assert rows(tmp_path / FILE) == 1
            _process, wire.to = servers.enter_context(started(tmp_path, NOW))
            recovered = time.monotonic()
            expect(sakura.page.locator("h1")).to_have_text("予約が確定しました")
            assert time.monotonic() - recovered < SECONDS
    assert rows(tmp_path / FILE) == 1
