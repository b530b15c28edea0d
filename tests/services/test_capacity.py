"""Places, rooms and staff of a day; closing it with everybody told, or nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.services import capacity, outbox
from reservation.services.capacity import Settings
from reservation.store.db import read
from reservation.store.tables.records import Audit, Outbox
from tests.databases import both_databases
from tests.town import CARE_DAY

pytestmark = both_databases


def set_day(town, nurse, **settings):
    return capacity.set_day(
        town.facilities["seeds"], CARE_DAY, Settings(**settings), nurse.by, None,
        application_clock.now,
    )  # fmt: skip


def close(town, nurse):
    return capacity.close(
        town.facilities["seeds"], CARE_DAY, "台風のため", nurse.by, None, application_clock.now
    )


def test_a_place_opened_goes_to_the_waiting_list_at_once(make_town):
    town = make_town(capacity=1, places={"may_exceed": True})
    nurse = town.worker("staff", "seeds")
    town.family("さくら").books()
    entry = town.family("はな").waits()
    assert set_day(town, nurse, effective_capacity=2).values["misfits"] == 0
    assert town.state(entry) == "offered"


def test_lowering_below_what_is_booked_is_said_and_drops_nobody(town, nurse, sakura, hana):
    bookings = [sakura.books(), hana.books()]
    assert set_day(town, nurse, effective_capacity=1).values == {"misfits": 1}
    assert [town.state(booking) for booking in bookings] == ["confirmed", "confirmed"]
    assert town.family("もも").holds().has(Code.CAPACITY)


def test_a_room_closed_takes_its_places_away(town, nurse):
    set_day(town, nurse, closed_rooms=frozenset({"general"}))
    assert town.family("さくら").holds("URI").has(Code.ILLNESS_MIX)


def test_a_room_opened_again_calls_up_the_list(town, nurse):
    set_day(town, nurse, closed_rooms=frozenset({"isolation"}))
    entry = town.family("さくら").waits("FLU_A")
    assert town.state(entry) == "waiting"
    set_day(town, nurse)
    assert town.state(entry) == "offered"


def test_a_room_used_otherwise_for_a_day_calls_up_whom_it_takes_now(town, nurse):
    full = [town.family(f"子{n}").books("FLU_A") for n in range(2)]
    entry = town.family("さくら").waits("FLU_A")
    assert town.state(entry) == "waiting"
    set_day(town, nurse, room_uses={"general": "infectious"})
    assert town.state(entry) == "offered"
    assert town.family("はな").holds("URI").has(Code.ILLNESS_MIX)
    with read() as db:
        kept = db.scalars(select(Audit.detail).where(Audit.action == "set_day")).all()
    assert [one["room_uses"] for one in kept] == [{"general": "infectious"}]
    assert [town.state(one) for one in full] == ["confirmed", "confirmed"]


def test_a_room_back_to_its_usual_use_takes_what_it_took(town, nurse):
    set_day(town, nurse, room_uses={"general": "infectious"})
    entry = town.family("さくら").waits("URI")
    assert town.state(entry) == "waiting"
    set_day(town, nurse)
    assert town.state(entry) == "offered"


def test_who_sits_in_a_room_that_is_used_otherwise_becomes_a_task_and_stays(town, nurse, sakura):
    booked = sakura.books("URI")
    assert set_day(town, nurse, room_uses={"general": "infectious"}).values == {"misfits": 1}
    assert town.state(booked) == "confirmed"


def test_too_few_staff_take_fewer_children(town, nurse):
    town.family("さくら").books()
    set_day(town, nurse, am_workers=1, am_nurses=0, pm_workers=2, pm_nurses=1)
    assert town.family("はな").holds().has(Code.STAFF)


def test_closing_tells_everybody_and_ends_everything(town, nurse, sakura, hana):
    confirmed, held = sakura.books(), hana.holds().booking_id
    momo = town.family("もも")
    entry = momo.waits()
    assert close(town, nurse).values == {"told": 3}
    assert [town.state(b) for b in (confirmed, held, entry)] == ["cancelled"] * 3
    with read() as db:
        told = set(db.scalars(select(Outbox.address).where(Outbox.kind == "closed")))
    assert told == {sakura.mail, hana.mail, momo.mail}
    assert town.family("うめ").holds().has(Code.CLOSED)


def test_closing_breaks_off_whole_or_not_at_all(town, nurse, sakura, hana, monkeypatch):
    bookings = [sakura.books(), hana.books()]
    real, calls = outbox.tell_family, []

    def breaks(*args, **named):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed in the middle")
        real(*args, **named)

    monkeypatch.setattr(outbox, "tell_family", breaks)
    with pytest.raises(RuntimeError, match="killed"):
        close(town, nurse)
    assert [town.state(booking) for booking in bookings] == ["confirmed", "confirmed"]
    with read() as db:
        assert list(db.scalars(select(Outbox.id).where(Outbox.kind == "closed"))) == []
        assert list(db.scalars(select(Audit.seq).where(Audit.action == "close_day"))) == []


def test_a_day_opened_again_takes_families(town, nurse, sakura):
    close(town, nurse)
    capacity.reopen(town.facilities["seeds"], CARE_DAY, nurse.by, None, application_clock.now)
    assert sakura.holds().code == "held"
