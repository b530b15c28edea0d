"""A no through the pages: why, what next, and the need that is counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from reservation.store.db import read, write
from reservation.store.tables.bookings import RefusalRow, WishRow
from reservation.store.tables.people import ChildRow, Family
from reservation.store.tables.places import DayRow
from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Reader
from tests.parents.steps import (
    BOARD,
    HOLD,
    count,
    fills,
)
from tests.town import CARE_DAY, Household, Town


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


ANSWER = "お子さまをお預かりできるかは、登録・発症した日・予防接種・書類も合わせて、予約の画面で"


def test_the_board_goes_by_sign_and_age_and_promises_no_more(
    make_town: Callable[..., Town], sign_in: Callable[..., Reader]
) -> None:
    """What only this child knows is answered when it asks, and nothing is held against it."""
    town = make_town(chain={"most_days": 1}, booking={"opens": {"days_before": 8, "at": "08:45"}})
    sakura = town.family("さくら")
    sakura.books("UNDIAGNOSED_FEVER", CARE_DAY + timedelta(days=1))
    phone = sign_in(sakura)
    board = phone.opens(BOARD).says("のこり", ANSWER)
    page = board.submit(f"{HOLD}(しーず)")
    page.says("1つの病気で使えるのは、最初の日").says_not("席をおさえました")
    phone.opens("/facilities/seeds").says(ANSWER)


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


def test_what_a_family_has_said_of_itself_is_told_with_the_way_to_correct_it(
    make_town: Callable[..., Town], sign_in: Callable[..., Reader]
) -> None:
    needed = [{"vaccine": "MR", "from_months": 14}]
    town = make_town(vaccines={"needed": needed}, eligibility={"all_working": True})
    sakura = town.family("さくら")
    board = sign_in(sakura).opens(BOARD)
    with write() as db:
        db.get_one(ChildRow, sakura.child_id).vaccines = "MR:not_yet"
        db.get_one(Family, sakura.family_id).guardians_work = "not_all"
    page = board.submit(f"{HOLD}(しーず)")
    page.says("必要な予防接種が確認できません", "保護者の全員が働いているご家族のための施設です")
    page.follow("予防接種の答えを直す").says("MR(麻しん・風しん)の予防接種")
    page.follow("お仕事の答えを直す").says("保護者のお仕事")
