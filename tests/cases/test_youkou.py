"""Two rooms, six places (ようこう, のんたん): one infectious illness at a time in a room."""

from __future__ import annotations

from reservation.domain.refusals import Code
from tests.cases.conftest import WEDNESDAY
from tests.databases import both_databases


@both_databases
def test_places_are_free_and_there_is_no_room(open_room):
    room = open_room("youkou", "2026-12-01 10:00")
    flu = room.family().books("FLU_A", WEDNESDAY, room.code)
    chickenpox = room.family()
    asked = chickenpox.holds("VARICELLA", WEDNESDAY, room.code)
    assert asked.has(Code.ILLNESS_MIX)
    assert not asked.has(Code.CAPACITY)
    waits = chickenpox.waits("VARICELLA", WEDNESDAY, room.code)
    again = room.family().books("FLU_A", WEDNESDAY, room.code)
    cold = room.family().books("URI", WEDNESDAY, room.code)
    assert room.takes("FLU_B") == "ILLNESS_MIX"
    seats = [room.row(booking).room for booking in (flu, again, cold)]
    assert seats == ["isolation", "isolation", "general"]
    assert room.town.state(waits) == "waiting"


def test_the_next_illness_may_come_when_the_room_is_free_again(open_room):
    room = open_room("youkou", "2026-12-01 10:00")
    flu = room.family()
    booked = flu.books("FLU_A", WEDNESDAY, room.code)
    assert room.takes("VARICELLA") == "ILLNESS_MIX"
    flu.cancels(booked)
    assert [room.takes("VARICELLA"), room.takes("FLU_A")] == ["confirmed", "ILLNESS_MIX"]
