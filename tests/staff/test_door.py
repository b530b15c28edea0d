"""The door: came, went, sent home, did not come; each on the care day only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.services import door
from reservation.services.outcomes import NotFound, Outcome
from reservation.store.db import read
from reservation.store.tables.bookings import RefusalRow
from tests.conftest import Clock
from tests.databases import both_databases
from tests.staff.test_desk import row_of, told
from tests.town import Household, Town, Worker

pytestmark = both_databases
now = application_clock.now
MORNING = "2026-11-24 08:30"


@pytest.fixture
def booking(sakura: Household, clock: Clock) -> str:
    """さくら's confirmed booking, on the morning of the care day."""
    made = sakura.books()
    clock.set(MORNING)
    return made


def test_in_and_out(town: Town, nurse: Worker, booking: str, clock: Clock) -> None:
    came = door.check_in(booking, nurse.by, None, now, temperature="38.1")
    assert came.code == "checked_in"
    row = row_of(booking)
    assert (row.checked_in_at, row.temperature) == (clock.now(), "38.1")
    clock.set("17:30")
    assert door.check_out(booking, nurse.by, None, now).code == "completed"
    row = row_of(booking)
    assert (row.state, row.checked_out_at, row.room) == ("completed", clock.now(), "general")


def test_both_can_be_undone(town: Town, nurse: Worker, booking: str) -> None:
    door.check_in(booking, nurse.by, None, now)
    door.check_out(booking, nurse.by, None, now)
    assert door.undo_check_out(booking, nurse.by, None, now).code == "checked_in"
    row = row_of(booking)
    assert (row.checked_out_at, row.ended_at, row.room) == (None, None, "general")
    assert door.undo_check_in(booking, nurse.by, None, now).code == "confirmed"
    assert row_of(booking).checked_in_at is None
    assert door.undo_check_in(booking, nurse.by, None, now).has(Code.NOT_POSSIBLE)


def test_nothing_happens_at_the_door_on_another_day(
    town: Town, sakura: Household, nurse: Worker
) -> None:
    booking = sakura.books()
    acts: tuple[Callable[[], Outcome], ...] = (
        lambda: door.check_in(booking, nurse.by, None, now),
        lambda: door.refuse(booking, Code.FEVER, "", nurse.by, None, now),
        lambda: door.no_show(booking, nurse.by, None, now),
        lambda: door.undo_check_out(booking, nurse.by, None, now),
    )
    for act in acts:
        assert act().has(Code.NOT_POSSIBLE)
    assert town.state(booking) == "confirmed"


def test_sent_home_with_a_reason_that_counts(town: Town, nurse: Worker, booking: str) -> None:
    answer = door.refuse(booking, Code.FEVER, "39.8℃のため", nurse.by, None, now)
    assert answer.code == "refused_at_door"
    row = row_of(booking)
    assert (row.reason, row.reason_note) == ("FEVER", "39.8℃のため")
    assert "refused" in told(booking)
    with read() as db:
        assert db.scalars(select(RefusalRow.code)).all() == ["FEVER"]
    with pytest.raises(ValueError, match="no reason"):
        door.refuse(booking, Code.LIST_FIRST, "", nurse.by, None, now)


def test_a_refusal_at_the_door_calls_the_list_up(
    make_town: Callable[..., Town], clock: Clock
) -> None:
    town = make_town(capacity=1, waiting={"stop_before_opening": 0})
    sakura, hana, nurse = town.family("さくら"), town.family("はな"), town.worker("staff", "seeds")
    booking, entry = sakura.books(), hana.waits()
    clock.set("2026-11-24 07:40")
    assert door.refuse(booking, Code.FEVER, "", nurse.by, None, now).code == "refused_at_door"
    assert town.state(entry) == "offered"


def test_who_does_not_come_frees_the_place(town: Town, nurse: Worker, booking: str) -> None:
    assert door.no_show(booking, nurse.by, None, now).code == "no_show"
    assert row_of(booking).room is None
    assert door.check_in(booking, nurse.by, None, now).has(Code.NOT_POSSIBLE)


def test_staff_elsewhere_find_nothing(town: Town, booking: str) -> None:
    other = town.worker("staff", "rabbit").by
    acts: tuple[Callable[[], Outcome], ...] = (
        lambda: door.check_in(booking, other, None, now),
        lambda: door.undo_check_in(booking, other, None, now),
        lambda: door.check_out(booking, other, None, now),
        lambda: door.undo_check_out(booking, other, None, now),
        lambda: door.refuse(booking, Code.FEVER, "", other, None, now),
        lambda: door.no_show(booking, other, None, now),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()
