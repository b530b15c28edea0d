"""横須賀 中央こども園: staff confirm each request, others pay more, open on Saturday."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update

from reservation import clock as application_clock
from reservation.services import desk
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
