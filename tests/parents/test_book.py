"""Booking through the pages: board, hold, check page, and whose it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow, Registration
from reservation.store.types import new_id
from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Reader
from tests.parents.conftest import code_for
from tests.parents.steps import (
    BOARD,
    CONFIRM,
    HOLD,
    SAID,
    add_sibling,
    count,
    held,
    id_of,
    only_booking,
    row,
)
from tests.town import Household, Town, book


@both_databases
def test_a_family_books_in_three_taps(phone: Reader) -> None:
    board = phone.opens(BOARD).says("さくら(2歳) ・ 発熱", "予約できる病児保育室が 2つ あります")
    assert board.response.headers["Cache-Control"] == "no-store"
    check = board.submit(f"{HOLD}(しーず)")
    check.says(
        "さくらちゃんの席をおさえました", "18:10 まで確保しています", "2,000円", "3つのうち 2つ目"
    )
    answer = check.submit(CONFIRM, **SAID, remark="ミルクは飲みました")
    assert answer.heading == "予約が確定しました"
    answer.says(
        "8:30 に着く予定", "送る人：父", "これからのこと", "キャンセルはここまで", "03-0000-0000"
    )
    stored = row(id_of(answer))
    assert (stored.state, stored.brings, stored.arrives_at) == ("confirmed", "father", "8:30")
    assert (stored.temperature, stored.since) == ("38.2", "evening")
    assert stored.remark == "ミルクは飲みました"


def test_the_check_page_says_what_half_a_day_and_a_meal_cost(town: Town, phone: Reader) -> None:
    rates = [{"hours": 4, "amount": 1000, "name": {"ja": "半日"}}]
    items = [{"code": "lunch", "name": {"ja": "昼食"}, "amount": 400}]
    money = {"resident": 2000, "rates": rates, "items": items}
    town.rules(book("seeds", valid_from="2026-11-01", fees=money))
    check = phone.opens(BOARD).submit(f"{HOLD}(しーず)")
    check.says("2,000円", "料金のくわしい内容", "半日(4時間まで) 1,000円", "昼食 400円")


def test_what_was_chosen_before_signing_in_is_still_chosen(
    sakura: Household, reader: Reader
) -> None:
    path = "/my/book?complaint=cough&age=2&day=2026-11-24&room=rabbit"
    second = reader.opens(path).submit("番号をメールで受け取る", mail=sakura.mail)
    page = second.submit("ログインする", code=code_for(sakura.mail))
    page.says("ラビットの席をおさえますか", "せき・鼻水").says_not("しーず")
    page.submit(HOLD).says("18:10 まで確保しています", "ラビットルーム")


@both_databases
def test_a_first_timer_says_three_things_and_the_hold_begins(
    context: Flask, town: Town, reader: Reader
) -> None:
    path = "/my/book?complaint=fever&age=2&day=2026-11-24&room=seeds"
    second = reader.opens(path).submit("番号をメールで受け取る", mail="new@example.org")
    first = second.submit("ログインする", code=code_for("new@example.org"))
    first.says("お子さまのことを教えてください", "しーず(あした 11月24日(火))の席をおさえます")
    wrong = first.submit("席をおさえる", 422, name="花", kana="", birthday=["2023", "2", "30"])
    wrong.says("フリガナを入力してください", "その月にある日を")
    check = wrong.submit("席をおさえる", name="花", kana="はな", birthday=["2023", "2", "3"])
    check.says("花ちゃんの席をおさえました", "あとで必要なこと", "利用登録の承認")
    answer = check.submit(CONFIRM, **SAID)
    assert answer.heading == "条件付きで確定しました"
    answer.says("あと1つ：利用登録の承認を あした 8:00 まで")
    with read() as db:
        assert db.scalars(select(ChildRow)).one().kana == "ハナ"
        assert db.scalars(select(Registration)).one().status == "pending"


def test_a_first_timers_form_sent_twice_makes_one_child_and_one_hold(
    context: Flask, town: Town, sign_in: Callable[..., Reader]
) -> None:
    reader = sign_in("new@example.org")
    first = reader.opens("/my/book?complaint=fever&day=2026-11-24&room=seeds")
    said = {"name": "花", "kana": "ハナ", "birthday": ["2023", "2", "3"]}
    one, two = first.submit("席をおさえる", **said), first.submit("席をおさえる", **said)
    assert one.path == two.path
    assert (count(ChildRow), count(BookingRow)) == (1, 1)


def test_a_first_timer_without_a_room_comes_to_the_board(
    context: Flask, town: Town, sign_in: Callable[..., Reader]
) -> None:
    reader = sign_in("new@example.org")
    page = reader.opens("/my").says("いまから予約できます").follow("お子さまのことを入力する")
    said = {"name": "花", "kana": "ハナ", "birthday": ["2023", "2", "3"]}
    board = page.submit("同意して、次へ", **said)
    board.says("花(3歳)")


def test_of_several_children_one_is_chosen_first(
    context: Flask, clock: Clock, sakura: Household, phone: Reader
) -> None:
    add_sibling(sakura, clock)
    page = phone.opens(BOARD).says("どのお子さまの席をさがしますか", "さくら(2歳)", "そら(10か月)")
    board = page.follow("そら").says("そら(10か月) ・ 発熱")
    board.submit(f"{HOLD}(しーず)").says("そらちゃんの席をおさえました")


def test_a_diagnosis_is_asked_for_before_the_board(phone: Reader) -> None:
    page = phone.opens("/my/book?complaint=diagnosed&day=2026-11-24")
    page.says("診断名をえらんでください")


def test_no_address_names_what_the_child_has(phone: Reader) -> None:
    page = phone.opens("/my/book?complaint=diagnosed&told=9&day=2026-11-24")
    check = page.submit(f"{HOLD}(しーず)")
    answer = check.submit(CONFIRM, **SAID)
    for address in (check.path, answer.path):
        assert "told" not in address
        assert "diagnosed" not in address


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("brings", None, "送る人を選んでください"),
        ("temperature", "高い", "体温を、38.2 のように数字で"),
        ("temperature", "382", "体温を、38.2 のように数字で"),
        ("temperature", "NaN", "体温を、38.2 のように数字で"),
        ("remark", "あ" * 501, "500文字までで"),
        ("arrives_at", "3:00", "着く時刻"),
    ],
)
def test_mistakes_on_the_check_page_keep_the_rest_and_the_place(
    phone: Reader, field: str, typed: object, sentence: str
) -> None:
    page = held(phone).submit(CONFIRM, 422, **{**SAID, field: typed})
    page.says("入力内容に誤りがあります", sentence, "まで確保しています")
    assert page.form(CONFIRM).fields["since"] == ["evening"]
    assert only_booking().state == "held"


def test_a_place_is_held_five_minutes_more_once(phone: Reader) -> None:
    page = held(phone).submit("5分のばす")
    page.says("18:15 まで確保しています").says_not("5分のばす")


def test_letting_a_place_go_leads_home(phone: Reader) -> None:
    held(phone).submit("席を放してやめる").says("席を放しました", "つぎの予約はありません")
    assert only_booking().state == "cancelled"


@both_databases
def test_a_hold_that_ended_meanwhile_is_taken_again_with_one_tap(
    clock: Clock, phone: Reader
) -> None:
    page = held(phone)
    clock.forward(minutes=10)
    over = page.submit(CONFIRM, **SAID, remark="きのうから食べません")
    assert over.heading == "時間切れで、席を放しました"
    over.says("予約は、まだできていません", "入力した内容は残っています")
    again = over.submit("もう一度、席をおさえる").says("18:20 まで確保しています")
    fields = again.form(CONFIRM).fields
    assert fields["remark"] == ["きのうから食べません"]
    assert (fields["brings"], fields["arrives_at"]) == (["father"], ["8:30"])
    assert again.submit(CONFIRM).heading == "予約が確定しました"


def test_a_hold_page_left_open_says_that_it_is_over(clock: Clock, phone: Reader) -> None:
    path = held(phone).path
    clock.forward(minutes=10)
    phone.opens(path).says("時間切れで、席を放しました")
    phone.opens("/my").says_not("予約はまだ終わっていません")


@both_databases
def test_a_double_click_books_once(phone: Reader) -> None:
    board = phone.opens(BOARD)
    first, second = board.submit(f"{HOLD}(しーず)"), board.submit(f"{HOLD}(しーず)")
    assert first.path == second.path
    one, two = first.submit(CONFIRM, **SAID), first.submit(CONFIRM, **SAID)
    assert one.path == two.path
    assert one.heading == two.heading == "予約が確定しました"
    assert count(BookingRow) == 1


def test_the_same_form_with_other_content_shows_what_was_sent_first(phone: Reader) -> None:
    page = held(phone)
    page.submit(CONFIRM, **SAID)
    again = page.submit(CONFIRM, **{**SAID, "brings": "mother"})
    again.says("すでに送信されています", "送る人：父")


def test_an_expired_token_costs_one_tap_and_no_typing(phone: Reader) -> None:
    page = held(phone)
    fields = {**page.form(CONFIRM).fields, **SAID, "csrf_token": "gone", "remark": "せきがあります"}
    again = phone.posts(page.path, fields, 400).says("まだ送れていません")
    assert again.submit("もう一度送る").heading == "予約が確定しました"
    assert only_booking().remark == "せきがあります"


@pytest.mark.parametrize(
    "path",
    ["/my/hold/{}", "/my/bookings/{}", "/my/bookings/{}/cancel", "/my/offers/{}",
     "/my/bookings/{}/calendar.ics"],
)  # fmt: skip
def test_anothers_booking_answers_like_one_that_does_not_exist(
    sakura: Household, stranger: Household, sign_in: Callable[..., Reader], path: str
) -> None:
    booking_id = sakura.books()
    nosy = sign_in(stranger)
    theirs = nosy.opens(path.format(booking_id), 404)
    nothing = nosy.opens(path.format(new_id()), 404)
    assert theirs.title == nothing.title
    assert theirs.heading == nothing.heading


@pytest.mark.parametrize(
    "path",
    ["/my/hold/{}", "/my/hold/{}/extend", "/my/hold/{}/release", "/my/bookings/{}/cancel",
     "/my/offers/{}/yes", "/my/offers/{}/no"],
)  # fmt: skip
def test_nobody_acts_on_anothers_booking(
    sakura: Household, stranger: Household, sign_in: Callable[..., Reader], path: str
) -> None:
    booking_id = sakura.books()
    nosy = sign_in(stranger)
    token = nosy.opens("/my").form("ログアウト").fields["csrf_token"]
    fields = {"csrf_token": token, **SAID}
    nosy.posts(path.format(booking_id), fields, 404)
    nosy.posts(path.format(new_id()), fields, 404)
    assert sakura.town.state(booking_id) == "confirmed"


def test_nobody_books_for_anothers_child(
    sakura: Household, stranger: Household, sign_in: Callable[..., Reader]
) -> None:
    form = sign_in(stranger).opens(BOARD)
    form.submit(f"{HOLD}(しーず)", 404, child=sakura.child_id)
    form.submit(f"{HOLD}(しーず)", 404, child=new_id())
    form.submit(f"{HOLD}(しーず)", 404, facility=new_id())
    form.submit(f"{HOLD}(しーず)", 400, day="someday")
    form.submit(f"{HOLD}(しーず)", 400, complaint="nothing")
    assert count(BookingRow) == 0
