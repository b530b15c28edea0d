"""Places, rooms and staff of a day; closing it with everybody told, or nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.services import capacity, offers, outbox
from reservation.services.capacity import Settings
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.records import Audit, Outbox, Task
from tests.databases import both_databases
from tests.town import CARE_DAY, book

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


def offered_two(make_town):
    """Two places given back and offered to はな and もも; the town, a nurse and both entries."""
    town = make_town(capacity=2)
    booked = [(family := town.family(name), family.books()) for name in ("さくら", "うめ")]
    waiting = [town.family(name) for name in ("はな", "もも")]
    entries = [family.waits() for family in waiting]
    for family, booking in booked:
        family.cancels(booking)
    assert [town.state(one) for one in entries] == ["offered", "offered"]
    return town, town.worker("staff", "seeds"), waiting, entries


def kinds(family):
    """What this family was told."""
    with read() as db:
        return set(db.scalars(select(Outbox.kind).where(Outbox.address == family.mail)))


def test_an_offer_whose_place_is_taken_back_is_withdrawn_with_its_rank_and_no_lapse(make_town):
    town, nurse, (hana, momo), (first, second) = offered_two(make_town)
    set_day(town, nurse, effective_capacity=1)
    assert [town.state(one) for one in (first, second)] == ["offered", "waiting"]
    assert (kinds(hana), kinds(momo)) == (
        {"waiting", "offer"}, {"waiting", "offer", "withdrawn"},
    )  # fmt: skip
    with read() as db:
        row = db.get(BookingRow, second)
        assert (row.lapses, row.passed_at, row.ends_at, row.round_id) == (0, None, None, None)
        last = select(Audit.action, Audit.actor).where(Audit.entity_id == second)
        assert db.execute(last.order_by(Audit.seq.desc())).first() == ("withdraw", "clock")
    assert hana.says_yes(first).code == "confirmed"
    set_day(town, nurse)
    assert town.state(second) == "offered"


def test_an_offer_ends_with_its_room_and_goes_to_whom_the_room_takes_now(town, nurse):
    families = [town.family(f"子{n}") for n in range(2)]
    full = [family.books("FLU_A") for family in families]
    entry, other = town.family("さくら").waits("FLU_A"), town.family("はな").waits("FLU_B")
    families[0].cancels(full[0])
    assert town.state(entry) == "offered"
    set_day(town, nurse, closed_rooms=frozenset({"isolation"}))
    assert [town.state(one) for one in (entry, other)] == ["waiting", "waiting"]
    set_day(town, nurse, room_uses={"general": "infectious"}, closed_rooms=frozenset({"isolation"}))
    assert town.state(entry) == "offered"


def test_staff_do_not_call_about_a_place_that_is_gone(make_town):
    town, nurse, (_, momo), (_, second) = offered_two(make_town)
    with write() as db:
        calls = {"kind": "call_offer", "facility_id": nurse.facility_id, "booking_id": second}
        row = {"id": "t", "family_id": momo.family_id, "created_at": application_clock.now()}
        db.execute(insert(Task), [{**calls, **row, "care_day": CARE_DAY}])
    set_day(town, nurse, effective_capacity=1)
    with read() as db:
        assert db.scalars(select(Task.result).where(Task.id == "t")).one() == "gone"


def test_a_rule_book_that_takes_places_away_is_followed_by_the_next_sweep(make_town):
    town, _, _, entries = offered_two(make_town)
    town.rules(book("seeds", capacity=1))
    assert [town.state(one) for one in entries] == ["offered", "offered"]
    offers.sweep(application_clock.now)
    assert [town.state(one) for one in entries] == ["offered", "waiting"]
