"""After booking: cancelling, the calendar file, my page, languages."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Reader
from tests.parents.conftest import statements
from tests.parents.steps import (
    BOARD,
    HOLD,
    SAID,
    booked,
    held,
    id_of,
    joins,
    row,
)
from tests.town import Household, Town


@both_databases
def test_cancelling_takes_a_page_and_a_button(clock: Clock, phone: Reader) -> None:
    answer = booked(phone)
    page = answer.follow("予約を取り消す")
    page.says("この予約を取り消しますか", "いまなら、料金はかかりません(あした 7:00 まで)")
    gone = page.submit("取り消す")
    assert gone.heading == "予約を取り消しました"
    stored = row(id_of(gone))
    assert (stored.state, stored.late, stored.same_day) == ("cancelled", False, False)
    assert page.submit("取り消す").heading == "予約を取り消しました"


def test_after_the_cut_off_the_page_says_so_and_still_cancels(clock: Clock, phone: Reader) -> None:
    answer = booked(phone)
    clock.set("2026-11-24 07:00")
    page = phone.opens(answer.path).follow("予約を取り消す").says("締切(きょう 7:00)を過ぎています")
    page.submit("取り消す").says("締切の後の取り消しとして記録しました")
    assert row(id_of(answer)).late


def test_where_late_cancelling_is_by_telephone_only_there_is_the_number_and_no_button(
    make_town: Callable[..., Town], clock: Clock, sign_in: Callable[..., Reader]
) -> None:
    town = make_town(cancelling={"afterwards": "telephone"})
    sakura = town.family("さくら")
    booking_id = sakura.books()
    phone = sign_in(sakura)
    early = phone.opens(f"/my/bookings/{booking_id}/cancel")
    clock.set("2026-11-24 07:00")
    page = phone.opens(f"/my/bookings/{booking_id}/cancel").says("お電話でご連絡ください")
    assert not [form for form in page.forms() if form.action.endswith("/cancel")]
    early.submit("取り消す").says("お電話でご連絡ください")
    assert town.state(booking_id) == "confirmed"


def test_the_second_parent_sees_what_the_first_has_done(
    sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    mother, father = sign_in(sakura), sign_in("father@example.org")
    joins(mother, father)
    answer = booked(mother)
    before = father.opens(answer.path).says("予約が確定しました").follow("予約を取り消す")
    mother.opens(f"{answer.path}/cancel").submit("取り消す")
    after = before.submit("取り消す")
    after.says("状況が変わったため", "予約を取り消しました", "キャンセルする(さくらの母)")


def test_the_calendar_file_says_when_and_where_and_never_why(phone: Reader) -> None:
    answer = booked(phone)
    file = phone.client.get(answer.link("カレンダーに入れる"))
    assert file.headers["Content-Type"] == "text/calendar; charset=utf-8"
    text = file.get_data(as_text=True)
    assert "予約(しーず)" in text
    assert "DTSTART:20261123T233000Z" in text
    assert "DTEND:20261124T090000Z" in text
    for word in ("発熱", "さくら", "UNDIAGNOSED"):
        assert word not in text
    phone.opens(f"{answer.path}/cancel").submit("取り消す")
    assert phone.client.get(f"{answer.path}/calendar.ics").status_code == 404


def test_staff_decide_and_the_page_says_until_when(
    make_town: Callable[..., Town], clock: Clock, sign_in: Callable[..., Reader]
) -> None:
    town = make_town(booking={"review": "staff"})
    phone = sign_in(town.family("さくら"))
    answer = held(phone).submit("予約を申し込む", **SAID)
    assert answer.heading == "申し込みを確認中です"
    answer.says("きょう 20:00 までにお返事します")
    clock.set("20:00")
    phone.opens(answer.path).says("お返事が遅れています")


def test_my_page_shows_the_next_day_first(sakura: Household, phone: Reader) -> None:
    booked(phone)
    page = phone.opens("/my").says("つぎは あした、しーずです")
    page.says("予約確定", "取り消す(あした 7:00 まで)", "お子さま", "登録済み")


def test_a_running_hold_stands_on_my_page(phone: Reader) -> None:
    held(phone)
    page = phone.opens("/my").says("予約はまだ終わっていません", "18:10 まで席をおさえています")
    page.follow("予約を続ける").says("席をおさえました")


def test_history_leaves_out_what_was_only_held(
    clock: Clock, sakura: Household, phone: Reader
) -> None:
    held(phone).submit("席を放してやめる")
    phone.opens("/my/history").says("まだ利用がありません")
    answer = booked(phone)
    phone.opens(f"{answer.path}/cancel").submit("取り消す")
    phone.opens("/my/history").says("11月24日(火)", "しーず", "キャンセル")


def test_a_language_that_was_chosen_stays(phone: Reader) -> None:
    answer = booked(phone)
    assert phone.opens(f"{answer.path}?lang=en").tree.get("lang") == "en"
    assert phone.opens("/my").tree.get("lang") == "en"
    assert phone.opens("/my?lang=ja").tree.get("lang") == "ja"


@both_databases
def test_being_signed_in_costs_one_statement(sakura: Household, phone: Reader) -> None:
    board = phone.opens(BOARD)
    with statements() as seen:
        board.submit(f"{HOLD}(しーず)", 303, follow=False)
    assert len([one for one in seen if "device" in one or "FROM guardian" in one]) == 1
