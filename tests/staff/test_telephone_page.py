"""Telephone entry as the nurse does it: look while the caller is on the line, press one button."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import select, update

from reservation import clock as application_clock
from reservation.domain.kana import katakana
from reservation.services import telephones
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow, Guardian
from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Page, Reader
from tests.staff.test_desk import row_of
from tests.town import CARE_DAY, Household, Town, Worker

pytestmark = both_databases
now = application_clock.now
AtDesk = Callable[[Worker], Reader]
MakeTown = Callable[..., Town]
LOOK = "調べる"
TAKE = "予約を取る"
ENTER = "申し込みを受ける"


def looks(page: Page, who: str = "さく", status: int = 200, **fields: str) -> Page:
    """Fill in the four fields and press 調べる."""
    read_in_katakana()
    given = {"who": who, "day": str(CARE_DAY), "sign": "fever", "call_back": ""} | fields
    return page.submit(LOOK, status, **given)


def read_in_katakana() -> None:
    """As families' forms store readings; the town's builder takes them as they come."""
    with write() as db:
        for child in db.scalars(select(ChildRow)):
            child.kana = katakana(child.kana)


def hers() -> str:
    """さくら's booking."""
    with read() as db:
        own = select(BookingRow.id).join(ChildRow, ChildRow.id == BookingRow.child_id)
        return db.execute(own.where(ChildRow.name == "さくら")).scalar_one()


def test_a_place_in_four_fields(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    page = looks(at_desk(nurse).opens("/staff/seeds/telephone"), call_back="090-0000-7788")
    page.says(
        "さくら(サクラ) 2歳 登録ずみ", "「しーずに空きがあります。8:00からお預かりできます。」"
    )
    page.says("ラビット", "電話 03-0000-0002")
    done = page.submit(TAKE)
    done.says("受け付けました：さくら", "しーずの予約が取れました。", "さくら 2歳")
    row = row_of(hers())
    assert (row.state, row.channel, row.remark) == ("confirmed", "telephone", "☎ 090-0000-7788")
    assert row.illness == "UNDIAGNOSED_FEVER"


def test_nothing_of_the_child_stands_in_an_address(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    page = looks(at_desk(nurse).opens("/staff/seeds/telephone"))
    assert page.path == "/staff/seeds/telephone/look"
    done = page.submit(TAKE)
    assert re.fullmatch(r"/staff/seeds/telephone\?taken=[0-9a-f]{32}", done.path)


def test_a_full_room_gives_the_rank_and_names_another_room(
    make_town: MakeTown, at_desk: AtDesk, clock: Clock
) -> None:
    town = make_town(capacity=1)
    town.family("はな").books()
    town.family("もも").waits()
    town.family("さくら")
    clock.forward(seconds=1)
    page = looks(at_desk(town.worker("staff", "seeds")).opens("/staff/seeds/telephone"))
    page.says("「しーずは満室です。ラビットは空きがあります。」", "待つなら 2番目")
    page.submit(ENTER).says("キャンセル待ち2番目で受けました。")


def test_a_diagnosis_is_a_number_in_the_form(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    page = at_desk(nurse).opens("/staff/seeds/telephone")
    options = re.findall(r'<option[^>]*value="(\d+)"[^>]*>インフルエンザA型', page.text)
    assert len(options) == 1
    looks(page, sign=options[0]).submit(TAKE)
    assert row_of(hers()).illness == "FLU_A"


def test_children_are_found_by_kana_number_and_its_tail(
    town: Town, sakura: Household, hana: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    with write() as db:
        db.execute(
            update(Guardian)
            .where(Guardian.id == sakura.guardian_id)
            .values(telephones.columns("090-1111-2222"))
        )
    page = at_desk(nurse).opens("/staff/seeds/telephone")
    for typed in ("サク", "090-1111-2222", "09011112222", "２２２２"):
        looks(page, typed).says("さくら(サクラ)")
    looks(page, "3333").says("見つかりませんでした。")
    looks(page, "%").says("見つかりませんでした。")


def test_several_children_are_chosen_from(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    town.family("さくこ", months=50)
    page = looks(at_desk(nurse).opens("/staff/seeds/telephone"))
    page.says("2人見つかりました。")
    page.submit("さくこ").says("さくこ(サクコ) 4歳").submit(TAKE).says("受け付けました：さくこ")


def test_bad_input_comes_back_with_all_that_was_typed(
    town: Town, nurse: Worker, at_desk: AtDesk
) -> None:
    page = at_desk(nurse).opens("/staff/seeds/telephone")
    bad = looks(page, "", 422, call_back="わからない", call_time="25:00", sign="FLU")
    bad.says(
        "お子さまのカナか、電話番号を入力してください",
        "電話番号を、090-0000-0000 の形で入力してください",
        "時刻を、6:30 の形で入力してください",
        "時刻を直す理由を入力してください",
        "一覧からえらんでください",
    )
    assert "わからない" in bad.text
    assert bad.title.startswith("エラー：")


def test_the_time_of_the_call_is_typed_with_a_reason(
    make_town: MakeTown, at_desk: AtDesk, clock: Clock
) -> None:
    town = make_town(capacity=1)
    town.family("はな").books()
    clock.forward(minutes=30)
    town.family("もも").waits()
    town.family("さくら")
    page = at_desk(town.worker("staff", "seeds")).opens("/staff/seeds/telephone")
    later = looks(page, status=422, call_time="19:30", why="留守番電話")
    later.says("24時間前から今までの時刻を入力してください")
    found = looks(page, call_time="１８：１０", why="留守番電話")
    found.submit(ENTER).says("キャンセル待ち1番目で受けました。")
    assert row_of(hers()).asked_at == clock.set("18:10")


def test_a_child_nobody_knows_gets_a_claim_code_once(
    town: Town, nurse: Worker, at_desk: AtDesk
) -> None:
    page = looks(at_desk(nurse).opens("/staff/seeds/telephone"), "ユキ", call_back="090-0000-1234")
    page.says("はじめてのお子さま")
    button = "登録して受け付ける"
    bad = page.submit(
        button, 422, name="", reading="雪", telephone="12", birthday=["2023", "2", "30"]
    )
    bad.says("お子さまの名前を入力してください", "フリガナを、カタカナかひらがなで")
    bad.says("その月にある日を数字で", "電話番号を、090-0000-0000 の形で")
    done = bad.submit(
        button, name="ゆき", reading="ゆき", telephone="090-0000-1234", birthday=["2023", "2", "3"]
    )
    done.says("受け付けました：ゆき", "引き換え番号は", "利用登録の承認")
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", done.words)
    assert code is not None
    again = done.reader.opens(done.path)
    again.says("受け付けました：ゆき").says_not(code.group())


def test_a_refused_call_says_why(make_town: MakeTown, at_desk: AtDesk) -> None:
    town = make_town(illnesses={"UNDIAGNOSED_FEVER": "never"})
    town.family("さくら")
    page = looks(at_desk(town.worker("staff", "seeds")).opens("/staff/seeds/telephone"))
    said = page.says("お預かりできません").submit(ENTER)
    said.says("診断名のわからない症状では", "受診のあとに診断名を聞いて、もう一度受け付けて")
    said.says_not("受診がすんだら")


def test_an_override_on_the_telephone(make_town: MakeTown, at_desk: AtDesk) -> None:
    town = make_town(illnesses={"UNDIAGNOSED_FEVER": "never"})
    town.family("さくら")
    page = looks(at_desk(town.worker("staff", "seeds")).opens("/staff/seeds/telephone"))
    page.submit("受け入れる", 422, room="general", note="").says("受け入れる理由を入力してください")
    done = page.submit("受け入れる", room="general", note="医師の依頼による")
    done.says("受け付けました：さくら")
    assert row_of(hers()).state == "confirmed"


def test_a_forged_child_or_call_is_not_there(
    town: Town, sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    reader = at_desk(nurse)
    page = looks(reader.opens("/staff/seeds/telephone"))
    form = page.form(TAKE)
    reader.posts(form.action, {**form.fields, "child_id": "f" * 32}, 404)
    booking = sakura.books(at="rabbit")
    reader.opens(f"/staff/seeds/telephone?taken={booking}").says_not("受け付けました")
