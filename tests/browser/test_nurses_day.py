"""A nurse's day on the demo's data, at a desk of 1280 px: the keyboard first, nothing copied."""

from __future__ import annotations

import re
import time
from threading import Event

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener, Town
from tests.browser.screen import Screen
from tests.lines import line

pytestmark = pytest.mark.alone

FRIDAY, MONDAY = "2026-01-16", "2026-01-19"
SEEDS, RABBIT, MANAGER = "kangoshi@example.org", "rabbit@example.org", "shisetsucho@example.org"


def at_the_desk(screen: Screen, mail: str, day: str = "") -> Screen:
    """Sign in with the demo's one click; with a day go there."""
    screen.signs_in_as(mail, "/staff/sign-in").is_at("/staff/")
    facility = "rabbit" if mail == RABBIT else "seeds"
    return screen.opens(f"/staff/{facility}/day/{day}") if day else screen


def opens_the_card_of(screen: Screen, name: str) -> Screen:
    """Open a child's card beside the board; only the card is looked at from then on."""
    with screen.page.expect_navigation():
        screen.at("#board").taps(name)
    return Screen(screen.page).at("aside.card", name)


def tabs_to(screen: Screen, words: str) -> Screen:
    """Press Tab until the focus is on what says this."""
    for _stop in range(20):
        if words in screen.page.evaluate("document.activeElement.innerText || ''"):
            return screen
        screen.presses("Tab")
    raise AssertionError(f"Tab does not lead to {words!r}")


def test_the_morning_is_decided_with_the_keyboard_alone(morning: str, desk: Opener) -> None:
    nurse = at_the_desk(desk(morning), RABBIT)
    nurse.sees("いま決めること 7件", "7:15 まで", "池之端 はると")
    nurse.presses("j", "y").sees("空野 陽菜：予約を確定しました。", "いま決めること 6件")
    nurse.presses("n").at("article.task", "池之端 はると").sees("職員が足りない")
    nurse.presses("Tab").page.keyboard.type("きょうは看護師がひとりです")
    tabs_to(nurse, "職員が足りない").presses("Enter")
    nurse.at(".done").sees("池之端 はると：お断りし、ご家族にお知らせしました。")
    nurse.sees("いま決めること 5件")
    nurse.presses("?").sees("決めることを、下へ・上へ").presses("Escape")


def test_a_child_changes_illness_and_room(morning: str, desk: Opener) -> None:
    nurse = at_the_desk(desk(morning), SEEDS, FRIDAY)
    nurse.at(".room", "わかばの部屋").sees("佐倉 ひなた", "9:00")
    card = opens_the_card_of(nurse, "佐倉 ひなた").sees("卵", "3歳6か月", "かぜ(上気道炎)")
    card.picks("illness", "インフルエンザA型").taps("病気を変える")
    nurse.at(".done").sees("佐倉 ひなた")
    nurse.at(".room", "隔離室A").sees("2 / 2", "佐倉 ひなた")
    Screen(nurse.page).opens("/staff/seeds/")
    opens_the_card_of(nurse, "楠木 かえで").taps("部屋を移す").taps("隔離室B")
    nurse.at(".done").sees("楠木 かえで")
    nurse.at(".room", "隔離室B").sees("1 / 2", "楠木 かえで")


def test_today_moves_by_itself_when_a_family_books(
    morning: str, desk: Opener, phone: Opener
) -> None:
    nurse = at_the_desk(desk(morning), SEEDS, MONDAY).sees("確定0", "空き6")
    nurse.page.evaluate("window.isTheSamePage = true")
    sakura = phone(morning).signs_in_as("sakura@example.org")
    sakura.opens(f"/my/book?complaint=cough&day={MONDAY}").room("seeds").taps("この席をおさえる")
    sakura.is_at("/my/hold/")
    nurse.at("#board").sees("佐倉 ひなた", within=2)
    sakura.taps("予約を確定する").has_heading("予約が確定しました")
    nurse.at(".child", "佐倉 ひなた").sees("確定", within=2)
    assert nurse.page.evaluate("window.isTheSamePage")


def test_a_call_is_entered_while_the_caller_is_on_the_line(morning: str, desk: Opener) -> None:
    nurse = at_the_desk(desk(morning), SEEDS).presses("t").has_heading("電話を受ける")
    expect(nurse.page.locator("[name=who]")).to_be_focused()
    nurse.page.keyboard.type("ひなたの　ひまり")
    nurse.page.locator("[name=day]").select_option(index=1)
    nurse.page.locator("[name=who]").press("Enter")
    nurse.sees(
        "日向野 ひまり(ヒナタノ ヒマリ)", "登録ずみ", "「しーずは満室です。", "待つなら 6番目"
    )
    nurse.page.locator("h1").click()
    nurse.presses("y").sees("受け付けました：日向野 ひまり", "キャンセル待ち6番目で受けました")
    nurse.sees("きょう受けた電話", "6:58")


def test_a_caller_who_has_a_place_already_hears_where(morning: str, desk: Opener) -> None:
    nurse = at_the_desk(desk(morning), SEEDS).presses("t")
    nurse.writes("who", "ハナムラ リク").page.locator("[name=day]").select_option(index=1)
    nurse.page.locator("[name=who]").press("Enter")
    nurse.sees("「この日は、", "ラビットルーム にすでに予約があります。」").sees_not("待つなら")


def test_a_child_nobody_knows_gets_a_place_over_the_telephone(morning: str, desk: Opener) -> None:
    nurse = at_the_desk(desk(morning), SEEDS).presses("t")
    nurse.writes("who", "ヤマノ アオイ").page.locator("[name=who]").press("Enter")
    nurse.sees("はじめてのお子さま", "見つかりませんでした")
    nurse.writes("name", "山野 あおい").writes("birthday", "2022", "5", "3")
    nurse.taps("登録して受け付ける").sees("電話番号を入力してください")
    nurse.at("form", "はじめてのお子さま").writes("telephone", "090-0000-1234")
    nurse.taps("登録して受け付ける").sees("受け付けました：山野 あおい", "予約が取れました")


def test_children_come_go_and_stay_away(town: Town, desk: Opener) -> None:
    nurse = at_the_desk(desk(town("2026-01-15 08:40")), SEEDS)
    card = opens_the_card_of(nurse, "日向野 ひまり")
    card.writes("temperature", "37.2").taps("来室")
    nurse.at(".done").sees("日向野 ひまり：来室を記録しました").taps("元に戻す")
    nurse.at(".done").sees("日向野 ひまり：来室を取り消しました")
    nurse.at(".child", "日向野 ひまり").sees("確定")
    opens_the_card_of(nurse, "日向野 ひまり")
    nurse.presses("a").at(".done").sees("日向野 ひまり：来室を記録しました")
    nurse.at(".child", "日向野 ひまり").sees("お預かり中")
    nurse.at("aside.card").taps("お迎え")
    nurse.at(".done").sees("日向野 ひまり：お迎えを記録しました")
    opens_the_card_of(nurse, "楠木 かえで").taps("来ませんでした")
    nurse.at(".done").sees("楠木 かえで：来なかったと記録しました")
    nurse.taps("終わった予約").sees("楠木 かえで")


def test_who_taps_on_before_the_answer_is_led_there_and_the_act_is_kept(
    town: Town, desk: Opener
) -> None:
    tapped, answered = Event(), Event()

    def before(request: str) -> None:
        """The act's answer comes after the next tap, and before what was tapped."""
        if request.startswith("POST") and "check-in" in request:
            tapped.wait(20)
        elif request.startswith("GET") and "/bookings/" in request and wire.after is noted:
            tapped.set()
            answered.wait(20)
            time.sleep(0.3)

    def noted(request: str) -> None:
        if request.startswith("POST"):
            answered.set()

    with line(town("2026-01-15 08:40")) as wire:
        nurse = at_the_desk(desk(wire.url), SEEDS)
        card = opens_the_card_of(nurse, "日向野 ひまり")
        wire.before, wire.after = before, noted
        card.taps("来室")
        nurse.at("#board").taps("楠木 かえで")
        Screen(nurse.page).at("aside.card", "楠木 かえで").sees("来ませんでした")
        nurse.at(".child", "日向野 ひまり").sees("お預かり中")
    assert answered.is_set()


def test_a_child_refused_at_the_door_leaves_its_place_to_the_next(
    town: Town, desk: Opener, phone: Opener
) -> None:
    address = town("2026-01-16 06:35")
    nurse, post = at_the_desk(desk(address), SEEDS), phone(address)
    opens_the_card_of(nurse, "佐倉 ひなた").taps("玄関で断る").taps("熱が高い")
    nurse.at(".done").sees("佐倉 ひなた")
    nurse.at(".room-queue").sees("案内中")
    post.opens("/dev/messages").reloads_for("article", "しーず", "空きが出ました(お返事は 6:")


def test_the_day_sheet_names_everybody_and_prints(morning: str, desk: Opener) -> None:
    nurse = at_the_desk(desk(morning), SEEDS, FRIDAY)
    nurse.presses("p").is_at("/sheet").sees("佐倉 ひなた", "卵", "池之端 あさひ", "1月16日(金)")
    nurse.page.emulate_media(media="print")
    expect(nurse.page.locator("nav").first).to_be_hidden()


def test_capacity_is_looked_at_before_it_is_lowered(morning: str, desk: Opener) -> None:
    manager = at_the_desk(desk(morning), MANAGER)
    manager.opens(f"/staff/seeds/capacity/{FRIDAY}").has_heading("人員・定員")
    manager.writes("effective_capacity", "3").taps("保存する前に確かめる")
    manager.sees("保存すると、受け入れできるのは 3人になります", "おさまりません")
    manager.taps("このまま保存する").sees("受け入れできるのは 3人", "人分足りません")
    manager.opens(f"/staff/seeds/day/{FRIDAY}").sees("佐倉 ひなた", "3人まで可")


def test_closing_a_day_tells_everybody_or_nobody(morning: str, desk: Opener, phone: Opener) -> None:
    manager, post = at_the_desk(desk(morning), MANAGER), phone(morning)
    manager.opens(f"/staff/seeds/capacity/{FRIDAY}").taps("この日を休室にする")
    manager.is_at("/close").sees("件を取り消して、全員にお知らせします", "佐倉 ひなた", "花村 はな")
    count = re.search(r"(\d+)件を", manager.page.locator("h1").inner_text())
    assert count
    expect(manager.page.locator("tbody tr")).to_have_count(int(count.group(1)))
    manager.taps("休室にして、全員に知らせる").sees("理由を入力してください")
    manager.writes("reason", "大雪のため").taps("休室にして、全員に知らせる")
    manager.sees("この日は休室です", "大雪のため")
    post.opens("/dev/messages").reloads_for("article", "sakura@example.org", "大雪のため")
    sakura = post.signs_in_as("sakura@example.org")
    sakura.opens("/my").sees_not("予約確定")
