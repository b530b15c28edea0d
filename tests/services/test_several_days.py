"""Days of one illness are counted where places are given, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.reads import integrity
from reservation.services import bookings, facts, keys
from reservation.services.several_days import Rest
from reservation.store.db import read, write
from reservation.store.tables.people import Registration
from reservation.store.tables.records import Outbox
from tests.databases import both_databases
from tests.town import CARE_DAY

pytestmark = both_databases
NEXT = CARE_DAY + timedelta(days=1)
THIRD = CARE_DAY + timedelta(days=2)


AHEAD = {"booking": {"opens": {"days_before": 8, "at": "08:45"}}}


def cancels(family, booking_id, rest):
    """Cancel, with what was said about the later days."""
    return bookings.cancel(booking_id, family.by, None, application_clock.now, rest)


def awaits(family):
    """The family's registration is not approved yet."""
    with write() as db:
        db.execute(
            update(Registration)
            .where(Registration.child_id == family.child_id)
            .values(status="pending")
        )
    return family


def test_the_days_of_a_child_are_known_until_they_are_cancelled(make_town):
    town = make_town()
    sakura = town.family("さくら")
    booked = sakura.books()
    sakura.books(day=NEXT, illness="FLU_A")
    sakura.waits(day=THIRD)

    def days():
        with read() as db:
            at = facts.ask(
                db,
                sakura.child_id,
                town.facilities["seeds"],
                CARE_DAY,
                application_clock.now(),
                None,
            )
        return sorted(at.days)

    assert days() == [("FLU_A", NEXT), ("URI", CARE_DAY)]
    sakura.cancels(booked)
    assert days() == [("FLU_A", NEXT)]


def test_a_hold_that_has_lapsed_counts_no_day(make_town, clock):
    town = make_town(chain={"at_once": 1, "further_from": "23:59"})
    sakura = town.family("さくら")
    assert sakura.holds().code == "held"
    assert sakura.holds(day=NEXT).has(Code.TOO_MANY_AT_ONCE)
    clock.forward(minutes=10)
    assert sakura.holds(day=NEXT).code == "held"


def test_nobody_gets_or_waits_for_more_days_than_one_illness_may_have(make_town):
    town = make_town(chain={"most_days": 2})
    sakura = town.family("さくら")
    sakura.books()
    sakura.books(day=NEXT)
    no = sakura.holds(day=THIRD)
    assert [one.code for one in no.refusals] == [Code.TOO_MANY_DAYS]
    assert no.refusals[0].values["first"] == CARE_DAY
    assert sakura.holds("FLU_A", THIRD).code == "held"


def test_only_so_many_children_that_await_approval(make_town):
    town = make_town(registering={"provisional_most": 1})
    sakura, hana = awaits(town.family("さくら")), awaits(town.family("はな"))
    sakura.books()
    assert hana.holds().has(Code.PROVISIONAL_FULL)
    assert hana.holds(day=NEXT).code == "held"
    assert town.family("もも").holds().code == "held"


@pytest.mark.parametrize("gap", [7, 8])
def test_an_illness_goes_on_for_a_week(make_town, gap):
    town = make_town(chain={"most_days": 2}, booking={"opens": {"days_before": 30, "at": "08:45"}})
    sakura = town.family("さくら")
    sakura.books()
    later: date = CARE_DAY + timedelta(days=gap)
    assert sakura.holds(day=later).has(Code.TOO_MANY_DAYS) is (gap == 7)


def days_booked(family, *days):
    """A booking of each day, by day."""
    return {day: family.books(day=day) for day in days}


FOURTH = CARE_DAY + timedelta(days=3)


def states(town, booked):
    return [town.state(booking_id) for booking_id in booked.values()]


def test_cancelling_a_day_takes_the_later_ones_and_calls_up_each_list(make_town):
    town = make_town(capacity=1, chain={"model": "cascade"}, **AHEAD)
    sakura, hana, momo = (town.family(name) for name in ("さくら", "はな", "もも"))
    booked = days_booked(sakura, CARE_DAY, NEXT, THIRD, FOURTH)
    other = sakura.waits(day=CARE_DAY + timedelta(days=6))
    third, fourth = hana.waits(day=THIRD), momo.waits(day=FOURTH)
    outcome = cancels(sakura, booked[NEXT], Rest(told=(THIRD, FOURTH)))
    assert outcome.code == "cancelled"
    assert outcome.values["fell"] == [THIRD.isoformat(), FOURTH.isoformat()]
    assert states(town, booked) == ["confirmed", "cancelled", "cancelled", "cancelled"]
    assert (town.state(third), town.state(fourth)) == ("offered", "offered")
    assert town.state(other) in ("waiting", "offered"), "a wish of its own"
    assert integrity.check(application_clock.now) == ()
    with read() as db:
        told = db.scalars(select(Outbox.booking_id).where(Outbox.kind == "cancelled")).all()
    assert sorted(told) == sorted(list(booked.values())[1:])


def test_nothing_is_cancelled_when_other_days_would_fall_than_were_told(make_town):
    town = make_town(chain={"model": "cascade"}, **AHEAD)
    sakura = town.family("さくら")
    booked = days_booked(sakura, CARE_DAY, NEXT, THIRD)
    assert cancels(sakura, booked[CARE_DAY], Rest(told=(NEXT,))).has(Code.NOT_POSSIBLE)
    assert states(town, booked) == ["confirmed"] * 3
    sakura.cancels(booked[NEXT])
    assert states(town, booked) == ["confirmed", "cancelled", "cancelled"]
    assert cancels(sakura, booked[CARE_DAY], Rest(told=(NEXT, THIRD))).code == "cancelled"


def test_the_same_form_sent_twice_cancels_once(make_town):
    town = make_town(chain={"model": "cascade"}, **AHEAD)
    sakura = town.family("さくら")
    booked = days_booked(sakura, CARE_DAY, NEXT)
    form = keys.key("test", "cancel", {})
    first = bookings.cancel(booked[CARE_DAY], sakura.by, form, application_clock.now)
    again = bookings.cancel(booked[CARE_DAY], sakura.by, form, application_clock.now)
    assert first == again
    assert first.values["fell"] == [NEXT.isoformat()]


@pytest.mark.parametrize(
    ("to_nursery", "after"),
    [(True, ["cancelled"] * 3), (False, ["cancelled", "confirmed", "confirmed"])],
)
def test_whether_the_rest_is_lost_hangs_on_the_answer(make_town, to_nursery, after):
    town = make_town(chain={"model": "conditional"}, **AHEAD)
    sakura = town.family("さくら")
    booked = days_booked(sakura, CARE_DAY, NEXT, THIRD)
    assert sakura.cancels(booked[CARE_DAY]).has(Code.NOT_POSSIBLE), "nobody asked"
    said = Rest(told=(NEXT, THIRD) if to_nursery else (), to_nursery=to_nursery)
    assert cancels(sakura, booked[CARE_DAY], said).code == "cancelled"
    assert states(town, booked) == after
    assert cancels(sakura, booked[CARE_DAY], said).has(Code.NOT_POSSIBLE)


def test_another_illness_and_a_day_before_stay(make_town):
    town = make_town(chain={"model": "cascade"}, **AHEAD)
    sakura = town.family("さくら")
    booked = days_booked(sakura, CARE_DAY, NEXT)
    flu = sakura.books("FLU_A", THIRD)
    sakura.cancels(booked[NEXT])
    assert (town.state(booked[CARE_DAY]), town.state(flu)) == ("confirmed", "confirmed")


def test_staff_who_cancel_for_a_family_are_asked_the_same(make_town):
    town = make_town(chain={"model": "conditional"}, **AHEAD)
    sakura, nurse = town.family("さくら"), town.worker("staff", "seeds")
    booked = days_booked(sakura, CARE_DAY, NEXT)
    said = Rest(told=(NEXT,), to_nursery=True)
    done = bookings.cancel(booked[CARE_DAY], nurse.by, None, application_clock.now, said)
    assert done.values["fell"] == [NEXT.isoformat()]


def test_two_chains_that_cross_neither_lock_each_other_nor_lose_a_day(make_town, app):
    town = make_town(chain={"model": "cascade"}, **AHEAD)
    families = [town.family(f"子{n}") for n in range(4)]
    booked = [days_booked(family, CARE_DAY, NEXT, THIRD, FOURTH) for family in families]
    starts = [NEXT, CARE_DAY, THIRD, NEXT]

    def cancel(n: int) -> str:
        with app.app_context():
            return families[n].cancels(booked[n][starts[n]]).code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(cancel, range(4))) == {"cancelled"}
    for n, mine in enumerate(booked):
        after = [town.state(id_) for day, id_ in mine.items() if day >= starts[n]]
        before = [town.state(id_) for day, id_ in mine.items() if day < starts[n]]
        assert set(after) == {"cancelled"}
        assert set(before) <= {"confirmed"}
