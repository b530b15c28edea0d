"""What the desk sees of families that wait on their own terms."""

from __future__ import annotations

from collections.abc import Callable

from reservation.domain.values import Terms
from tests.conftest import Clock
from tests.databases import both_databases
from tests.domain import build
from tests.pages import Reader
from tests.town import CARE_DAY, Town, Worker

pytestmark = both_databases
DAY = f"/staff/seeds/day/{CARE_DAY}"


def test_the_list_says_on_which_terms_a_family_waits(
    make_town: Callable[..., Town], at_desk: Callable[[Worker], Reader], clock: Clock
) -> None:
    every = {"wake_minutes": 20, "takes_for_family": True, "second_chance_until": "9:00"}
    town = make_town(capacity=1, waiting=every)
    town.family("つばき").books()
    entry = town.family("はな").waits_with(Terms(True, build.tokyo(6, 30), True))
    page = at_desk(town.worker("staff", "seeds")).opens(DAY)
    page.says("夜中も知らせる", "6:30 までは、たずねずに確定", "60分以内に来られる")
    clock.set("2026-11-24 06:31")
    at_desk(town.worker("staff", "seeds")).opens(DAY).says_not("たずねずに確定")
    assert town.state(entry) == "waiting"
