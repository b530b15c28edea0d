"""Today: everything on one page, every button a form, and whoever is elsewhere finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.domain.values import Terms
from reservation.reads import today as days
from reservation.reads.night_log import Line
from reservation.services import capacity, delivery, desk, offers, taking
from reservation.services.capacity import Settings
from reservation.store.db import db as database_of_app
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow
from reservation.web.staff.today import _mark as board_mark
from tests.conftest import Clock
from tests.databases import both_databases
from tests.domain import build
from tests.pages import Reader
from tests.staff.test_desk import requests, row_of
from tests.staff.test_telephone import new_family_calls
from tests.town import CARE_DAY, Household, Town, Worker

pytestmark = both_databases
now = application_clock.now
AtDesk = Callable[[Worker], Reader]
MakeTown = Callable[..., Town]
DAY = f"/staff/seeds/day/{CARE_DAY}"


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every SQL statement that is sent inside the block."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(database_of_app.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database_of_app.engine, "before_cursor_execute", note)


def settle(town: Town, **columns: str) -> None:
    """Give every child these columns."""
    with write() as db:
        db.execute(update(ChildRow).values(columns))


@pytest.fixture
def strict(make_town: MakeTown) -> Town:
    """A town in which staff decide."""
    return make_town(booking={"review": "staff"})


def test_a_quiet_day_says_so(town: Town, nurse: Worker, at_desk: AtDesk) -> None:
    page = at_desk(nurse).opens(DAY)
    page.says("11月24日(火)", "いま決めることはありません", "待っている方はいません。")
    page.says(
        "確定0 ・ 未定0 ・ 空き6", "保育士2 ・ 看護師1", "定期処理 まだ動いていません", "未送信 0"
    )


def test_today_is_the_day_it_is(town: Town, nurse: Worker, at_desk: AtDesk, clock: Clock) -> None:
    clock.set("2026-11-24 06:52")
    page = at_desk(nurse).opens("/staff/seeds/")
    assert page.heading == "11月24日(火) 6:52"


def test_a_child_sits_in_its_room_with_what_everybody_must_know(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    settle(town, allergies="卵アレルギー")
    sakura.books("FLU_A")
    page = at_desk(nurse).opens(DAY)
    page.says("さくら 2歳", "卵アレルギー", "インフルエンザA型", "確定1 ・ 未定0 ・ 空き5")
    care = [one for one in page.tree.iter() if "chip-care" in one.get("class", "")]
    assert len(care) == 1


def test_a_request_is_accepted_where_it_stands(strict: Town, at_desk: AtDesk, clock: Clock) -> None:
    booking = requests(strict.family("さくら"))
    desk_page = at_desk(strict.worker("staff", "seeds")).opens(DAY)
    desk_page.says("いま決めること 1件", "20:00 まで")
    done = desk_page.submit("受ける")
    assert done.path == f"{DAY}"
    done.says("さくら ： 予約を確定しました。", "いま決めることはありません")
    assert strict.state(booking) == "confirmed"


def test_a_request_is_declined_with_a_reason_pressed(strict: Town, at_desk: AtDesk) -> None:
    booking = requests(strict.family("さくら"))
    page = at_desk(strict.worker("staff", "seeds")).opens(DAY)
    page.submit("職員が足りない", note="申し訳ありません").says("お断りし")
    row = row_of(booking)
    assert (row.state, row.reason, row.reason_note) == ("declined", "STAFF", "申し訳ありません")


def test_a_late_request_says_that_it_is_late(strict: Town, at_desk: AtDesk, clock: Clock) -> None:
    requests(strict.family("さくら"))
    clock.set("2026-11-24 07:20")
    page = at_desk(strict.worker("staff", "seeds")).opens("/staff/seeds/")
    page.says("期限を過ぎました", "お返事が遅れています")
    page.submit("受ける").says("予約を確定しました。")


def test_a_request_for_tomorrow_stands_on_todays_page(strict: Town, at_desk: AtDesk) -> None:
    requests(strict.family("さくら"))
    page = at_desk(strict.worker("staff", "seeds")).opens("/staff/seeds/")
    page.says("11月23日(月)", "いま決めること 1件", "あした 11月24日(火)", "お休み")


def test_of_requests_due_together_the_longest_wait_stands_first(
    strict: Town, at_desk: AtDesk, clock: Clock
) -> None:
    names = ("さくら", "はな", "ひまり", "かえで")
    for name in names:
        requests(strict.family(name))
        clock.forward(seconds=1)
    page = at_desk(strict.worker("staff", "seeds")).opens(DAY)
    tasks = [one for one in page.tree.iter() if one.get("class", "").split()[:1] == ["task"]]
    shown = ["".join(one.itertext()) for one in tasks]
    assert [next(n for n in names if n in text) for text in shown] == list(names)


def test_what_another_has_decided_meanwhile_is_said(strict: Town, at_desk: AtDesk) -> None:
    sakura, nurse = strict.family("さくら"), strict.worker("staff", "seeds")
    booking = requests(sakura)
    page = at_desk(nurse).opens(DAY)
    desk.decline(booking, Code.STAFF, "", nurse.by, None, now)
    page.submit("受ける").says("状況が変わったため", "画面を開き直して")
    assert strict.state(booking) == "declined"


def test_the_same_form_twice_is_answered_twice_and_acts_once(strict: Town, at_desk: AtDesk) -> None:
    booking = requests(strict.family("さくら"))
    page = at_desk(strict.worker("staff", "seeds")).opens(DAY)
    form = page.form("受ける")
    for _ in range(2):
        page.reader.posts(form.action, form.fields).says("予約を確定しました。")
    assert strict.state(booking) == "confirmed"


def test_red_conditions_are_decisions(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk, clock: Clock
) -> None:
    booking = sakura.books("UNDIAGNOSED_RASH")
    desk.accept(booking, nurse.by, None, now)
    clock.set("2026-11-24 08:10")
    page = at_desk(nurse).opens("/staff/seeds/")
    page.says("いま決めること 1件", "受診と診断名のご連絡が、まだです")
    closed = page.submit("そろいました")
    closed.says("受診と診断名のご連絡がそろいました。", "いま決めることはありません")
    closed.submit("元に戻す").says("いま決めること 1件")


def test_the_card_stands_beside_the_board(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    booking = sakura.books()
    page = at_desk(nurse).opens(DAY).follow("さくら")
    assert page.path == f"/staff/seeds/bookings/{booking}"
    page.says("2歳6か月", "これまで0回", "席をおさえる(家族)", "予約を確定する(家族)")
    assert page.follow("閉じる").path == DAY


def test_another_illness_moves_and_can_be_undone(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    booking = sakura.books()
    page = at_desk(nurse).opens(f"/staff/seeds/bookings/{booking}")
    moved = page.submit("病気を変える", illness="FLU_A")
    assert moved.path == f"/staff/seeds/bookings/{booking}"
    moved.says("病気を変え、isolationへ移しました。")
    assert row_of(booking).illness == "FLU_A"
    moved.submit("元に戻す").says("病気を変え、generalへ移しました。")
    assert row_of(booking).illness == "URI"


def test_without_a_room_the_task_is_on_the_page(
    town: Town, sakura: Household, hana: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    hana.books("FLU_A")
    booking = sakura.books()
    page = at_desk(nurse).opens(f"/staff/seeds/bookings/{booking}")
    page = page.submit("病気を変える", illness="FLU_B")
    page.says("席は残しています", "入れる部屋がありません", "いま決めること 1件")
    assert town.state(booking) == "confirmed"


def test_an_illness_that_is_not_on_the_list_comes_back(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    booking = sakura.books()
    page = at_desk(nurse).opens(f"/staff/seeds/bookings/{booking}")
    page.submit("病気を変える", 422, illness="COLD").says("一覧からえらんでください")
    assert row_of(booking).illness == "URI"


def test_a_child_is_moved_by_hand_and_back(make_town: MakeTown, at_desk: AtDesk) -> None:
    town = make_town(rooms=[*build.rooms(general=2), build.room("second", 2)], capacity=4)
    booking = town.family("さくら").books()
    first = row_of(booking).room
    other = "second" if first == "general" else "general"
    page = at_desk(town.worker("staff", "seeds")).opens(f"/staff/seeds/bookings/{booking}")
    moved = page.submit(other)
    moved.says(f"{other}へ移しました。", "固定")
    assert moved.submit("元に戻す").says(f"{first}へ移しました。")
    assert (row_of(booking).room, row_of(booking).pinned) == (first, False)


def test_the_door(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk, clock: Clock
) -> None:
    booking = sakura.books()
    clock.set("2026-11-24 08:20")
    page = at_desk(nurse).opens(f"/staff/seeds/bookings/{booking}")
    came = page.submit("来室", temperature="37.9")
    came.says("来室を記録しました。", "お預かり中", "37.9℃")
    back = came.submit("元に戻す")
    back.says("来室を取り消しました。")
    gone = back.submit("来室").submit("お迎え")
    gone.says("お迎えを記録しました。", "終わった予約 1件", "利用済み")
    gone.submit("元に戻す").says("お預かり中")
    assert row_of(booking).state == "checked_in"


def test_refused_at_the_door(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk, clock: Clock
) -> None:
    booking = sakura.books()
    clock.set("2026-11-24 08:20")
    page = at_desk(nurse).opens(f"/staff/seeds/bookings/{booking}")
    form = next(f for f in page.forms() if "/refuse?" in f.action)
    page.reader.posts(form.action, {**form.fields, "reason": "FEVER"}).says("当日受入不可")
    assert row_of(booking).state == "refused_at_door"
    page.reader.posts(form.action, {**form.fields, "key": "2", "reason": "LIST_FIRST"}, 400)


def test_the_list_says_why_and_what_would_help(make_town: MakeTown, at_desk: AtDesk) -> None:
    town = make_town(rooms=[*build.rooms(general=1, isolation=2)], capacity=3)
    nurse = town.worker("manager", "seeds")
    shut = Settings(closed_rooms=frozenset({"isolation"}))
    capacity.set_day(town.facilities["seeds"], CARE_DAY, shut, nurse.by, None, now)
    town.family("さくら").books("URI")
    town.family("はな").waits("FLU_A")
    page = at_desk(nurse).opens(DAY)
    page.says("キャンセル待ち 1人", "isolationを開けば入れます", "閉じています")
    page.says("開くと はな が入れます。")


def test_each_room_explains_itself(make_town: MakeTown, at_desk: AtDesk, clock: Clock) -> None:
    town = make_town(rooms=[*build.rooms(general=2, isolation=2)], capacity=4)
    town.family("さくら").books("FLU_A")
    reader = at_desk(town.worker("staff", "seeds"))
    page = reader.opens(DAY).says("isolation：なぜ、あと何人")
    page.says("インフルエンザA型のお子さまが1人です。")
    page.says(
        "うつる病気に使う部屋で、一度に1つの病気だけです。", "あと1人、同じ病気だけ入れます。"
    )
    page.says("ほかのうつる病気のお子さまは入れません。空いている席はありますが")
    page.says("あと2人、うつらない病気のお子さまが入れます。")
    clock.set("2026-11-25 08:00")
    assert "なぜ、あと何人" not in reader.opens(DAY).words


def test_the_fewest_moves_are_suggested_and_made(make_town: MakeTown, at_desk: AtDesk) -> None:
    town = make_town(rooms=[build.room("a", 2), build.room("b", 2)], capacity=4)
    nurse = town.worker("manager", "seeds")
    booking = town.family("さくら").books("URI")
    frm = row_of(booking).room
    to = {"a": "b", "b": "a"}[frm]
    assert "部屋の移動の案" not in at_desk(nurse).opens(DAY).words
    shut = Settings(closed_rooms=frozenset({frm}))
    capacity.set_day(town.facilities["seeds"], CARE_DAY, shut, nurse.by, None, now)
    page = at_desk(nurse).opens(DAY).says("部屋の移動の案", f"さくら {frm}から{to}へ")
    page.submit("移す").says(f"{to}へ移しました。")
    assert (row_of(booking).room, row_of(booking).pinned) == (to, False)
    assert "部屋の移動の案" not in at_desk(nurse).opens(DAY).words


def test_the_card_pins_a_child_to_its_room(make_town: MakeTown, at_desk: AtDesk) -> None:
    town = make_town()
    booking = town.family("さくら").books("URI")
    card = at_desk(town.worker("staff", "seeds")).opens(f"/staff/seeds/bookings/{booking}")
    done = card.submit("この部屋に固定する").says("部屋を固定しました。", "部屋を固定した")
    assert row_of(booking).pinned is True
    done.submit("固定をはずす").says("部屋の固定をはずしました。")
    assert row_of(booking).pinned is False


def test_staff_offer_by_hand_from_the_list(make_town: MakeTown, at_desk: AtDesk) -> None:
    town = make_town(capacity=1, waiting={"mode": "staff"})
    sakura, hana = town.family("さくら"), town.family("はな")
    booking, entry = sakura.books(), hana.waits()
    reader = at_desk(town.worker("staff", "seeds"))
    reader.opens(DAY).says("満室")
    sakura.cancels(booking)
    page = reader.opens(DAY).says("入れます").submit("30分ご案内する")
    page.says("空きをご案内しました。", "案内中")
    assert town.state(entry) == "offered"
    page.follow("はな").submit("案内を取り下げる").says("ご案内を取り下げました。")
    assert town.state(entry) == "waiting"


def test_an_override_needs_its_reason(make_town: MakeTown, at_desk: AtDesk) -> None:
    town = make_town(capacity=1)
    town.family("さくら").books()
    entry = town.family("はな").waits()
    page = at_desk(town.worker("staff", "seeds")).opens(f"/staff/seeds/bookings/{entry}")
    again = page.submit("受け入れる", 422, room="isolation", note="")
    again.says("受け入れる理由を入力してください")
    assert again.form("受け入れる").fields["room"] == ["isolation"]
    again.submit("受け入れる", room="general", note="きょうだいがいるため").says("受け入れました。")
    assert town.state(entry) == "confirmed"
    again.reader.opens(f"/staff/seeds/bookings/{entry}").says("きょうだいがいるため")


def test_a_telephone_offer_is_answered_on_the_page(make_town: MakeTown, at_desk: AtDesk) -> None:
    town = make_town(capacity=1)
    nurse = town.worker("staff", "seeds")
    momo = town.family("もも")
    place = momo.books()
    entry = new_family_calls(town, nurse)[0].booking_id or ""
    momo.cancels(place)
    page = at_desk(nurse).opens(DAY)
    page.says("電話で空きのご案内", "090-0000-1234", "いま決めること 1件")
    page = page.submit("出ない").says("1回かけました")
    page.submit("来る").says("予約を確定しました。", "いま決めることはありません")
    assert town.state(entry) == "confirmed"


def test_the_night_is_told_in_one_line(make_town: MakeTown, at_desk: AtDesk, clock: Clock) -> None:
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    booking, entry = sakura.books(), hana.waits()
    clock.set("2026-11-23 22:10")
    desk = at_desk(town.worker("staff", "seeds"))
    desk.opens(DAY).says("今夜 18:00〜22:10", "動きはありません").says_not("きのうの夜")
    sakura.cancels(booking)
    hana.says_yes(entry)
    clock.set("2026-11-24 06:40")
    page = at_desk(town.worker("staff", "seeds")).opens("/staff/seeds/")
    page.says("きのうの夜 18:00〜6:40", "空き 1", "ご案内 1", "決定 1", "取り消し：さくら(22:10)")
    clock.set("2026-11-25 09:00")
    page = at_desk(town.worker("staff", "seeds")).opens(DAY)
    page.says("きのう 11月24日(火)", "前の日の夜 18:00〜", "この日は終わりました")
    page.says_not("いま入れるお子さま")


def test_the_night_is_told_line_by_line(make_town: MakeTown, at_desk: AtDesk, clock: Clock) -> None:
    town = make_town(capacity=3, rooms=build.rooms(general=2, isolation=1))
    nurse = town.worker("staff", "seeds")
    flu, sakura = town.family("りん"), town.family("さくら")
    flu.books("FLU_A")
    booking = sakura.books()
    town.family("れん").books()
    yu, hana, sota = town.family("ゆう"), town.family("はな"), town.family("そうた")
    for family, illness in ((yu, "RSV"), (hana, "URI"), (sota, "URI")):
        family.waits(illness)
    clock.set("2026-11-23 22:10")
    page = at_desk(nurse).opens(DAY)
    page.says("夜の記録 3件").says_not("空きをご案内")
    sakura.cancels(booking)
    clock.set("2026-11-23 22:25")
    offers.sweep(now)
    sota.says_no(entry_of(sota))
    clock.set("2026-11-24 07:30")
    offers.sweep(now)
    page = at_desk(nurse).opens(DAY)
    assert log_of(page) == [
        "18:00 ゆう キャンセル待ちをする(家族)",
        "18:00 はな キャンセル待ちをする(家族)",
        "18:00 そうた キャンセル待ちをする(家族)",
        "22:10 さくら キャンセルする(家族)",
        "22:10 ゆう とばしました：部屋なし",
        "22:10 はな 空きをご案内：22:25 まで(メール)",
        "22:25 はな お返事なし",
        "22:25 そうた 空きをご案内：22:40 まで(メール)",
        "22:25 そうた 今回は見送る(家族)",
        "7:30 ゆう、はな、そうた 空きが出ませんでした",
    ]
    english = at_desk(nurse).opens(f"{DAY}?lang=en")
    assert log_of(english)[5] == "22:10 はな Offered the place: until 22:25 (Mail)"


def test_who_a_free_place_does_not_suit_is_told_though_nobody_is_asked(
    make_town: MakeTown, at_desk: AtDesk, clock: Clock
) -> None:
    town = make_town(capacity=3, rooms=build.rooms(general=2, isolation=1))
    nurse = town.worker("staff", "seeds")
    town.family("りん").books("FLU_A")
    town.family("ゆう").waits("RSV")
    clock.set("2026-11-23 19:00")
    for _again in range(3):
        offers.sweep(now)
    assert log_of(at_desk(nurse).opens(DAY)) == [
        "18:00 ゆう キャンセル待ちをする(家族)",
        "19:00 ゆう とばしました：部屋なし",
    ]


def test_the_night_tells_whom_it_woke_and_for_whom_a_place_was_taken(
    make_town: MakeTown, at_desk: AtDesk, clock: Clock
) -> None:
    wishes = {"wake_minutes": 20, "takes_for_family": True}
    town = make_town(capacity=2, waiting=wishes)
    sakura, ren = town.family("さくら"), town.family("れん")
    first, second = sakura.books(), ren.books()
    town.family("はな").waits()
    town.family("もも").waits_with(Terms(wakes=True))
    town.family("ゆう").waits_with(Terms(takes_until=build.tokyo(6, 30)))
    clock.set("2026-11-24 02:00")
    sakura.cancels(first)
    delivery.deliver(now)
    clock.set("2026-11-24 02:25")
    offers.sweep(now)
    ren.cancels(second)
    taking.due(now)
    page = at_desk(town.worker("staff", "seeds")).opens(DAY)
    page.says("空き 2", "ご案内 2", "決定 1", "返事なし 1")
    told = log_of(page)
    assert told[-1] == "2:25 ゆう お申し出のとおり席を取りました"
    assert "2:00 もも 空きをご案内：2:20 まで(メール)" in told
    asleep = "はな とばしました：この時間は希望なし"
    assert told.index(f"2:00 {asleep}") < told.index("2:00 もも 空きをご案内：2:20 まで(メール)")


def test_the_board_is_new_when_the_night_is(
    make_town: MakeTown, at_desk: AtDesk, clock: Clock
) -> None:
    page = days.today(make_town().facilities["seeds"], CARE_DAY, now())
    night = page.night
    assert night is not None
    line = Line(at=now(), bookings=("b",), action="no", to="waiting")
    assert board_mark(page) == board_mark(replace(page))
    assert board_mark(page) != board_mark(replace(page, night=replace(night, log=(line,))))


def test_an_offer_by_telephone_is_told_as_one(make_town: MakeTown, at_desk: AtDesk) -> None:
    town = make_town(capacity=1)
    nurse, momo = town.worker("staff", "seeds"), town.family("もも")
    place = momo.books()
    new_family_calls(town, nurse)
    momo.cancels(place)
    page = at_desk(nurse).opens(DAY).submit("来る")
    assert [line.split(" ", 2)[2] for line in log_of(page)][-3:] == [
        "キャンセルする(家族)",
        "空きをご案内：18:30 まで(職員から電話)",
        "行きます(職員)",
    ]


def log_of(page: Reader) -> list[str]:
    """The lines of the night, as they are read."""
    found = [one for one in page.tree.iter("ol") if one.get("class") == "night-log"]
    return [" ".join("".join(li.itertext()).split()) for one in found for li in one.iter("li")]


def entry_of(family: Household) -> str:
    """The family's one booking."""
    with read() as db:
        return db.execute(
            select(BookingRow.id).where(BookingRow.family_id == family.family_id)
        ).scalar_one()


def test_profiles_say_who_could_come(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    sakura.books("FLU_A")
    page = at_desk(nurse).opens(DAY)
    page.says("いま入れるお子さま", "満室", "お預かりできません")


def test_the_board_alone_is_fetched_again_and_has_a_mark(
    strict: Town, at_desk: AtDesk, clock: Clock
) -> None:
    booking = requests(strict.family("さくら"))
    reader = at_desk(strict.worker("staff", "seeds"))
    first = reader.client.get(f"{DAY}/board")
    assert first.status_code == 200
    assert "<html" not in first.text
    assert "受ける" in first.text
    same = reader.client.get(f"{DAY}/board", headers={"If-None-Match": first.headers["ETag"]})
    assert same.status_code == 304
    desk.accept(booking, strict.worker("staff", "seeds").by, None, now)
    moved = reader.client.get(f"{DAY}/board", headers={"If-None-Match": first.headers["ETag"]})
    assert moved.status_code == 200
    card = reader.client.get(f"{DAY}/board?card={booking}")
    assert 'id="card-h"' in card.text


def test_somebody_elses_booking_is_not_there(
    town: Town, sakura: Household, at_desk: AtDesk
) -> None:
    booking = sakura.books()
    reader = at_desk(town.worker("manager", "rabbit"))
    reader.opens(f"/staff/rabbit/bookings/{booking}", 404)
    reader.opens("/staff/rabbit/day/2026-02-30", 404)
    reader.opens(f"/staff/seeds/bookings/{booking}", 404)
    board = reader.client.get(f"/staff/rabbit/day/{CARE_DAY}/board?card={booking}")
    assert "さくら" not in board.text


def test_the_page_asks_the_same_number_of_questions_for_one_child_and_for_eight(
    make_town: MakeTown, at_desk: AtDesk, context: Flask
) -> None:
    town = make_town(capacity=8, rooms=build.rooms(general=8))
    reader = at_desk(town.worker("staff", "seeds"))
    settle(town, allergies="卵")
    town.family("さくら").books()
    reader.opens(DAY)
    with statements() as one:
        days.today(town.facilities["seeds"], CARE_DAY, now())
    for n in range(7):
        town.family(f"子{n}").books()
    for n in range(3):
        town.family(f"待{n}").waits()
    with statements() as eight:
        days.today(town.facilities["seeds"], CARE_DAY, now())
    assert len(one) == len(eight) <= 16
    with statements() as page:
        reader.opens(DAY)
    assert len(page) <= 20
