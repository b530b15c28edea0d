"""Suginami: who may use its rooms (しーず's own file)."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import pytest
from sqlalchemy import update

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.domain.rulebook import documents
from reservation.services import facilities
from reservation.store.db import write
from reservation.store.tables.people import ChildRow, Family
from tests.cases.conftest import WEDNESDAY, Room
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


def test_five_months_on_the_care_day(room):
    day_after = lives(room, SUGINAMI, birthday=date(2026, 7, 3))
    assert day_after.has(Code.TOO_YOUNG)
    assert lives(room, SUGINAMI, birthday=date(2026, 7, 2)).code == "held"
