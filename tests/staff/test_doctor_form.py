"""The doctor's form at the desk."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Reader
from tests.town import Town, Worker

MakeTown = Callable[..., Town]
FORM = {"needed": "always", "due": "7:30"}


@both_databases
def test_past_its_time_it_is_red_for_staff_and_ends_nothing(
    make_town: MakeTown, clock: Clock, at_desk: Callable[[Worker], Reader]
) -> None:
    town = make_town(doctor_form=FORM)
    booking_id = town.family("さくら").books()
    clock.set("2026-11-24 07:29")
    desk = at_desk(town.worker("staff", "seeds"))
    desk.opens("/staff/seeds/").says("さくら").says_not("医師連絡票の提出が、まだです")
    clock.set("2026-11-24 07:30")
    red = desk.opens("/staff/seeds/").says("医師連絡票の提出が、まだです")
    assert town.state(booking_id) == "confirmed"
    after = red.submit("そろいました(さくら)")
    after.says("さくら").says_not("医師連絡票の提出が、まだです")
