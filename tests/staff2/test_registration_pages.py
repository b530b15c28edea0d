"""Registrations on screen: at the facility's desk, and in the office of the municipality."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from reservation import clock as application_clock
from reservation.store.db import read, write
from reservation.store.tables.people import ChildRow, Guardian, Registration
from reservation.store.tables.records import Outbox
from reservation.store.types import new_id
from tests.databases import both_databases
from tests.staff.conftest import signed_in
from tests.town import CARE_DAY, SUGINAMI

OFFICE = f"/municipality/{SUGINAMI}/registrations"
DESK = "/staff/seeds/registrations"
BUTTON = "決めて、ご家族に知らせる"


@pytest.fixture
def asked(town, sakura):
    """さくら's registration with the town is to be decided; its id."""
    mine = Registration.child_id == sakura.child_id
    with write() as db:
        db.execute(update(Registration).where(mine).values(status="pending"))
        db.execute(
            update(ChildRow)
            .where(ChildRow.id == sakura.child_id)
            .values(allergies="卵", medical_care="", vaccines="MR:unknown")
        )
        return db.scalar(select(Registration.id).where(mine))


def add(town, family, facility="seeds", **more):
    """A registration with a facility that is to be decided; its id."""
    row = {
        "id": new_id(), "child_id": family.child_id, "status": "pending",
        "facility_id": town.facilities[facility], "valid_from": CARE_DAY.replace(month=4),
        "asked_at": application_clock.now(), **more,
    }  # fmt: skip
    with write() as db:
        db.execute(insert(Registration), [row])
    return row["id"]


def status(registration_id):
    with read() as db:
        return db.scalar(select(Registration.status).where(Registration.id == registration_id))


@both_databases
def test_an_officer_approves(context, town, asked, sakura, officer):
    sakura.books()
    desk = signed_in(context, officer.account_id)
    page = desk.opens(OFFICE)
    assert page.heading == "決める利用登録が 1件あります"
    one = page.says("さくら", "あした 11月24日(火)").follow("さくら")
    one.says(
        "アレルギーあり",
        "卵",
        "MR(麻しん・風しん) わかりません",
        "さくらの母",
        "登録の承認が条件",
        "しーず",
    )
    done = one.submit(BUTTON, decision="approve", number="24-017")
    done.says("登録を承認しました。", "予約 1件の条件がなくなりました。", "メールでお知らせします")
    assert done.heading == "決める利用登録はありません"
    done.follow("承認済み").follow("さくら").says("24-017", "officer").says_not("登録の承認が条件")
    assert status(asked) == "approved"


def test_a_question_needs_words_and_keeps_what_was_typed(town, asked, office, sakura):
    one = office.opens(f"{OFFICE}/{asked}")
    one.submit(BUTTON, 422).says("決めることをえらんでください")
    bad = one.submit(BUTTON, 422, decision="return", number="17")
    bad.says("ご家族への説明を入力してください")
    assert bad.form(BUTTON).fields["number"] == ["17"]
    assert bad.form(BUTTON).fields["decision"] == ["return"]
    one.submit(BUTTON, 422, decision="decline", answer="あ" * 501).says("500文字まで")
    bad.submit(BUTTON, answer="住所をおしらせください").says("ご家族に確認をお願いしました。")
    assert status(asked) == "returned"
    office.opens(OFFICE).follow("家族に確認中").follow("さくら").says("住所をおしらせください")
    with read() as db:
        kinds = db.scalars(select(Outbox.kind).where(Outbox.address == sakura.mail)).all()
    assert kinds == ["registration_returned"]


def test_declining_keeps_the_bookings(town, asked, office, sakura):
    booking = sakura.books()
    one = office.opens(f"{OFFICE}/{asked}").says("これからの予約は、そのまま残ります。")
    one.submit(BUTTON, decision="decline", answer="対象は区内の方です").says(
        "登録をお断りしました。"
    )
    assert (status(asked), town.state(booking)) == ("declined", "confirmed")
    again = office.opens(f"{OFFICE}/{asked}").says("対象は区内の方です")
    again.says_not(BUTTON)


def test_who_is_second_reads_that_it_is_decided(town, asked, office, context):
    colleague = signed_in(context, town.worker("officer").account_id)
    mine, theirs = office.opens(f"{OFFICE}/{asked}"), colleague.opens(f"{OFFICE}/{asked}")
    theirs.submit(BUTTON, decision="approve")
    late = mine.submit(BUTTON, decision="decline", answer="対象は区内の方です")
    late.says("ほかの人が先に変えたため、変えていません")
    assert status(asked) == "approved"


def test_a_family_without_mail_is_to_be_telephoned(town, asked, office, sakura):
    with write() as db:
        db.execute(update(Guardian).where(Guardian.id == sakura.guardian_id).values(mail=None))
    one = office.opens(f"{OFFICE}/{asked}").says("メールは届きません")
    one.submit(BUTTON, decision="approve").says("お電話でお知らせください")


def test_a_reviewer_looks(town, asked, context):
    page = signed_in(context, town.worker("reviewer").account_id).opens(f"{OFFICE}/{asked}")
    page.says("さくら", "卵").says_not(BUTTON)


@both_databases
def test_a_facility_decides_about_its_own(make_town, context):
    town = make_town(registering={"scope": "facility"})
    sakura = town.family("さくら")
    registration, foreign = add(town, sakura), add(town, sakura, "rabbit")
    sakura.books()
    desk = signed_in(context, town.worker("staff", "seeds").account_id)
    one = desk.opens(DESK).follow("さくら").says("登録の承認が条件")
    one.submit(BUTTON, decision="approve").says("予約 1件の条件がなくなりました。")
    assert (status(registration), status(foreign)) == ("approved", "pending")
    desk.opens(f"{DESK}/{foreign}", 404)
    token = one.form(BUTTON).fields["csrf_token"]
    sent = {"csrf_token": token, "decision": "approve"}
    desk.posts(f"{DESK}/{foreign}", sent, 404)
    desk.posts(f"{DESK}/{new_id()}", sent, 404)


def test_neither_sees_what_the_other_decides(town, asked, office, desk, sakura):
    own = add(town, sakura)
    desk.opens(f"{DESK}/{asked}", 404)
    office.opens(f"{OFFICE}/{own}", 404)
    office.opens(f"{OFFICE}?status=unknown", 404)


def test_who_is_booked_soonest_stands_first(town, asked, office, hana, clock):
    mine = Registration.child_id == hana.child_id
    with write() as db:
        late = application_clock.now()
        db.execute(update(Registration).where(mine).values(status="pending", asked_at=late))
    hana.books()
    words = office.opens(OFFICE).words
    assert words.index("はな") < words.index("さくら")


def test_the_desk_says_who_decides_instead(town, desk):
    desk.opens(DESK).says("市区町村の担当が承認します", "決める利用登録はありません")
