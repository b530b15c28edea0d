"""A family's day on the demo's data, on a phone of 390 px: the evening before, and the morning."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.screen import Screen

pytestmark = pytest.mark.alone

FRIDAY, MONDAY = "2026-01-16", "2026-01-19"


def the_board(screen: Screen, day: str, complaint: str = "せき・鼻水") -> Screen:
    """Open the board without signing in, for that complaint (else fever) and day."""
    screen.opens("/")
    if complaint:
        screen.chooses(complaint).is_at("complaint=")
    screen.page.locator(f'[data-tab="{day}"]').click()
    return screen.is_at(f"day={day}")


def one_click(screen: Screen, mail: str) -> Screen:
    """The demo's button on the sign-in page that has just come."""
    screen.is_at("/signin").page.locator(f'form:has([value="{mail}"]) button').click()
    return screen


def confirms(screen: Screen) -> Screen:
    """Fill the check page as one does at night, and confirm."""
    screen.is_at("/my/hold/").has_heading("席をおさえました").sees("まで確保しています")
    return screen.writes("temperature", "37.8").taps("予約を確定する").is_at("/my/bookings/")


def mail_with(screen: Screen, *words: str) -> str:
    """The newest message with these words, at /dev/messages."""
    screen.opens("/dev/messages")
    return screen.reloads_for("article", *words).here.locator("xpath=.").inner_text()


def signs_in_by_mail(screen: Screen, post: Screen, address: str) -> Screen:
    """Ask for a code, read it on another screen, type it."""
    screen.is_at("/signin").writes("mail", address).taps("番号をメールで受け取る")
    code = re.search(r"\b\d{6}\b", mail_with(post, f"宛先：{address}", "番号"))
    assert code
    return screen.writes("code", code.group()).taps("ログインする")


def in_two_taps_gives_up(screen: Screen, first: str, second: str) -> Screen:
    """Cancel, or leave a list: one tap asks, the other acts."""
    asked = Screen(screen.taps(first).page).is_at("/cancel")
    return asked.taps(second).is_at(r"/my/bookings/[0-9a-f]+(\?|$)")


def test_at_ten_in_the_evening_sakura_books_monday_and_cancels_in_two_taps(
    evening: str, phone: Opener, tmp_path: Path
) -> None:
    sakura = phone(evening)
    the_board(sakura, MONDAY).has_heading("2つ あります")
    sakura.room("seeds").sees("空きあり").taps("この室で予約")
    one_click(sakura, "sakura@example.org")
    sakura.has_heading("しーずの席をおさえますか").taps("この席をおさえる")
    sakura.sees("22:10", "ひなた(3歳) ・ せき・鼻水")
    confirms(sakura).has_heading("予約が確定しました")
    sakura.sees("1月19日(月)、お待ちしています", "これからのこと", "キャンセルはここまで")

    with sakura.page.expect_download() as download:
        sakura.taps("カレンダーに入れる")
    download.value.save_as(tmp_path / "booking.ics")
    calendar = (tmp_path / "booking.ics").read_text()
    assert "BEGIN:VEVENT" in calendar
    assert re.search(r"DTSTART.*:202601(18T23|19T)", calendar)
    assert "佐倉" not in calendar

    sakura.taps("マイページへ").has_heading("つぎは").sees("そのあとの予約")
    card = sakura.at("article", "19 (月)")
    in_two_taps_gives_up(card, "取り消す", "取り消す")
    sakura.has_heading("予約を取り消しました")


def test_a_family_that_has_never_been_here_books_with_a_code_from_the_mail(
    evening: str, phone: Opener
) -> None:
    new, post = phone(evening), phone(evening)
    the_board(new, FRIDAY, complaint="").sees("発熱")
    new.room("tamura").taps("この室で予約")
    signs_in_by_mail(new, post, "hajimete@example.org")
    new.has_heading("お子さまのことを教えてください").sees("たむら医院")
    new.taps("同意して、席をおさえる").sees("入力内容に誤りがあります")
    new.writes("name", "山野 あおい").writes("kana", "やまの あおい")
    new.writes("birthday", "2022", "5", "3")
    new.taps("同意して、席をおさえる")
    confirms(new).has_heading("条件付きで確定しました").sees("利用登録の承認を あした 8:00 まで")
    assert "【たむら医院】" in mail_with(post, "宛先：hajimete@example.org", "確定")
    new.taps("利用登録に必要なことを入力する").sees("承認までに、次のことも入力してください")


def test_a_full_room_has_a_waiting_list_with_a_rank(evening: str, phone: Opener) -> None:
    hana = phone(evening)
    the_board(hana, FRIDAY)
    hana.room("seeds").sees("満室", "待ち 5人", "いま申し込むと 6番目 です").taps(
        "キャンセル待ちする"
    )
    one_click(hana, "hana@example.org")
    hana.taps("りく").has_heading("しーずは、いま予約できません").taps("キャンセル待ちする")
    hana.has_heading("キャンセル待ち 6番目です").sees("空きが出たら、すぐにご案内します")
    hana.sees("待つあいだに予約できる室")
    in_two_taps_gives_up(hana, "キャンセル待ちをやめる", "キャンセル待ちをやめる")
    hana.opens("/my").sees("1 番目").sees_not("6 番目")


def test_a_place_that_sakura_frees_in_the_morning_is_offered_by_mail_and_taken(
    morning: str, phone: Opener
) -> None:
    sakura, next_one, post = phone(morning), phone(morning), phone(morning)
    sakura.signs_in_as("sakura@example.org").has_heading("つぎは あした、しーずです")
    in_two_taps_gives_up(sakura, "取り消す", "取り消す").has_heading("予約を取り消しました")

    mail = mail_with(post, r"空きが出ました(お返事は 7:28 まで)")
    address = re.search(r"[\w.]+@example\.org", mail)
    link = re.search(r"http://\S+/my/\S+", mail)
    assert address, mail
    assert link, mail
    assert address.group() != "hana@example.org"
    next_one.opens(urlsplit(link.group()).path)
    signs_in_by_mail(next_one, post, address.group())
    next_one.has_heading("しーずに空きが出ました").sees("7:28 まで").sees("それまで席をおさえて")
    next_one.taps("行きます").has_heading("確定しました")


def test_hana_answers_the_offer_that_came_before_seven(morning: str, phone: Opener) -> None:
    hana, post = phone(morning), phone(morning)
    hana.signs_in_as("hana@example.org").has_heading("しーずに空きが出ました")
    hana.taps("返事をする").sees("お返事は", "7:27 まで", "1番目のまま")
    hana.taps("行きます").has_heading("予約が確定しました").sees("はな(3歳)")
    assert "はな" not in mail_with(post, "【しーず】1月16日(金)の予約が確定しました")


def test_the_board_moves_without_reloading_while_another_family_books(
    evening: str, phone: Opener
) -> None:
    sakura, watcher = phone(evening), phone(evening)
    the_board(watcher, MONDAY)
    seeds = watcher.room("seeds").sees("のこり 4")
    watcher.sees("自動で更新されます").page.evaluate("window.isTheSamePage = true")
    sakura.signs_in_as("sakura@example.org").opens(f"/my/book?complaint=cough&day={MONDAY}")
    sakura.room("seeds").taps("この席をおさえる")
    seeds.sees("のこり 3", within=2)
    assert watcher.page.evaluate("window.isTheSamePage")


def test_a_second_booking_for_the_same_day_is_answered_before_it_is_tried(
    evening: str, phone: Opener
) -> None:
    sakura = phone(evening).signs_in_as("sakura@example.org")
    sakura.opens(f"/my/book?complaint=cough&day={FRIDAY}")
    sakura.sees("この日は しーず に予約があります").taps("予約の内容")
    sakura.is_at("/my/bookings/").has_heading("予約が確定しました")


def test_without_javascript_the_whole_booking_works(evening: str, phone: Opener) -> None:
    sakura = phone(evening, java_script_enabled=False)
    sakura.opens("/").chooses("せき・鼻水").taps("この条件で見る").is_at("complaint=cough")
    sakura.page.locator(f'[data-tab="{MONDAY}"]').click()
    sakura.room("seeds").taps("この室で予約")
    one_click(sakura, "sakura@example.org")
    sakura.taps("この席をおさえる")
    confirms(sakura).has_heading("予約が確定しました")
    in_two_taps_gives_up(sakura, "予約を取り消す", "取り消す")
    sakura.has_heading("予約を取り消しました")


def test_the_same_in_english(evening: str, phone: Opener) -> None:
    sakura = phone(evening)
    sakura.opens("/").taps("ことば").taps("English")
    expect(sakura.page.locator("html")).to_have_attribute("lang", "en")
    sakura.chooses("Cough, runny nose").is_at("complaint=cough")
    sakura.page.locator(f'[data-tab="{MONDAY}"]').click()
    sakura.room("seeds").taps("Book here")
    one_click(sakura, "sakura@example.org")
    sakura.taps("Hold this place").sees("22:10").taps("Confirm the booking")
    sakura.has_heading("Your booking is confirmed").sees("Mon, Jan 19")
    in_two_taps_gives_up(sakura, "Cancel the booking", "Cancel booking")
    sakura.has_heading("Your booking is cancelled")
    words = sakura.page.locator("main").inner_text().replace("ひなた", "")
    assert not re.search(r"[\u3040-\u30ff]", words), words
