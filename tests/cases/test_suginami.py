"""Suginami: who may use its rooms, and which papers they show first (しーず's own file)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest
from sqlalchemy import select, update

from reservation import clock as application_clock
from reservation.domain.certificates import Certificate
from reservation.domain.refusals import Code
from reservation.domain.rulebook import documents
from reservation.services import certificates, facilities
from reservation.services.registrations import Place
from reservation.services.shown import Shown
from reservation.store.db import read, write
from reservation.store.tables.people import CertificateRow, ChildRow, Family
from tests.cases.conftest import WEDNESDAY, Room
from tests.databases import both_databases
from tests.town import MUNICIPALITY, OPERATOR, SUGINAMI, Town

NAKANO, MUSASHINO = "131148", "132039"


@pytest.fixture
def room(context, clock):
    """しーず on the day before."""
    clock.set("2026-12-01 10:00")
    town = Town(facilities.put_municipality(MUNICIPALITY, OPERATOR, application_clock.now))
    text = (files("reservation.demo") / "suginami" / "seeds.yaml").read_text("utf-8")
    town.rules(documents.read(text))
    return Room("seeds", town, clock)


def lives(room, home, nursery="", on_leave=False, birthday=None):
    """A family that lives there, with a child of that nursery."""
    family = room.family()
    with write() as db:
        db.execute(
            update(Family)
            .where(Family.id == family.family_id)
            .values(residence=home, on_leave=on_leave)
        )
        child = {"nursery_in": nursery} | ({"birthday": birthday} if birthday else {})
        db.execute(update(ChildRow).where(ChildRow.id == family.child_id).values(child))
    return family.holds("URI", WEDNESDAY, "seeds")


@pytest.mark.parametrize(
    ("home", "nursery", "on_leave", "may"),
    [
        (NAKANO, SUGINAMI, False, True),
        (SUGINAMI, MUSASHINO, False, True),
        (SUGINAMI, SUGINAMI, True, False),
        (NAKANO, MUSASHINO, False, False),
    ],
)
def test_lives_here_or_goes_to_nursery_here_and_is_not_on_leave(room, home, nursery, on_leave, may):
    outcome = lives(room, home, nursery, on_leave)
    assert outcome.has(Code.ELIGIBILITY) is not may
    assert (outcome.code == "held") is may


def test_leave_is_told_as_the_reason(room):
    (refusal,) = lives(room, SUGINAMI, SUGINAMI, on_leave=True).refusals
    assert (refusal.code, refusal.values) == (Code.ELIGIBILITY, {"rule": "on_leave"})


def test_all_guardians_work(room):
    family = room.family()
    with write() as db:
        mine = Family.id == family.family_id
        db.execute(update(Family).where(mine).values(guardians_work="not_all"))
    (refusal,) = family.holds("URI", WEDNESDAY, "seeds").refusals
    assert (refusal.code, refusal.values) == (Code.ELIGIBILITY, {"rule": "not_working"})
    with write() as db:
        db.execute(update(Family).where(mine).values(guardians_work="all"))
    assert family.holds("URI", WEDNESDAY, "seeds").code == "held"


def open_conditions(room, booking_id):
    """Codes of what the booking still waits for."""
    return [one["code"] for one in room.row(booking_id).conditions if not one["closed_at"]]


@both_databases
def test_a_nursery_in_musashino_needs_both_papers_once(room):
    family = room.family(nursery_in=MUSASHINO)
    first = family.books("URI", WEDNESDAY, "seeds")
    assert open_conditions(room, first) == ["certificate_enrolment", "certificate_work"]
    room.clock.set("2026-12-01 18:00")
    nurse = room.town.worker("staff", "seeds").by
    at_desk = Shown(place=Place(facility_id=room.id), booking_id=first)
    for paper in ("enrolment", "work"):
        seen = Certificate(paper, date(2026, 12, 1))
        outcome = certificates.enter(at_desk, seen, nurse, None, application_clock.now)
        assert (outcome.code, outcome.values) == ("kept", {"bookings": 1})
    assert open_conditions(room, first) == []
    room.clock.set("2027-04-01 10:00")
    next_year = family.books("URI", date(2027, 4, 2), "seeds")
    assert open_conditions(room, next_year) == [], "the ward asks once, not every year"


@both_databases
def test_a_paper_taken_back_is_asked_for_again(room):
    family = room.family(nursery_in=MUSASHINO)
    booked = family.books("URI", WEDNESDAY, "seeds")
    nurse = room.town.worker("staff", "seeds").by
    at_desk = Shown(place=Place(facility_id=room.id), booking_id=booked)
    seen = Certificate("work", date(2026, 12, 1))
    certificates.enter(at_desk, seen, nurse, None, application_clock.now)
    with read() as db:
        paper = db.scalars(select(CertificateRow.id)).one()
    certificates.take_back(at_desk, paper, nurse, None, application_clock.now)
    assert open_conditions(room, booked) == ["certificate_enrolment", "certificate_work"]
    again = certificates.take_back(at_desk, paper, nurse, None, application_clock.now)
    assert again.values == {"bookings": 0}


def test_a_brother_shows_his_own_enrolment_but_not_the_same_work_again(room):
    family = room.family(nursery_in=MUSASHINO)
    booked = family.books("URI", WEDNESDAY, "seeds")
    nurse = room.town.worker("staff", "seeds").by
    at_desk = Shown(place=Place(facility_id=room.id), booking_id=booked)
    for paper in ("enrolment", "work"):
        seen = Certificate(paper, date(2026, 12, 1))
        certificates.enter(at_desk, seen, nurse, None, application_clock.now)
    brother = room.family(nursery_in=MUSASHINO)
    with write() as db:
        mine = ChildRow.id == brother.child_id
        db.execute(update(ChildRow).where(mine).values(family_id=family.family_id))
    his = replace(family, child_id=brother.child_id).books("URI", WEDNESDAY, "seeds")
    assert open_conditions(room, his) == ["certificate_enrolment"]


def test_a_nursery_in_the_ward_shows_nothing(room):
    assert (
        open_conditions(room, room.family(nursery_in=SUGINAMI).books("URI", WEDNESDAY, "seeds"))
        == []
    )


@pytest.mark.parametrize(
    "seen",
    [Certificate("passport", WEDNESDAY), Certificate("work", WEDNESDAY, date(2026, 12, 1))],
)
def test_what_is_no_paper_is_not_kept(room, seen):
    booked = room.family(nursery_in=MUSASHINO).books("URI", WEDNESDAY, "seeds")
    nurse = room.town.worker("staff", "seeds").by
    at_desk = Shown(place=Place(facility_id=room.id), booking_id=booked)
    with pytest.raises(ValueError, match="no certificate"):
        certificates.enter(at_desk, seen, nurse, None, application_clock.now)


def test_five_months_on_the_care_day(room):
    day_after = lives(room, SUGINAMI, birthday=date(2026, 7, 3))
    assert day_after.has(Code.TOO_YOUNG)
    assert lives(room, SUGINAMI, birthday=date(2026, 7, 2)).code == "held"
