"""Signing in by a code: two steps, no difference between known and unknown, nobody locked out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from reservation.demo.accounts import ACCOUNTS
from reservation.services import mail_codes, throttle
from reservation.services.facilities import put_municipality
from reservation.services.mail_codes import TRIES
from reservation.store.db import db as database_of_app
from reservation.store.db import read
from reservation.store.tables.access import Device, MailCode
from reservation.store.tables.people import Family, Guardian
from tests.conftest import Clock
from tests.databases import both_databases, close, make_app
from tests.pages import Page, Reader
from tests.parents.conftest import code_for, signs_in, statements
from tests.town import MUNICIPALITY, OPERATOR, Household, Town

ASK = "番号をメールで受け取る"
ENTER = "ログインする"


@both_databases
def test_a_family_signs_in_with_the_code_from_its_mail(
    context: Flask, town: Town, sakura: Household, reader: Reader
) -> None:
    second = reader.opens("/signin").submit(ASK, mail=sakura.mail)
    second.says("メールで届いた6けたの番号を入力してください", sakura.mail, "18:10 まで使えます")
    assert second.submit(ENTER, code=code_for(sakura.mail)).path == "/my"
    assert reader.opens("/my").response.headers["Cache-Control"] == "no-store"


def test_without_signing_in_my_page_leads_to_the_sign_in(town: Town, reader: Reader) -> None:
    assert reader.opens("/my").path == "/signin"


@both_databases
def test_a_new_address_becomes_a_family_when_its_code_is_entered(
    context: Flask, town: Town, reader: Reader
) -> None:
    second = reader.opens("/signin").submit(ASK, mail="new@example.org")
    with read() as db:
        assert db.scalar(select(func.count()).select_from(Family)) == 0
    second.submit(ENTER, code=code_for("new@example.org"))
    with read() as db:
        guardian = db.scalars(select(Guardian)).one()
        assert guardian.mail == "new@example.org"
        assert db.get_one(Family, guardian.family_id).municipality_id == town.municipality_id


def test_what_was_asked_for_comes_after_signing_in(
    context: Flask, sakura: Household, reader: Reader
) -> None:
    assert signs_in(reader, sakura.mail, "/my/devices").path == "/my/devices"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1", "/signin"],
)
def test_next_never_leads_away(
    context: Flask, sakura: Household, reader: Reader, elsewhere: str
) -> None:
    reader.client.get("/signin", query_string={"next": elsewhere})
    assert signs_in(reader, sakura.mail).path == "/my"


@both_databases
def test_a_known_and_an_unknown_address_cannot_be_told_apart(
    context: Flask, sakura: Household, new_reader: Callable[[], Reader]
) -> None:
    def ask(mail: str) -> tuple[Page, int]:
        someone = new_reader()
        first = someone.opens("/signin")
        with statements() as seen:
            second = first.submit(ASK, mail=mail)
        return second, len(seen)

    known, work = ask(sakura.mail)
    unknown, other_work = ask("unknown@example.org")
    assert known.words.replace(sakura.mail, "") == unknown.words.replace("unknown@example.org", "")
    assert known.response.status_code == unknown.response.status_code
    assert work == other_work > 0
    with statements() as first:
        wrong = known.submit(ENTER, 422, code="000000")
    with statements() as second:
        other = unknown.submit(ENTER, 422, code="000000")
    assert len(first) == len(second)
    assert wrong.words.replace(sakura.mail, "") == other.words.replace("unknown@example.org", "")


def test_an_address_is_read_as_people_type_it(
    context: Flask, sakura: Household, reader: Reader
) -> None:
    typed = f" {sakura.mail.upper().replace('@', '＠')} "
    reader.opens("/signin").submit(ASK, mail=typed).says(sakura.mail)


@pytest.mark.parametrize("typed", ["", "sakura", "sakura@", "a b@example.org", "a@b@c.org"])
def test_what_is_no_address_is_said_beside_the_field_and_kept(
    town: Town, reader: Reader, typed: str
) -> None:
    page = reader.opens("/signin").submit(ASK, 422, mail=typed)
    page.says("入力内容に誤りがあります", "メールアドレスを")
    assert page.form(ASK).fields["mail"] == [typed]
    assert page.title.startswith("エラー")


def test_a_code_is_pasted_with_spaces_and_full_width(
    context: Flask, sakura: Household, reader: Reader
) -> None:
    second = reader.opens("/signin").submit(ASK, mail=sakura.mail)
    digits = code_for(sakura.mail).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert second.submit(ENTER, code=f" {digits[:3]} {digits[3:]} ").path == "/my"


def test_a_code_bears_five_tries(context: Flask, sakura: Household, reader: Reader) -> None:
    second = reader.opens("/signin").submit(ASK, mail=sakura.mail)
    right = code_for(sakura.mail)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(TRIES - 1):
        second.submit(ENTER, 422, code=wrong).says("番号がちがいます")
    second.submit(ENTER, 422, code=wrong).says("この番号は、もう使えません")
    second.submit(ENTER, 422, code=right).says("この番号は、もう使えません")


def test_a_code_lasts_ten_minutes_and_once(
    context: Flask, clock: Clock, sakura: Household, new_reader: Callable[[], Reader]
) -> None:
    late = new_reader().opens("/signin").submit(ASK, mail=sakura.mail)
    clock.forward(minutes=10)
    late.submit(ENTER, 422, code=code_for(sakura.mail)).says("もう使えません")
    again = late.submit("もう一度送る")
    clock.forward(minutes=9, seconds=59)
    used = code_for(sakura.mail)
    assert again.submit(ENTER, code=used).path == "/my"
    with read() as db:
        assert not list(db.scalars(select(MailCode).where(MailCode.code_hash == used)))


def test_a_mail_that_was_overtaken_by_the_next_is_still_good(
    context: Flask, clock: Clock, sakura: Household, reader: Reader
) -> None:
    second = reader.opens("/signin").submit(ASK, mail=sakura.mail)
    first_code = code_for(sakura.mail)
    clock.forward(minutes=1)
    assert second.submit("もう一度送る").submit(ENTER, code=first_code).path == "/my"


def test_a_code_is_of_no_use_in_another_browser(
    context: Flask, sakura: Household, new_reader: Callable[[], Reader]
) -> None:
    new_reader().opens("/signin").submit(ASK, mail=sakura.mail)
    read_over_a_shoulder = code_for(sakura.mail)
    thief = new_reader().opens("/signin").submit(ASK, mail="thief@example.org")
    thief.submit(ENTER, 422, code=read_over_a_shoulder).says("番号がちがいます")


def test_an_attack_on_an_address_does_not_stand_in_the_familys_way(
    context: Flask, clock: Clock, sakura: Household, new_reader: Callable[[], Reader]
) -> None:
    own = new_reader()
    signs_in(own, sakura.mail)
    own.opens("/my/devices").submit("この端末をログアウトする")
    attacker = new_reader()
    for _ in range(9):
        attacker.opens("/signin").submit(ASK, mail=sakura.mail)
    attacker.opens("/signin").submit(ASK, 429, mail=sakura.mail).says("しばらく待って")
    new_reader().opens("/signin").submit(ASK, 429, mail=sakura.mail)
    for _ in range(5):
        own.opens("/signin").submit(ASK, mail=sakura.mail).says("6けたの番号")
    own.opens("/signin").submit(ASK, 429, mail=sakura.mail)
    clock.forward(minutes=10, seconds=1)
    assert signs_in(own, sakura.mail).path == "/my"
    clock.forward(hours=1)
    assert signs_in(new_reader(), sakura.mail).path == "/my"


def test_unknown_addresses_are_throttled_in_the_same_words(
    context: Flask, sakura: Household, new_reader: Callable[[], Reader]
) -> None:
    said = set()
    for mail in (sakura.mail, "nobody@example.org"):
        someone = new_reader()
        for _ in range(10):
            someone.opens("/signin").submit(ASK, mail=mail)
        said.add(someone.opens("/signin").submit(ASK, 429, mail=mail).words.replace(mail, ""))
    assert len(said) == 1


def test_the_code_stands_in_no_readable_column(
    context: Flask, sakura: Household, reader: Reader
) -> None:
    reader.opens("/signin").submit(ASK, mail=sakura.mail)
    code = code_for(sakura.mail)
    with database_of_app.engine.connect() as connection:
        raw = connection.exec_driver_sql("select code_hash from mail_code").scalar_one()
        params = connection.exec_driver_sql("select params from outbox").scalar_one()
    assert code not in raw
    assert code not in params


@both_databases
def test_devices_are_listed_and_ended(
    context: Flask, sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    phone, lost = sign_in(sakura), sign_in(sakura)
    page = phone.opens("/my/devices").says("2台の端末でログインしています", "この端末")
    _this, other = [form.action for form in page.forms() if form.action.endswith("/end")]
    token = page.form("をログアウトする").fields["csrf_token"]
    phone.posts(other, {"csrf_token": token}).says("その端末をログアウトしました")
    assert lost.opens("/my").path == "/signin"
    assert phone.opens("/my").path == "/my"


def test_anothers_device_is_not_found(
    context: Flask, sakura: Household, stranger: Household, sign_in: Callable[..., Reader]
) -> None:
    sign_in(sakura)
    with read() as db:
        device = db.scalars(select(Device.id).where(Device.guardian_id == sakura.guardian_id)).one()
    nosy = sign_in(stranger)
    token = nosy.opens("/my/devices").form("ログアウトする").fields["csrf_token"]
    nosy.posts(f"/my/devices/{device}/end", {"csrf_token": token}, 404)
    nosy.posts("/my/devices/unknown/end", {"csrf_token": token}, 404)


def test_the_device_stays_ninety_days_and_seen_is_written_each_ten_minutes(
    context: Flask, clock: Clock, sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    phone = sign_in(sakura)
    clock.forward(minutes=9)
    with statements() as seen:
        phone.opens("/my")
    assert not [s for s in seen if s.startswith("UPDATE device")]
    clock.forward(minutes=1)
    with statements() as seen:
        phone.opens("/my")
    assert len([s for s in seen if s.startswith("UPDATE device")]) == 1
    clock.forward(days=89)
    assert phone.opens("/my").path == "/my"
    clock.forward(days=1)
    assert phone.opens("/my").path == "/signin"


def test_a_form_whose_token_expired_is_sent_again_with_one_tap(
    context: Flask, town: Town, reader: Reader
) -> None:
    fields = {"csrf_token": "long gone", "mail": "typed@example.org"}
    page = reader.posts("/signin", fields, 400).says("まだ送れていません")
    assert page.form("もう一度送る").fields["mail"] == ["typed@example.org"]
    page.submit("もう一度送る").says("6けたの番号", "typed@example.org")


def test_a_form_from_elsewhere_gets_no_second_tap(
    context: Flask, town: Town, reader: Reader
) -> None:
    answer = reader.client.post(
        "/signin", data={"mail": "a@example.org"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 400
    assert b"a@example.org" not in answer.data


def test_one_click_sign_in_exists_in_the_demo_only(
    context: Flask, town: Town, reader: Reader
) -> None:
    page = reader.opens("/signin").says_not("見本の家族として入る")
    token = page.form(ASK).fields["csrf_token"]
    reader.posts("/signin/demo", {"csrf_token": token, "mail": "sakura@example.org"}, 404)


def test_signing_out_ends_the_device(
    context: Flask, sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    phone = sign_in(sakura)
    stolen = dict(phone.client.get_cookie("device").__dict__)  # type: ignore[union-attr]
    token = phone.opens("/my/devices").form("ログアウトする").fields["csrf_token"]
    phone.posts("/signout", {"csrf_token": token}).says("ログアウトしました")
    phone.client.set_cookie("device", str(stolen["value"]))
    assert phone.opens("/my").path == "/signin"


def test_codes_and_tries_are_forgotten_after_a_day(
    context: Flask, clock: Clock, sakura: Household, reader: Reader
) -> None:
    reader.opens("/signin").submit(ASK, mail=sakura.mail)
    clock.forward(days=1)
    assert (mail_codes.forget(clock.now), throttle.forget(clock.now)) == (0, 0)
    clock.forward(seconds=1)
    assert (mail_codes.forget(clock.now), throttle.forget(clock.now)) == (1, 2)


def test_the_demos_families_sign_in_with_one_click(tmp_path: Path, clock: Clock) -> None:
    app = make_app(tmp_path, mode="demo")
    with app.app_context():
        put_municipality(MUNICIPALITY, OPERATOR, clock.now)
        reader = Reader(app.test_client())
        mail = next(one.mail for one in ACCOUNTS if one.kind == "parent")
        signs_in(Reader(app.test_client()), mail)
        button = next(one.label for one in ACCOUNTS if one.mail == mail)
        page = reader.opens("/signin").says("見本の家族として入る")
        assert page.submit(button).path == "/my"
        token = page.form(ASK).fields["csrf_token"]
        other = {"csrf_token": token, "mail": "real@example.org"}
        Reader(app.test_client()).posts("/signin/demo", other, 400)
    close(app)
