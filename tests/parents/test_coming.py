"""The morning's question through the pages: one tap, and nothing by opening."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from reservation.services import reconfirming
from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Reader
from tests.parents.steps import row
from tests.town import CARE_DAY, Household, Town

MakeTown, SignIn = Callable[..., Town], Callable[..., Reader]
ASKS = {"reconfirm": "release"}
FEE = {"until": {"days_before": 0, "at": "5:00"}, "late_fee": 500, "afterwards": "page"}


@pytest.fixture
def asked(town: Town, make_town: MakeTown, clock: Clock) -> Callable[[], tuple[Household, str]]:
    """さくら has a place and has been asked at six in the morning."""

    def ask(**rules: object) -> tuple[Household, str]:
        there = make_town(capacity=1, reminders=ASKS, **rules)
        sakura = there.family("さくら")
        place = sakura.books()
        clock.set("2026-11-24 06:00")
        assert reconfirming.due(clock.now) == 1
        return sakura, place

    return ask


@both_databases
def test_one_tap_says_that_the_child_comes(
    asked: Callable[..., tuple[Household, str]], sign_in: SignIn
) -> None:
    sakura, place = asked()
    phone = sign_in(sakura)
    phone.opens(f"/my/bookings/{place}").says("行くか行かないかを答える")
    page = phone.opens(f"/my/coming/{place}")
    page.says("しーずに、来られますか", "7:00 までにお返事がないと").says_not("かぜ")
    phone.client.head(f"/my/coming/{place}")
    assert row(place).reconfirmed_at is None
    page.submit("行きます").says("「行きます」とお返事しました", "予約が確定しました")
    assert row(place).reconfirmed_at is not None
    phone.opens(f"/my/coming/{place}").says("「行きます」とお返事いただいています", "行きません")
    phone.opens(f"/my/bookings/{place}").says_not("行くか行かないかを答える")


@both_databases
def test_a_no_says_what_it_costs_and_the_other_guardian_sees_it(
    asked: Callable[..., tuple[Household, str]], sign_in: SignIn
) -> None:
    sakura, place = asked(cancelling=FEE)
    father = sakura.town.second_guardian(sakura)
    his, hers = sign_in(father), sign_in(sakura)
    stale = his.opens(f"/my/coming/{place}")
    page = hers.opens(f"/my/coming/{place}").says("キャンセル料は 500円です")
    page.submit("行きません").says("予約を取り消しました")
    stale.submit("行きます").says("予約を取り消しました", "キャンセルする(さくらの母)")
    his.opens(f"/my/coming/{place}").says("予約を取り消しました")


SEVERAL = {"booking": {"opens": {"days_before": 8, "at": "08:45"}}}
NEXT = CARE_DAY + timedelta(days=1)


@both_databases
def test_the_later_days_are_named_before_the_tap(
    asked: Callable[..., tuple[Household, str]], sign_in: SignIn
) -> None:
    sakura, place = asked(chain={"model": "cascade"}, **SEVERAL)
    later = sakura.books(day=NEXT)
    page = sign_in(sakura).opens(f"/my/coming/{place}")
    page.says("同じ病気の後の日(11月25日(水))も取り消しになります", "席を放したときも、同じです")
    page.submit("行きません(2日分を取り消す)").says("11月25日(水)の予約も取り消しました")
    assert row(later).state == "cancelled"


@both_databases
@pytest.mark.parametrize(
    ("button", "after"),
    [
        ("行きません(家で休む。この日だけ取り消す)", "confirmed"),
        ("行きません(園に行く。後の日も取り消す)", "cancelled"),
    ],
)
def test_where_it_hangs_on_nursery_or_rest_there_are_two_buttons(
    asked: Callable[..., tuple[Household, str]], sign_in: SignIn, button: str, after: str
) -> None:
    sakura, place = asked(chain={"model": "conditional"}, **SEVERAL)
    later = sakura.books(day=NEXT)
    page = sign_in(sakura).opens(f"/my/coming/{place}")
    page.submit(button).says("予約を取り消しました")
    assert row(later).state == after


def test_a_page_that_named_other_days_is_shown_anew(
    asked: Callable[..., tuple[Household, str]], sign_in: SignIn
) -> None:
    sakura, place = asked(chain={"model": "cascade"}, **SEVERAL)
    page = sign_in(sakura).opens(f"/my/coming/{place}")
    sakura.books(day=NEXT)
    page.submit("行きません").says("状況が変わったため", "行きません(2日分を取り消す)")
    assert row(place).state == "confirmed"


def test_who_was_not_asked_reads_the_booking(town: Town, sakura: Household, phone: Reader) -> None:
    place = sakura.books()
    assert phone.opens(f"/my/coming/{place}").path == f"/my/bookings/{place}"
