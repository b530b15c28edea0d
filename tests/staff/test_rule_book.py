"""The rule book in the console: read by all, changed by managers, after a preview."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.domain.rulebook.defaults import Defaults
from reservation.reads import rule_books as reads
from reservation.services import facilities, rule_books
from reservation.services.keys import key
from reservation.services.outcomes import NotFound
from reservation.store.db import read
from reservation.store.rulebooks import NoRuleBook
from reservation.store.tables.places import RuleBookRow
from reservation.store.tables.records import Audit
from reservation.web.staff.rulebook.pages import SECTIONS
from tests.databases import both_databases
from tests.staff.conftest import signed_in
from tests.town import CARE_DAY, OPERATOR, SUGINAMI, book

RULES = "/staff/seeds/rules"
LOOK, AGAIN = "変わることを見る", "変わることをもう一度見る"
TODAY = date(2026, 11, 23)


@pytest.fixture
def desk(context, manager):
    """The manager's browser."""
    return signed_in(context, manager.account_id)


def newest(town):
    """The rule book that the form would change now."""
    return reads.editing(town.facilities["seeds"], TODAY).book


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_every_section_is_a_page_for_managers_and_to_read_for_staff(
    town, desk, context, nurse, section
):
    page = desk.opens(f"{RULES}/{section}")
    assert page.heading == "きまり"
    page.says("この変更を使い始める日", LOOK, "変更の記録")
    reading = signed_in(context, nurse.account_id).opens(f"{RULES}/{section}")
    reading.says("きまりを変えられるのは、施設の責任者です。").says_not(LOOK)


def test_the_tab_leads_to_the_booking_rules(town, desk):
    desk.opens(RULES).says("予約受付の開始", "席をおさえる時間")


def test_staff_may_not_send_the_form_and_nobody_finds_an_unknown_section(
    town, desk, context, nurse
):
    reading = signed_in(context, nurse.account_id).opens(f"{RULES}/booking")
    token = reading.form().fields["csrf_token"]
    reading.reader.posts(f"{RULES}/booking", {"csrf_token": token}, 403)
    desk.opens(f"{RULES}/nothing", 404)
    desk.opens("/staff/rabbit/rules", 404)


def test_a_change_is_shown_before_it_counts(town, desk):
    before = newest(town)
    page = desk.opens(f"{RULES}/booking").submit(
        LOOK, **{"hold_minutes": "8", "opens-at": "12:00", "valid_from": "2026-11-30"}
    )
    page.says(
        "プレビュー：11月30日(月)から",
        "変わること 2 つ",
        "予約 › 予約受付の開始：時刻：8:45 → 12:00",
        "予約 › 席をおさえる時間：10分 → 8分",
        "合わなくなる予約：0件",
        "はじめの14日のすべて",
        "12月1日(火) 時間：8:00〜18:00 予約受付の開始：11月26日(木) 12:00",
        "予約受付の開始：11月25日(水) 8:45 → 11月25日(水) 12:00",
    )
    assert newest(town) == before
    page.submit("11月30日(月)から使う").says("11月30日(月) から使うように変えました。")
    assert (newest(town).booking.hold_minutes, newest(town).valid_from) == (8, date(2026, 11, 30))


def test_a_change_after_the_preview_is_shown_again_first(town, desk):
    page = desk.opens(f"{RULES}/booking").submit(LOOK, hold_minutes="8")
    page = page.submit("から使う", hold_minutes="9")
    page.says("10分 → 9分")
    assert newest(town).booking.hold_minutes == 10
    page.submit(AGAIN).submit("から使う").says("から使うように変えました")
    assert newest(town).booking.hold_minutes == 9


def test_nothing_changed_is_said_and_offers_no_button(town, desk):
    page = desk.opens(f"{RULES}/fees").submit(LOOK)
    page.says("変わるところはありません。").says_not("から使う")


def test_bookings_that_would_not_fit_are_counted_and_stay(town, desk, sakura):
    booked = sakura.books("URI")
    page = desk.opens(f"{RULES}/handling").submit(
        LOOK, **{"table-URI-handling": "never", "valid_from": "2026-11-24"}
    )
    page.says("合わなくなる予約：1件", "11月24日(火)：1件", "予約は取り消されません")
    page.says("お知らせするご家族：1家族(さ)").says_not("さくら")
    page.submit("11月24日(火)から使う")
    assert town.state(booked) == "confirmed"


def test_a_mistake_stands_beside_its_field_and_in_the_summary(town, desk):
    page = desk.opens(f"{RULES}/places").submit(
        LOOK, 422, **{"rooms-1-places": "0", "rooms-2-id": "c", "official_capacity": "たくさん"}
    )
    page.says("入力内容に誤りがあります", "1 以上 30 以下の数を書いてください。")
    page.says("1 以上 60 以下の数を書いてください。")
    assert page.form(LOOK).fields["rooms-2-id"] == ["c"]
    assert page.form(LOOK).fields["official_capacity"] == ["たくさん"]


def test_the_past_is_not_changed(town, desk):
    page = desk.opens(f"{RULES}/booking").submit(LOOK, 422, valid_from="2026-11-22")
    page.says("11月23日(月)か、それより後の日を入れてください。")


def test_no_change_from_before_a_planned_rule_book(town, desk):
    town.rules(book("seeds", valid_from="2026-12-01", capacity=5))
    page = desk.opens(f"{RULES}/booking").submit(LOOK, 422, valid_from="2026-11-30")
    page.says("12月1日(火)か、それより後の日を入れてください。")
    assert desk.opens(f"{RULES}/booking").form(LOOK).fields["valid_from"] == ["2026-12-01"]


def test_what_somebody_else_changed_meanwhile_stays_and_the_preview_comes_again(town, desk):
    page = desk.opens(f"{RULES}/booking").submit(LOOK, hold_minutes="8")
    town.rules(book("seeds", fees={"resident": 2500}))
    again = page.submit("から使う").says("10分 → 8分")
    assert newest(town).booking.hold_minutes == 10
    again.submit("から使う").says("から使うように変えました")
    assert (newest(town).booking.hold_minutes, newest(town).fees.resident) == (8, 2500)


def test_who_changes_in_the_very_same_moment_is_told(town, desk):
    page = desk.opens(f"{RULES}/booking").submit(LOOK, hold_minutes="8")
    page.submit("から使う", version="0").says("ほかの人がきまりを変えた")
    assert newest(town).booking.hold_minutes == 10


def test_a_change_sent_twice_is_one_change(town, desk):
    page = desk.opens(f"{RULES}/booking").submit(LOOK, hold_minutes="8")
    page.submit("から使う").says("から使うように変えました")
    page.submit("から使う")
    with read() as db:
        versions = db.scalars(
            select(RuleBookRow.version).where(RuleBookRow.facility_id == town.facilities["seeds"])
        ).all()
    assert len(versions) == 2


def test_the_page_says_who_changed_it_when(town, desk):
    desk.opens(f"{RULES}/booking").submit(LOOK, hold_minutes="8").submit("から使う")
    desk.opens(f"{RULES}/fees").submit(LOOK, resident="2500").submit("から使う")
    page = desk.opens(f"{RULES}/booking")
    page.says(
        "11月24日(火)の利用から 11月23日(月) 18:00 manager"
        " 変わったこと 1 つ 料金 › 利用料：2000円 → 2500円",
        "変わったこと 1 つ 予約 › 席をおさえる時間：10分 → 8分",
        "4月1日(水)の利用から 11月23日(月) 18:00 運用担当者 はじめてのきまり",
    )


@both_databases
def test_the_act_refuses_an_old_version_a_past_day_and_a_foreign_facility(town, manager):
    facility = town.facilities["seeds"]
    changed = book("seeds", valid_from="2026-11-25", capacity=5)

    def change(new=changed, seen=1, at=facility, token=None):
        sent = key("manager", token, {}) if token else None
        return rule_books.change(at, new, seen, manager.by, sent, application_clock.now)

    assert change(seen=0).has(Code.NOT_POSSIBLE)
    assert change(book("seeds", valid_from="2026-11-22")).has(Code.NOT_POSSIBLE)
    for foreign in ({"at": town.facilities["rabbit"]}, {"new": book("rabbit")}, {"at": "x"}):
        with pytest.raises(NotFound):
            change(**foreign)
    done = change(token="once")
    assert (done.code, done.values) == ("changed", {"version": 2})
    assert change(token="once") == done
    with read() as db:
        acts = db.scalars(select(Audit.actor_id).where(Audit.action == "put_rule_book")).all()
    assert acts.count(manager.account_id) == 1


@both_databases
def test_days_with_bookings_are_those_a_change_touches(town, sakura, hana):
    sakura.books("URI")
    hana.books("URI", date(2026, 11, 25))
    found = reads.coming(town.facilities["seeds"], date(2026, 11, 25))
    assert [(day.date, len(day.bookings)) for day in found] == [(date(2026, 11, 25), 1)]
    assert CARE_DAY in [day.date for day in reads.coming(town.facilities["seeds"], TODAY)]
    with pytest.raises(NoRuleBook):
        reads.editing("x", TODAY)


def town_says(values, since=date(2026, 11, 30)):
    """What the municipality says for its rooms."""
    facilities.put_defaults(SUGINAMI, Defaults(since, values), OPERATOR, application_clock.now)


def follows(town, *units):
    facilities.put_rule_book(SUGINAMI, book("seeds"), OPERATOR, application_clock.now, units)


def stored(town):
    """The newest rule book with what it follows."""
    return reads.editing(town.facilities["seeds"], TODAY).followed


def test_what_comes_from_the_municipality_is_named_and_left_when_it_is_changed(town, desk):
    follows(town, "booking.hold_minutes", "booking.extension_minutes")
    town_says({"booking.hold_minutes": 8, "booking.extension_minutes": 3})
    page = desk.opens(f"{RULES}/booking")
    page.says("市区町村の標準に合わせている項目：席をおさえる時間、のばせる時間")
    page.submit(LOOK, hold_minutes="9").submit("から使う")
    assert stored(town).follows == ("booking.extension_minutes",)
    page = desk.opens(f"{RULES}/booking").says("標準に合わせている項目：のばせる時間")
    page.says("市区町村の標準に戻す項目", "席をおさえる時間：8分")


def test_a_room_goes_back_to_what_its_municipality_says(town, desk):
    town_says({"booking.hold_minutes": 8}, date(2026, 11, 24))
    page = desk.opens(f"{RULES}/booking").submit(LOOK, back=["booking.hold_minutes"])
    page.says("席をおさえる時間：10分 → 8分").submit("から使う")
    assert (stored(town).book.booking.hold_minutes, stored(town).follows) == (
        8, ("booking.hold_minutes",),
    )  # fmt: skip


def test_what_does_not_go_with_the_municipalitys_plans_is_refused_with_the_reason(town, desk):
    follows(town, "booking.closes")
    town_says({"booking.closes": {"days_before": 1, "at": "7:00"}}, date(2026, 12, 7))
    sent = {"opens-days_before": "1", "opens-at": "8:00", "valid_from": "2026-12-07"}
    page = desk.opens(f"{RULES}/booking").submit(LOOK, 422, **sent)
    page.says("予約受付の終了は、開始より後にしてください。")
