"""Booking through the pages: board, hold, check page, answer, cancelling, the calendar file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from reservation.services import bookings as acts
from reservation.services.audit import CLOCK, By
from reservation.services.offers import sweep
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow, RefusalRow, WishRow
from reservation.store.tables.people import ChildRow, Registration
from reservation.store.tables.places import DayRow
from reservation.store.types import new_id
from tests.conftest import Clock
from tests.databases import both_databases
from tests.domain import build
from tests.pages import Page, Reader
from tests.parents.conftest import code_for, statements
from tests.town import CARE_DAY, Household, Town

SAID = {"brings": "father", "arrives_at": "8:30", "temperature": "３８．２℃", "since": "evening"}
HOLD, CONFIRM = "この席をおさえる", "予約を確定する"
BOARD = "/my/book?complaint=fever&day=2026-11-24"


@pytest.fixture
def phone(sakura: Household, sign_in: Callable[..., Reader]) -> Reader:
    """さくら's mother with her phone."""
    return sign_in(sakura)


def held(reader: Reader, room: str = "しーず") -> Page:
    """The check page after one tap on the board."""
    return reader.opens(BOARD).submit(f"{HOLD}({room})")


def booked(reader: Reader) -> Page:
    """The answer page after three taps."""
    return held(reader).submit(CONFIRM, **SAID)


def id_of(page: Page) -> str:
    """The booking's id from the address of its page."""
    return page.path.split("?")[0].split("/")[3]


def row(booking_id: str) -> BookingRow:
    """The booking as stored."""
    with read() as db:
        return db.get_one(BookingRow, booking_id)


def only_booking() -> BookingRow:
    """The only booking there is."""
    with read() as db:
        return db.scalars(select(BookingRow)).one()


def count(table: type) -> int:
    """How many rows there are."""
    with read() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


@both_databases
def test_a_family_books_in_three_taps(phone: Reader) -> None:
    board = phone.opens(BOARD).says("さくら(2歳) ・ 発熱", "予約できる病児保育室が 2つ あります")
    assert board.response.headers["Cache-Control"] == "no-store"
    check = board.submit(f"{HOLD}(しーず)")
    check.says(
        "さくらちゃんの席をおさえました", "18:10 まで確保しています", "2,000円", "3つのうち 2つ目"
    )
    answer = check.submit(CONFIRM, **SAID, remark="ミルクは飲みました")
    assert answer.heading == "予約が確定しました"
    answer.says(
        "8:30 に着く予定", "送る人：父", "これからのこと", "キャンセルはここまで", "03-0000-0000"
    )
    stored = row(id_of(answer))
    assert (stored.state, stored.brings, stored.arrives_at) == ("confirmed", "father", "8:30")
    assert (stored.temperature, stored.since) == ("38.2", "evening")
    assert stored.remark == "ミルクは飲みました"


def test_what_was_chosen_before_signing_in_is_still_chosen(
    sakura: Household, reader: Reader
) -> None:
    path = "/my/book?complaint=cough&age=2&day=2026-11-24&room=rabbit"
    second = reader.opens(path).submit("番号をメールで受け取る", mail=sakura.mail)
    page = second.submit("ログインする", code=code_for(sakura.mail))
    page.says("ラビットの席をおさえますか", "せき・鼻水").says_not("しーず")
    page.submit(HOLD).says("18:10 まで確保しています", "ラビットルーム")


@both_databases
def test_a_first_timer_says_three_things_and_the_hold_begins(
    context: Flask, town: Town, reader: Reader
) -> None:
    path = "/my/book?complaint=fever&age=2&day=2026-11-24&room=seeds"
    second = reader.opens(path).submit("番号をメールで受け取る", mail="new@example.org")
    first = second.submit("ログインする", code=code_for("new@example.org"))
    first.says("お子さまのことを教えてください", "しーず(あした 11月24日(火))の席をおさえます")
    wrong = first.submit("席をおさえる", 422, name="花", kana="", birthday=["2023", "2", "30"])
    wrong.says("フリガナを入力してください", "その月にある日を")
    check = wrong.submit("席をおさえる", name="花", kana="はな", birthday=["2023", "2", "3"])
    check.says("花ちゃんの席をおさえました", "あとで必要なこと", "利用登録の承認")
    answer = check.submit(CONFIRM, **SAID)
    assert answer.heading == "条件付きで確定しました"
    answer.says("あと1つ：利用登録の承認を あした 8:00 まで")
    with read() as db:
        assert db.scalars(select(ChildRow)).one().kana == "ハナ"
        assert db.scalars(select(Registration)).one().status == "pending"


def test_a_first_timers_form_sent_twice_makes_one_child_and_one_hold(
    context: Flask, town: Town, sign_in: Callable[..., Reader]
) -> None:
    reader = sign_in("new@example.org")
    first = reader.opens("/my/book?complaint=fever&day=2026-11-24&room=seeds")
    said = {"name": "花", "kana": "ハナ", "birthday": ["2023", "2", "3"]}
    one, two = first.submit("席をおさえる", **said), first.submit("席をおさえる", **said)
    assert one.path == two.path
    assert (count(ChildRow), count(BookingRow)) == (1, 1)


def test_a_first_timer_without_a_room_comes_to_the_board(
    context: Flask, town: Town, sign_in: Callable[..., Reader]
) -> None:
    reader = sign_in("new@example.org")
    page = reader.opens("/my").says("いまから予約できます").follow("お子さまのことを入力する")
    said = {"name": "花", "kana": "ハナ", "birthday": ["2023", "2", "3"]}
    board = page.submit("同意して、次へ", **said)
    board.says("花(3歳)")


def test_of_several_children_one_is_chosen_first(
    context: Flask, clock: Clock, sakura: Household, phone: Reader
) -> None:
    add_sibling(sakura, clock)
    page = phone.opens(BOARD).says("どのお子さまの席をさがしますか", "さくら(2歳)", "そら(10か月)")
    board = page.follow("そら").says("そら(10か月) ・ 発熱")
    board.submit(f"{HOLD}(しーず)").says("そらちゃんの席をおさえました")


def add_sibling(sakura: Household, clock: Clock) -> str:
    """そら, ten months old."""
    child_id = new_id()
    with write() as db:
        db.add(ChildRow(id=child_id, family_id=sakura.family_id, name="そら", kana="ソラ",
            birthday=build.aged(10), created_at=clock.now()))  # fmt: skip
        db.add(Registration(child_id=child_id, municipality_id=sakura.town.municipality_id,
            status="approved", valid_from=build.aged(10), asked_at=clock.now()))  # fmt: skip
    return child_id


def test_a_diagnosis_is_asked_for_before_the_board(phone: Reader) -> None:
    page = phone.opens("/my/book?complaint=diagnosed&day=2026-11-24")
    page.says("診断名をえらんでください")


def test_no_address_names_what_the_child_has(phone: Reader) -> None:
    page = phone.opens("/my/book?complaint=diagnosed&told=9&day=2026-11-24")
    check = page.submit(f"{HOLD}(しーず)")
    answer = check.submit(CONFIRM, **SAID)
    for address in (check.path, answer.path):
        assert "told" not in address
        assert "diagnosed" not in address


# ---- the check page


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("brings", None, "送る人を選んでください"),
        ("temperature", "高い", "体温を、38.2 のように数字で"),
        ("temperature", "382", "体温を、38.2 のように数字で"),
        ("temperature", "NaN", "体温を、38.2 のように数字で"),
        ("remark", "あ" * 501, "500文字までで"),
        ("arrives_at", "3:00", "着く時刻"),
    ],
)
def test_mistakes_on_the_check_page_keep_the_rest_and_the_place(
    phone: Reader, field: str, typed: object, sentence: str
) -> None:
    page = held(phone).submit(CONFIRM, 422, **{**SAID, field: typed})
    page.says("入力内容に誤りがあります", sentence, "まで確保しています")
    assert page.form(CONFIRM).fields["since"] == ["evening"]
    assert only_booking().state == "held"


def test_a_place_is_held_five_minutes_more_once(phone: Reader) -> None:
    page = held(phone).submit("5分のばす")
    page.says("18:15 まで確保しています").says_not("5分のばす")


def test_letting_a_place_go_leads_home(phone: Reader) -> None:
    held(phone).submit("席を放してやめる").says("席を放しました", "つぎの予約はありません")
    assert only_booking().state == "cancelled"


@both_databases
def test_a_hold_that_ended_meanwhile_is_taken_again_with_one_tap(
    clock: Clock, phone: Reader
) -> None:
    page = held(phone)
    clock.forward(minutes=10)
    over = page.submit(CONFIRM, **SAID, remark="きのうから食べません")
    assert over.heading == "時間切れで、席を放しました"
    over.says("予約は、まだできていません", "入力した内容は残っています")
    again = over.submit("もう一度、席をおさえる").says("18:20 まで確保しています")
    fields = again.form(CONFIRM).fields
    assert fields["remark"] == ["きのうから食べません"]
    assert (fields["brings"], fields["arrives_at"]) == (["father"], ["8:30"])
    assert again.submit(CONFIRM).heading == "予約が確定しました"


def test_a_hold_page_left_open_says_that_it_is_over(clock: Clock, phone: Reader) -> None:
    path = held(phone).path
    clock.forward(minutes=10)
    phone.opens(path).says("時間切れで、席を放しました")
    phone.opens("/my").says_not("予約はまだ終わっていません")


@both_databases
def test_a_double_click_books_once(phone: Reader) -> None:
    board = phone.opens(BOARD)
    first, second = board.submit(f"{HOLD}(しーず)"), board.submit(f"{HOLD}(しーず)")
    assert first.path == second.path
    one, two = first.submit(CONFIRM, **SAID), first.submit(CONFIRM, **SAID)
    assert one.path == two.path
    assert one.heading == two.heading == "予約が確定しました"
    assert count(BookingRow) == 1


def test_the_same_form_with_other_content_shows_what_was_sent_first(phone: Reader) -> None:
    page = held(phone)
    page.submit(CONFIRM, **SAID)
    again = page.submit(CONFIRM, **{**SAID, "brings": "mother"})
    again.says("すでに送信されています", "送る人：父")


def test_an_expired_token_costs_one_tap_and_no_typing(phone: Reader) -> None:
    page = held(phone)
    fields = {**page.form(CONFIRM).fields, **SAID, "csrf_token": "gone", "remark": "せきがあります"}
    again = phone.posts(page.path, fields, 400).says("まだ送れていません")
    assert again.submit("もう一度送る").heading == "予約が確定しました"
    assert only_booking().remark == "せきがあります"


# ---- whose it is


@pytest.mark.parametrize(
    "path",
    ["/my/hold/{}", "/my/bookings/{}", "/my/bookings/{}/cancel", "/my/offers/{}",
     "/my/bookings/{}/calendar.ics"],
)  # fmt: skip
def test_anothers_booking_answers_like_one_that_does_not_exist(
    sakura: Household, stranger: Household, sign_in: Callable[..., Reader], path: str
) -> None:
    booking_id = sakura.books()
    nosy = sign_in(stranger)
    theirs = nosy.opens(path.format(booking_id), 404)
    nothing = nosy.opens(path.format(new_id()), 404)
    assert theirs.title == nothing.title
    assert theirs.heading == nothing.heading


@pytest.mark.parametrize(
    "path",
    ["/my/hold/{}", "/my/hold/{}/extend", "/my/hold/{}/release", "/my/bookings/{}/cancel",
     "/my/offers/{}/yes", "/my/offers/{}/no"],
)  # fmt: skip
def test_nobody_acts_on_anothers_booking(
    sakura: Household, stranger: Household, sign_in: Callable[..., Reader], path: str
) -> None:
    booking_id = sakura.books()
    nosy = sign_in(stranger)
    token = nosy.opens("/my").form("ログアウト").fields["csrf_token"]
    fields = {"csrf_token": token, **SAID}
    nosy.posts(path.format(booking_id), fields, 404)
    nosy.posts(path.format(new_id()), fields, 404)
    assert sakura.town.state(booking_id) == "confirmed"


def test_nobody_books_for_anothers_child(
    sakura: Household, stranger: Household, sign_in: Callable[..., Reader]
) -> None:
    form = sign_in(stranger).opens(BOARD)
    form.submit(f"{HOLD}(しーず)", 404, child=sakura.child_id)
    form.submit(f"{HOLD}(しーず)", 404, child=new_id())
    form.submit(f"{HOLD}(しーず)", 404, facility=new_id())
    form.submit(f"{HOLD}(しーず)", 400, day="someday")
    form.submit(f"{HOLD}(しーず)", 400, complaint="nothing")
    assert count(BookingRow) == 0


# ---- a no


def fills(town: Town, room: str = "seeds", keep: int = 0) -> list[Household]:
    """Other families take every place of a room but some."""
    families = [town.family(f"こ{n}") for n in range(4 - keep)]
    for family in families:
        family.books("URI", at=room)
    return families


@both_databases
def test_a_full_room_says_why_and_what_next(
    town: Town, sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    phone = sign_in(sakura)
    board = phone.opens(BOARD)
    fills(town)
    page = board.submit(f"{HOLD}(しーず)")
    assert page.heading == "しーずの席は、おさえられませんでした"
    page.says(
        "理由", "キャンセル待ちをするか、別の病児保育室をご覧ください", "電話で聞く", "03-0000-0000"
    )
    assert (count(RefusalRow), count(WishRow)) == (1, 5)
    page.follow("ほかの病児保育室を見る").says("さくら(2歳) ・ 発熱")
    answer = phone.opens("/my/book/refused").submit("キャンセル待ちする")
    assert answer.heading == "キャンセル待ち 1番目です"
    answer.says(
        "待つあいだに予約できる室",
        "ラビット：空きあり",
        "空きが出なかったときも、必ずお知らせします",
    )


def test_two_parents_want_the_last_place(
    town: Town, sakura: Household, hana: Household, sign_in: Callable[..., Reader]
) -> None:
    fills(town, keep=1)
    first, second = sign_in(sakura).opens(BOARD), sign_in(hana).opens(BOARD)
    first.submit(f"{HOLD}(しーず)").says("席をおさえました")
    second.submit(f"{HOLD}(しーず)").says("しーずの席は、おさえられませんでした")


def test_a_day_that_closed_meanwhile_says_so(town: Town, phone: Reader) -> None:
    board = phone.opens(BOARD)
    with write() as db:
        day = {"facility_id": town.facilities["seeds"], "date": CARE_DAY, "version": 1}
        db.add(DayRow(**day, closed="台風のため", closed_rooms=[]))
    board.submit(f"{HOLD}(しーず)").says("この日はお休みです")
    phone.opens(BOARD).says("予約できる病児保育室が 1つ あります")


def test_an_unregistered_child_asks_for_its_registration_from_the_refusal(
    make_town: Callable[..., Town], clock: Clock, sign_in: Callable[..., Reader]
) -> None:
    town = make_town(registering={"scope": "facility"})
    sakura = town.family("さくら")
    phone = sign_in(sakura)
    page = phone.opens(f"{BOARD}&room=seeds").says("ご利用の前に登録が必要です")
    fields = page.form("ログアウト").fields if "ログアウト" in page.words else {}
    token = fields.get("csrf_token") or phone.opens("/my").form("ログアウト").fields["csrf_token"]
    wanted = {"child": sakura.child_id, "facility": town.facilities["seeds"], "key": "k",
              "day": "2026-11-24", "complaint": "fever", "csrf_token": token}  # fmt: skip
    refused = phone.posts("/my/book", wanted).says("ご利用の前に登録が必要です")
    refused.submit("利用登録を申し込む").says("次のことを入力してください", "保護者の電話番号")


def test_the_limits_of_a_family_lead_to_its_bookings(
    sakura: Household, clock: Clock, phone: Reader
) -> None:
    sakura.books()
    page = phone.opens(BOARD).submit(f"{HOLD}(ラビット)")
    page.says("この日は、すぎなみ病児保育室 しーず にすでに予約があります")
    page.follow("わたしの予約を見る").says("つぎは あした、しーずです")


@both_databases
def test_the_need_counts_and_books_nothing(town: Town, sakura: Household, phone: Reader) -> None:
    fills(town)
    fills(town, "rabbit")
    before = count(WishRow)
    board = phone.opens(BOARD).says("予約できる病児保育室は、いまありません")
    board.submit("この日に預け先が必要です").says("数えました", "予約ではありません")
    board.submit("この日に預け先が必要です")
    assert count(WishRow) == before + 1
    with read() as db:
        wish = db.scalars(select(WishRow).where(WishRow.child_id == sakura.child_id)).one()
    assert wish.opened_by == "need"


# ---- afterwards


@both_databases
def test_cancelling_takes_a_page_and_a_button(clock: Clock, phone: Reader) -> None:
    answer = booked(phone)
    page = answer.follow("予約を取り消す")
    page.says("この予約を取り消しますか", "いまなら、料金はかかりません(あした 7:00 まで)")
    gone = page.submit("取り消す")
    assert gone.heading == "予約を取り消しました"
    stored = row(id_of(gone))
    assert (stored.state, stored.late, stored.same_day) == ("cancelled", False, False)
    assert page.submit("取り消す").heading == "予約を取り消しました"


def test_after_the_cut_off_the_page_says_so_and_still_cancels(clock: Clock, phone: Reader) -> None:
    answer = booked(phone)
    clock.set("2026-11-24 07:00")
    page = phone.opens(answer.path).follow("予約を取り消す").says("締切(きょう 7:00)を過ぎています")
    page.submit("取り消す").says("締切の後の取り消しとして記録しました")
    assert row(id_of(answer)).late


def test_where_late_cancelling_is_by_telephone_only_there_is_the_number_and_no_button(
    make_town: Callable[..., Town], clock: Clock, sign_in: Callable[..., Reader]
) -> None:
    town = make_town(cancelling={"afterwards": "telephone"})
    sakura = town.family("さくら")
    booking_id = sakura.books()
    phone = sign_in(sakura)
    early = phone.opens(f"/my/bookings/{booking_id}/cancel")
    clock.set("2026-11-24 07:00")
    page = phone.opens(f"/my/bookings/{booking_id}/cancel").says("お電話でご連絡ください")
    assert not [form for form in page.forms() if form.action.endswith("/cancel")]
    early.submit("取り消す").says("お電話でご連絡ください")
    assert town.state(booking_id) == "confirmed"


def test_the_second_parent_sees_what_the_first_has_done(
    sakura: Household, sign_in: Callable[..., Reader]
) -> None:
    mother, father = sign_in(sakura), sign_in("father@example.org")
    joins(mother, father)
    answer = booked(mother)
    before = father.opens(answer.path).says("予約が確定しました").follow("予約を取り消す")
    mother.opens(f"{answer.path}/cancel").submit("取り消す")
    after = before.submit("取り消す")
    after.says("状況が変わったため", "予約を取り消しました", "キャンセルする(さくらの母)")


def joins(first: Reader, second: Reader) -> None:
    """The second guardian joins the first one's family."""
    page = first.opens("/my/family").submit("もう1人の保護者の番号を作る")
    code = next(one.text for one in page.tree.iter("b") if one.get("class") == "clock")
    second.opens("/my/join").submit("家族に加わる", code=code)


def test_the_calendar_file_says_when_and_where_and_never_why(phone: Reader) -> None:
    answer = booked(phone)
    file = phone.client.get(answer.link("カレンダーに入れる"))
    assert file.headers["Content-Type"] == "text/calendar; charset=utf-8"
    text = file.get_data(as_text=True)
    assert "予約(しーず)" in text
    assert "DTSTART:20261123T233000Z" in text
    assert "DTEND:20261124T090000Z" in text
    for word in ("発熱", "さくら", "UNDIAGNOSED"):
        assert word not in text
    phone.opens(f"{answer.path}/cancel").submit("取り消す")
    assert phone.client.get(f"{answer.path}/calendar.ics").status_code == 404


def test_staff_decide_and_the_page_says_until_when(
    make_town: Callable[..., Town], clock: Clock, sign_in: Callable[..., Reader]
) -> None:
    town = make_town(booking={"review": "staff"})
    phone = sign_in(town.family("さくら"))
    answer = held(phone).submit("予約を申し込む", **SAID)
    assert answer.heading == "申し込みを確認中です"
    answer.says("きょう 20:00 までにお返事します")
    clock.set("20:00")
    phone.opens(answer.path).says("お返事が遅れています")


# ---- the list and its offers


@pytest.fixture
def waiting(town: Town, sakura: Household) -> str:
    """さくら's entry in a full list: first."""
    town_full = fills(town)
    assert len(town_full) == 4
    return sakura.waits()


def test_the_board_knows_that_the_child_waits_already(waiting: str, phone: Reader) -> None:
    page = (
        phone.opens(BOARD).says("キャンセル待ち 1番目：内容を見る").says_not("キャンセル待ちする")
    )
    assert page.follow("1番目：内容を見る").path == f"/my/bookings/{waiting}"


def test_an_offer_that_nobody_has_swept_yet_is_over_all_the_same(
    offered: str, clock: Clock, phone: Reader
) -> None:
    clock.set("18:30")
    phone.opens(f"/my/offers/{offered}").says("お返事の期限を過ぎました", "順番は 1番目のまま")
    phone.opens("/my").says("キャンセル待ちをしています")


def test_the_list_shows_the_rank_and_is_left_in_two_taps(
    waiting: str, town: Town, hana: Household, phone: Reader, sign_in: Callable[..., Reader]
) -> None:
    behind = hana.waits()
    hers = sign_in(hana)
    hers.opens("/my").says("キャンセル待ちをしています", "順番 2 番目")
    page = phone.opens(f"/my/bookings/{waiting}").follow("キャンセル待ちをやめる")
    page.says("やめると、順番はなくなります").submit("キャンセル待ちをやめる").says("やめました")
    hers.opens(f"/my/bookings/{behind}").says("キャンセル待ち 1番目です")


@pytest.fixture
def offered(waiting: str, town: Town, clock: Clock) -> str:
    """さくら has been offered a place, until 18:30."""
    cancel_one(town)
    assert town.state(waiting) == "offered"
    return waiting


def cancel_one(town: Town) -> None:
    """One of those who have a place gives it back."""
    with read() as db:
        one = db.scalars(select(BookingRow).where(BookingRow.state == "confirmed").limit(1)).one()
    family = By(CLOCK.actor.FAMILY, "somebody", family_id=one.family_id)
    acts.cancel(one.id, family, None, lambda: one.created_at)


@both_databases
def test_a_yes_takes_the_place(offered: str, sakura: Household, phone: Reader) -> None:
    phone.opens("/my").says("しーずに空きが出ました", "お返事は")
    page = phone.opens(f"/my/bookings/{offered}")
    assert page.path == f"/my/offers/{offered}"
    page.says("しーずに空きが出ました", "18:30 まで", "見送っても、順番は 1番目のまま")
    page.says_not("発熱", "かぜ")
    assert page.submit("行きます").heading == "予約が確定しました"
    assert page.submit("行きます").heading == "予約が確定しました"


def test_opening_the_offer_decides_nothing(offered: str, phone: Reader, town: Town) -> None:
    phone.opens(f"/my/offers/{offered}")
    phone.client.head(f"/my/offers/{offered}")
    assert town.state(offered) == "offered"


def test_a_no_keeps_the_rank(offered: str, phone: Reader) -> None:
    answer = phone.opens(f"/my/offers/{offered}").submit("今回は見送る")
    answer.says("今回は見送りました", "キャンセル待ち 1番目です")


@both_databases
def test_a_late_yes_is_told_that_it_is_still_first(
    offered: str, clock: Clock, phone: Reader
) -> None:
    page = phone.opens(f"/my/offers/{offered}")
    clock.set("18:30")
    late = page.submit("行きます")
    assert late.heading == "お返事の期限を過ぎました"
    late.says("順番は 1番目のまま")
    sweep(clock.now)
    phone.opens(f"/my/offers/{offered}").says("順番は 1番目のまま")


def test_a_yes_after_the_other_parents_no_is_told_kindly(
    offered: str, sakura: Household, phone: Reader
) -> None:
    page = phone.opens(f"/my/offers/{offered}")
    sakura.says_no(offered)
    page.submit("行きます").says("順番は 1番目のまま")


def test_the_offer_says_what_a_yes_ends(
    offered: str, sakura: Household, town: Town, phone: Reader
) -> None:
    elsewhere = sakura.books(at="rabbit")
    assert town.state(offered) == "cancelled"
    phone.opens(f"/my/offers/{offered}").says("予約を取り消しました")
    assert town.state(elsewhere) == "confirmed"


def test_an_entry_beside_a_booking_says_what_a_yes_ends(
    town: Town, clock: Clock, sakura: Household, phone: Reader
) -> None:
    fills(town)
    elsewhere = sakura.books(at="rabbit")
    entry = sakura.waits()
    cancel_one_of(town, "seeds")
    page = phone.opens(f"/my/offers/{entry}")
    page.says("「行きます」を押すと、同じ日の ラビット の予約は終わります")
    page.submit("行きます").says("予約が確定しました")
    assert town.state(elsewhere) == "cancelled"


def cancel_one_of(town: Town, room: str) -> None:
    """One of those who have a place in this room gives it back."""
    with read() as db:
        one = db.scalars(
            select(BookingRow)
            .where(
                BookingRow.state == "confirmed",
                BookingRow.facility_id == town.facilities[room],
            )
            .limit(1)
        ).one()
    family = By(CLOCK.actor.FAMILY, "somebody", family_id=one.family_id)
    acts.cancel(one.id, family, None, lambda: one.created_at)


# ---- my page


def test_my_page_shows_the_next_day_first(sakura: Household, phone: Reader) -> None:
    booked(phone)
    page = phone.opens("/my").says("つぎは あした、しーずです")
    page.says("予約確定", "取り消す(あした 7:00 まで)", "お子さま", "登録済み")


def test_a_running_hold_stands_on_my_page(phone: Reader) -> None:
    held(phone)
    page = phone.opens("/my").says("予約はまだ終わっていません", "18:10 まで席をおさえています")
    page.follow("予約を続ける").says("席をおさえました")


def test_history_leaves_out_what_was_only_held(
    clock: Clock, sakura: Household, phone: Reader
) -> None:
    held(phone).submit("席を放してやめる")
    phone.opens("/my/history").says("まだ利用がありません")
    answer = booked(phone)
    phone.opens(f"{answer.path}/cancel").submit("取り消す")
    phone.opens("/my/history").says("11月24日(火)", "しーず", "キャンセル")


# ---- languages, and the work behind a tap


def test_a_language_that_was_chosen_stays(phone: Reader) -> None:
    answer = booked(phone)
    assert phone.opens(f"{answer.path}?lang=en").tree.get("lang") == "en"
    assert phone.opens("/my").tree.get("lang") == "en"
    assert phone.opens("/my?lang=ja").tree.get("lang") == "ja"


@both_databases
def test_being_signed_in_costs_one_statement(sakura: Household, phone: Reader) -> None:
    board = phone.opens(BOARD)
    with statements() as seen:
        board.submit(f"{HOLD}(しーず)", 303, follow=False)
    assert len([one for one in seen if "device" in one or "FROM guardian" in one]) == 1
