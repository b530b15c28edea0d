"""An officer's day on the demo's data, at a desk of 1280 px: rooms, figures, registrations."""

from __future__ import annotations

import csv
import io

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.screen import Screen

pytestmark = pytest.mark.alone

TOWN = "/municipality/131156"


def in_the_office(screen: Screen, mail: str = "tantou@example.org") -> Screen:
    """Sign in with the demo's one click."""
    return screen.signs_in_as(mail, "/staff/sign-in").is_at(TOWN)


def test_all_rooms_stand_on_one_screen(morning: str, desk: Opener) -> None:
    officer = in_the_office(desk(morning)).has_heading("5施設で、お預かり中 0人・これから")
    expect(officer.page.locator("tbody").first.locator("tr")).to_have_count(5)
    officer.at("tr", "しーず").sees("6 / 定員6", "03-0000-0001")
    officer.taps("次の日").sees("あした 1月16日(金)")
    officer.at("tr", "しーず").sees("5 (案内中 1)")


def test_the_month_is_answered_in_one_sentence_and_opens_as_a_sheet(
    morning: str, desk: Opener
) -> None:
    officer = in_the_office(desk(morning)).taps("統計").has_heading("2026年1月")
    officer.taps("前の期間").has_heading("2025年12月")
    officer.sees("のべ", "稼働率は", "満たされなかったのは", "同じ日に空いた席")
    expect(officer.page.locator("svg[role=img]").first).to_be_visible()
    with officer.page.expect_download() as download:
        officer.taps("CSV")
    raw = download.value.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(rows) > 1
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "@", "+")]
    with officer.page.expect_download() as download:
        officer.taps("Excelで受け取る")
    assert download.value.path().read_bytes().startswith(b"PK")
    officer.taps("年度で見る").has_heading("年度")


def test_a_registration_is_approved_and_the_family_is_told(
    morning: str, desk: Opener, phone: Opener
) -> None:
    officer, post = in_the_office(desk(morning)), phone(morning)
    officer.taps("利用登録").has_heading("決める利用登録が")
    name = officer.page.locator("tbody th a").first.inner_text()
    officer.taps(name).has_heading(name).sees("登録の承認が条件")
    officer.chooses("承認する").taps("決めて、ご家族に知らせる")
    officer.has_heading("決める利用登録はありません").sees_not(name).taps("承認済み").sees(name)
    post.opens("/dev/messages").reloads_for("article", "利用登録が承認されました")


def test_who_only_reads_finds_no_button_that_decides(morning: str, desk: Opener) -> None:
    reviewer = in_the_office(desk(morning), "etsuran@example.org").has_heading("5施設で")
    reviewer.taps("統計").has_heading("2026年1月")
    reviewer.taps("利用登録").page.locator("tbody th a").first.click()
    reviewer.sees("承認待ち", "フリガナ").sees_not("決めて、ご家族に知らせる")
