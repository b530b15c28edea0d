"""A family's way through its acts, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.services import bookings, holds, keys
from reservation.services.outcomes import NotFound
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow, RefusalRow, WishRow
from reservation.store.tables.people import ChildRow
from reservation.store.tables.places import DayRow
from reservation.store.tables.records import Audit, Outbox
from tests.databases import both_databases
from tests.domain import build
from tests.town import CARE_DAY

pytestmark = both_databases


def sibling(of, name):
    """One more child of a family."""
    alone = of.town.family(name)
    with write() as db:
        moved = update(ChildRow).where(ChildRow.id == alone.child_id)
        db.execute(moved.values(family_id=of.family_id))
    return replace(of, child_id=alone.child_id, name=name)


def count(table, *where):
    with read() as db:
        return db.scalar(select(func.count()).select_from(table).where(*where))


def test_a_hold_becomes_a_confirmed_booking_with_its_promise_and_a_mail(town, sakura):
    held = sakura.holds()
    assert held.code == "held"
    done = sakura.confirms(held.booking_id)
    assert done.code == "confirmed"
    with read() as db:
        row = db.execute(select(BookingRow.__table__)).one()
        told = db.execute(select(Outbox.kind, Outbox.address)).all()
        steps = db.execute(select(Audit.action).where(Audit.entity == "booking")).scalars().all()
    assert (row.state, row.price, row.brings, row.room) == ("confirmed", 2000, "mother", "general")
    assert row.cancel_until is not None
    assert told == [("confirmed", sakura.mail)]
    assert steps == ["hold", "confirm"]


def test_a_hold_ends_at_its_end_even_if_nobody_swept(town, sakura, hana, clock, make_town):
    held = sakura.holds()
    end = held.values["until"]
    clock.set(end.astimezone(application_clock.TOKYO).strftime("%Y-%m-%d %H:%M"))
    answer = sakura.confirms(held.booking_id)
    assert answer.has(Code.HOLD_ENDED)
    assert town.state(held.booking_id) == "expired"


def test_siblings_share_a_room_for_one_from_the_hold_to_the_list(make_town):
    table = {"STREP": {"handling": "single"}}
    town = make_town(
        rooms=build.rooms(isolation=2), illnesses={"table": table, "siblings_share": True}
    )
    sakura, other = town.family("さくら"), town.family("もも")
    sister, brother = (sibling(sakura, name) for name in ("はな", "そら"))
    sakura.books("STREP")
    assert other.holds("STREP").has(Code.ILLNESS_MIX)
    waiting = other.waits("STREP")
    booked = sister.books("STREP")
    assert town.state(booked) == "confirmed"
    with read() as db:
        assert db.scalars(select(BookingRow.room).where(BookingRow.room.is_not(None))).all() == [
            "isolation", "isolation",
        ]  # fmt: skip
    # the freed place is the third sibling's, not the other family's
    asks = brother.waits("STREP")
    sister.cancels(booked)
    assert (town.state(asks), town.state(waiting)) == ("offered", "waiting")


def test_an_expired_hold_frees_the_place_at_once(make_town, clock):
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    sakura.holds()
    assert hana.holds().has(Code.CAPACITY)
    clock.forward(minutes=10)
    assert hana.holds().code == "held"


def test_a_full_day_is_refused_with_its_reason_and_counts_as_a_wish(make_town):
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    sakura.books()
    versions = count_versions()
    answer = hana.holds()
    assert answer.is_refused
    assert answer.has(Code.CAPACITY)
    with read() as db:
        row = db.execute(select(RefusalRow.code, RefusalRow.channel)).one()
    assert tuple(row) == ("CAPACITY", "web")
    assert count(WishRow, WishRow.child_id == hana.child_id) == 1
    assert count_versions() == versions


def count_versions():
    with read() as db:
        return db.scalar(select(func.sum(DayRow.version)))


def test_every_reason_is_named_at_once(make_town):
    town = make_town(capacity=1, illnesses={"MUMPS": "never"}, ages={"youngest_months": 6})
    baby = town.family("さくら", months=5)
    answer = baby.holds("MUMPS")
    assert answer.has(Code.TOO_YOUNG)
    assert answer.has(Code.NEVER_ILLNESS)


def test_a_child_has_one_place_a_day_over_all_rooms(town, sakura):
    sakura.books()
    answer = sakura.holds(at="rabbit")
    assert answer.has(Code.ALREADY_BOOKED)


def test_an_expired_hold_elsewhere_does_not_stand_in_the_way(town, sakura, clock):
    first = sakura.holds()
    clock.forward(minutes=11)
    assert sakura.holds(at="rabbit").code == "held"
    assert town.state(first.booking_id) == "expired"


def test_a_family_holds_two_places_at_most(town, sakura):
    sakura.holds()
    with read() as db:
        assert db.scalar(select(func.count()).select_from(BookingRow)) == 1
    assert sakura.holds().code == "held"  # the same hold again, no second one
    assert count(BookingRow) == 1


def test_the_same_form_sent_twice_acts_once(town, sakura):
    key = keys.key("sakura:hold", "token", {"day": "24"})
    wanted = sakura.wants()
    first = holds.hold(wanted, sakura.by, key, application_clock.now)
    again = holds.hold(wanted, sakura.by, key, application_clock.now)
    assert again == first
    assert count(BookingRow) == 1


def test_a_known_key_with_other_content_says_what_was_sent_first(town, sakura):
    wanted = sakura.wants()
    first = holds.hold(wanted, sakura.by, keys.key("s", "t", {"a": 1}), application_clock.now)
    again = holds.hold(wanted, sakura.by, keys.key("s", "t", {"a": 2}), application_clock.now)
    assert again.reused
    assert again.booking_id == first.booking_id
    assert count(BookingRow) == 1


def test_a_refusal_is_replayed_like_a_success(make_town):
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    first = sakura.books()
    key = keys.key("hana:hold", "token", {})
    no = holds.hold(hana.wants(), hana.by, key, application_clock.now)
    sakura.cancels(first)
    assert holds.hold(hana.wants(), hana.by, key, application_clock.now) == no
    assert count(RefusalRow) == 1


def test_a_stranger_finds_nothing(town, sakura, stranger):
    booking = sakura.books()
    with pytest.raises(NotFound):
        stranger.cancels(booking)
    with pytest.raises(NotFound):
        holds.hold(sakura.wants(), stranger.by, None, application_clock.now)
    assert town.state(booking) == "confirmed"


def test_a_cancel_before_the_cut_off_is_neither_late_nor_same_day(town, sakura):
    booking = sakura.books()
    answer = sakura.cancels(booking)
    assert answer.values == {"late": False, "same_day": False}


def test_a_cancel_at_6_30_is_same_day_and_not_late(town, sakura, clock):
    booking = sakura.books()
    clock.set("2026-11-24 06:30")
    assert sakura.cancels(booking).values == {"late": False, "same_day": True}


def test_a_family_cannot_cancel_a_day_that_is_over(town, sakura, clock):
    booking = sakura.books()
    clock.set("2026-11-25 00:00")
    assert sakura.cancels(booking).has(Code.NOT_POSSIBLE)
    assert town.state(booking) == "confirmed"


def test_a_cancel_at_7_00_sharp_is_late(town, sakura, clock):
    booking = sakura.books()
    clock.set("2026-11-24 07:00")
    assert sakura.cancels(booking).values == {"late": True, "same_day": True}


def test_late_by_telephone_only_where_the_rule_book_says_so(make_town, clock):
    town = make_town(cancelling={"afterwards": "telephone"})
    sakura = town.family("さくら")
    booking = sakura.books()
    clock.set("2026-11-24 07:00")
    assert sakura.cancels(booking).has(Code.TELEPHONE_ONLY)
    assert town.state(booking) == "confirmed"


def test_staff_decide_where_the_rule_book_says_so(make_town):
    town = make_town(booking={"review": "staff"})
    sakura = town.family("さくら")
    held = sakura.holds()
    assert sakura.confirms(held.booking_id).code == "requested"
    with read() as db:
        row = db.execute(select(BookingRow.review_due)).one()
    assert row.review_due is not None


def test_the_third_in_line_reads_rank_three(make_town, clock):
    town = make_town(capacity=1)
    town.family("さくら").books()
    for rank, name in enumerate(("はな", "もも", "うめ"), 1):
        clock.forward(seconds=1)
        answer = bookings.join(
            (family := town.family(name)).wants(), family.by, None, application_clock.now
        )
        assert (answer.code, answer.values["rank"]) == ("waiting", rank)


def test_joining_twice_is_one_entry(make_town):
    town = make_town(capacity=1)
    hana = town.family("はな")
    town.family("さくら").books()
    assert hana.waits() == hana.waits()


def test_who_may_not_come_cannot_wait_either(make_town):
    town = make_town(illnesses={"MUMPS": "never"})
    hana = town.family("はな")
    answer = bookings.join(hana.wants("MUMPS"), hana.by, None, application_clock.now)
    assert answer.has(Code.NEVER_ILLNESS)


def test_a_need_is_a_wish_without_a_booking(town, sakura):
    answer = bookings.need(sakura.wants(), sakura.by, None, application_clock.now)
    assert answer.code == "noted"
    assert count(WishRow, WishRow.opened_by == "need", WishRow.care_day == CARE_DAY) == 1
    assert count(BookingRow) == 0


def test_a_hold_is_extended_once(town, sakura):
    held = sakura.holds()
    longer = holds.extend(held.booking_id, sakura.by, None, application_clock.now)
    assert (longer.values["until"] - held.values["until"]).total_seconds() == 300
    assert holds.extend(held.booking_id, sakura.by, None, application_clock.now).is_refused


def test_a_released_hold_frees_its_place(make_town):
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    held = sakura.holds()
    bookings.release(held.booking_id, sakura.by, None, application_clock.now)
    assert hana.holds().code == "held"
