"""横須賀 中央こども園: staff confirm each request, others pay more, open on Saturday."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update

from reservation import clock as application_clock
from reservation.services import desk, rooming
from reservation.store.db import write
from reservation.store.tables.people import Family
from tests.cases.conftest import WEDNESDAY


def test_a_request_waits_for_staff_and_keeps_its_place(open_room):
    room = open_room("yokosuka", "2026-12-01 10:00")
    family = room.family()
    booked = family.books("URI", WEDNESDAY, room.code)
    assert room.town.state(booked) == "requested"
    nurse = room.town.worker("staff", room.code)
    desk.accept(booked, nurse.by, None, application_clock.now)
    assert room.town.state(booked) == "confirmed"


def test_families_from_elsewhere_pay_five_thousand(open_room):
    room = open_room("yokosuka", "2026-12-01 10:00")
    here, elsewhere = room.family(), room.family()
    with write() as db:
        moved = update(Family).where(Family.id == elsewhere.family_id)
        db.execute(moved.values(residence="142018"))
    prices = [room.row(one.books("URI", WEDNESDAY, room.code)).price for one in (here, elsewhere)]
    assert prices == [2000, 5000]


def test_from_three_months_on_and_not_on_sunday(open_room):
    room = open_room("yokosuka", "2026-12-01 10:00")
    assert [room.takes("URI", months=n) for n in (2, 4)] == ["TOO_YOUNG", "requested"]
    assert room.answers("2026-12-01 10:00", date(2026, 12, 6)) == "CLOSED"
    assert room.answers("2026-12-01 10:00", date(2026, 12, 5)) == "held"


def test_of_five_places_at_most_two_are_for_the_sick(open_room):
    room = open_room("yokosuka", "2026-12-01 10:00")
    asked = ["FLU_A", "STREP", "FLU_A", "RSV", "URI", "URI", "URI", "OTITIS"]
    assert [room.takes(illness) for illness in asked] == [
        "requested", "requested", "SICK_CAP", "SICK_CAP",
        "requested", "requested", "requested", "CAPACITY",
    ]  # fmt: skip


def test_a_convalescent_child_that_falls_sick_again_keeps_its_place_and_staff_decide(open_room):
    room = open_room("yokosuka", "2026-12-01 10:00")
    for illness in ("FLU_A", "STREP"):
        room.takes(illness)
    booked = room.family().books("URI", WEDNESDAY, room.code)
    nurse = room.town.worker("staff", room.code)
    answer = rooming.change_illness(booked, "RSV", nurse.by, None, application_clock.now)
    assert (answer.code, answer.values["code"]) == ("unseated", "SICK_CAP")
    assert room.town.state(booked) == "requested"
