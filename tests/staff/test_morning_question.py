"""The desk sees who has not said whether the child comes, and asks by telephone."""

from __future__ import annotations

from collections.abc import Callable

from reservation.services import reconfirming
from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Reader
from tests.town import CARE_DAY, Town, Worker

pytestmark = both_databases


def test_staff_see_who_has_not_answered(
    make_town: Callable[..., Town], at_desk: Callable[[Worker], Reader], clock: Clock
) -> None:
    town = make_town(reminders={"reconfirm": "ask"})
    town.family("さくら").books()
    clock.set("2026-11-24 06:00")
    reconfirming.due(clock.now)
    desk = at_desk(town.worker("staff", "seeds"))
    day = f"/staff/seeds/day/{CARE_DAY}"
    desk.opens(day).says("朝の返事なし").says_not("電話で確認")
    clock.set("2026-11-24 06:30")
    reconfirming.due(clock.now)
    desk = at_desk(town.worker("staff", "seeds"))
    page = desk.opens(day).says("電話で確認：きょう来られるか", "7:00 まで", "のこり30分")
    page.submit("来る").says_not("電話で確認", "朝の返事なし")
