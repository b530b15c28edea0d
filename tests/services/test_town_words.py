"""Officers change what their municipality says for its rooms, alone or by two."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.domain.rulebook.defaults import Defaults
from reservation.reads import rule_books
from reservation.reads import rule_defaults as reads
from reservation.services import audit, facilities, rule_defaults
from reservation.services.keys import key
from reservation.services.outcomes import NotFound
from reservation.store.db import read
from reservation.store.tables.places import RuleBookRow, RuleDefaultsRow
from reservation.store.tables.records import Audit
from tests.databases import both_databases
from tests.town import OPERATOR, SUGINAMI, book

pytestmark = both_databases
TODAY, DECEMBER = date(2026, 11, 23), date(2026, 12, 1)
HOLD, CLOSURES = "booking.hold_minutes", "opening.closures"
HOLIDAYS = [{"first": "2026-12-29", "last": "2027-01-03", "reason": {"ja": "年末年始"}}]
TWO = {"changing.second_person": True}


def by(worker):
    return audit.account(worker.account_id)


def follows(code, *units, **sections):
    """Let a room follow in these units."""
    facilities.put_rule_book(
        SUGINAMI, book(code, **sections), OPERATOR, application_clock.now, units
    )


def says(town, who, values, seen=None, since=DECEMBER, token=None):
    """An officer changes what the municipality says."""
    now = reads.editing(town.municipality_id, TODAY)
    return rule_defaults.change(
        town.municipality_id, Defaults(since, values), now.version if seen is None else seen,
        by(who), key("words", token, {}) if token else None, application_clock.now,
    )  # fmt: skip


def waits(town):
    return reads.waiting(town.municipality_id, application_clock.now())


def approves(town, who, proposal):
    return rule_defaults.approve(
        proposal, town.municipality_id, by(who), None, application_clock.now
    )


def rejects(town, who, proposal):
    return rule_defaults.reject(
        proposal, town.municipality_id, by(who), None, application_clock.now
    )


def newest(town, code="seeds"):
    return rule_books.editing(town.facilities[code], TODAY)


@pytest.fixture
def second(town):
    """Another officer."""
    return town.worker("officer")


def test_rooms_that_follow_change_and_their_history_says_who_and_why(town, officer):
    follows("seeds", HOLD)
    done = says(town, officer, {HOLD: 8}, token="once")
    assert (done.code, done.values) == ("changed", {"rooms": ["seeds"]})
    assert says(town, officer, {HOLD: 8}, token="once") == done
    assert newest(town).book.booking.hold_minutes == 8
    version = newest(town).versions[0]
    assert (version.who, version.by_town, version.valid_from) == ("officer", True, DECEMBER)
    assert not newest(town, "rabbit").versions[0].by_town
    with read() as db:
        assert db.scalar(select(func.count()).select_from(RuleDefaultsRow)) == 1
        acts = select(Audit.actor_id).where(Audit.action == "put_rule_defaults")
        assert db.scalars(acts).all() == [officer.account_id]


def test_the_history_of_the_words_says_old_and_new(town, officer):
    says(town, officer, {HOLD: 8})
    says(town, officer, {HOLD: 9, "waiting.mode": "staff"})
    says(town, officer, {HOLD: 9}, since=date(2027, 1, 4))
    now = reads.editing(town.municipality_id, TODAY)
    found = [
        [(one.path, one.before, one.after) for one in version.changes] for version in now.versions
    ]
    assert found == [
        [("waiting.mode", "staff", None)],
        [(HOLD, 8, 9), ("waiting.mode", None, "staff")],
        [(HOLD, None, 8)],
    ]
    assert (now.version, now.earliest, now.values) == (3, date(2027, 1, 4), {HOLD: 9})


def test_an_old_version_and_a_past_day_change_nothing(town, officer):
    assert says(town, officer, {HOLD: 8}, seen=1).has(Code.NOT_POSSIBLE)
    assert says(town, officer, {HOLD: 8}, since=date(2026, 11, 22)).has(Code.NOT_POSSIBLE)
    with pytest.raises(NotFound):
        rule_defaults.change(
            "x", Defaults(DECEMBER, {}), 0, by(officer), None, application_clock.now
        )


def test_words_with_which_a_room_has_no_rules_change_nothing_anywhere(town, officer):
    follows("rabbit", HOLD)
    follows("seeds", "booking.closes")
    late = {HOLD: 8, "booking.closes": {"days_before": 9, "at": "7:00"}}
    assert says(town, officer, late).has(Code.NOT_POSSIBLE)
    assert newest(town, "rabbit").book.booking.hold_minutes == 10


def test_what_is_dangerous_waits_for_a_second_officer_where_the_town_says_so(town, officer, second):
    follows("seeds", HOLD, CLOSURES)
    says(town, officer, TWO)
    assert says(town, officer, {**TWO, HOLD: 8}).code == "changed"
    assert says(town, officer, {**TWO, HOLD: 8, CLOSURES: HOLIDAYS}).code == "proposed"
    assert newest(town).book.opening.closures == ()
    (found,) = waits(town)
    assert [one.path for one in found.changes] == [CLOSURES]
    assert [(one.code, len(one.previews)) for one in found.effects] == [("seeds", 1), ("rabbit", 0)]
    assert approves(town, officer, found.id).has(Code.NOT_POSSIBLE)
    assert approves(town, second, found.id).values == {"rooms": ["seeds"]}
    assert len(newest(town).book.opening.closures) == 1
    assert (newest(town).versions[0].who, waits(town)) == ("officer", ())
    assert approves(town, second, found.id).has(Code.NOT_POSSIBLE)


def test_nobody_switches_the_second_person_off_alone(town, officer):
    says(town, officer, TWO)
    assert says(town, officer, {}).code == "proposed"


def test_a_room_that_wants_two_people_is_not_changed_by_one(town, officer):
    follows("seeds", CLOSURES, changing={"second_person": True})
    assert says(town, officer, {"waiting.mode": "staff"}).code == "changed"
    assert says(town, officer, {CLOSURES: HOLIDAYS}).code == "proposed"


def test_a_careful_room_with_closures_of_its_own_holds_nobody_up(town, officer):
    follows("seeds", HOLD, changing={"second_person": True})
    assert says(town, officer, {CLOSURES: HOLIDAYS, HOLD: 8}).code == "changed"


def test_a_proposal_ends_is_overtaken_or_taken_back(town, officer, second, clock):
    says(town, officer, TWO)
    says(town, officer, {**TWO, CLOSURES: HOLIDAYS})
    (found,) = waits(town)
    assert rejects(town, officer, found.id).code == "rejected"
    assert (waits(town), rejects(town, officer, found.id).is_refused) == ((), True)
    says(town, officer, {**TWO, CLOSURES: HOLIDAYS})
    (found,) = waits(town)
    says(town, second, {**TWO, HOLD: 8})
    assert waits(town) == ()
    assert approves(town, second, found.id).has(Code.NOT_POSSIBLE)
    says(town, officer, {**TWO, CLOSURES: HOLIDAYS}, since=date(2027, 3, 1))
    (found,) = waits(town)
    application_clock.fix(found.ends_at)
    assert waits(town) == ()
    assert approves(town, second, found.id).has(Code.NOT_POSSIBLE)


def test_a_proposal_that_fits_a_room_no_longer_stays_undecided(town, officer, second):
    says(town, officer, TWO)
    closes = {"booking.closes": {"days_before": 1, "at": "9:00"}}
    says(town, officer, {**TWO, **closes})
    (found,) = waits(town)
    follows("seeds", "booking.closes", booking={"opens": {"days_before": 1, "at": "12:00"}})
    assert approves(town, second, found.id).has(Code.NOT_POSSIBLE)
    assert waits(town)[0].effects[0].broken is not None
    with read() as db:
        assert db.scalar(select(func.count()).where(RuleBookRow.town_version.is_not(None))) == 0


def test_a_proposal_of_another_town_is_not_there(town, officer, second):
    says(town, officer, TWO)
    says(town, officer, {**TWO, CLOSURES: HOLIDAYS})
    (found,) = waits(town)
    for act in (rule_defaults.approve, rule_defaults.reject):
        with pytest.raises(NotFound):
            act(found.id, "x", by(second), None, application_clock.now)
        with pytest.raises(NotFound):
            act("x", town.municipality_id, by(second), None, application_clock.now)
