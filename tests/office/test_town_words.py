"""What the municipality says for its rooms, on the officers' screens."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from reservation import clock as application_clock
from reservation.reads import rule_defaults as reads
from reservation.services import facilities
from reservation.web.municipality.defaults import TOPICS
from tests.office.test_office import at_the_desk
from tests.pages import Page, Reader
from tests.staff.conftest import signed_in
from tests.town import OPERATOR, SUGINAMI, Household, Town, Worker, book

WORDS = f"/municipality/{SUGINAMI}/defaults"
LOOK = "変わることを見る"
HOLD = "booking.hold_minutes"


@pytest.fixture
def desk(context: Flask, officer: Worker) -> Reader:
    return at_the_desk(context, officer)


def follows(*units: str, code: str = "seeds", **sections: Any) -> None:
    """Let a room follow in these units."""
    facilities.put_rule_book(
        SUGINAMI, book(code, **sections), OPERATOR, application_clock.now, units
    )


def said(town: Town) -> dict[str, Any]:
    """What the municipality says by its newest word."""
    today = application_clock.today()
    return dict(reads.editing(town.municipality_id, today).values)


def marked(page: Page) -> list[str]:
    """The words of every link that is marked as the page one is on."""
    current = (one for one in page.tree.iter("a") if one.get("aria-current") == "page")
    return ["".join(one.itertext()) for one in current]


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_every_topic_is_a_form_for_officers_and_to_read_for_reviewers(
    context: Flask, town: Town, desk: Reader, topic: str
) -> None:
    page = desk.opens(f"{WORDS}/{topic}").says("標準にする：", LOOK, "標準はまだありません。")
    assert page.heading == "きまりの標準"
    # a topic lies below its tab, and so does what a form answers
    assert "きまりの標準" in marked(page)
    assert marked(page.submit(LOOK)) == marked(page)
    reading = at_the_desk(context, town.worker("reviewer")).opens(f"{WORDS}/{topic}")
    reading.says("この項目に標準はありません。").says_not(LOOK)


def test_a_change_is_shown_room_by_room_before_it_counts(
    town: Town, desk: Reader, sakura: Household
) -> None:
    sakura.books("URI")
    follows(HOLD, "illnesses.table")
    page = desk.opens(f"{WORDS}/handling").submit(
        LOOK,
        says=["illnesses.table"],
        valid_from="2026-11-24",
        **{"table-URI-handling": "never"},
    )
    page.says("しーず：プレビュー：11月24日(火)から", "かぜ(上気道炎)", "合わなくなる予約：1件")
    page.says("お知らせするご家族：1家族(さ)", "変わらない施設：ラビット").says_not("さくら")
    assert said(town) == {}
    done = page.submit("11月24日(火)から使う")
    done.says("11月24日(火) から使うように変えました。変わる施設：1", "officer")
    assert said(town)["illnesses.table"]["URI"]["handling"] == "never"


def test_places_and_times_of_the_first_days_stand_in_the_preview(town: Town, desk: Reader) -> None:
    follows("booking.closes")
    page = desk.opens(f"{WORDS}/booking").submit(
        LOOK, says=["booking.closes"], **{"closes-at": "6:30", "valid_from": "2026-11-24"}
    )
    page.says("しーず：プレビュー", "予約受付の終了：11月24日(火) 7:00 → 11月24日(火) 6:30")


def test_the_history_says_who_and_what_and_the_rooms_page_why(
    town: Town, desk: Reader, context: Flask, manager: Worker
) -> None:
    follows(HOLD)
    page = desk.opens(f"{WORDS}/booking")
    for minutes in ("8", "9"):
        page = page.submit(LOOK, says=[HOLD], hold_minutes=minutes, valid_from="2027-01-12")
        page = page.submit("から使う")
    page.says(
        "2027年1月12日(火)の利用から 11月23日(月) 18:00 officer"
        " 変わったこと 1 つ 予約 › 席をおさえる時間：8分 → 9分",
        "予約 › 席をおさえる時間：– → 8分",
    )
    room = signed_in(context, manager.account_id).opens("/staff/seeds/rules/booking")
    room.says("2027年1月12日(火)の利用から 11月23日(月) 18:00 officer 市区町村の標準が変わったため")
    room.says("市区町村の標準に合わせている項目：席をおさえる時間")


def test_what_is_said_no_longer_goes_back_to_the_rooms(town: Town, desk: Reader) -> None:
    follows(HOLD)
    page = desk.opens(f"{WORDS}/booking").submit(LOOK, says=[HOLD], hold_minutes="8")
    page = page.submit("から使う")
    assert page.form(LOOK).fields["says"] == [HOLD]
    page = page.submit(LOOK, says=[])
    page.says("席をおさえる時間：8分 → 10分").submit("から使う")
    assert said(town) == {}


def test_what_was_written_without_a_tick_is_asked_about_and_kept(town: Town, desk: Reader) -> None:
    page = desk.opens(f"{WORDS}/booking").submit(LOOK, 422, hold_minutes="8")
    page.says("標準にするときは、上の欄に印をつけてください。")
    assert page.form(LOOK).fields["hold_minutes"] == ["8"]
    page.submit(LOOK, says=[HOLD]).says("変わらない施設：しーず、ラビット")


def test_a_mistake_stands_beside_its_field_with_what_was_typed(town: Town, desk: Reader) -> None:
    page = desk.opens(f"{WORDS}/booking").submit(
        LOOK, 422, says=[HOLD], hold_minutes="たくさん", valid_from="2026-11-22"
    )
    page.says("入力内容に誤りがあります", "以下の数を書いてください。")
    assert page.form(LOOK).fields["hold_minutes"] == ["たくさん"]
    assert page.form(LOOK).fields["says"] == [HOLD]
    page = page.submit(LOOK, 422, says=[HOLD], hold_minutes="8")
    page.says("11月23日(月)か、それより後の日を入れてください。")


def test_a_room_with_which_it_does_not_go_is_named_and_nothing_can_be_used(
    town: Town, desk: Reader
) -> None:
    follows("booking.closes", booking={"opens": {"days_before": 1, "at": "12:00"}})
    page = desk.opens(f"{WORDS}/booking").submit(
        LOOK,
        says=["booking.closes"],
        **{"closes-days_before": "1", "closes-at": "9:00"},
    )
    page.says("しーず のきまりと合いません", "予約受付の終了は、開始より後にしてください。")
    page.says_not("から使う")


def test_nothing_changed_is_said_and_offers_no_button(town: Town, desk: Reader) -> None:
    page = desk.opens(f"{WORDS}/fees").submit(LOOK)
    page.says("変わるところはありません。").says_not("から使う")


def test_who_changes_in_the_very_same_moment_is_told(town: Town, desk: Reader) -> None:
    page = desk.opens(f"{WORDS}/booking").submit(LOOK, says=[HOLD], hold_minutes="8")
    page.submit("から使う", version="9").says("ほかの人がきまりを変えた")
    assert said(town) == {}


def test_a_second_officer_decides_on_the_page_of_what_waits(
    context: Flask, town: Town, desk: Reader
) -> None:
    follows("opening.closures", changing={"second_person": True})
    page = desk.opens(f"{WORDS}/opening").submit(
        LOOK,
        says=["opening.closures"],
        valid_from="2026-12-01",
        **{
            "closures-0-first": "2026-12-02",
            "closures-0-last": "2026-12-02",
            "closures-0-reason-ja": "研修",
        },
    )
    page.submit("から使う").says("変更の案を出しました。市区町村の別の担当者が認めると使います。")
    waits = desk.opens(f"/municipality/{SUGINAMI}/proposals")
    waits.says("全施設の標準：12月1日(火)の利用からの変更の案", "変わる施設：しーず")
    waits.says("自分が出した案は、自分では認められません。").says_not("認めて、使う")
    second = at_the_desk(context, town.worker("officer"))
    second.opens(WORDS).says("確認を待っている変更の案")
    second.opens(f"/municipality/{SUGINAMI}/proposals").submit("認めて、使う").says("認めました。")
    assert "opening.closures" in said(town)


def test_no_topic_and_no_town_is_no_page(town: Town, desk: Reader) -> None:
    desk.opens(f"{WORDS}/about", 404)
    desk.opens(f"{WORDS}/nothing", 404)
    desk.opens("/municipality/999999/defaults", 404)
