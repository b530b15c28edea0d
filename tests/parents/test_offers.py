"""The list and its offers through the pages."""

from __future__ import annotations

from collections.abc import Callable

from reservation.services.offers import sweep
from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Reader
from tests.parents.steps import (
    BOARD,
    cancel_one,
    fills,
)
from tests.town import Household, Town


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
    cancel_one(town, "seeds")
    page = phone.opens(f"/my/offers/{entry}")
    page.says("「行きます」を押すと、同じ日の ラビット の予約は終わります")
    page.submit("行きます").says("予約が確定しました")
    assert town.state(elsewhere) == "cancelled"
