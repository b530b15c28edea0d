"""Days since onset, the morning's temperature, younger children first: domain.md §2.3 and §4.1."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.reads import my_bookings
from reservation.services import bookings
from reservation.services.bookings import CheckPage
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow, Episode, RefusalRow
from tests.cases.conftest import WEDNESDAY, rules
from tests.databases import both_databases

MORNING = "2026-12-01 10:00"
PUPIL = 100
"""Months of age: the second school year."""


def says(family, booking_id, **said):
    """Confirm a hold with these words of the check page."""
    page = CheckPage(brings="mother", **said)
    return bookings.confirm(booking_id, page, family.by, None, application_clock.now)


@pytest.mark.parametrize(
    ("months", "days_ago", "answer"),
    [
        (30, 2, "TOO_EARLY"),
        (30, 3, "confirmed"),
        (PUPIL, 1, "TOO_EARLY"),
        (PUPIL, 2, "confirmed"),
    ],
)
def test_flu_waits_two_days_before_school_and_one_at_school(open_room, months, days_ago, answer):
    room = open_room("careroom", MORNING)
    family = room.family(months)
    held = family.holds("FLU_A", WEDNESDAY, room.code).booking_id
    outcome = says(family, held, onset=WEDNESDAY - timedelta(days=days_ago))
    assert (outcome.refusals[0].code if outcome.is_refused else outcome.code) == answer


@both_databases
def test_who_is_too_early_keeps_the_hold_and_hears_the_first_day(open_room):
    room = open_room("careroom", MORNING)
    family = room.family()
    held = family.holds("FLU_A", WEDNESDAY, room.code).booking_id
    outcome = says(family, held, onset=date(2026, 12, 1))
    assert outcome.refusals[0].values == {"first": date(2026, 12, 4)}
    assert room.town.state(held) == "held"
    with read() as db:
        assert db.scalars(select(RefusalRow.code)).all() == ["TOO_EARLY"]


@both_databases
def test_the_onset_is_asked_once_and_counts_for_the_following_days(open_room):
    room = open_room("careroom", MORNING)
    family, onset = room.family(), date(2026, 11, 29)
    thursday = WEDNESDAY + timedelta(days=1)
    held = family.holds("FLU_A", thursday, room.code).booking_id
    assert says(family, held, onset=onset).code == "confirmed"
    with read() as db:
        assert db.scalars(select(Episode.onset)).all() == [onset]
    earlier = family.holds("FLU_A", date(2026, 12, 1), room.code)
    assert earlier.refusals[0].code == "TOO_LATE"
    assert "TOO_EARLY" in [one.code for one in earlier.refusals]
    assert family.holds("FLU_A", WEDNESDAY, room.code).code == "held"
    (booked,) = [
        one
        for one in my_bookings.open_ones(family.family_id, application_clock.now())
        if one.day == thursday
    ]
    assert booked.onset == onset
    assert booked.in_the_morning == ()


def test_types_of_influenza_share_the_isolation_room_there(open_room):
    room = open_room("careroom", MORNING)
    first, second = room.family(), room.family()
    for family, illness in ((first, "FLU_A"), (second, "FLU_B")):
        held = family.holds(illness, WEDNESDAY, room.code).booking_id
        assert says(family, held, onset=date(2026, 11, 25)).code == "confirmed"
    with read() as db:
        assert set(db.scalars(select(BookingRow.room))) == {"isolation"}


@pytest.mark.parametrize(("degrees", "answer"), [("38.4", "confirmed"), ("38.5", "FEVER")])
def test_komae_refuses_a_fever_of_the_same_day(open_room, degrees, answer):
    room = open_room("komae", "2026-12-02 07:30")
    family = room.family()
    held = family.holds("URI", WEDNESDAY, room.code).booking_id
    outcome = says(family, held, temperature=degrees)
    assert (outcome.refusals[0].code if outcome.is_refused else outcome.code) == answer


def test_a_fever_of_the_evening_before_refuses_nobody(open_room):
    room = open_room("komae", "2026-12-01 20:00")
    family = room.family()
    held = family.holds("URI", WEDNESDAY, room.code).booking_id
    assert says(family, held, temperature="39.2").code == "confirmed"


@pytest.mark.parametrize(("degrees", "answer"), [("37.4", "confirmed"), ("37.5", "FEVER")])
def test_nontan_takes_37_4_in_the_morning(open_room, degrees, answer):
    room = open_room("nontan", "2026-12-02 09:00")
    family = room.family()
    held = family.holds("GASTROENTERITIS", WEDNESDAY, room.code).booking_id
    (booked,) = my_bookings.open_ones(family.family_id, application_clock.now())
    assert [one.words % one.values for one in booked.in_the_morning] == [
        "嘔吐がおさまっていること", "朝の体温が37.4℃以下であること",
    ]  # fmt: skip
    outcome = says(family, held, temperature=degrees)
    assert (outcome.refusals[0].code if outcome.is_refused else outcome.code) == answer


def test_ohisama_lets_older_children_ask_on_the_previous_open_day(open_room):
    room = open_room("ohisama", "2026-11-30 09:00")
    fourth = 120
    assert room.family(fourth).holds("URI", WEDNESDAY, room.code).refusals[0].code == "NOT_YET_OPEN"
    assert room.takes("URI", months=40) == "confirmed"
    room.clock.set("2026-12-01 08:29")
    assert room.takes("URI", months=fourth) == "NOT_YET_OPEN"
    room.clock.set("2026-12-01 08:30")
    taken = [room.takes("URI", months=fourth) for _ in range(3)]
    assert taken == ["confirmed", "confirmed", "AGE_CAP"]


def test_the_rooms_say_what_they_ask_for_in_the_morning():
    assert rules("komae").health.hottest == 38.5
    assert rules("nontan").health.hottest_morning == 37.4
