"""A family's evening on a phone in Chromium: three taps, and axe on every state it meets."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from reservation import clock as application_clock
from reservation.services import accounts, devices
from reservation.services.devices import Owner
from reservation.store.db import write
from tests.browser import axe
from tests.conftest import Clock
from tests.parents.conftest import code_for
from tests.parents.steps import add_sibling, cancel_one, fills
from tests.town import Household, Town, Worker

pytestmark = pytest.mark.browser
BOARD = "/my/book?complaint=fever&day=2026-11-24"


def is_fine(page: Page, heading: str) -> None:
    """The answer is there, axe finds nothing, and nothing can be pushed sideways."""
    expect(page.locator("h1")).to_contain_text(heading)
    assert axe.findings(page) == []
    assert axe.sideways(page) == 0


def signs_in(page: Page, who: Household) -> None:
    """With the code from the mail."""
    page.goto(BOARD)
    is_fine(page, "メールアドレスを入力してください")
    page.get_by_label("メールアドレス").fill(who.mail)
    page.get_by_role("button", name="番号をメールで受け取る").click()
    is_fine(page, "6けたの番号")
    page.get_by_label("6けたの番号").fill(code_for(who.mail))
    page.get_by_role("button", name="ログインする").click()


def test_a_family_books_and_cancels(
    context: Flask, clock: Clock, sakura: Household, page: Page
) -> None:
    signs_in(page, sakura)
    is_fine(page, "予約できる病児保育室が")
    page.get_by_role("button", name="この席をおさえる").first.click()
    is_fine(page, "さくらちゃんの席をおさえました")
    page.get_by_label("体温").fill("高い")
    page.get_by_role("button", name="予約を確定する").click()
    expect(page.locator("#error-summary")).to_be_focused()
    is_fine(page, "さくらちゃんの席をおさえました")
    page.get_by_label("体温").fill("38.2")
    page.get_by_role("button", name="予約を確定する").click()
    is_fine(page, "予約が確定しました")
    page.get_by_role("link", name="予約を取り消す").click()
    is_fine(page, "この予約を取り消しますか")
    page.get_by_role("button", name="取り消す").click()
    is_fine(page, "予約を取り消しました")


def test_a_family_waits_is_offered_a_place_and_is_late(
    context: Flask, clock: Clock, town: Town, sakura: Household, page: Page
) -> None:
    signs_in(page, sakura)
    page.goto(f"{BOARD}&room=seeds")
    is_fine(page, "しーずの席をおさえますか")
    fills(town)
    page.get_by_role("button", name="この席をおさえる").click()
    is_fine(page, "しーずの席は、おさえられませんでした")
    page.get_by_role("button", name="キャンセル待ちする").click()
    is_fine(page, "キャンセル待ち 1番目です")
    entry = page.url.rsplit("/", 1)[-1]
    cancel_one(town)
    page.goto(f"/my/offers/{entry}")
    is_fine(page, "しーずに空きが出ました")
    clock.set("18:30")
    page.get_by_role("button", name="行きます").click()
    is_fine(page, "お返事の期限を過ぎました")


def test_a_hold_that_ends_under_the_readers_eyes(
    context: Flask, clock: Clock, sakura: Household, page: Page
) -> None:
    signs_in(page, sakura)
    page.get_by_role("button", name="この席をおさえる").first.click()
    expect(page.locator("h1")).to_contain_text("席をおさえました")
    clock.forward(minutes=10)
    page.get_by_role("button", name="予約を確定する").click()
    is_fine(page, "時間切れで、席を放しました")
    page.get_by_role("button", name="もう一度、席をおさえる").click()
    is_fine(page, "さくらちゃんの席をおさえました")


def test_a_family_sends_the_form_as_a_photo_and_a_nurse_opens_it(
    context: Flask, clock: Clock, make_town: Callable[..., Town], page: Page, desk_page: Page
) -> None:
    town = make_town(doctor_form={"needed": "always", "due": "7:30", "by_photo": True})
    sakura = town.family("さくら")
    booking = sakura.books()
    signs_in(page, sakura)
    page.goto(f"/my/bookings/{booking}")
    is_fine(page, "条件付きで確定しました")
    photo = {"name": "IMG_1.png", "mimeType": "image/png", "buffer": drawn()}
    page.get_by_label("用紙の写真").set_input_files([photo])
    page.get_by_role("button", name="写真を送る").click()
    expect(page.get_by_text("写真を送りました。")).to_be_visible()
    is_fine(page, "条件付きで確定しました")
    enters(desk_page, town.worker("staff", "seeds"))
    desk_page.goto("/staff/seeds/")
    desk_page.get_by_role("link", name="写真を見る").click()
    assert axe.findings(desk_page) == []
    with desk_page.context.expect_page() as tab:
        desk_page.get_by_role("link", name="別の画面で開く").click()
    tab.value.wait_for_load_state()
    assert tab.value.evaluate("document.images[0].naturalWidth") == 60


def drawn() -> bytes:
    """A small picture: grey, sixty by forty."""
    rows = b"".join(b"\0" + b"\x88" * 60 for _ in range(40))
    size = struct.pack(">IIBBBBB", 60, 40, 8, 0, 0, 0, 0)
    chunks = (b"IHDR", size), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def enters(page: Page, nurse: Worker) -> None:
    """Somebody of the staff is signed in at this desk."""
    owner = Owner(account_id=nurse.account_id)
    with write() as db:
        token = devices.open_device(db, owner, "desk", application_clock.now(), accounts.LASTS)
    page.goto("/staff/sign-in")
    page.context.add_cookies([{"name": "desk", "value": token, "url": page.url}])


def test_two_children_at_once(context: Flask, clock: Clock, sakura: Household, page: Page) -> None:
    add_sibling(sakura, clock)
    signs_in(page, sakura)
    page.get_by_role("link", name="さくら").click()
    page.get_by_role("button", name="この席をおさえる").first.click()
    page.get_by_role("link", name="きょうだいも一緒に予約する").click()
    is_fine(page, "きょうだいも一緒に予約する")
    page.get_by_role("button", name="きょうだいの席もおさえる").click()
    is_fine(page, "2人分の席をおさえました")
    page.get_by_role("button", name="2人の予約を確定する").click()
    is_fine(page, "予約が確定しました")


def test_a_second_child_for_whom_there_is_no_place(
    context: Flask, clock: Clock, town: Town, sakura: Household, page: Page
) -> None:
    add_sibling(sakura, clock)
    fills(town, keep=1)
    signs_in(page, sakura)
    page.get_by_role("link", name="さくら").click()
    page.goto(f"{BOARD}&room=seeds&child=1")
    page.get_by_role("button", name="この席をおさえる").click()
    page.get_by_role("link", name="きょうだいも一緒に予約する").click()
    page.get_by_role("button", name="きょうだいの席もおさえる").click()
    is_fine(page, "そらちゃんの席は、おさえられませんでした")
    page.get_by_role("button", name="2人でキャンセル待ちする").click()
    is_fine(page, "キャンセル待ち")
    page.get_by_role("link", name="キャンセル待ちをやめる").click()
    is_fine(page, "キャンセル待ちをやめますか")
