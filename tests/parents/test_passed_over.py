"""An entry of the list that cannot have a place now says so on its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.databases import both_databases
from tests.pages import Reader
from tests.town import CARE_DAY, Town

THIRD = CARE_DAY + timedelta(days=2)
FEW = {"opens": {"days_before": 8, "at": "08:45"}, "family_bookings": 1}


@both_databases
def test_the_page_of_an_entry_says_that_it_is_passed_over(
    make_town: Callable[..., Town], sign_in: Callable[..., Reader]
) -> None:
    town = make_town(capacity=1, booking=FEW)
    town.family("ゆり").books(day=THIRD)
    sakura = town.family("さくら")
    entry = sakura.waits(day=THIRD)
    phone = sign_in(sakura)
    phone.opens(f"/my/bookings/{entry}").says_not("いまは、席が空いてもご案内できません")
    sakura.books(day=CARE_DAY)
    phone.opens(f"/my/bookings/{entry}").says(
        "こちらの予約は、1家族で同時に1件までです。", "順番はそのままです。", "先の予約が終わるか"
    )
