"""The family tells who it is: children, guardians, home, consent, registration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from reservation.domain.refusals import Code
from reservation.reads import children_of_day
from reservation.services import joining, telephones
from reservation.store.db import db as database_of_app
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow, Consent, Family, Guardian, Registration
from reservation.store.tables.records import Outbox
from reservation.store.types import new_id
from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Page, Reader
from tests.parents.conftest import code_for
from tests.parents.steps import add_sibling
from tests.town import CARE_DAY, SUGINAMI, Household, Town, book

BIRTHDAY = ["2023", "4", "9"]
WHOLE = {
    "name": "髙橋 はな",
    "kana": "ﾀｶﾊｼ はな",
    "birthday": BIRTHDAY,
    "allergies": "some",
    "allergies_text": "卵",
    "medical_care": "none",
    "family_doctor": "和田医院",
}


@pytest.fixture
def newcomer(context: Flask, sign_in: Callable[..., Reader]) -> Reader:
    """Somebody whose account was made a moment ago."""
    return sign_in("new@example.org")


def the_child() -> ChildRow:
    """The only child there is."""
    with read() as db:
        return db.scalars(select(ChildRow)).one()


@both_databases
def test_a_child_is_added_with_its_name_as_typed_and_kana_as_katakana(newcomer: Reader) -> None:
    page = newcomer.opens("/my/children/new").submit("保存する", **WHOLE)
    page.says("お子さまを登録しました", "髙橋 はな の内容")
    child = the_child()
    assert (child.name, child.kana) == ("髙橋 はな", "タカハシ ハナ")
    assert child.birthday.isoformat() == "2023-04-09"
    assert (child.allergies, child.medical_care) == ("卵", "")
    newcomer.opens("/my/family").says("髙橋 はな", "アレルギーあり", "未登録")


def test_health_notes_are_sealed_in_the_database(newcomer: Reader) -> None:
    newcomer.opens("/my/children/new").submit("保存する", **WHOLE)
    with database_of_app.engine.connect() as connection:
        stored = connection.exec_driver_sql("select allergies, family_doctor from child").one()
    assert "卵" not in stored[0]
    assert "和田医院" not in stored[1]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", " ", "お子さまの氏名を入力してください"),
        ("kana", "", "フリガナを入力してください"),
        ("kana", "花", "フリガナは、ひらがなかカタカナで入力してください"),
        ("birthday", ["", "", ""], "生年月日を入力してください"),
        ("birthday", ["2023", "13", "1"], "「月」は 1 から 12 の数字で"),
        ("birthday", ["2027", "1", "1"], "生年月日をもう一度確かめてください"),
        ("birthday", ["1990", "1", "1"], "生年月日をもう一度確かめてください"),
        ("allergies", None, "アレルギーがあるかどうかを選んでください"),
        ("allergies_text", "", "アレルギーの内容を入力してください"),
    ],
)
def test_what_is_missing_is_said_beside_the_field_and_the_rest_is_kept(
    newcomer: Reader, field: str, typed: object, sentence: str
) -> None:
    page = newcomer.opens("/my/children/new").submit("保存する", 422, **{**WHOLE, field: typed})
    page.says("入力内容に誤りがあります", sentence)
    assert page.title.startswith("エラー")
    assert page.form("保存する").fields["family_doctor"] == ["和田医院"]
    with read() as db:
        assert db.scalar(select(func.count()).select_from(ChildRow)) == 0


def test_the_same_form_sent_twice_makes_one_child(newcomer: Reader) -> None:
    page = newcomer.opens("/my/children/new")
    page.submit("保存する", **WHOLE)
    page.submit("保存する", **WHOLE)
    assert the_child().name == "髙橋 はな"


def test_anothers_child_is_not_found(
    sakura: Household, stranger: Household, sign_in: Callable[..., Reader]
) -> None:
    nosy = sign_in(stranger)
    nosy.opens(f"/my/children/{sakura.child_id}", 404)
    nosy.opens(f"/my/children/{new_id()}", 404)
    page = nosy.opens(f"/my/children/{stranger.child_id}")
    fields = {**page.form("保存する").fields, **WHOLE}
    nosy.posts(f"/my/children/{sakura.child_id}", fields, 404)
    nosy.posts(f"/my/children/{sakura.child_id}/registrations", fields, 404)
    with read() as db:
        assert db.get_one(ChildRow, sakura.child_id).name == "さくら"


def tells_everything(reader: Reader) -> Page:
    """What a registration needs, typed as people type."""
    reader.opens("/my/family/me").submit(
        "保存する", name="髙橋 愛", kana="たかはし あい", relation="mother",
        telephone="０９０－１２３４－５６７８",
    )  # fmt: skip
    home = reader.opens("/my/family/home")
    home.submit("保存する", residence=SUGINAMI, postcode="〒１６６ー００１２", address="和田2-25-1")
    return reader.opens("/my/children/new").submit("保存する", **WHOLE)


@both_databases
def test_a_registration_is_asked_for_in_one_click_once_everything_is_said(
    town: Town, newcomer: Reader
) -> None:
    page = newcomer.opens("/my/children/new").submit("保存する", **WHOLE)
    page.says(
        "登録の申し込みまで、あと少しです",
        "保護者のお名前",
        "保護者の電話番号",
        "お住まいの市区町村",
    )
    page = tells_everything(newcomer)
    page.says("個人情報の扱い", "同意文")
    page.submit("同意して、利用登録を申し込む").says(
        "利用登録を申し込みました", "承認待ち", "同意済みです"
    )
    with read() as db:
        row = db.scalars(select(Registration)).one()
        assert (row.status, row.municipality_id) == ("pending", town.municipality_id)
        assert db.scalars(select(Consent)).one().version == "1"


def test_what_is_missing_while_the_approval_is_awaited_is_said_once(
    sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    with write() as db:
        db.scalars(select(Registration)).one().status = "pending"
    reader = sign_in(sakura)
    page = reader.opens(f"/my/children/{sakura.child_id}")
    page.says("承認待ち", "承認までに、次のことも入力してください", "保護者の電話番号")
    page.says_not("あと少しです")
    reader.opens("/my/family").says("承認までに入力すること").says_not("申し込みまでに")


def test_a_registration_without_the_rest_says_what_is_missing(town: Town, newcomer: Reader) -> None:
    page = newcomer.opens("/my/children/new").submit("保存する", **WHOLE)
    token = page.form("保存する").fields["csrf_token"]
    fields = {"csrf_token": token, "facility": town.facilities["seeds"]}
    newcomer.posts(f"{page.path}/registrations", fields).says("保護者の電話番号")
    with read() as db:
        assert db.scalar(select(func.count()).select_from(Registration)) == 0


def test_a_telephone_number_is_found_by_the_whole_and_by_its_last_four(newcomer: Reader) -> None:
    tells_everything(newcomer)
    with read() as db:
        guardian = db.scalars(select(Guardian)).one()
    assert guardian.telephone == "09012345678"
    assert guardian.telephone_index == telephones.index("09012345678")
    assert guardian.telephone_tail_index == telephones.tail_index("5678")
    with database_of_app.engine.connect() as connection:
        stored = connection.exec_driver_sql("select telephone from guardian").scalar_one()
    assert "5678" not in stored


@pytest.mark.parametrize("typed", ["", "090", "電話なし", "090-1234-567x"])
def test_a_telephone_number_that_is_none_is_refused_with_words(
    newcomer: Reader, typed: str
) -> None:
    page = newcomer.opens("/my/family/me").submit(
        "保存する", 422, name="髙橋", kana="タカハシ", relation="mother", telephone=typed
    )
    page.says("電話番号を")
    assert page.form("保存する").fields["telephone"] == [typed]


@pytest.mark.parametrize(
    ("typed", "stored"), [("1660012", "166-0012"), ("〒166ー0012", "166-0012"), ("", "")]
)
def test_postcodes_are_read_in_any_writing(newcomer: Reader, typed: str, stored: str) -> None:
    form = newcomer.opens("/my/family/home")
    form.submit("保存する", residence=SUGINAMI, postcode=typed)
    assert newcomer.opens("/my/family/home").form("保存する").fields["postcode"] == [stored]


@both_databases
def test_a_second_guardian_joins_by_the_code_on_the_first_ones_page(
    sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    mother, father = sign_in(sakura), sign_in("father@example.org")
    page = mother.opens("/my/family").submit("もう1人の保護者の番号を作る")
    code = shown_code(page)
    father.opens("/my/join").submit("家族に加わる", code=code.lower()).says("ご家族に加わりました")
    father.opens("/my/family").says("さくら", sakura.mail, "father@example.org")
    mother.opens("/my/family").says("father@example.org")
    with read() as db:
        told = db.scalars(select(Outbox).where(Outbox.kind == "joined")).one()
        assert told.address == sakura.mail
        assert db.scalar(select(func.count()).where(Family.left_at.is_not(None))) == 1


def shown_code(page: Page) -> str:
    """The one-time code that stands large on the page."""
    found = [one.text or "" for one in page.tree.iter("b") if one.get("class") == "clock"]
    return found[0]


def test_a_family_code_works_once_and_for_a_day(
    clock: Clock, sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    mother = sign_in(sakura)
    code = shown_code(mother.opens("/my/family").submit("もう1人の保護者の番号を作る"))
    sign_in("father@example.org").opens("/my/join").submit("家族に加わる", code=code)
    third = sign_in("third@example.org").opens("/my/join")
    third.submit("家族に加わる", 422, code=code).says("番号がちがうか、期限が切れています")
    late = shown_code(mother.opens("/my/family").submit("もう1人の保護者の番号を作る"))
    clock.forward(hours=24)
    third.submit("家族に加わる", 422, code=late).says("番号がちがうか、期限が切れています")
    mother.opens("/my/family").says_not(late)


def test_an_account_with_children_does_not_lose_them_by_joining(
    sakura: Household, hana: Household, sign_in: Callable[..., Reader]
) -> None:
    code = shown_code(sign_in(sakura).opens("/my/family").submit("もう1人の保護者の番号を作る"))
    page = sign_in(hana).opens("/my/join").submit("家族に加わる", 422, code=code)
    page.says("お子さまが登録されています")


def test_guessing_family_codes_is_throttled(sign_in: Callable[..., Reader], town: Town) -> None:
    page = sign_in("guess@example.org").opens("/my/join")
    for _ in range(10):
        page.submit("家族に加わる", 422, code="AAAA-AAAA").says("番号がちがうか")
    page.submit("家族に加わる", 422, code="AAAA-AAAA").says("1時間ほど待ってください")


@both_databases
def test_a_telephone_family_gets_its_account_by_a_claim_code(
    clock: Clock, town: Town, sign_in: Callable[..., Reader]
) -> None:
    called = town.family("でんわ")
    with write() as db:
        caller = db.get_one(Guardian, called.guardian_id)
        caller.mail = None
        for name, value in telephones.columns("03-1111-2222").items():
            setattr(caller, name, value)
        code, _until = joining.make(db, called.family_id, "claim", clock.now())
    reader = sign_in("later@example.org")
    reader.opens("/my/join").submit("家族に加わる", code=code).says("ご家族に加わりました")
    reader.opens("/my/family").says("でんわ", "でんわの母", "03-1111-2222", "later@example.org")
    with read() as db:
        assert db.scalar(select(func.count()).where(Guardian.family_id == called.family_id)) == 1


@both_databases
def test_the_mail_address_changes_with_a_code_and_both_are_told(
    sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    reader = sign_in(sakura)
    page = reader.opens("/my/mail").submit("番号をメールで受け取る", mail="moved@example.org")
    page.submit("このアドレスに変える", code=code_for("moved@example.org")).says("変えました")
    with read() as db:
        assert db.get_one(Guardian, sakura.guardian_id).mail == "moved@example.org"
        told = set(db.scalars(select(Outbox.address).where(Outbox.kind == "mail_changed")))
    assert told == {sakura.mail, "moved@example.org"}
    assert sign_in("moved@example.org").opens("/my/family").says("さくら")


def test_an_address_of_another_account_is_not_taken_and_not_betrayed(
    sakura: Household, hana: Household, sign_in: Callable[..., Reader]
) -> None:
    page = sign_in(sakura).opens("/my/mail").submit("番号をメールで受け取る", mail=hana.mail)
    page.says("6けたの番号").says_not("使われています")
    page.submit("このアドレスに変える", 422, code="000000").says_not("使われています")
    page.submit("このアドレスに変える", code=code_for(hana.mail)).says("使われています")
    with read() as db:
        assert db.get_one(Guardian, sakura.guardian_id).mail == sakura.mail


def test_ones_own_data_comes_as_a_file(
    sakura: Household, stranger: Household, sign_in: Callable[..., Reader]
) -> None:
    booked = sakura.books()
    answer = sign_in(sakura).opens("/my/export").response
    assert answer.headers["Content-Disposition"].startswith("attachment")
    found = answer.get_json()
    assert [one["name"] for one in found["children"]] == ["さくら"]
    assert [one["id"] for one in found["bookings"]] == [booked]
    assert [one["mail"] for one in found["guardians"]] == [sakura.mail]
    assert stranger.mail not in answer.get_data(as_text=True)
    assert "token_hash" not in answer.get_data(as_text=True)


@both_databases
def test_who_leaves_is_erased_and_the_figures_stay(
    clock: Clock, sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    booked = sakura.books()
    reader = sign_in(sakura)
    reader.opens("/my/leave").submit("登録した内容を消す", sure="y").says("先に取り消してください")
    sakura.cancels(booked)
    reader.opens("/my/leave").submit("登録した内容を消す", 422).says("チェックを入れてください")
    reader.opens("/my/leave").submit("登録した内容を消す", sure="y").says("消しました")
    assert reader.opens("/my").path == "/signin"
    with database_of_app.engine.connect() as connection:
        for table in ("guardian", "child", "booking", "outbox", "family", "device", "mail_code"):
            text = str(connection.exec_driver_sql(f'select * from "{table}"').all())
            assert sakura.mail not in text, table
            assert "さくら" not in text, table
        state = connection.exec_driver_sql("select state, birthday from booking").one()
    assert state[0] == "cancelled"
    assert str(state[1]).endswith("-01")


def test_the_address_of_who_left_may_begin_anew(
    clock: Clock, sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    sign_in(sakura).opens("/my/leave").submit("登録した内容を消す", sure="y")
    clock.forward(hours=1)
    sign_in(sakura.mail).opens("/my/family").says("まだ登録がありません").says_not("さくら")


def test_one_of_two_guardians_leaves_and_the_family_stays(
    sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    mother, father = sign_in(sakura), sign_in("father@example.org")
    code = shown_code(mother.opens("/my/family").submit("もう1人の保護者の番号を作る"))
    father.opens("/my/join").submit("家族に加わる", code=code)
    booked = sakura.books()
    father.opens("/my/leave").submit("登録した内容を消す", sure="y").says("消しました")
    mother.opens("/my/family").says("さくら").says_not("father@example.org")
    assert sakura.town.state(booked) == "confirmed"


@both_databases
def test_one_child_is_taken_out_and_the_other_stays(
    clock: Clock, sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    sora = add_sibling(sakura, clock)
    booked = sakura.books()
    reader = sign_in(sakura)
    page = reader.opens(f"/my/children/{sakura.child_id}").follow("さくら の登録を消す")
    page.says("まだ予約かキャンセル待ちがあるため、消せません", "しーず", "予約確定")
    form = reader.opens(f"/my/children/{sora}/remove").form("お子さまの登録を消す").fields
    reader.posts(page.path, {**form, "sure": "y"}).says("消せません")
    sakura.cancels(booked)
    reader.opens(page.path).submit("お子さまの登録を消す", 422).says("チェックを入れてください")
    page = reader.opens(page.path).submit("お子さまの登録を消す", sure="y")
    page.says("お子さまの登録を消しました", "そら").says_not("さくら の内容")
    assert reader.opens("/my/history").says_not("しーず")
    reader.opens(f"/my/bookings/{booked}", 404)
    reader.opens(f"/my/children/{sakura.child_id}/remove", 404)
    with read() as db:
        child, booking = db.get_one(ChildRow, sakura.child_id), db.get_one(BookingRow, booked)
        assert (child.name, child.kana, child.birthday.day) == ("", "", 1)
        assert (booking.state, booking.birthday.day, booking.brings) == ("cancelled", 1, "")
        about = set(db.scalars(select(Outbox.status).where(Outbox.booking_id == booked)))
        assert about == {"dropped"}
        assert db.get_one(ChildRow, sora).name == "そら"
        (left,) = children_of_day.children(db, BookingRow.id == booked)
        assert left.name == children_of_day.NOBODY


def test_a_hold_that_is_over_keeps_no_child(
    clock: Clock, sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    reader = sign_in(sakura)
    sakura.holds()
    page = reader.opens(f"/my/children/{sakura.child_id}/remove").says("確保中")
    clock.forward(minutes=10)
    reader.opens(page.path).submit("お子さまの登録を消す", sure="y").says("登録を消しました")


@pytest.mark.parametrize(
    "path",
    ["/my", "/my/family", "/my/family/me", "/my/family/home", "/my/children/new", "/my/join",
     "/my/mail", "/my/leave", "/my/devices"],
)  # fmt: skip
def test_every_page_stands_and_is_kept_by_nobody(
    sakura: Household, sign_in: Callable[..., Reader], path: str
) -> None:
    page = sign_in(sakura).opens(path)
    assert page.path == path
    assert page.response.headers["Cache-Control"] == "no-store"


def test_a_family_chooses_a_town_with_an_agreement_and_where_it_works(
    town: Town, sakura: Household, phone: Reader
) -> None:
    yokohama = {"code": "141003", "name": {"ja": "横浜市", "en": "Yokohama"}}
    fees = {"resident": 2000, "non_resident": 5000, "partners": ["141003"]}
    rules: dict[str, Any] = {
        "fees": {**fees, "partner_towns": [yokohama], "partner": 2500},
        "eligibility": {"partners": True},
    }
    home = phone.opens("/my/family/home").says_not("横浜市")
    home.submit("保存する", residence="000000")
    assert sakura.holds().has(Code.ELIGIBILITY)
    town.rules(book("seeds", valid_from="2026-11-01", **rules))
    home = phone.opens("/my/family/home").says("横浜市")
    home.submit("保存する", residence="141003", works_in=SUGINAMI).says("横浜市", "杉並区")
    assert sakura.holds().code == "held"
    again = phone.opens("/my/family/home").form("保存する").fields
    assert (again["residence"], again["works_in"]) == (["141003"], [SUGINAMI])


def test_a_town_whose_rooms_ask_for_it_asks_for_the_vaccination(
    make_town: Callable[..., Town], sign_in: Callable[..., Reader]
) -> None:
    rows = [{"vaccine": "MR", "from_months": 14}]
    sakura = make_town(vaccines={"needed": rows}).family("さくら", 15)
    reader = sign_in(sakura.mail)
    form = reader.opens(f"/my/children/{sakura.child_id}")
    form.says("MR(麻しん・風しん)の予防接種", "わかりません").says_not("水ぼうそうの予防接種")
    form.submit("保存する", allergies="none", medical_care="none", vaccine_MR="not_yet")
    assert sakura.holds().has(Code.VACCINE)
    again = reader.opens(f"/my/children/{sakura.child_id}")
    assert again.form("保存する").fields["vaccine_MR"] == ["not_yet"]
    again.submit("保存する", vaccine_MR="unknown")
    booked = sakura.books()
    handbook = "母子健康手帳で、MR(麻しん・風しん)の予防接種を受けたことを確かめられること"
    reader.opens(f"/my/bookings/{booked}").says(handbook)
    again.submit("保存する", vaccine_MR="done")
    reader.opens(f"/my/bookings/{booked}").says_not(handbook)
    with database_of_app.engine.connect() as connection:
        sealed = connection.exec_driver_sql("select vaccines from child").scalar_one()
    assert ":done" not in sealed  # no colon stands in what is sealed
    (child,) = reader.opens("/my/export").response.get_json()["children"]
    assert child["vaccines"] == "MR:done"
    sakura.cancels(booked)
    removing = reader.opens(f"/my/children/{sakura.child_id}/remove")
    removing.submit("お子さまの登録を消す", sure="y")
    assert the_child().vaccines is None


def test_a_town_whose_rooms_ask_for_nothing_asks_no_family(newcomer: Reader) -> None:
    newcomer.opens("/my/children/new").says_not("の予防接種")


def test_a_town_with_a_room_for_working_families_asks_for_their_work(
    make_town: Callable[..., Town], sign_in: Callable[..., Reader]
) -> None:
    sakura = make_town(eligibility={"all_working": True}).family("さくら")
    reader = sign_in(sakura.mail)
    home = reader.opens("/my/family/home").says("保護者のお仕事")
    assert sakura.holds().code == "held"
    page = home.submit("保存する", residence=SUGINAMI, guardians_work="not_all")
    page.says("働いていない保護者がいます")
    (refusal,) = sakura.holds(at="seeds", day=CARE_DAY + timedelta(days=1)).refusals
    assert (refusal.code, refusal.values) == (Code.ELIGIBILITY, {"rule": "not_working"})
    again = reader.opens("/my/family/home").form("保存する").fields
    assert again["guardians_work"] == ["not_all"]
    with database_of_app.engine.connect() as connection:
        sealed = connection.exec_driver_sql("select guardians_work from family").scalar_one()
    assert "not_all" not in sealed
    told = reader.opens("/my/export").response.get_json()["family"]
    assert [one["guardians_work"] for one in told] == ["not_all"]


def test_a_town_without_such_a_room_does_not_ask(sakura: Household, phone: Reader) -> None:
    phone.opens("/my/family/home").says_not("保護者のお仕事")


def test_a_family_reads_which_paper_to_bring_and_until_when(
    make_town: Callable[..., Town], sign_in: Callable[..., Reader]
) -> None:
    town = make_town(eligibility={"certificates": ["enrolment", "work"]})
    sora = town.family("そら", nursery_in="132039")
    page = sign_in(sora.mail).opens(f"/my/bookings/{sora.books()}")
    page.says("条件付きで確定しました", "在園証明書の提示を あした 8:00 まで")
