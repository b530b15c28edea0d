"""Hibari in Yokkaichi: children already seen at the room's own clinic come first."""

from __future__ import annotations

from reservation import clock as application_clock
from reservation.domain.values import Terms
from reservation.services import offers
from tests.cases.conftest import WEDNESDAY
from tests.databases import both_databases


@both_databases
def test_who_was_seen_at_the_clinic_is_asked_before_who_asked_earlier(open_room):
    room = open_room("hibari", "2026-12-01 18:00")
    booked = [room.family() for _ in range(3)]
    places = [one.books("URI", WEDNESDAY, room.code) for one in booked]
    first, second = room.family(), room.family()
    earlier = first.waits("URI", WEDNESDAY, room.code)
    room.clock.set("2026-12-01 18:30")
    seen = second.waits("URI", WEDNESDAY, room.code)
    second.sets(seen, Terms(examined=True))

    room.clock.set("2026-12-01 19:00")
    booked[0].cancels(places[0])
    assert [room.town.state(one) for one in (earlier, seen)] == ["waiting", "offered"]
    room.clock.set("2026-12-01 19:10")
    second.says_yes(seen)
    room.clock.set("2026-12-01 19:20")
    booked[1].cancels(places[1])
    offers.sweep(application_clock.now)
    assert room.town.state(earlier) == "offered"
