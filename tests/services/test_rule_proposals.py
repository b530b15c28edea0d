"""Dangerous changes of a rule book wait for a second person; nobody approves their own."""

from __future__ import annotations

from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.reads import rule_books as books
from reservation.reads import rule_proposals as reads
from reservation.services import audit, rule_books, rule_proposals
from reservation.services.keys import key
from reservation.services.outcomes import NotFound
from reservation.services.rule_proposals import Place
from reservation.store.db import read
from reservation.store.tables.places import ProposalRow
from reservation.store.tables.records import Audit
from tests.databases import both_databases
from tests.town import book

pytestmark = both_databases
TODAY = date(2026, 11, 23)
CAREFUL = {"changing": {"second_person": True}}
FROM = {"valid_from": "2026-12-01", **CAREFUL}


@pytest.fixture
def town(make_town):
    """A room whose municipality wants two people."""
    return make_town(**CAREFUL)


@pytest.fixture
def second(town):
    """Another manager of the room."""
    return town.worker("manager", "seeds")


def here(town):
    return Place(facility_id=town.facilities["seeds"])


def changes(town, who, new, token=None):
    """A manager changes the rules."""
    sent = key("rules", token, {}) if token else None
    seen = books.editing(town.facilities["seeds"], TODAY).version
    return rule_books.change(
        town.facilities["seeds"], new, seen, who.by, sent, application_clock.now
    )


def proposes(town, who, **sections):
    """A dangerous change; the id of its proposal."""
    assert changes(town, who, book("seeds", **FROM, **sections)).code == "proposed"
    (found,) = waits(town)
    return found.id


def waits(town):
    return reads.waiting(application_clock.now(), facility_id=town.facilities["seeds"])


def approves(town, who, proposal, place=None):
    return rule_proposals.approve(
        proposal, place or here(town), who.by, None, application_clock.now
    )


def newest(town):
    return books.editing(town.facilities["seeds"], TODAY).book


def test_a_dangerous_change_waits_and_counts_when_another_manager_approves(town, manager, second):
    proposal = proposes(town, manager, capacity=4)
    assert newest(town).places.official_capacity == 6
    (found,) = waits(town)
    assert [c.path for c in found.seen.changes] == ["valid_from", "places.official_capacity"]
    assert (found.proposed_by, found.who) == (manager.account_id, "manager")
    assert approves(town, second, proposal).code == "changed"
    assert (newest(town).places.official_capacity, newest(town).valid_from) == (
        4,
        date(2026, 12, 1),
    )
    assert waits(town) == ()
    assert approves(town, second, proposal).has(Code.NOT_POSSIBLE)


def test_what_is_not_dangerous_counts_at_once(town, manager):
    assert changes(town, manager, book("seeds", fees={"resident": 2500}, **FROM)).code == "changed"


@pytest.mark.parametrize(
    "sections",
    [
        {"opening": {"closures": [{"first": "2026-12-08", "last": "2026-12-08"}]}},
        {"booking": {"closes": {"days_before": 0, "at": "7:30"}}},
        {"booking": {"opens": {"days_before": 2, "at": "8:45"}}},
        {"changing": {"second_person": False}},
    ],
)
def test_opening_capacity_closures_and_the_rule_itself_are_dangerous(town, manager, sections):
    new = book("seeds", **{**FROM, **sections})
    assert changes(town, manager, new).code == "proposed"


def test_nobody_approves_their_own_but_may_take_it_back(town, manager):
    proposal = proposes(town, manager, capacity=4)
    assert approves(town, manager, proposal).has(Code.NOT_POSSIBLE)
    rejected = rule_proposals.reject(proposal, here(town), manager.by, None, application_clock.now)
    assert rejected.code == "rejected"
    assert (waits(town), newest(town).places.official_capacity) == ((), 6)


def test_an_officer_approves_for_the_municipality(town, manager, officer):
    proposal = proposes(town, manager, capacity=4)
    by = audit.account(officer.account_id)
    elsewhere = Place(municipality_id="0" * 32)
    for place in (elsewhere, Place(facility_id=town.facilities["rabbit"])):
        with pytest.raises(NotFound):
            rule_proposals.approve(proposal, place, by, None, application_clock.now)
    place = Place(municipality_id=town.municipality_id)
    (found,) = reads.waiting(application_clock.now(), municipality_id=town.municipality_id)
    assert found.id == proposal
    done = rule_proposals.approve(proposal, place, by, key("o", "k", {}), application_clock.now)
    assert done.code == "changed"
    again = rule_proposals.approve(proposal, place, by, key("o", "k", {}), application_clock.now)
    assert again == done
    with pytest.raises(NotFound):
        rule_proposals.approve("x", place, by, None, application_clock.now)


@pytest.mark.parametrize(
    ("at", "waiting"), [("2026-11-30 17:59", 1), ("2026-11-30 18:00", 0), ("2026-12-02 09:00", 0)]
)
def test_a_proposal_ends_after_its_days(town, manager, second, clock, at, waiting):
    proposal = proposes(town, manager, capacity=4)
    clock.set(at)
    assert len(waits(town)) == waiting
    assert approves(town, second, proposal).is_refused is not bool(waiting)


def test_a_proposal_whose_first_day_has_passed_is_over(town, manager, second, clock):
    sections = {**FROM, "valid_from": "2026-11-25", "capacity": 4}
    assert changes(town, manager, book("seeds", **sections)).code == "proposed"
    (found,) = waits(town)
    clock.set("2026-11-26 00:00")
    assert waits(town) == ()
    assert approves(town, second, found.id).has(Code.NOT_POSSIBLE)


def test_a_proposal_that_another_change_overtook_is_over(town, manager, second):
    proposal = proposes(town, manager, capacity=4)
    changes(town, second, book("seeds", fees={"resident": 2500}, **FROM))
    assert waits(town) == ()
    assert approves(town, second, proposal).has(Code.NOT_POSSIBLE)
    assert newest(town).places.official_capacity == 6


def test_the_same_form_twice_is_one_proposal_and_all_of_it_is_kept(town, manager, second):
    new = book("seeds", capacity=4, **FROM)
    assert changes(town, manager, new, "once") == changes(town, manager, new, "once")
    (found,) = waits(town)
    approves(town, second, found.id)
    with read() as db:
        acts = select(Audit.action, Audit.actor_id).where(Audit.entity == "rule_proposal")
        kept = [tuple(row) for row in db.execute(acts.order_by(Audit.seq))]
        states = list(db.scalars(select(ProposalRow.state)))
    assert kept == [
        ("propose_rules", manager.account_id), ("approved_rules", second.account_id),
    ]  # fmt: skip
    assert states == ["approved"]


def test_two_who_decide_at_once_decide_once(town, context, manager, second, officer):
    proposal = proposes(town, manager, capacity=4)
    both, found = Barrier(2), []

    def decide(by, place):
        with context.app_context():
            both.wait(10)
            found.append(
                rule_proposals.approve(proposal, place, by, None, application_clock.now).code
            )

    office = Place(municipality_id=town.municipality_id)
    racers = [
        Thread(target=decide, args=(second.by, here(town))),
        Thread(target=decide, args=(audit.account(officer.account_id), office)),
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(30)
    assert sorted(found) == ["changed", "refused"]
    assert books.editing(town.facilities["seeds"], TODAY).version == 2
