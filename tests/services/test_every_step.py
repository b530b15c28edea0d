"""The rarer steps of the table and the rarer reasons, each through the acts that lead to it.

``pytest --reached`` (tests/reached.py) tells which ones no test of the whole run has reached.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.domain.refusals import STAFF_CODES, Code
from reservation.services import bookings, capacity, desk
from reservation.services.capacity import Settings
from reservation.store.db import read
from reservation.store.tables.records import Audit
from tests.databases import both_databases
from tests.town import CARE_DAY, book

pytestmark = both_databases
now = application_clock.now
REVIEW = {"booking": {"review": "staff"}}
WEIGHTS = [{"below_months": 24, "points": 1.5}]
CAPS = [{"below_months": 24, "at_most": 0}]


def steps(booking_id):
    """The actions by which a booking went its way."""
    with read() as db:
        return list(
            db.scalars(
                select(Audit.action).where(Audit.entity_id == booking_id).order_by(Audit.seq)
            )
        )


def offered(make_town, **rules):
    """はな has been offered さくら's place; the town, her family and her entry."""
    town = make_town(capacity=1, **rules)
    sakura, hana = town.family("さくら"), town.family("はな")
    place, entry = sakura.books(), hana.waits()
    sakura.cancels(place)
    assert town.state(entry) == "offered"
    return town, hana, entry


def test_a_yes_where_staff_decide_is_a_request(make_town):
    town, hana, entry = offered(make_town, **REVIEW)
    assert hana.says_yes(entry).code == "requested"
    assert steps(entry)[-1] == "yes_for_review"


def test_who_is_being_asked_may_leave_the_list(make_town):
    town, hana, entry = offered(make_town)
    assert hana.cancels(entry).code == "left"
    assert town.state(entry) == "cancelled"


@pytest.mark.parametrize(("review", "state"), [("staff", "requested"), ("automatic", "held")])
def test_a_yes_ends_what_the_child_holds_elsewhere(make_town, review, state):
    town = make_town(capacity=1)
    town.rules(book("rabbit", booking={"review": review}))
    sakura, hana = town.family("さくら"), town.family("はな")
    place, entry = sakura.books(), hana.waits()
    elsewhere = hana.holds(at="rabbit").booking_id
    if state == "requested":
        hana.confirms(elsewhere)
    assert town.state(elsewhere) == state
    sakura.cancels(place)
    hana.says_yes(entry)
    assert (town.state(entry), town.state(elsewhere)) == ("confirmed", "cancelled")
    assert steps(elsewhere)[-1] == "supersede"


def test_closing_the_day_ends_the_list(make_town):
    town = make_town(capacity=1)
    town.family("さくら").books()
    entry = town.family("はな").waits()
    by = town.worker("staff", "seeds").by
    capacity.close(town.facilities["seeds"], CARE_DAY, "台風", by, None, now)
    assert (town.state(entry), steps(entry)[-1]) == ("cancelled", "close")


def test_a_yes_is_too_late_when_staff_have_taken_the_place_back(make_town):
    town, hana, entry = offered(make_town)
    by = town.worker("staff", "seeds").by
    capacity.set_day(
        town.facilities["seeds"], CARE_DAY, Settings(effective_capacity=0), by, None, now
    )
    assert (town.state(entry), steps(entry)[-1]) == ("waiting", "withdraw")
    assert hana.says_yes(entry).has(Code.OFFER_ENDED)


def test_a_yes_is_too_late_when_the_rules_have_just_closed_the_day(make_town):
    town, hana, entry = offered(make_town)
    town.rules(book("seeds", capacity=1, opening={"closures": [
        {"first": str(CARE_DAY), "last": str(CARE_DAY)}]}))  # fmt: skip
    assert hana.says_yes(entry).has(Code.ALREADY_GONE)
    assert town.state(entry) == "waiting"


@pytest.mark.parametrize("reason", STAFF_CODES)
def test_staff_may_say_no_for_each_of_their_reasons(make_town, reason):
    town = make_town(**REVIEW)
    booking = town.family("さくら").books()
    desk.decline(booking, reason, "", town.worker("staff", "seeds").by, None, now)
    with read() as db:
        assert db.scalar(select(Audit.reason).where(Audit.action == "decline")) == reason


@pytest.mark.parametrize(
    ("rules", "months", "reason"),
    [
        ({"eligibility": {"residents": False}}, 30, Code.ELIGIBILITY),
        ({}, 12 * 14, Code.TOO_OLD),
        ({"places": {"age_weights": WEIGHTS, "points": 1}}, 20, Code.POINTS),
        ({"places": {"age_caps": CAPS}}, 20, Code.AGE_CAP),
        ({"places": {"illness_caps": [{"illnesses": ["URI"], "at_most": 0}]}}, 20, Code.SICK_CAP),
    ],
)
def test_what_a_facility_does_not_take_is_refused(make_town, rules, months, reason):
    town = make_town(**rules)
    assert town.family("さくら", months=months).holds().has(reason)


def test_a_family_holds_two_places_at_a_time(make_town):
    sakura = make_town().family("さくら")
    first, second, third = (CARE_DAY + timedelta(days=n) for n in range(3))
    assert [sakura.holds(day=day).code for day in (first, second)] == ["held", "held"]
    assert sakura.holds(day=third).has(Code.TOO_MANY_HOLDS)


def test_a_family_has_as_many_bookings_ahead_as_the_room_allows(make_town, clock):
    town = make_town(booking={"family_bookings": 1, "opens": {"days_before": 9, "at": "08:45"}})
    sakura, next_day = town.family("さくら"), CARE_DAY + timedelta(days=1)
    booking = sakura.books()
    refused = sakura.holds(day=next_day)
    assert refused.has(Code.TOO_MANY_BOOKINGS)
    assert refused.refusals[0].values == {"n": 1}
    wanted = sakura.wants(day=next_day)
    assert bookings.join(wanted, sakura.by, None, now).has(Code.TOO_MANY_BOOKINGS)
    # Elsewhere it is no concern, and a day that is over does not count.
    assert sakura.holds(day=next_day, at="rabbit").code == "held"
    sakura.cancels(booking)
    assert sakura.holds(day=CARE_DAY).code == "held"
    clock.set("2026-11-23 18:10")  # the end of that hold
    assert sakura.holds(day=next_day + timedelta(days=1)).code == "held"


def test_a_room_may_let_a_family_hold_more_or_ask_less(make_town):
    town = make_town(booking={"family_holds": 3, "family_asks": 4})
    sakura = town.family("さくら")
    days = [CARE_DAY + timedelta(days=n) for n in range(3)]
    assert [sakura.holds(day=day).code for day in days] == ["held"] * 3
    assert sakura.holds(day=days[0], at="rabbit").has(Code.ALREADY_BOOKED)
