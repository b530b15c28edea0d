"""The public board as a reader without a script sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from reservation.services import facilities
from reservation.store.db import Unavailable, db
from tests.databases import both_databases
from tests.pages import Page, Reader, _words_of
from tests.town import MUNICIPALITY, OPERATOR, Town, book

URI = "/?complaint=diagnosed&told=1&age=2"


@pytest.fixture
def anybody(client: FlaskClient) -> Reader:
    return Reader(client)


def card(page: Page, room: str) -> str:
    """The words of one room's card."""
    for one in page.tree.iter("article"):
        if one.get("data-room") == room:
            return _words_of(one).replace(" ", "")
    raise AssertionError(f"no card of {room}")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that is sent to the database in the block."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@both_databases
def test_the_answer_stands_first_with_day_sign_and_age(town: Town, anybody: Reader) -> None:
    page = anybody.opens("/?complaint=cough&age=3")
    assert page.heading == "予約できる病児保育室が 2つ あります"
    page.says("あした 11月24日(火) ・ せき・鼻水 ・ 3歳", "予約は あした 7:00 まで")
    assert "のこり4" in card(page, "seeds")
    page.says("きょう 11月23日(月)は、どの室もお休みです。")


def test_the_board_needs_no_cookie_and_no_session(town: Town, client: FlaskClient) -> None:
    for path in ("/", "/m/131156/", "/vacancy.json", "/facilities/seeds", "/privacy"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"].startswith("public, max-age=")
        assert "csrf" not in answer.text


def test_the_choice_stays_in_the_links_of_the_days(town: Town, anybody: Reader) -> None:
    page = anybody.opens("/?complaint=stomach&age=4&lang=ja")
    wednesday = page.follow("25 (水)")
    wednesday.says("あさって 11月25日(水) ・ おなか ・ 4歳")
    assert "complaint=stomach" in wednesday.path
    wednesday.submit("この条件で見る", complaint="cough").says(
        "あさって 11月25日(水) ・ せき・鼻水"
    )


def test_what_cannot_be_read_in_the_address_becomes_the_usual(town: Town, anybody: Reader) -> None:
    page = anybody.opens("/?complaint=%00&age=99&day=2026-02-31&told=x")
    page.says("あした 11月24日(火) ・ 発熱 ・ 1歳")
    anybody.opens("/?day=2031-01-01").says("あした 11月24日(火)")
    anybody.opens("/?complaint=diagnosed&told=²&age=2").says("診断名をえらんでください")


def test_a_diagnosis_is_asked_for_before_the_rooms(town: Town, anybody: Reader) -> None:
    page = anybody.opens("/?complaint=diagnosed&age=2")
    assert page.heading == "診断名をえらんでください"
    page.submit("この条件で見る", told="9").says("インフルエンザA型 ・ 2歳")


def test_no_address_names_an_illness(town: Town, anybody: Reader) -> None:
    page = anybody.opens("/?complaint=diagnosed&told=9&age=2")
    addresses = [one.get("href", "") for one in page.tree.iter("a")]
    assert not [one for one in addresses if "FLU" in one or "インフル" in one]


@both_databases
def test_a_full_room_says_why_and_which_rank_one_would_have(
    make_town: Callable[..., Town], client: FlaskClient
) -> None:
    town = make_town(capacity=1)
    town.family("さくら").books()
    town.family("はな").waits()
    page = Reader(client).opens(URI)
    assert page.heading == "予約できる病児保育室が 1つ あります"
    full = card(page, "seeds")
    assert "満室" in full
    assert "待ち1人" in full
    assert "いま申し込むと2番目です" in full
    assert "この日は満室です。" in full
    assert "キャンセル待ちする" in full
    assert "この室で予約" not in full
    assert "電話で聞く03-0000-0000" in full
    rooms = [one.get("data-room") for one in page.tree.iter("article")]
    assert rooms == ["rabbit", "seeds"]


def test_a_room_that_never_takes_it_says_so_and_offers_the_diagnosis(
    make_town: Callable[..., Town], client: FlaskClient
) -> None:
    town = make_town(illnesses={"UNDIAGNOSED_FEVER": "never", "FLU_A": "never"})
    page = Reader(client).opens("/?complaint=fever&age=2")
    refused = card(page, "seeds")
    assert "お預かりできません" in refused
    assert "診断名のわからない症状では、こちらではお預かりしていません。" in refused
    assert "電話で聞く" in refused
    assert "キャンセル待ち" not in refused
    page.follow("受診がすんだら「診断名あり」で見る").says("診断名をえらんでください")
    flu = Reader(client).opens("/?complaint=diagnosed&told=9&age=2")
    assert "別の病児保育室をご覧ください。" in card(flu, "seeds")
    assert town.facilities


def test_a_day_not_yet_open_says_when_it_opens(town: Town, clock: Any, client: FlaskClient) -> None:
    town.rules(book("late", booking={"opens": {"days_before": 1, "at": "08:45"}}))
    page = Reader(client).opens("/?complaint=cough&age=2&day=2026-11-25")
    early = card(page, "late")
    assert "受付前" in early
    assert "予約の受付はあした8:45からです。" in early
    clock.set("2026-11-24 08:45")
    assert "空きあり" in card(Reader(client).opens("/?complaint=cough&age=2"), "late")


def test_a_child_too_young_reads_from_which_month_on(
    make_town: Callable[..., Town], client: FlaskClient
) -> None:
    make_town(ages={"youngest_months": 14})
    assert "対象は生後14か月からです。" in card(
        Reader(client).opens("/?complaint=cough&age=0"), "seeds"
    )
    assert "生後14か月から" in card(Reader(client).opens("/?complaint=cough&age=1"), "seeds")


def test_a_board_on_which_every_room_is_full_asks_who_needs_a_place(
    make_town: Callable[..., Town], client: FlaskClient
) -> None:
    town = make_town(capacity=1)
    town.rules(book("rabbit", capacity=1))
    town.family("さくら").books()
    Reader(client).opens(URI).says_not("この日に預け先が必要です")
    town.family("はな").books(at="rabbit")
    page = Reader(client).opens(URI)
    assert page.heading == "予約できる病児保育室は、いまありません"
    assert "need=1" in page.link("この日に預け先が必要です")


def test_choosing_a_room_leads_to_the_same_choice_behind_the_sign_in(
    town: Town, anybody: Reader
) -> None:
    link = anybody.opens("/?complaint=cough&age=3&day=2026-11-25").link("この室で予約(しーず)")
    assert link == "/my/book?complaint=cough&age=3&day=2026-11-25&room=seeds"


def test_new_year_says_that_no_day_can_be_asked_for(
    make_town: Callable[..., Town], clock: Any, client: FlaskClient
) -> None:
    week = {"first": "2026-12-20", "last": "2027-01-11", "reason": {"ja": "年末年始"}}
    town = make_town(opening={"closures": [week]})
    town.rules(book("rabbit", opening={"closures": [week]}))
    clock.set("2026-12-26 10:00")
    page = Reader(client).opens("/")
    assert page.heading == "いま予約を受け付けている日はありません"
    page.says("03-0000-0000")


@both_databases
def test_the_board_asks_no_more_when_more_is_booked(town: Town, client: FlaskClient) -> None:
    def opens() -> int:
        with counted() as sent:
            assert client.get(URI).status_code == 200
        return len([one for one in sent if one.lstrip().upper().startswith(("SELECT", "WITH"))])

    opens()
    town.family("さくら").books()
    few = opens()
    for name in ("はな", "うめ", "もも"):
        town.family(name).books()
        town.family(name).waits(day=date(2026, 11, 25))
    many = opens()
    assert many <= few <= 12
    assert opens() <= 3


def test_an_unchanged_board_answers_304_until_something_changes(
    town: Town, clock: Any, client: FlaskClient
) -> None:
    first = client.get(URI)
    again = client.get(URI, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(URI + "&lang=ja", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    town.family("さくら").books()
    assert client.get(URI, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_several_municipalities_are_a_list_and_each_has_its_pages(
    town: Town, clock: Any, client: FlaskClient
) -> None:
    other = {**MUNICIPALITY, "code": "131130", "name": {"ja": "渋谷区"}, "host": "shibuya.example"}
    facilities.put_municipality(other, OPERATOR, clock.now)
    anybody = Reader(client)
    choice = anybody.opens("/")
    assert choice.heading == "お住まいの市区町村をえらんでください"
    page = choice.follow("杉並区")
    page.says("杉並区 病児保育", "予約できる病児保育室が 2つ あります")
    assert page.path == "/m/131156/"
    assert page.link("25 (水)").startswith("/m/131156/?")
    assert page.link("個人情報の扱い") == "/m/131156/privacy"
    facility = page.follow("時間・持ち物・地図(しーず)")
    assert facility.path == "/m/131156/facilities/seeds"
    assert facility.link("空きを見る") == "/m/131156/"
    anybody.opens("/m/131130/facilities/seeds", 404)
    anybody.opens("/m/999999/", 404)
    assert client.get("/vacancy.json").status_code == 404
    assert client.get("/vacancy.json?m=131156").status_code == 200
    assert client.get("/vacancy.json?m=999999").status_code == 404


def test_a_host_name_bound_to_a_municipality_opens_its_board(
    town: Town, clock: Any, app: Flask
) -> None:
    other = {**MUNICIPALITY, "code": "131130", "name": {"ja": "渋谷区"}, "host": "shibuya.test"}
    facilities.put_municipality(other, OPERATOR, clock.now)
    app.config["TRUSTED_HOSTS"] = None
    try:
        page = app.test_client().get("/", base_url="http://shibuya.test")
        assert "渋谷区 病児保育" in page.text
    finally:
        app.config["TRUSTED_HOSTS"] = app.extensions["settings"].hosts


def test_the_telephone_stands_on_the_page_when_the_database_is_away(
    town: Town, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/").status_code == 200

    def away(*_more: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr("reservation.reads.coming_days.coming", away)
    monkeypatch.setattr("reservation.reads.municipalities.read", away)
    page = Reader(client).opens("/", 503)
    page.says("少し待って、もう一度お試しください", "03-0000-0000", "杉並区")
    assert page.response.headers["Retry-After"]
    Reader(client).opens("/no-such-page", 404).says("03-0000-0000")
