"""Families wait on their own terms: woken at night, taken for, near enough for a second chance."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.domain.values import PLAIN, Terms
from reservation.reads import integrity
from reservation.services import bookings, door, offers, taking
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow, RoundRow
from reservation.store.tables.records import Audit, Outbox
from tests.databases import both_databases
from tests.domain.build import tokyo
from tests.town import book

pytestmark = both_databases
now = application_clock.now
LIST = {"wake_minutes": 20, "takes_for_family": True, "second_chance_until": "9:00"}
WAKES, NEAR, TAKES = Terms(wakes=True), Terms(near=True), Terms(takes_until=tokyo(6, 30))


def full(make_town, *names, **rules):
    """One place that さくら has, and these families who do not wait yet."""
    town = make_town(capacity=1, **{"waiting": LIST} | rules)
    sakura = town.family("さくら")
    return town, sakura, sakura.books(), [town.family(name) for name in names]


def told(mail):
    """The kinds of message to an address, and the facts each brought along."""
    with read() as db:
        rows = db.execute(
            select(Outbox.kind, Outbox.params)
            .where(Outbox.address == mail)
            .order_by(Outbox.created_at, Outbox.id)
        )
        return [(row.kind, json.loads(row.params or "{}")) for row in rows]


def skipped():
    """Who was passed over, and why, as it is kept."""
    with read() as db:
        kept = db.scalars(select(RoundRow.skipped).order_by(RoundRow.started_at)).all()
    return [(one["booking"], one["code"]) for rows in kept for one in rows]


def unbroken():
    """Every rule holds but the one about mail, which nobody sends here."""
    assert [one for one in integrity.check(now) if one.code != "I8"] == []


def test_only_who_may_be_woken_is_asked_at_night(make_town, clock):
    town, sakura, place, (hana, momo) = full(make_town, "はな", "もも")
    asleep, awake = hana.waits(), momo.waits_with(WAKES)
    clock.set("2026-11-24 02:00")
    sakura.cancels(place)
    assert (town.state(asleep), town.state(awake)) == ("waiting", "offered")
    assert skipped() == [(asleep, Code.NOT_NOW.value)]
    clock.set("2026-11-24 02:20")
    offers.sweep(now)
    assert town.state(awake) == "waiting"
    clock.set("2026-11-24 06:00")
    offers.sweep(now)
    assert (town.state(asleep), town.state(awake)) == ("offered", "waiting")
    unbroken()


def test_a_wish_to_be_woken_counts_at_once(make_town, clock):
    town, sakura, place, (hana,) = full(make_town, "はな")
    entry = hana.waits()
    clock.set("2026-11-24 02:00")
    sakura.cancels(place)
    assert town.state(entry) == "waiting"
    assert hana.sets(entry, WAKES).code == "noted"
    assert town.state(entry) == "offered"
    assert hana.sets(entry, PLAIN).code == "noted"
    assert town.state(entry) == "offered"
    unbroken()


def test_a_place_is_taken_at_night_and_the_family_told(make_town, clock):
    town, sakura, place, (hana, momo) = full(make_town, "はな", "もも")
    asleep, mine = hana.waits(), momo.waits_with(TAKES)
    clock.set("2026-11-24 03:00")
    sakura.cancels(place)
    assert town.state(mine) == "waiting"
    assert town.family("よる").holds().has(Code.LIST_FIRST)
    assert taking.due(now) == 1
    assert (town.state(asleep), town.state(mine)) == ("waiting", "confirmed")
    assert told(momo.mail)[-1] == ("confirmed", {"for_you": True})
    assert skipped() == [(asleep, Code.NOT_NOW.value)]
    with read() as db:
        row = db.execute(
            select(Audit.actor, Audit.frm, Audit.to).where(Audit.action == "take")
        ).one()
        booked = db.get_one(BookingRow, mine)
    assert tuple(row) == ("clock", "waiting", "confirmed")
    assert booked.cancel_until is not None
    assert booked.room is not None
    assert taking.due(now) == 0
    unbroken()


def test_by_day_who_stands_before_answers_first(make_town, clock):
    town, sakura, place, (hana, momo) = full(make_town, "はな", "もも")
    first, mine = hana.waits(), momo.waits_with(TAKES)
    sakura.cancels(place)
    assert taking.due(now) == 0
    assert (town.state(first), town.state(mine)) == ("offered", "waiting")
    hana.says_no(first)
    assert taking.due(now) == 1
    assert town.state(mine) == "confirmed"
    unbroken()


def test_two_places_are_taken_for_two_families(make_town, clock):
    town = make_town(capacity=2, waiting=LIST)
    places = [(one, one.books()) for one in (town.family("さくら"), town.family("つばき"))]
    mine = [town.family(name).waits_with(TAKES) for name in ("はな", "もも", "うめ")]
    for family, place in places:
        family.cancels(place)
    assert taking.due(now) == 2
    assert [town.state(one) for one in mine] == ["confirmed", "confirmed", "waiting"]
    unbroken()


def test_a_taken_place_ends_the_childs_other_requests_of_that_day(make_town):
    town, sakura, place, (hana,) = full(make_town, "はな")
    mine, elsewhere = hana.waits_with(TAKES), None
    town.rules(book("rabbit", waiting=LIST, capacity=1))
    town.family("うさぎ").books(at="rabbit")
    elsewhere = hana.waits(at="rabbit")
    sakura.cancels(place)
    assert taking.due(now) == 1
    assert (town.state(mine), town.state(elsewhere)) == ("confirmed", "cancelled")
    assert "superseded" in [kind for kind, _facts in told(hana.mail)]
    assert hana.cancels(mine).code == "cancelled"
    unbroken()


def test_where_staff_decide_a_place_is_asked_for(make_town):
    town, sakura, place, (hana,) = full(make_town, "はな", booking={"review": "staff"})
    mine = hana.waits_with(TAKES)
    sakura.cancels(place)
    assert taking.due(now) == 1
    assert town.state(mine) == "requested"
    assert ("received", {"for_you": True}) in told(hana.mail)
    unbroken()


def test_no_place_is_taken_for_a_child_that_is_cared_for_elsewhere(make_town, clock):
    late = LIST | {"stop_before_opening": 0}
    town, sakura, place, (hana,) = full(make_town, "はな", waiting=late)
    town.rules(book("rabbit", opening={"week": {"tue": {"opens": "7:00", "closes": "18:00"}}}))
    elsewhere = hana.books(at="rabbit")
    mine = hana.waits_with(Terms(takes_until=tokyo(8)))
    clock.set("2026-11-24 07:30")
    nurse = town.worker("staff", "rabbit")
    door.check_in(elsewhere, nurse.by, None, now)
    sakura.cancels(place)
    taking.due(now)
    assert (town.state(elsewhere), town.state(mine)) == ("checked_in", "cancelled")
    unbroken()


def test_who_is_near_gets_a_second_chance_and_the_others_are_told(make_town, clock):
    town, sakura, place, (hana, momo) = full(make_town, "はな", "もも")
    far, near = hana.waits(), momo.waits_with(NEAR)
    clock.set("2026-11-24 07:30")
    offers.sweep(now)
    assert (town.state(far), town.state(near)) == ("expired", "waiting")
    clock.set("2026-11-24 08:20")
    nurse = town.worker("staff", "seeds")
    door.no_show(place, nurse.by, None, now)
    assert town.state(near) == "offered"
    assert momo.says_yes(near).code == "confirmed"
    unbroken()


def test_second_chances_end_too(make_town, clock):
    town, sakura, place, (hana,) = full(make_town, "はな")
    near = hana.waits_with(NEAR)
    clock.set("2026-11-24 09:00")
    offers.sweep(now)
    assert town.state(near) == "expired"
    assert told(hana.mail)[-1][0] == "list_ended"


@pytest.mark.parametrize("waiting", [{}, {"takes_for_family": True, "mode": "staff"}])
def test_what_the_room_does_not_offer_is_not_kept(make_town, waiting):
    town, sakura, place, (hana,) = full(make_town, "はな", waiting=waiting)
    mine = hana.waits_with(Terms(True, tokyo(6, 30), True))
    sakura.cancels(place)
    assert taking.due(now) == 0
    with read() as db:
        row = db.get_one(BookingRow, mine)
    assert (row.wakes, row.near) == (False, False)
    assert (row.takes_until is None) is (waiting == {})


def test_terms_are_said_with_the_joining_too_and_not_after_it_is_over(make_town):
    town, sakura, place, (hana,) = full(make_town, "はな")
    joined = bookings.join(hana.wants(), hana.by, None, now, WAKES)
    with read() as db:
        assert db.get_one(BookingRow, joined.booking_id).wakes
    hana.cancels(joined.booking_id)
    assert hana.sets(joined.booking_id, NEAR).has(Code.NOT_POSSIBLE)
