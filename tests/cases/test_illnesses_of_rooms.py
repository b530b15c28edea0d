"""The same illness, different rooms, different answers (domain.md §4.1)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow

EVENING = "2026-12-01 18:30"
MORNING = "2026-12-01 10:00"
NO_ROOM_EITHER = "ILLNESS_MIX NEVER_ILLNESS"


@pytest.mark.parametrize(
    ("name", "at", "answers"),
    [
        # no isolation room: nothing that spreads
        ("minato", MORNING, {
            "URI": "confirmed", "FLU_A": NO_ROOM_EITHER, "HFMD": NO_ROOM_EITHER,
            "GASTROENTERITIS": NO_ROOM_EITHER, "ASTHMA": "confirmed",
        }),
        # adenovirus never; chickenpox takes the isolation room, and flu then finds none
        ("margaret", MORNING, {
            "PCF": "NEVER_ILLNESS", "MEASLES": "NEVER_ILLNESS", "VARICELLA": "confirmed",
            "FLU_A": "ILLNESS_MIX", "URI": "confirmed",
        }),
        # rubella sits among the others; norovirus and O157 do not
        ("waffle", MORNING, {
            "URI": "confirmed", "RUBELLA": "confirmed", "EHEC": "NEVER_ILLNESS",
            "TB": "NEVER_ILLNESS",
        }),
        ("haruzora", EVENING, {"URI": "REGISTRATION"}),
    ],
)  # fmt: skip
def test_what_rooms_take(open_room, name, at, answers):
    room = open_room(name, at)
    assert {illness: room.takes(illness) for illness in answers} == answers


def test_rubella_and_a_cold_share_the_room_in_sakai(open_room):
    room = open_room("waffle", MORNING)
    room.takes("URI")
    room.takes("RUBELLA")
    with read() as db:
        assert set(db.scalars(select(BookingRow.room))) == {"general"}


def test_minato_needs_no_card_and_ends_before_school(open_room):
    room = open_room("minato", MORNING)
    assert [room.takes("URI", months=n) for n in (5, 7, 70, 90)] == [
        "TOO_YOUNG", "confirmed", "confirmed", "TOO_OLD",
    ]  # fmt: skip
    with read() as db:
        assert {str(one) for one in db.scalars(select(BookingRow.conditions))} == {"[]"}
    assert room.answers(MORNING, date(2026, 12, 3)) == "held"


def test_nine_children_come_to_miyawaka(open_room):
    room = open_room("miyawaka", MORNING)
    assert [room.takes("URI") for _ in range(6)] == ["confirmed"] * 6
    assert [room.takes("FLU_A") for _ in range(4)] == ["confirmed"] * 3 + ["CAPACITY"]
