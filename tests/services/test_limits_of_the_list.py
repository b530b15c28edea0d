"""What a family may have counts while it waits too: who may have no more is passed over with the
reason and keeps the rank, and a yes that comes too late is refused and passes the place on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.reads import integrity, my_bookings
from reservation.services import bookings, desk, offers, taking, tasks
from reservation.store.db import read, write
from reservation.store.tables.bookings import RoundRow
from reservation.store.tables.people import Guardian, Registration
from reservation.store.tables.records import Task
from tests.databases import both_databases
from tests.services.test_taking import TAKES
from tests.town import CARE_DAY

pytestmark = both_databases
now = application_clock.now
NEXT, THIRD = CARE_DAY + timedelta(days=1), CARE_DAY + timedelta(days=2)
EARLY = {"opens": {"days_before": 8, "at": "08:45"}}


def unbroken():
    assert [one for one in integrity.check(now) if one.code != "I8"] == []


def skipped():
    """Who was passed over, and why, as it is kept."""
    with read() as db:
        kept = db.scalars(select(RoundRow.skipped).order_by(RoundRow.started_at)).all()
    return [(one["booking"], one["code"]) for rows in kept for one in rows]


def full_on(make_town, day, **rules):
    """One place, which ゆり has on this day; さくら and はな wait for it in this order."""
    town = make_town(capacity=1, **{"booking": EARLY} | rules)
    yuri, sakura, hana = (town.family(name) for name in ("ゆり", "さくら", "はな"))
    place, first = yuri.books(day=day), sakura.waits(day=day)
    application_clock.fix(now() + timedelta(minutes=1))
    return town, (yuri, place), (sakura, first), (hana, hana.waits(day=day))


LIMITS = [
    ({"booking": {**EARLY, "family_bookings": 1}}, Code.TOO_MANY_BOOKINGS),
    ({"chain": {"most_days": 2}}, Code.TOO_MANY_DAYS),
    ({"chain": {"at_once": 1, "further_from": "23:59"}}, Code.TOO_MANY_AT_ONCE),
]


@pytest.mark.parametrize(("rules", "code"), LIMITS)
def test_who_has_enough_by_now_is_passed_over_and_keeps_the_rank(make_town, rules, code):
    town, (yuri, place), (sakura, hers), (hana, next_one) = full_on(make_town, THIRD, **rules)
    got = sakura.books(day=CARE_DAY)
    yuri.cancels(place)
    assert (town.state(hers), town.state(next_one)) == ("waiting", "offered")
    assert skipped() == [(hers, code.value)]
    sakura.cancels(got)
    hana.says_no(next_one)
    offers.sweep(now)
    assert town.state(hers) == "offered", "the rank was kept"
    unbroken()


@pytest.mark.parametrize(("rules", "code"), LIMITS)
def test_a_yes_that_has_become_too_much_passes_the_place_on_at_once(make_town, rules, code):
    town, (yuri, place), (sakura, hers), (hana, next_one) = full_on(make_town, THIRD, **rules)
    yuri.cancels(place)
    assert town.state(hers) == "offered"
    sakura.books(day=CARE_DAY)
    no = sakura.says_yes(hers)
    assert [one.code for one in no.refusals] == [code]
    assert (town.state(hers), town.state(next_one)) == ("waiting", "offered")
    assert (hers, code.value) in skipped()
    unbroken()


def test_the_sweep_takes_an_offer_back_that_has_become_too_much(make_town):
    rules, code = LIMITS[0]
    town, (yuri, place), (sakura, hers), (hana, next_one) = full_on(make_town, THIRD, **rules)
    yuri.cancels(place)
    sakura.books(day=CARE_DAY)
    offers.sweep(now)
    assert (town.state(hers), town.state(next_one)) == ("waiting", "offered")
    assert (hers, code.value) in skipped()
    unbroken()


def test_a_place_is_not_taken_for_who_may_have_no_more(make_town, clock):
    town = make_town(
        capacity=1, waiting={"takes_for_family": True}, booking={**EARLY, "family_bookings": 1}
    )
    yuri, sakura = town.family("ゆり"), town.family("さくら")
    place = yuri.books()
    hers = sakura.waits_with(TAKES)
    sakura.books(day=THIRD)
    clock.set("2026-11-24 02:00")
    yuri.cancels(place)
    assert taking.due(now) == 0
    assert town.state(hers) == "waiting"
    unbroken()


def test_staff_do_not_ask_in_vain_and_hear_why(make_town):
    rules, code = LIMITS[0]
    town, (yuri, place), (sakura, hers), _next = full_on(
        make_town, THIRD, waiting={"mode": "staff"}, **rules
    )
    nurse = town.worker("staff", "seeds")
    yuri.cancels(place)
    sakura.books(day=CARE_DAY)
    assert desk.offer(hers, 30, nurse.by, None, now).has(code)
    assert town.state(hers) == "waiting"
    done = desk.override(hers, "general", "どうしても", nurse.by, None, now)
    assert done.code == "confirmed", "with a reason in words they may"


def test_a_yes_on_the_telephone_is_asked_the_same(make_town):
    rules, code = LIMITS[0]
    town, (yuri, place), (sakura, hers), (hana, next_one) = full_on(make_town, THIRD, **rules)
    with write() as db:
        guardian = update(Guardian).where(Guardian.family_id == sakura.family_id)
        db.execute(guardian.values(mail=None))
    yuri.cancels(place)
    nurse = town.worker("staff", "seeds")
    sakura.books(day=CARE_DAY)
    with read() as db:
        call = db.scalars(select(Task.id).where(Task.kind == "call_offer")).one()
    assert tasks.answer(call, "yes", nurse.by, None, now).has(code)
    assert (town.state(hers), town.state(next_one)) == ("waiting", "offered")
    unbroken()


def test_who_may_have_no_more_keeps_nobody_from_the_place(make_town):
    town = make_town(capacity=1, booking={**EARLY, "family_bookings": 1}, waiting={"mode": "staff"})
    yuri, sakura, hana = (town.family(name) for name in ("ゆり", "さくら", "はな"))
    place = yuri.books(day=THIRD)
    sakura.waits(day=THIRD)
    sakura.books(day=CARE_DAY)
    yuri.cancels(place)
    assert hana.holds(day=THIRD).code == "held"


def test_the_cap_on_children_that_await_approval_counts_on_the_list(make_town):
    town = make_town(capacity=2, registering={"provisional_most": 1})
    names = ("ゆり", "もも", "さくら", "はな", "すみれ")
    yuri, momo, sakura, hana, sumire = (town.family(name) for name in names)
    with write() as db:
        pending = Registration.child_id.in_([sakura.child_id, hana.child_id])
        db.execute(update(Registration).where(pending).values(status="pending"))
    first, second = yuri.books(), momo.books()
    hers = sakura.waits()
    application_clock.fix(now() + timedelta(minutes=1))
    theirs, last = hana.waits(), sumire.waits()
    yuri.cancels(first)
    assert sakura.says_yes(hers).code == "confirmed"
    momo.cancels(second)
    assert (town.state(theirs), town.state(last)) == ("waiting", "offered")
    assert skipped() == [(theirs, Code.PROVISIONAL_FULL.value)]
    unbroken()


# -- the priority of the returning child -----------------------------------------------------------

HIYOKO = {"chain": {"returning_days": 3}}


def rank(family, day):
    """The family's rank, as it is told when it joins, or joins again."""
    return bookings.join(family.wants(day=day), family.by, None, now).values["rank"]


def test_the_returning_child_stands_before_who_asked_earlier(make_town):
    town, (yuri, place), (sakura, first), (hana, second) = full_on(make_town, NEXT, **HIYOKO)
    assert (rank(sakura, NEXT), rank(hana, NEXT)) == (1, 2)
    today = hana.books(day=CARE_DAY)
    assert (rank(sakura, NEXT), rank(hana, NEXT)) == (2, 1)
    assert [one.rank for one in my_bookings.open_ones(hana.family_id, now()) if one.rank] == [1]
    yuri.cancels(place)
    assert (town.state(first), town.state(second)) == ("waiting", "offered")
    assert skipped() == [(first, Code.RETURNS_FIRST.value)]
    hana.cancels(today)
    assert rank(hana, NEXT) == 2, "the rank is what it is now"
    assert town.state(second) == "offered", "an open offer stands"
    unbroken()


def test_a_returning_child_that_joins_is_told_its_true_rank(make_town):
    town, _yuri, _sakura, _hana = full_on(make_town, NEXT, **HIYOKO)
    momo = town.family("もも")
    momo.books(day=CARE_DAY)
    assert rank(momo, NEXT) == 1


def test_a_returning_child_takes_what_rests_for_the_list_and_others_do_not(make_town):
    town, (yuri, place), _sakura, _hana = full_on(
        make_town, NEXT, **HIYOKO, waiting={"mode": "staff"}
    )
    momo, sumire = town.family("もも"), town.family("すみれ")
    momo.books(day=CARE_DAY)
    yuri.cancels(place)
    assert sumire.holds(day=NEXT).has(Code.LIST_FIRST)
    assert momo.holds(day=NEXT).code == "held"
    unbroken()
