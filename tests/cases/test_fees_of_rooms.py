"""Reduced fees of real towns, through the services: proof, care day, promise and bill."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.domain.exemptions import Proof
from reservation.reads import bills
from reservation.services import audit, door, exemptions
from reservation.services.registrations import Place
from reservation.services.shown import Shown
from reservation.store.db import read
from reservation.store.tables.people import Registration
from tests.cases.conftest import WEDNESDAY, Room
from tests.town import Household

now = application_clock.now
APRIL, SEPTEMBER = date(2026, 4, 1), date(2026, 9, 1)


def shows(room: Room, family: Household, fee_class: str, begins: date) -> None:
    """An officer sees the family's proof."""
    officer = audit.account(room.town.worker("officer").account_id)
    with read() as db:
        registration = db.scalars(
            select(Registration.id).where(Registration.child_id == family.child_id)
        ).one()
    place = Place(room.town.municipality_id)
    exemptions.enter(
        Shown(place=place, registration_id=registration),
        Proof(fee_class, begins),
        officer,
        None,
        now,
    )


def books(room: Room, family: Household, at: str, day: date) -> str:
    """A confirmed booking for the day."""
    room.clock.set(at)
    return family.books("URI", day, room.code)


def pays(room: Room, booking: str, day: date) -> tuple[list[tuple[str, int]], int]:
    """The lines and the total after a day from 8:30 to 17:00."""
    nurse = room.town.worker("staff", room.code)
    room.clock.set(f"{day} 08:30")
    door.check_in(booking, nurse.by, None, now)
    room.clock.set(f"{day} 17:00")
    door.check_out(booking, nurse.by, None, now)
    with read() as db:
        bill = bills.of(db, [booking])[booking].bill
    assert bill is not None
    return [(line.code, line.amount) for line in bill.lines], bill.total


def test_asakuchi_needs_the_new_years_proof_from_september(open_room):
    room = open_room("asakuchi", "2026-08-20 10:00")
    family = room.family()
    shows(room, family, "non_taxed", APRIL)
    august = books(room, family, "2026-08-30 18:00", date(2026, 8, 31))
    assert room.row(august).price == 0
    september = books(room, family, "2026-08-31 18:00", date(2026, 9, 1))
    assert room.row(september).price == 2000
    assert pays(room, august, date(2026, 8, 31)) == ([("day", 2000), ("class", -2000)], 0)
    assert pays(room, september, date(2026, 9, 1)) == ([("day", 2000), ("expired", 0)], 2000)
    # The new certificate is shown on the day itself, and counts for the next one.
    shows(room, family, "non_taxed", SEPTEMBER)
    later = books(room, family, "2026-09-01 18:00", date(2026, 9, 2))
    assert (room.row(later).price, pays(room, later, date(2026, 9, 2))[1]) == (0, 0)


@pytest.mark.parametrize(
    ("name", "fee_class", "price"),
    [
        ("kawasaki", "", 2900), ("kawasaki", "non_taxed", 1000), ("kawasaki", "allowance", 1000),
        ("kawasaki", "welfare", 400), ("nagasaki", "", 2000), ("nagasaki", "welfare", 0),
        ("nagasaki", "non_taxed", 0),
    ],
)  # fmt: skip
def test_kawasaki_and_nagasaki_by_class(open_room, name, fee_class, price):
    room = open_room(name, "2026-12-01 10:00")
    family = room.family()
    shows(room, family, fee_class, APRIL)
    booking = books(room, family, "2026-12-01 18:00", WEDNESDAY)
    assert (room.row(booking).price, pays(room, booking, WEDNESDAY)[1]) == (price, price)


def test_a_proof_shown_after_booking_lowers_the_bill_and_ending_it_never_raises_it(open_room):
    room = open_room("kawasaki", "2026-12-01 10:00")
    late, ended = room.family(), room.family()
    booked = books(room, late, "2026-12-01 18:00", WEDNESDAY)
    shows(room, late, "welfare", APRIL)
    lines = [("day", 2900), ("class", -2500)]
    assert pays(room, booked, WEDNESDAY) == (lines, 400)
    room.clock.set("2026-12-01 18:30")
    shows(room, ended, "welfare", APRIL)
    promised = books(room, ended, "2026-12-01 18:40", WEDNESDAY)
    shows(room, ended, "", WEDNESDAY)
    assert pays(room, promised, WEDNESDAY) == ([("day", 2900), ("promise", -2500)], 400)
