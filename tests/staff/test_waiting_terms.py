"""What the desk sees of families that wait on their own terms."""

from __future__ import annotations

from collections.abc import Callable

from reservation.domain.values import Terms
from tests.conftest import Clock
from tests.databases import both_databases
from tests.domain import build
from tests.pages import Reader
from tests.staff.test_desk import row_of
from tests.staff.test_telephone_page import ENTER, hers, looks
from tests.town import CARE_DAY, Town, Worker

pytestmark = both_databases
DAY = f"/staff/seeds/day/{CARE_DAY}"


def test_the_list_says_on_which_terms_a_family_waits(
    make_town: Callable[..., Town], at_desk: Callable[[Worker], Reader], clock: Clock
) -> None:
    every = {"wake_minutes": 20, "takes_for_family": True, "second_chance_until": "9:00"}
    town = make_town(capacity=1, waiting=every | {"examined_first": True})
    town.family("つばき").books()
    entry = town.family("はな").waits_with(Terms(True, build.tokyo(6, 30), True, True))
    page = at_desk(town.worker("staff", "seeds")).opens(DAY)
    page.says("当院で受診", "夜中も知らせる", "6:30 までは、たずねずに確定", "60分以内に来られる")
    clock.set("2026-11-24 06:31")
    at_desk(town.worker("staff", "seeds")).opens(DAY).says_not("たずねずに確定")
    assert town.state(entry) == "waiting"


def test_terms_told_on_the_telephone_are_entered_at_once_and_changed_on_the_card(
    make_town: Callable[..., Town], at_desk: Callable[[Worker], Reader], clock: Clock
) -> None:
    every = {"wake_minutes": 20, "takes_for_family": True, "second_chance_until": "9:00"}
    town = make_town(capacity=1, waiting=every)
    town.family("つばき").books()
    town.family("さくら")
    clock.forward(seconds=1)
    desk = at_desk(town.worker("staff", "seeds"))
    taken = looks(desk.opens("/staff/seeds/telephone")).submit(ENTER)
    taken.says("お知らせのしかた", "夜中も知らせる", "60分以内に来られる")
    until = build.tokyo(6, 30)
    card = taken.submit("このように知らせる", wakes="1", takes_until=until.isoformat())
    card.says("お知らせのしかたを変えました。")
    entry = row_of(hers())
    assert (entry.wakes, entry.takes_until, entry.near) == (True, until, False)
    card.submit("このように知らせる", wakes=None, takes_until="", near="1")
    entry = row_of(hers())
    assert (entry.wakes, entry.takes_until, entry.near) == (False, None, True)


def test_a_room_that_offers_no_terms_asks_for_none(
    make_town: Callable[..., Town], at_desk: Callable[[Worker], Reader], clock: Clock
) -> None:
    town = make_town(capacity=1)
    town.family("つばき").books()
    town.family("さくら")
    clock.forward(seconds=1)
    desk = at_desk(town.worker("staff", "seeds"))
    taken = looks(desk.opens("/staff/seeds/telephone")).submit(ENTER)
    taken.says("キャンセル待ち").says_not("お知らせのしかた")
