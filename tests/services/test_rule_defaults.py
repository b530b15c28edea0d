"""A municipality changes what it says for its rooms; those that follow change with it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from reservation import clock as application_clock
from reservation.domain.rulebook.defaults import Defaults
from reservation.reads import rule_defaults as reads
from reservation.services import facilities
from reservation.services.facilities import DoesNotFit
from reservation.services.outcomes import NotFound
from reservation.store import rulebooks
from reservation.store.db import read
from reservation.store.tables.places import DayRow, RuleBookRow, RuleDefaultsRow
from reservation.store.tables.records import Audit
from tests.databases import both_databases
from tests.town import CARE_DAY, OPERATOR, SUGINAMI, book

pytestmark = both_databases
HOLD = "booking.hold_minutes"
DECEMBER = date(2026, 12, 1)


def follows(town, code, *units, **sections):
    """Let a room follow in these units."""
    facilities.put_rule_book(
        SUGINAMI, book(code, **sections), OPERATOR, application_clock.now, units
    )


def say(values, since=DECEMBER, town=SUGINAMI):
    return facilities.put_defaults(town, Defaults(since, values), OPERATOR, application_clock.now)


def in_force(town, code, day):
    with read() as db:
        return rulebooks.in_force(db, town.facilities[code], day)


def count(table, *where):
    with read() as db:
        return db.scalar(select(func.count()).select_from(table).where(*where))


def test_rooms_that_follow_change_on_the_day_and_others_stay(town):
    follows(town, "seeds", HOLD)
    assert say({HOLD: 8}) == ("seeds",)
    found = [
        in_force(town, code, day).booking.hold_minutes
        for code in ("seeds", "rabbit")
        for day in (date(2026, 11, 30), DECEMBER)
    ]
    assert found == [10, 8, 10, 10]
    assert say({HOLD: 8}) == ()
    assert count(RuleDefaultsRow) == 2
    assert count(Audit, Audit.action == "put_rule_defaults") == 2


def test_days_with_bookings_are_looked_at_again_and_bookings_stay(town, sakura):
    booked = sakura.books("URI")
    follows(town, "seeds", "illnesses.table")
    before = count(DayRow, DayRow.date == CARE_DAY, DayRow.version > 3)
    said = Defaults(CARE_DAY, {"illnesses.table": {"URI": {"handling": "never", "note": {}}}})
    (rabbit, seeds) = sorted(
        reads.effects(SUGINAMI, said, application_clock.now()), key=lambda one: one.code
    )
    assert rabbit.previews == ()
    assert [len(seen.misfits) for seen in seeds.previews] == [1]
    with read() as db:
        versions = select(DayRow.version).where(DayRow.date == CARE_DAY)
        first = db.scalar(versions)
    say(said.values, CARE_DAY)
    with read() as db:
        assert db.scalar(versions) > first
    assert town.state(booked) == "confirmed"
    assert before == 0


def test_a_room_put_later_gets_what_the_town_already_plans(town):
    say({HOLD: 8})
    follows(town, "seeds", HOLD, capacity=5)
    assert in_force(town, "seeds", DECEMBER).booking.hold_minutes == 8
    assert in_force(town, "seeds", DECEMBER).places.official_capacity == 5
    assert in_force(town, "seeds", CARE_DAY).booking.hold_minutes == 10


def test_a_word_with_which_a_room_has_no_rules_changes_nothing_anywhere(town):
    follows(town, "rabbit", HOLD)
    follows(town, "seeds", "booking.closes")
    rows = count(RuleBookRow)
    late = {HOLD: 8, "booking.closes": {"days_before": 9, "at": "7:00"}}
    seen = {
        one.code: one
        for one in reads.effects(SUGINAMI, Defaults(DECEMBER, late), application_clock.now())
    }
    assert seen["seeds"].broken is not None
    assert seen["rabbit"].previews
    with pytest.raises(DoesNotFit) as refused:
        say(late)
    assert refused.value.code == "seeds"
    assert (count(RuleBookRow), count(RuleDefaultsRow)) == (rows, 0)
    with pytest.raises(NotFound):
        say({}, town="999999")
    assert reads.of_town("999999") == ()
