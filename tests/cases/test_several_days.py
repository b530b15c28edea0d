"""Several days of one illness, as real rooms let them be booked (domain.md §3.6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.services import bookings
from reservation.services.several_days import Rest

MONDAY, FRIDAY = date(2026, 12, 7), date(2026, 12, 4)
FIRST = date(2026, 12, 1)


def december(*days: int) -> list[date]:
    return [date(2026, 12, day) for day in days]


def test_in_sumida_seven_days_of_one_illness_end_on_the_sunday(open_room):
    room = open_room("sumida", "2026-11-30 09:00")
    family = room.family()
    for day in december(1, 2, 3, 4, 7):
        family.books("FLU_A", day, room.code)
    no = room.asks("2026-11-30 09:10", december(8)[0], "FLU_A", family)
    assert [one.code for one in no.refusals] == [Code.TOO_MANY_DAYS]
    assert no.refusals[0].values == {"days": 7, "first": FIRST}
    assert room.asks("2026-11-30 09:11", december(8)[0], "URI", family).code == "held"


@pytest.mark.parametrize(
    ("at", "illness", "answer"),
    [
        ("2026-12-03 08:59", "FLU_A", "NOT_YET_OPEN"),
        ("2026-12-03 09:00", "FLU_A", "held"),
        ("2026-12-03 09:00", "MUMPS", "held"),
        ("2026-12-03 09:00", "URI", "NOT_YET_OPEN"),
        ("2026-12-04 08:59", "URI", "NOT_YET_OPEN"),
        ("2026-12-04 09:00", "URI", "held"),
    ],
)
def test_animo_takes_a_known_course_for_monday_on_thursday(open_room, at, illness, answer):
    room = open_room("animo", at)
    outcome = room.asks(at, MONDAY, illness)
    said = " ".join(one.code.value for one in outcome.refusals) or outcome.code
    assert said == answer


def test_in_oguchi_three_days_and_more_from_the_morning_of_the_third(open_room):
    room = open_room("oguchi", "2026-11-30 09:00")
    family = room.family()
    for day in december(1, 2, 3):
        family.books("URI", day, room.code)
    fourth = december(4)[0]
    no = room.asks("2026-12-01 09:00", fourth, "URI", family)
    assert [one.code for one in no.refusals] == [Code.TOO_MANY_AT_ONCE]
    assert room.asks("2026-12-03 08:29", fourth, "URI", family).has(Code.TOO_MANY_AT_ONCE)
    assert room.asks("2026-12-03 08:30", fourth, "URI", family).code == "held"


def test_in_hiyoko_the_returning_child_asks_first_until_its_third_day(open_room):
    room = open_room("hiyoko", "2026-11-30 12:30")
    family = room.family()
    family.books("URI", FIRST, room.code)
    for day in december(2, 3):
        morning = f"{day - timedelta(days=1)} 08:30"
        assert room.asks(morning, day).has(Code.NOT_YET_OPEN), "for everybody else"
        room.clock.set(morning)
        family.books("URI", day, room.code)
    fourth = december(4)[0]
    assert room.asks("2026-12-03 12:29", fourth, "URI", family).has(Code.NOT_YET_OPEN)
    assert room.asks("2026-12-03 12:30", fourth, "URI", family).code == "held"


def test_in_hiyoko_each_day_is_a_booking_of_its_own(open_room):
    room = open_room("hiyoko", "2026-12-03 12:30")
    family = room.family()
    family.books("URI", FRIDAY, room.code)
    no = room.asks("2026-12-03 16:00", MONDAY, "URI", family)
    assert {one.code for one in no.refusals} == {Code.NOT_YET_OPEN, Code.TOO_MANY_AT_ONCE}


def booked_in(room, *days):
    family = room.family()
    return family, {day: family.books("URI", day, room.code) for day in days}


def test_in_nishiwaki_the_second_of_four_days_takes_the_third_and_the_fourth(open_room):
    room = open_room("nishiwaki", "2026-11-30 09:00")
    family, booked = booked_in(room, *december(1, 2, 3, 4))
    entries = []
    for day in december(3, 4):
        while not room.asks("2026-11-30 10:00", day).is_refused:
            pass
        room.clock.set("2026-12-02 07:00")
        entries.append(room.family().waits("URI", day, room.code))
    room.clock.set("2026-12-02 07:30")
    done = family.cancels(booked[december(2)[0]])
    assert done.values["fell"] == ["2026-12-03", "2026-12-04"]
    after = [room.town.state(one) for one in booked.values()]
    assert after == ["confirmed", "cancelled", "cancelled", "cancelled"]
    assert [room.town.state(entry) for entry in entries] == ["offered", "offered"]


def test_in_nishiwaki_a_minute_after_eight_it_is_refused_and_all_days_stay(open_room):
    room = open_room("nishiwaki", "2026-11-30 09:00")
    family, booked = booked_in(room, *december(1, 2, 3, 4))
    room.clock.set("2026-12-02 08:01")
    second = booked[december(2)[0]]
    assert family.cancels(second).has(Code.TELEPHONE_ONLY)
    assert {room.town.state(one) for one in booked.values()} == {"confirmed"}
    nurse = room.town.worker("staff", room.code)
    done = bookings.cancel(second, nurse.by, None, application_clock.now)
    assert (done.values["late"], done.values["same_day"]) == (True, True)
    rows = [room.row(booked[day]) for day in december(2, 3, 4)]
    assert [(row.state, row.late, row.same_day) for row in rows] == [
        ("cancelled", True, True), ("cancelled", False, False), ("cancelled", False, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("to_nursery", "states"),
    [(True, ["cancelled"] * 3), (False, ["cancelled", "confirmed", "confirmed"])],
)
def test_in_oguchi_nursery_loses_the_rest_and_home_keeps_it(open_room, to_nursery, states):
    room = open_room("oguchi", "2026-11-30 09:00")
    family, booked = booked_in(room, *december(1, 2, 3))
    room.clock.set("2026-12-01 07:30")
    rest = Rest(to_nursery=to_nursery)
    first = booked[FIRST]
    assert bookings.cancel(first, family.by, None, application_clock.now, rest).code == "cancelled"
    assert [room.town.state(one) for one in booked.values()] == states
