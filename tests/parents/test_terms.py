"""On which terms a family waits, through the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reservation.domain.values import PLAIN, Terms
from reservation.services import taking
from tests.conftest import Clock
from tests.databases import both_databases
from tests.domain.build import tokyo
from tests.pages import Reader
from tests.parents.steps import BOARD, HOLD, row
from tests.town import Town

LIST = {"wake_minutes": 20, "takes_for_family": True, "second_chance_until": "9:00"}
MakeTown = Callable[..., Town]
SignIn = Callable[..., Reader]


def kept(booking_id: str) -> Terms:
    """The terms as stored."""
    entry = row(booking_id)
    return Terms(entry.wakes, entry.takes_until, entry.near, entry.examined)


@both_databases
def test_terms_are_chosen_with_the_joining_and_changed_on_the_entrys_page(
    make_town: MakeTown, sign_in: SignIn
) -> None:
    town = make_town(capacity=1, waiting=LIST)
    hana = town.family("はな")
    phone = sign_in(hana)
    board = phone.opens(BOARD)
    town.family("つばき").books()
    page = board.submit(f"{HOLD}(しーず)")
    page.says("夜中も知らせる", "たずねずに席を取る", "60分以内に来られる", "9:00 までご案内します")
    until = tokyo(6, 30).isoformat()
    page = page.submit("キャンセル待ちする", wakes="1", takes_until=until)
    entry = page.path.split("/")[3]
    assert kept(entry) == Terms(wakes=True, takes_until=tokyo(6, 30))
    page.says("おたずねせずに席をお取りします", "ここから 6:00 までも、空いたらご案内します")
    page = page.submit("このように知らせる", wakes=None, takes_until="", near="1")
    page.says("お知らせのしかたを変えました", "ここから 6:00 までは、ご案内を休みます")
    assert kept(entry) == Terms(near=True)


@both_databases
def test_the_page_after_a_place_was_taken_says_so(
    make_town: MakeTown, clock: Clock, sign_in: SignIn
) -> None:
    town = make_town(capacity=1, waiting=LIST)
    tsubaki, hana = town.family("つばき"), town.family("はな")
    place, phone = tsubaki.books(), sign_in(hana)
    entry = hana.waits_with(Terms(takes_until=tokyo(6, 30)))
    clock.set("2026-11-24 03:00")
    tsubaki.cancels(place)
    assert taking.due(clock.now) == 1
    page = phone.opens(f"/my/bookings/{entry}")
    assert page.heading == "予約が確定しました"
    page.says("お申し出のとおり席を取りました(自動)", "予約を取り消す")


@both_databases
def test_who_was_seen_at_the_clinic_says_so_and_stands_first(
    make_town: MakeTown, sign_in: SignIn
) -> None:
    town = make_town(capacity=1, waiting={"examined_first": True})
    town.family("つばき").books()
    town.family("はな").waits()
    momo = town.family("もも")
    phone = sign_in(momo)
    entry = momo.waits()
    page = phone.opens(f"/my/bookings/{entry}").says("2番目")
    page = page.submit("このように知らせる", examined="1")
    page.says("1番目")
    assert kept(entry) == Terms(examined=True)


def test_a_room_without_such_terms_shows_none(waiting: str, phone: Reader) -> None:
    phone.opens(f"/my/bookings/{waiting}").says_not("お知らせのしかた", "夜中も知らせる")


@pytest.mark.parametrize("until", ["7:30", "2026-11-24T06:30", "x"])
def test_a_time_that_no_form_sends_is_refused(
    make_town: MakeTown, sign_in: SignIn, until: str
) -> None:
    town = make_town(capacity=1, waiting=LIST)
    town.family("つばき").books()
    hana = town.family("はな")
    phone = sign_in(hana)
    entry = hana.waits()
    page = phone.opens(f"/my/bookings/{entry}")
    page.submit("このように知らせる", 400, takes_until=until)
    assert kept(entry) == PLAIN
