"""A day's capacity at the desk: what decides it, what a change would do, closing and the week."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from reservation.services import outbox
from reservation.store.db import read, write
from reservation.store.tables.people import Guardian
from reservation.store.tables.places import DayRow
from reservation.store.tables.records import Outbox, Task
from tests.databases import both_databases
from tests.staff.conftest import signed_in

DAY = "/staff/seeds/capacity/2026-11-24"
CLOSE = "/staff/seeds/day/2026-11-24/close"
WEEK = "/staff/seeds/week/2026-11-24"
SAVE, LOOK, SURE = "この日の人員を保存する", "保存する前に確かめる", "このまま保存する"
END = "休室にして、全員に知らせる"


def stored(column):
    with read() as db:
        return db.scalar(select(column).where(DayRow.facility_id.is_not(None)))


def test_the_day_says_what_decides(town, desk):
    page = desk.opens(DAY)
    page.says(
        "受け入れできるのは6人", "受け入れる人数の設定：6人", "開いている部屋の定員の合計：6人"
    )
    page.says("予約 0人、キャンセル待ち 0人").says("どれも同じ人数です。")


@both_databases
def test_lowering_shows_whom_first_newest_first_and_drops_nobody(town, context, nurse, clock):
    sakura, hana = town.family("さくら"), town.family("はな")
    first = sakura.books()
    clock.forward(minutes=5)
    second = hana.books()
    page = signed_in(context, nurse.account_id).opens(DAY)
    asked = page.submit(SAVE, effective_capacity=0)
    asked.says("受け入れできるのは 0人になります", "次の 2人がおさまりません")
    assert asked.words.index("はな") < asked.words.index("さくら")
    assert stored(DayRow.effective_capacity) is None
    saved = asked.submit(SURE)
    saved.says(
        "人員・定員を保存しました", "予約に対して、2人分足りません", "予約は取り消していません"
    )
    assert [town.state(first), town.state(second)] == ["confirmed", "confirmed"]
    assert stored(DayRow.effective_capacity) == 0


@both_databases
def test_opening_a_place_calls_up_the_list(make_town, context):
    town = make_town(capacity=1, places={"may_exceed": True})
    desk = signed_in(context, town.worker("staff", "seeds").account_id)
    town.family("さくら").books()
    entry = town.family("はな").waits()
    look = desk.opens(DAY).submit(LOOK, effective_capacity=2)
    look.says("受け入れできるのは 2人になります", "キャンセル待ちの 1人を、順番にご案内します")
    assert town.state(entry) == "waiting"
    look.submit(SAVE)
    assert town.state(entry) == "offered"


def test_fewer_staff_and_a_closed_room_are_explained(town, desk):
    saved = desk.opens(DAY).submit(
        SAVE, am_workers=2, am_nurses=1, pm_workers="１", pm_nurses=1, rooms=["general"]
    )
    saved.says("受け入れできるのは3人", "午後の職員で見られる人数：3人")
    assert saved.words.count("いちばん少ない数(太字)で決まります。") == 1
    assert "<b>午後の職員で見られる人数：3人</b>" in saved.text
    saved.says("開いている部屋の定員の合計：4人")
    assert stored(DayRow.closed_rooms) == ["isolation"]


def test_a_room_is_used_otherwise_for_one_day_and_back_again(town, desk):
    flu = [town.family(f"子{n}").books("FLU_A") for n in range(2)]
    page = desk.opens(DAY).says(
        "この日だけ、部屋の使い方を変える", "いつもどおり(うつらない病気だけ)"
    )
    page.submit(SAVE, use_general="infectious").says("人員・定員を保存しました")
    assert stored(DayRow.room_uses) == {"general": "infectious"}
    desk.opens("/staff/seeds/day/2026-11-24").says("この日だけ：うつる病気だけ(一度に1つ)")
    third = town.family("さくら").books("FLU_A")
    # back again, the third has no room: the page says so first, and drops nobody
    asked = desk.opens(DAY).submit(SAVE, use_general="").says("次の 1人がおさまりません")
    asked.submit(SURE).says("予約に対して、1人分足りません")
    assert stored(DayRow.room_uses) is None
    assert [town.state(one) for one in (*flu, third)] == ["confirmed"] * 3


def test_a_use_that_is_none_or_needs_an_entrance_comes_back(make_town, context):
    town = make_town(places={"infections_by_own_entrance": True})
    desk = signed_in(context, town.worker("staff", "seeds").account_id)
    page = desk.opens(DAY)
    refused = page.submit(SAVE, 422, use_general="either")
    refused.says("専用の出入口がない部屋は、うつる病気には使えません")
    page.submit(SAVE, 422, use_general="storeroom").says("一覧からえらんでください")
    assert stored(DayRow.room_uses) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"effective_capacity": "六"}, "受け入れる人数は、0から99までの数字で入力してください"),
        ({"effective_capacity": "-1"}, "受け入れる人数は、0から99までの数字で入力してください"),
        ({"effective_capacity": 7}, "受け入れる人数は、定員の 6人までで入力してください"),
        ({"am_workers": 2, "am_nurses": ""}, "両方を入力するか、両方を空にしてください"),
    ],
)
def test_bad_input_comes_back(town, desk, fields, words):
    page = desk.opens(DAY).submit(SAVE, 422, **fields)
    page.says("入力内容に誤りがあります", words)
    for name, value in fields.items():
        assert page.form(SAVE).fields[name] == [str(value)]
    with read() as db:
        assert db.scalars(select(DayRow.effective_capacity)).all() == []


def test_a_day_that_is_over_is_only_read(town, context, nurse, clock):
    clock.set("2026-11-25 08:00")
    desk = signed_in(context, nurse.account_id)
    page = desk.opens(DAY).says("過ぎた日の人員・定員は変えられません")
    token = page.form("ログアウト").fields["csrf_token"]
    desk.posts(DAY, {"csrf_token": token, "effective_capacity": "1"}, 422)
    desk.posts(CLOSE, {"csrf_token": token, "reason": "台風のため"}, 422)


@pytest.mark.parametrize("day", ["tomorrow", "20261124", "9999-12-31", "2026-02-30"])
def test_an_unreadable_day_is_no_page(town, desk, day):
    for page in ("capacity/{}", "day/{}/close", "day/{}/sheet", "week/{}"):
        desk.opens(f"/staff/seeds/{page.format(day)}", 404)


def test_a_day_before_the_rules_is_no_page(town, desk):
    for page in ("capacity/2026-03-01", "day/2026-03-01/close", "day/2026-03-01/sheet"):
        desk.opens(f"/staff/seeds/{page}", 404)
    desk.opens("/staff/seeds/week/2026-03-10", 404)


@both_databases
def test_closing_shows_who_is_told_and_tells_everybody(town, context, nurse):
    sakura, hana = town.family("さくら"), town.family("はな")
    bookings = [sakura.books(), hana.books()]
    with write() as db:
        mine = Guardian.id == hana.guardian_id
        db.execute(update(Guardian).where(mine).values(mail=None, telephone="09000001111"))
    desk = signed_in(context, nurse.account_id)
    page = desk.opens(DAY).follow("この日を休室にする…")
    page.says("2件を取り消して、全員にお知らせします", "さくらの母", "メール 1件・電話 1件")
    page.says("電話(「電話すること」に入ります)", "090-0000-1111")
    empty = page.submit(END, 422, reason=" ").says("休む理由を入力してください")
    closed = empty.submit(END, reason="台風のため")
    closed.says("を休室にし、2件を取り消して", "この日は休室です", "理由：台風のため")
    assert [town.state(one) for one in bookings] == ["cancelled", "cancelled"]
    with read() as db:
        told = db.scalars(select(Outbox.address).where(Outbox.kind == "closed")).all()
        calls = db.scalars(select(Task.about)).all()
    assert (told, calls) == ([sakura.mail], ["closed"])
    closed.submit("休室を取りやめる").says("休室を取りやめました", "受け入れできるのは6人")


@both_databases
def test_killed_in_the_middle_nobody_is_told(town, context, nurse, monkeypatch):
    bookings = [town.family("さくら").books(), town.family("はな").books()]
    page = signed_in(context, nurse.account_id).opens(CLOSE)
    real, calls = outbox.tell_family, []

    def breaks(*args, **named):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed in the middle")
        return real(*args, **named)

    monkeypatch.setattr(outbox, "tell_family", breaks)
    with pytest.raises(RuntimeError, match="killed"):
        page.submit(END, reason="台風のため")
    monkeypatch.undo()
    assert [town.state(one) for one in bookings] == ["confirmed", "confirmed"]
    with read() as db:
        assert db.scalars(select(Outbox.id).where(Outbox.kind == "closed")).all() == []
    page.submit(END, reason="台風のため").says("を休室にし、2件を取り消して")


def test_who_booked_meanwhile_is_shown_before_anybody_is_told(town, desk, sakura, hana):
    first = sakura.books()
    page = desk.opens(CLOSE)
    second = hana.books()
    again = page.submit("休室にして", reason="台風のため")
    again.says("この画面を開いたあとに、予約が変わりました", "はなの母")
    assert [town.state(first), town.state(second)] == ["confirmed", "confirmed"]
    again.submit(END, reason="台風のため").says("を休室にし、2件を取り消して")


def test_the_same_closing_sent_twice_tells_once(town, desk, sakura):
    sakura.books()
    page = desk.opens(CLOSE)
    page.submit(END, reason="台風のため")
    page.submit(END, reason="台風のため").says("を休室にし、1件を取り消して")
    with read() as db:
        assert len(db.scalars(select(Outbox.id).where(Outbox.kind == "closed")).all()) == 1


def test_the_week_shows_load_closures_and_what_is_short(town, desk, sakura, hana):
    sakura.books()
    hana.waits()
    week = desk.opens(WEEK)
    assert week.heading.startswith("人員・定員 11月23日(月)〜11月27日(金)")
    week.says("勤労感謝の日", "11月24日(火)", "1人")
    desk.opens(DAY).submit(SAVE, effective_capacity=0).submit(SURE)
    desk.opens(WEEK).says("11月24日(火)は、予約に対して 1人分足りません")
    week.follow("次の週").says("11月30日(月)")
    assert desk.opens("/staff/seeds/week").heading == week.heading


def test_another_facilitys_day_is_not_ours(town, desk):
    for page in ("capacity/2026-11-24", "week/2026-11-24", "day/2026-11-24/sheet"):
        desk.opens(f"/staff/rabbit/{page}", 404)
