"""A manager's page: colleagues, invitations, new links, and taking access away."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from reservation.store.db import read
from reservation.store.tables.access import Account, Role
from reservation.store.tables.records import Outbox
from tests.databases import both_databases
from tests.staff.conftest import signed_in

PEOPLE = "/staff/seeds/people"
INVITE = "招待のメールを送る"
MORITA = {"name": "看護師 森田", "mail": "morita@example.org", "role": "staff"}


def account(mail):
    with read() as db:
        return db.execute(select(Account.__table__).where(Account.mail == mail)).one_or_none()


@both_databases
def test_a_manager_invites_and_takes_access_away(town, context, manager):
    boss = signed_in(context, manager.account_id)
    page = boss.opens("/staff/seeds/settings").follow("職員のアカウント")
    invited = page.submit(INVITE, **MORITA)
    invited.says("招待のメールを送りました", "看護師 森田", "招待中", "11月26日(木) 18:00 まで")
    with read() as db:
        assert db.scalars(select(Outbox.address).where(Outbox.kind == "invite")).all() == [
            "morita@example.org"
        ]
    gone = invited.submit("この施設に入れなくする")
    gone.says("アカウントを止めました", "停止中")
    assert account("morita@example.org").disabled_at is not None
    gone.submit("もう一度招待する").says("設定をやり直すためのメールを送りました", "招待中")
    assert account("morita@example.org").disabled_at is None


def test_a_colleague_gets_a_new_link_and_is_signed_out(town, boss, context, nurse):
    desk = signed_in(context, nurse.account_id)
    desk.opens("/staff/seeds/settings")
    token = boss.opens(PEOPLE).form(INVITE).fields["csrf_token"]
    page = boss.posts(f"{PEOPLE}/{nurse.account_id}/reset", {"csrf_token": token})
    page.says("設定をやり直すためのメールを送りました")
    assert desk.opens("/staff/seeds/settings").path == "/staff/sign-in"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "名前を入力してください"),
        ({"mail": ""}, "メールアドレスを入力してください"),
        ({"mail": "morita"}, "morita@example.jp のように入力してください"),
        ({"role": "operator"}, "役割をえらんでください"),
        ({"name": "あ" * 101}, "100文字まで"),
    ],
)
def test_bad_input_comes_back(town, boss, fields, words):
    page = boss.opens(PEOPLE).submit(INVITE, 422, **{**MORITA, **fields})
    page.says("入力内容に誤りがあります", words)
    if "mail" not in fields:
        assert page.form(INVITE).fields["mail"] == ["morita@example.org"]
    assert account("morita@example.org") is None


def test_somebody_known_only_gets_the_role(town, boss):
    there = town.worker("staff", "rabbit")
    page = boss.opens(PEOPLE).submit(INVITE, name="x", mail=there.mail, role="manager")
    page.says("ほかの施設でも働いています")
    with read() as db:
        roles = db.scalars(select(Role.role).where(Role.account_id == there.account_id)).all()
    assert sorted(roles) == ["manager", "staff"]


def test_nobody_stops_themselves_nor_a_stranger(town, boss, manager):
    page = boss.opens(PEOPLE).says("(あなた)").says_not("この施設に入れなくする")
    token = page.form(INVITE).fields["csrf_token"]
    own = boss.posts(f"{PEOPLE}/{manager.account_id}/disable", {"csrf_token": token})
    own.says("ご自分のアカウントは止められません")
    stranger = town.worker("staff", "rabbit").account_id
    for act in ("disable", "reset"):
        boss.posts(f"{PEOPLE}/{stranger}/{act}", {"csrf_token": token}, 404)


def test_staff_may_not_open_the_page(town, desk):
    assert "職員のアカウント" not in desk.opens("/staff/seeds/settings").words
    desk.opens(PEOPLE, 403)


def test_the_same_invitation_sent_twice_is_one(town, boss):
    page = boss.opens(PEOPLE)
    page.submit(INVITE, **MORITA)
    page.submit(INVITE, **MORITA)
    with read() as db:
        assert len(db.scalars(select(Outbox.id).where(Outbox.kind == "invite")).all()) == 1
