"""アニモ (Hoshikawa): 9:00 to 17:30 the day before, four to eight places, vaccines at the door."""

from __future__ import annotations

from datetime import date

import pytest

from reservation import clock as application_clock
from reservation.domain import vaccines
from reservation.domain.refusals import Code
from reservation.reads import my_bookings
from reservation.services import capacity, door
from reservation.services.capacity import Settings
from tests.cases.conftest import WEDNESDAY
from tests.databases import both_databases


def test_requests_are_taken_the_day_before_from_nine_to_half_past_five(open_room):
    room = open_room("hoshikawa", "2026-12-01 08:59")
    asked = [room.answers(f"2026-12-01 {at}") for at in ("08:59", "09:00", "17:29", "17:30")]
    assert asked == ["NOT_YET_OPEN", "held", "held", "TOO_LATE"]


def test_monday_is_asked_for_on_friday(open_room):
    room = open_room("hoshikawa", "2026-12-04 08:59")
    monday = date(2026, 12, 7)
    assert room.answers("2026-12-04 08:59", monday) == "NOT_YET_OPEN"
    assert room.answers("2026-12-04 09:00", monday) == "held"


def test_four_places_become_six_when_staff_say_so(open_room):
    room = open_room("hoshikawa", "2026-12-01 10:00")
    assert [room.takes("URI") for _ in range(5)] == ["confirmed"] * 4 + ["CAPACITY"]
    nurse = room.town.worker("staff", room.code)
    six = Settings(effective_capacity=6)
    capacity.set_day(room.id, WEDNESDAY, six, nurse.by, None, application_clock.now)
    assert [room.takes("URI") for _ in range(3)] == ["confirmed"] * 2 + ["CAPACITY"]


@both_databases
def test_without_the_measles_vaccination_the_child_goes_home_and_the_place_is_free(open_room):
    room = open_room("hoshikawa", "2026-12-01 10:00")
    toddler = room.family(months=15)
    booked = toddler.books("URI", WEDNESDAY, room.code)
    for _ in range(3):
        assert room.takes("URI") == "confirmed"
    room.clock.set("2026-12-01 17:00")
    entry = room.family().waits("URI", WEDNESDAY, room.code)
    room.clock.set("2026-12-02 07:40")
    nurse = room.town.worker("staff", room.code)
    sent_home = door.refuse(booked, Code.VACCINE, "MR未接種", nurse.by, None, application_clock.now)
    assert sent_home.code == "refused_at_door"
    # no no-show, and the first in line is asked in the same breath
    row = room.row(booked)
    assert (row.state, row.reason) == ("refused_at_door", "VACCINE")
    assert room.town.state(entry) == "offered"


@pytest.mark.parametrize(
    ("months", "said", "answer"),
    [
        (13, "MR:not_yet", "confirmed"),
        (14, "MR:not_yet", "VACCINE"),
        (15, "MR:unknown", "confirmed"),
        (15, "MR:done", "confirmed"),
        (15, None, "confirmed"),
    ],
)
def test_whoever_says_not_yet_is_told_so_before_the_door(open_room, months, said, answer):
    room = open_room("hoshikawa", "2026-12-01 10:00")
    assert room.takes("URI", months, vaccines=said) == answer


def test_whoever_is_not_sure_brings_the_handbook(open_room):
    room = open_room("hoshikawa", "2026-12-01 10:00")
    asked = {}
    for said in (None, "MR:unknown", "MR:done"):
        family = room.family(15, vaccines=said)
        booked = family.books("URI", WEDNESDAY, room.code)
        page = my_bookings.page(
            booked, family.family_id, family.guardian_id, application_clock.now()
        )
        asked[said] = [one.values.get("vaccine") for one in page.booked.in_the_morning]
    assert asked == {
        None: [vaccines.WORDS["MR"]],
        "MR:unknown": [vaccines.WORDS["MR"]],
        "MR:done": [],
    }


def test_from_six_months_to_the_end_of_primary_school(open_room):
    room = open_room("hoshikawa", "2026-12-01 10:00")
    assert room.takes("URI", months=5) == "TOO_YOUNG"
    assert room.takes("URI", months=7) == "confirmed"
    assert room.takes("URI", months=12 * 12) == "confirmed"
    assert room.takes("URI", months=13 * 12) == "TOO_OLD"
