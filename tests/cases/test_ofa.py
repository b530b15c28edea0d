"""OFA: from 18:00 to 8:00 online; offers of fifteen minutes, none at night."""

from __future__ import annotations

import pytest

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.services import offers
from tests.cases.conftest import WEDNESDAY
from tests.databases import both_databases


@pytest.fixture
def room(open_room):
    """The only place is taken and two families wait, in the evening before."""
    found = open_room("ofa", "2026-12-01 18:00")
    found.first = found.family()
    found.booked = found.first.books("URI", WEDNESDAY, found.code)
    found.ones = [found.family(), found.family()]
    found.entries = [one.waits("URI", WEDNESDAY, found.code) for one in found.ones]
    return found


def at(room, moment):
    """Where both entries stand when the timetable has turned at this moment."""
    room.clock.set(moment)
    offers.sweep(application_clock.now)
    return [room.town.state(entry) for entry in room.entries]


def test_the_evening_before_from_six_until_eight_in_the_morning(open_room):
    empty = open_room("ofa", "2026-12-01 17:59")
    assert empty.answers("2026-12-01 17:59") == "NOT_YET_OPEN"
    assert empty.answers("2026-12-02 08:00") == "TOO_LATE"
    assert empty.answers("2026-12-02 07:59") == "held"


@both_databases
def test_fifteen_minutes_without_an_answer_and_the_place_passes_on(room):
    room.clock.set("2026-12-02 06:20")
    room.first.cancels(room.booked)
    assert at(room, "2026-12-02 06:34") == ["offered", "waiting"]
    assert at(room, "2026-12-02 06:35") == ["waiting", "offered"]
    room.clock.set("2026-12-02 06:36")
    one, two = room.ones
    assert one.says_yes(room.entries[0]).is_refused
    assert two.says_yes(room.entries[1]).code == "confirmed"


@both_databases
def test_a_place_freed_at_night_is_offered_at_six(room):
    room.clock.set("2026-12-01 23:10")
    room.first.cancels(room.booked)
    for moment in ("2026-12-01 23:11", "2026-12-02 03:00", "2026-12-02 05:59"):
        assert at(room, moment) == ["waiting", "waiting"]
    assert at(room, "2026-12-02 06:00") == ["offered", "waiting"]


def test_until_seven_online_and_then_by_telephone(room):
    room.clock.set("2026-12-02 07:00")
    assert room.first.cancels(room.booked).has(Code.TELEPHONE_ONLY)
    room.clock.set("2026-12-02 06:59")
    assert room.first.cancels(room.booked).code == "cancelled"
