"""Who may come from another town (domain.md §2.2, §2.3: 川崎市, 渋谷区, 杉並区)."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from reservation.store.db import write
from reservation.store.tables.people import Family
from tests.cases.conftest import WEDNESDAY
from tests.town import SUGINAMI

MORNING = "2026-12-01 10:00"
YOKOHAMA, MACHIDA, FUCHU = "141003", "132098", "132063"


@pytest.mark.parametrize(
    ("residence", "answer"),
    [(YOKOHAMA, []), (MACHIDA, []), (FUCHU, ["ELIGIBILITY"])],
)
def test_kawasaki_takes_children_of_yokohama_and_machida(open_room, residence, answer):
    room = open_room("kawasaki", MORNING)
    family = room.family()
    with write() as db:
        db.execute(update(Family).where(Family.id == family.family_id).values(residence=residence))
    outcome = family.holds("URI", WEDNESDAY, room.code)
    assert [refusal.code.value for refusal in outcome.refusals] == answer
    assert outcome.is_refused == bool(answer)


@pytest.mark.parametrize(
    ("works_in", "answer"), [(SUGINAMI, []), (FUCHU, ["ELIGIBILITY"]), ("", ["ELIGIBILITY"])]
)
def test_margaret_takes_children_whose_guardian_works_in_its_ward(open_room, works_in, answer):
    """The town of the tests stands for Shibuya; the family pays as one from elsewhere."""
    room = open_room("margaret", MORNING)
    family = room.family(nursery_in=FUCHU)
    home = {"residence": FUCHU, "works_in": works_in}
    with write() as db:
        db.execute(update(Family).where(Family.id == family.family_id).values(home))
    outcome = family.holds("URI", WEDNESDAY, room.code)
    assert [refusal.code.value for refusal in outcome.refusals] == answer
    if outcome.booking_id:
        assert room.row(outcome.booking_id).price == 5000
