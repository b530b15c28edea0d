"""Staff accounts: invited by mail, password and second factor, never locked out, ended at once."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable

import pyotp
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.cli import main
from reservation.services import accounts, staff_accounts
from reservation.services.accounts import Entered
from reservation.services.mail_codes import Denied, TooOften
from reservation.services.outcomes import NotFound
from reservation.services.sign_in import Browser
from reservation.services.staff_accounts import Post
from reservation.store.db import read
from reservation.store.tables.access import Account, Device, Role
from reservation.store.tables.records import Outbox
from tests.conftest import Clock
from tests.databases import both_databases, environ
from tests.pages import Reader
from tests.staff.conftest import signed_in
from tests.town import OPERATOR, Town, Worker

pytestmark = both_databases
MAIL = "morita@example.org"
PASSWORD = "correct horse battery"
NEW = "another long sentence"
SAFARI = Browser("iPad・Safari", accounts.LASTS)


def invites(town: Town, mail: str = MAIL, role: str = "staff") -> str:
    """The operator invites; the token of the link."""
    post = Post(role=role, facility_id=town.facilities["seeds"])
    token = staff_accounts.invite(mail, "森田", post, OPERATOR, None, application_clock.now).token
    assert token
    return token


def code_of(mail: str = MAIL) -> str:
    """What the application on the telephone shows now."""
    with read() as db:
        secret = db.scalar(select(Account.totp_secret).where(Account.mail == mail))
    return pyotp.TOTP(secret or "").at(application_clock.now())


def accepts(token: str) -> None:
    """The invited person sets password and application."""
    answer = accounts.accept(token, PASSWORD, code_of(), SAFARI, application_clock.now)
    assert isinstance(answer, Entered)


def signs_in(
    password: str = PASSWORD, code: str | None = None, known: str | None = None, mail: str = MAIL
) -> Entered | Denied | TooOften:
    code = code_of() if code is None else code
    return accounts.sign_in(mail, password, code, "192.0.2.1", known, SAFARI, application_clock.now)


@pytest.fixture
def morita(town: Town, clock: Clock) -> None:
    """Nurse Morita, with password and application, a minute ago."""
    accepts(invites(town))
    clock.forward(minutes=1)


def test_the_invitation_goes_by_mail_and_is_good_once(town: Town) -> None:
    token = invites(town)
    with read() as db:
        row = db.execute(select(Outbox.kind, Outbox.address, Outbox.params)).one()
    assert (row.kind, row.address) == ("invite", MAIL)
    assert json.loads(row.params)["link"] == f"/staff/invite/{token}"
    accepts(token)
    with pytest.raises(NotFound):
        accounts.invitation(token, application_clock.now)


def test_an_invitation_ends_after_three_days(town: Town, clock: Clock) -> None:
    token = invites(town)
    clock.forward(hours=72)
    with pytest.raises(NotFound):
        accounts.accept(token, PASSWORD, code_of(), SAFARI, application_clock.now)


@pytest.mark.usefixtures("morita")
def test_password_and_code_open_the_desk() -> None:
    assert isinstance(signs_in(), Entered)


@pytest.mark.usefixtures("morita")
def test_a_wrong_password_a_wrong_code_and_an_unknown_address_read_the_same() -> None:
    wrong = Denied("wrong")
    assert signs_in(password="another horse battery") == wrong
    assert signs_in(code="000000" if code_of() != "000000" else "000001") == wrong
    assert signs_in(mail="nobody@example.org") == wrong


@pytest.mark.usefixtures("morita")
def test_a_code_counts_once(clock: Clock) -> None:
    code = code_of()
    assert isinstance(signs_in(code=code), Entered)
    assert signs_in(code=code) == Denied("wrong")
    clock.forward(seconds=30)
    assert signs_in(code=code) == Denied("wrong")
    assert isinstance(signs_in(), Entered)


@pytest.mark.usefixtures("morita")
def test_guessing_is_slowed_and_never_locks_the_known_browser_out() -> None:
    for _ in range(10):
        assert signs_in(password="guess guess guess") == Denied("wrong")
    assert isinstance(signs_in(), TooOften)
    assert isinstance(signs_in(known="her-browser"), Entered)


@pytest.mark.usefixtures("morita")
def test_the_unknown_browser_is_let_in_again_in_time(clock: Clock) -> None:
    for _ in range(12):
        signs_in(password="guess guess guess")
    clock.forward(hours=1)
    assert isinstance(signs_in(), Entered)


@pytest.mark.usefixtures("morita")
def test_a_disabled_account_is_out_at_once(town: Town, manager: Worker) -> None:
    entered = signs_in()
    assert isinstance(entered, Entered)
    gone = staff_accounts.disable(entered.account_id, manager.by, None, application_clock.now)
    assert gone.code == "disabled"
    with read() as db:
        ends = db.scalars(select(Device.ended_at)).all()
    assert None not in ends
    assert signs_in() == Denied("wrong")


@pytest.mark.usefixtures("morita")
def test_reset_takes_the_password_and_sends_a_new_link(manager: Worker, clock: Clock) -> None:
    entered = signs_in()
    assert isinstance(entered, Entered)
    clock.forward(minutes=1)
    again = staff_accounts.reset(entered.account_id, manager.by, None, application_clock.now)
    assert again.token
    assert signs_in() == Denied("wrong")
    accepts(again.token)
    clock.forward(minutes=1)
    assert isinstance(signs_in(), Entered)


def test_a_manager_invites_to_the_own_facility_only(town: Town, manager: Worker) -> None:
    for post in (
        Post(role="staff", facility_id=town.facilities["rabbit"]),
        Post(role="officer", municipality_id=town.municipality_id),
        Post(role="operator"),
    ):
        with pytest.raises(NotFound):
            staff_accounts.invite(MAIL, "森田", post, manager.by, None, application_clock.now)
    own = Post(role="staff", facility_id=manager.facility_id)
    invited = staff_accounts.invite(MAIL, "森田", own, manager.by, None, application_clock.now)
    assert invited.outcome.code == "invited"


@pytest.mark.usefixtures("morita")
def test_who_works_elsewhere_too_only_loses_the_roles_here(town: Town, manager: Worker) -> None:
    there = Post(role="staff", facility_id=town.facilities["rabbit"])
    added = staff_accounts.invite(MAIL, "森田", there, OPERATOR, None, application_clock.now)
    assert (added.outcome.code, added.token) == ("added", None)
    account_id = added.outcome.values["account_id"]
    refused = staff_accounts.reset(account_id, manager.by, None, application_clock.now)
    assert refused.outcome.is_refused
    gone = staff_accounts.disable(account_id, manager.by, None, application_clock.now)
    assert gone.code == "revoked"
    with read() as db:
        left = db.scalars(select(Role.facility_id).where(Role.account_id == account_id)).all()
    assert left == [town.facilities["rabbit"]]


def test_who_was_let_go_comes_back_without_the_old_roles(town: Town, manager: Worker) -> None:
    accepts(invites(town))
    with read() as db:
        account_id = db.scalar(select(Account.id).where(Account.mail == MAIL)) or ""
    staff_accounts.disable(account_id, manager.by, None, application_clock.now)
    there = Post(role="staff", facility_id=town.facilities["rabbit"])
    staff_accounts.invite(MAIL, "森田", there, OPERATOR, None, application_clock.now)
    with read() as db:
        places = db.scalars(select(Role.facility_id).where(Role.account_id == account_id)).all()
    assert places == [town.facilities["rabbit"]]


def test_nobody_disables_themselves_and_nobody_a_stranger(town: Town, manager: Worker) -> None:
    own = staff_accounts.disable(manager.account_id, manager.by, None, application_clock.now)
    assert own.is_refused
    stranger = town.worker("staff", "rabbit")
    with pytest.raises(NotFound):
        staff_accounts.disable(stranger.account_id, manager.by, None, application_clock.now)
    with pytest.raises(NotFound):
        staff_accounts.reset(stranger.account_id, manager.by, None, application_clock.now)


def test_the_way_in_through_the_pages(town: Town, reader: Reader, clock: Clock) -> None:
    page = reader.opens(f"/staff/invite/{invites(town)}")
    page.says("パスワードと確認アプリを設定してください", MAIL)
    image = reader.client.get(re.search(r'src="([^"]+code\.svg)"', page.text)[1])
    assert image.mimetype == "image/svg+xml"
    assert image.data.startswith(b"<svg")
    button = "設定してログインする"
    page.submit(button, 422, password="short", code="1").says("12文字以上")
    wrong = "000000" if code_of() != "000000" else "000001"
    page.submit(button, 422, password=PASSWORD, code=wrong).says("番号がちがいます")
    inside = page.submit(button, password=PASSWORD, code=code_of())
    assert inside.path == "/staff/seeds/"
    clock.forward(minutes=1)
    out = inside.submit("ログアウト")
    assert out.path == "/staff/sign-in"
    kept = out.submit("ログインする", 422, mail=MAIL, password="wrong wrong wrong", code="1")
    kept.says("どれかがちがいます")
    assert MAIL in kept.text
    assert "wrong wrong wrong" not in kept.text
    assert (
        kept.submit("ログインする", mail=MAIL, password=PASSWORD, code=code_of()).path
        == "/staff/seeds/"
    )


def test_a_desk_unused_for_half_an_hour_asks_again(
    nurse: Worker, at_desk: Callable[[Worker], Reader], clock: Clock
) -> None:
    desk = at_desk(nurse)
    desk.opens("/staff/seeds/settings").says("キーの一覧")
    clock.forward(minutes=29)
    desk.opens("/staff/seeds/settings").says("キーの一覧")
    clock.forward(minutes=30)
    assert desk.opens("/staff/seeds/settings").path == "/staff/sign-in"


def test_after_eight_hours_everybody_signs_in_again(
    nurse: Worker, at_desk: Callable[[Worker], Reader], clock: Clock
) -> None:
    desk = at_desk(nurse)
    for _ in range(23):
        clock.forward(minutes=20)
        desk.opens("/staff/seeds/settings").says("キーの一覧")
    clock.forward(minutes=20)
    assert desk.opens("/staff/seeds/settings").path == "/staff/sign-in"


def test_single_keys_can_be_switched_off(
    nurse: Worker, at_desk: Callable[[Worker], Reader]
) -> None:
    page = at_desk(nurse).opens("/staff/seeds/settings")
    off = page.submit("1文字のキーを切る")
    off.says("キーの設定を変えました。", "いまは切ってあります。")
    off.submit("1文字のキーを使う").says("いまは使えます。")


def test_a_password_is_changed_while_signed_in_and_other_browsers_are_out(
    morita: None, context: Flask, reader: Reader, clock: Clock
) -> None:
    with read() as db:
        account = db.scalar(select(Account.id).where(Account.mail == MAIL)) or ""
    here, there = signed_in(context, account), signed_in(context, account)
    page = here.opens("/staff/seeds/").follow("パスワードを変える")
    page.submit("パスワードを変える", 422, old="wrong", new=NEW).says(
        "いまのパスワードがちがいます"
    )
    page.submit("パスワードを変える", 422, old=PASSWORD, new="short").says("12文字以上")
    page.submit("パスワードを変える", 422, old=PASSWORD, new=PASSWORD).says("いまと同じパスワード")
    page.submit("パスワードを変える", old=PASSWORD, new=NEW).says("パスワードを変えました")
    assert there.opens("/staff/seeds/").path == "/staff/sign-in"
    here.opens("/staff/seeds/").says("きょう")
    assert isinstance(signs_in(), Denied)
    assert isinstance(signs_in(NEW), Entered)


def test_guessing_the_old_password_at_an_open_desk_is_slowed(
    morita: None, context: Flask, clock: Clock
) -> None:
    with read() as db:
        account = db.scalar(select(Account.id).where(Account.mail == MAIL)) or ""
    page = signed_in(context, account).opens("/staff/password")
    for _ in range(10):
        page.submit("パスワードを変える", 422, old="guess", new=NEW)
    page.submit("パスワードを変える", 429, old=PASSWORD, new=NEW).says("10分ほど待ってください")
    clock.forward(minutes=10)
    page.submit("パスワードを変える", old=PASSWORD, new=NEW).says("パスワードを変えました")


def test_two_acceptances_of_one_link_make_one(town: Town, context: Flask) -> None:
    token = invites(town)
    code = code_of()
    answers: list[object] = []

    def one() -> None:
        with context.app_context():
            try:
                answers.append(
                    accounts.accept(token, PASSWORD, code, SAFARI, application_clock.now)
                )
            except NotFound:
                answers.append(None)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(a) for a in answers].count(Entered) == 1


def test_the_command_line_prints_the_link(
    town: Town, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = context.extensions["settings"]
    values = environ(settings.instance, database_url=settings.database_url)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    run = CliRunner().invoke(
        main,
        [
            "staff",
            "add",
            "--mail",
            MAIL,
            "--name",
            "森田",
            "--role",
            "staff",
            "--facility",
            "seeds",
        ],
    )
    assert run.exit_code == 0, run.output
    token = run.output.strip().rpartition("/")[2]
    assert accounts.invitation(token, application_clock.now).mail == MAIL
    bad = CliRunner().invoke(
        main, ["staff", "add", "--mail", MAIL, "--name", "森田", "--role", "staff"]
    )
    assert bad.exit_code == 2
