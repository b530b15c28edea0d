"""Staff who cancel for a family see which later days fall, and ask what the room's rules ask."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reservation.services import reconfirming
from tests.town import CARE_DAY

NEXT = CARE_DAY + timedelta(days=1)
EARLY = {"opens": {"days_before": 8, "at": "08:45"}}


@pytest.mark.parametrize(
    ("model", "button", "after"),
    [
        ("none", "家族の申し出で取り消す", "confirmed"),
        ("cascade", "家族の申し出で、後の日も取り消す", "cancelled"),
        ("conditional", "園に行くので後の日も取り消す", "cancelled"),
        ("conditional", "家で休むので取り消す", "confirmed"),
    ],
)
def test_the_card_cancels_with_the_later_days_or_without(make_town, at_desk, model, button, after):
    town = make_town(chain={"model": model}, booking=EARLY)
    sakura = town.family("さくら")
    first, second = sakura.books(), sakura.books(day=NEXT)
    desk = at_desk(town.worker("staff", "seeds"))
    card = desk.opens(f"/staff/seeds/bookings/{first}")
    if model != "none":
        card.says("同じ病気の後の日：11月25日(水)")
    card.submit(button).says("ご家族の申し出で取り消しました。")
    assert (town.state(first), town.state(second)) == ("cancelled", after)


@pytest.mark.parametrize(
    ("model", "button", "after"),
    [
        ("none", "来ませんでした", "confirmed"),
        ("conditional", "来ませんでした", "confirmed"),
        ("cascade", "来ませんでした(11月25日(水)も取り消す)", "cancelled"),
    ],
)
def test_the_card_names_the_days_that_go_with_who_does_not_come(
    make_town, at_desk, clock, model, button, after
):
    town = make_town(chain={"model": model}, booking=EARLY)
    sakura = town.family("さくら")
    first, second = sakura.books(), sakura.books(day=NEXT)
    clock.set(f"{CARE_DAY} 09:30")
    card = at_desk(town.worker("staff", "seeds")).opens(f"/staff/seeds/bookings/{first}")
    card.submit(button).says("来なかったと記録")
    assert (town.state(first), town.state(second)) == ("no_show", after)


def test_the_telephone_task_says_what_a_no_takes_with_it(make_town, at_desk, clock):
    town = make_town(chain={"model": "cascade"}, reminders={"reconfirm": "ask"})
    town.family("さくら").books()
    for at in ("06:00", "06:30"):
        clock.set(f"{CARE_DAY} {at}")
        reconfirming.due(clock.now)
    page = at_desk(town.worker("staff", "seeds")).opens(f"/staff/seeds/day/{CARE_DAY}")
    page.says("「来ない」のときは、同じ病気の後の日も取り消しになります。")
