"""Until when a family may cancel, and what is different afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.services import offers
from reservation.store.db import write
from reservation.store.tables.people import Registration
from reservation.store.types import new_id
from tests.cases.conftest import WEDNESDAY, rules


@pytest.mark.parametrize(
    ("name", "at", "late"),
    [
        ("oguchi", "2026-12-02 07:44", False),
        ("oguchi", "2026-12-02 07:45", True),
        ("azkl-2094", "2026-12-02 06:59", False),
        ("azkl-2094", "2026-12-02 07:00", True),
    ],
)
def test_the_minute_from_which_it_is_late(open_room, name, at, late):
    room = open_room(name, "2026-12-01 13:00")
    family = room.family()
    booked = family.books("URI", WEDNESDAY, room.code)
    room.clock.set(at)
    assert family.cancels(booked).values["late"] is late
    assert (room.row(booked).late, room.row(booked).same_day) == (late, True)


def test_what_a_late_cancellation_costs() -> None:
    fees = {name: rules(name).cancelling.late_fee for name in ("oguchi", "azkl-2094")}
    assert fees == {"oguchi": 0, "azkl-2094": 500}


def test_in_sakai_staff_call_and_nobody_is_asked_by_the_clock(open_room):
    room = open_room("waffle", "2026-12-01 10:00")
    first = room.family()
    booked = first.books("FLU_A", WEDNESDAY, room.code)
    entry = room.family().waits("VARICELLA", WEDNESDAY, room.code)
    first.cancels(booked)
    offers.sweep(application_clock.now)
    assert room.town.state(entry) == "waiting"


def test_haruzora_looks_at_its_own_registration_first(open_room):
    room = open_room("haruzora", "2026-12-01 18:00")
    family = room.family()
    assert room.asks("2026-12-01 18:00", who=family).has(Code.REGISTRATION)
    now = application_clock.now()
    row = {"id": new_id(), "child_id": family.child_id, "facility_id": room.id,
           "status": "approved", "valid_from": WEDNESDAY, "asked_at": now}  # fmt: skip
    with write() as db:
        db.execute(insert(Registration), [row])
    assert room.asks("2026-12-01 18:01", who=family).code == "held"
