"""The waiting list through the night, by acts and by the clock."""

from __future__ import annotations

from sqlalchemy import select, update

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.services import offers
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow, RoundRow
from reservation.store.tables.people import Guardian
from reservation.store.tables.records import Outbox, Task
from tests.databases import both_databases
from tests.domain import build

pytestmark = both_databases


def sweep():
    return offers.sweep(application_clock.now)


def kinds(mail):
    with read() as db:
        rows = db.execute(
            select(Outbox.kind).where(Outbox.address == mail).order_by(Outbox.created_at, Outbox.id)
        )
        return [row.kind for row in rows]


def full(make_town, *names, **rules):
    town = make_town(capacity=1, **rules)
    first = town.family("さくら")
    booking = first.books()
    waiting = [town.family(name) for name in names]
    return town, first, booking, waiting, [family.waits() for family in waiting]


def test_a_cancel_offers_the_place_to_the_first_in_the_same_breath(make_town):
    town, sakura, booking, (hana, momo), (entry, second) = full(make_town, "はな", "もも")
    sakura.cancels(booking)
    assert town.state(entry) == "offered"
    assert town.state(second) == "waiting"
    assert kinds(hana.mail) == ["waiting", "offer"]


def test_a_yes_takes_the_place(make_town):
    town, sakura, booking, (hana,), (entry,) = full(make_town, "はな")
    sakura.cancels(booking)
    assert hana.says_yes(entry).code == "confirmed"
    with read() as db:
        assert db.execute(select(RoundRow.closed_at)).scalar_one() is not None


def test_a_no_keeps_the_rank_and_asks_the_next(make_town):
    town, sakura, booking, (hana, momo), (entry, second) = full(make_town, "はな", "もも")
    sakura.cancels(booking)
    assert hana.says_no(entry).code == "passed"
    assert town.state(entry) == "waiting"
    assert town.state(second) == "offered"


def test_who_passed_is_not_asked_again_for_this_place(make_town, clock):
    town, sakura, booking, (hana,), (entry,) = full(make_town, "はな")
    sakura.cancels(booking)
    hana.says_no(entry)
    clock.forward(minutes=5)
    sweep()
    assert town.state(entry) == "waiting"
    newcomer = town.family("もも")
    assert newcomer.holds().code == "held"  # the place is on the board


def test_who_passed_is_asked_again_for_the_next_place(make_town, clock):
    town, sakura, booking, (hana,), (entry,) = full(make_town, "はな")
    sakura.cancels(booking)
    hana.says_no(entry)
    momo = town.family("もも")
    again = momo.books()
    clock.forward(minutes=5)
    momo.cancels(again)
    assert town.state(entry) == "offered"


def test_an_offer_passes_on_when_nobody_answers(make_town, clock):
    town, sakura, booking, (hana, momo), (entry, second) = full(make_town, "はな", "もも")
    sakura.cancels(booking)
    clock.forward(minutes=30)
    late = hana.says_yes(entry)
    assert late.has(Code.OFFER_ENDED)
    assert town.state(entry) == "waiting"
    assert town.state(second) == "offered"


def test_the_sweep_passes_an_offer_on(make_town, clock):
    town, sakura, booking, (hana, momo), (entry, second) = full(make_town, "はな", "もも")
    sakura.cancels(booking)
    clock.forward(minutes=30)
    assert sweep() == 1
    assert town.state(entry) == "waiting"
    assert town.state(second) == "offered"
    assert kinds(hana.mail)[-1] == "offer_lapsed"


def test_a_second_lapse_ends_the_entry(make_town, clock):
    town, sakura, booking, (hana,), (entry,) = full(make_town, "はな")
    sakura.cancels(booking)
    clock.forward(minutes=30)
    sweep()
    momo = town.family("もも")
    again = momo.books()
    clock.forward(minutes=1)
    momo.cancels(again)
    assert town.state(entry) == "offered"
    clock.forward(minutes=30)
    sweep()
    assert town.state(entry) == "expired"


def test_nobody_is_asked_at_night_and_the_place_waits_until_six(make_town, clock):
    town, sakura, booking, (hana,), (entry,) = full(make_town, "はな")
    clock.set("2026-11-23 23:10")
    sakura.cancels(booking)
    assert town.state(entry) == "waiting"
    clock.set("2026-11-24 02:00")
    momo = town.family("もも")
    assert momo.holds().has(Code.LIST_FIRST)
    clock.set("2026-11-24 06:00")
    sweep()
    assert town.state(entry) == "offered"


def test_at_the_stop_time_the_list_ends_and_everybody_is_told(make_town, clock):
    town, sakura, booking, (hana,), (entry,) = full(make_town, "はな")
    clock.set("2026-11-24 07:30")
    sweep()
    assert town.state(entry) == "expired"
    assert kinds(hana.mail)[-1] == "list_ended"


def test_an_open_offer_reserves_its_place_against_the_board(make_town):
    town, sakura, booking, (hana,), (entry,) = full(make_town, "はな")
    sakura.cancels(booking)
    assert town.family("もも").holds().is_refused


def test_a_yes_ends_the_other_booking_of_the_day(make_town):
    town, sakura, booking, (hana,), (entry,) = full(make_town, "はな")
    elsewhere = hana.books(at="rabbit")
    entry = hana.waits()
    sakura.cancels(booking)
    assert town.state(entry) == "offered"
    assert hana.says_yes(entry).code == "confirmed"
    assert town.state(elsewhere) == "cancelled"


def test_a_confirmed_place_ends_the_waiting_elsewhere(make_town):
    town, sakura, booking, (hana,), (entry,) = full(make_town, "はな")
    hana.books(at="rabbit")
    assert town.state(entry) == "cancelled"
    assert "superseded" in kinds(hana.mail)


def test_a_stopped_sweep_loses_nothing_and_invents_nothing(make_town, clock):
    town, sakura, booking, (hana, momo), (entry, second) = full(make_town, "はな", "もも")
    sakura.cancels(booking)
    clock.forward(hours=1)
    assert sweep() == 1
    assert (town.state(entry), town.state(second)) == ("waiting", "offered")
    with read() as db:
        ends = db.execute(select(BookingRow.ends_at).where(BookingRow.id == second)).scalar_one()
    assert ends > application_clock.now()
    assert sweep() == 0


def test_the_sweep_is_safe_when_two_run(make_town, clock):
    town, sakura, booking, (hana, momo), (entry, second) = full(make_town, "はな", "もも")
    sakura.cancels(booking)
    clock.forward(minutes=30)
    assert [sweep(), sweep()] == [1, 0]
    assert kinds(momo.mail).count("offer") == 1


def looks(town):
    """What the looks that found nobody have kept, in order."""
    with read() as db:
        rows = db.execute(
            select(RoundRow.skipped).where(RoundRow.places == 0).order_by(RoundRow.started_at)
        )
        return [[one["code"] for one in row.skipped] for row in rows]


def test_a_skip_is_kept_once_for_a_free_place_and_again_for_the_next(make_town, clock):
    town = make_town(capacity=3, rooms=build.rooms(general=2, isolation=1))
    town.family("りん").books("FLU_A")
    waits = town.family("ゆう")
    entry = waits.waits("RSV")
    for _again in range(3):
        clock.forward(minutes=1)
        sweep()
    assert looks(town) == [["ILLNESS_MIX"]]
    momo = town.family("もも")
    place = momo.books()
    clock.forward(minutes=1)
    momo.cancels(place)
    assert looks(town) == [["ILLNESS_MIX"]] * 2
    clock.forward(minutes=1)
    sweep()
    assert looks(town) == [["ILLNESS_MIX"]] * 2
    assert town.state(entry) == "waiting"


def test_a_full_day_keeps_no_skips(make_town, clock):
    town, _sakura, _booking, _waiting, _entries = full(make_town, "はな", "もも")
    clock.forward(minutes=1)
    assert sweep() == 0
    assert looks(town) == []


def test_from_seven_three_are_asked_and_the_first_yes_takes_the_place(make_town, clock):
    town, sakura, booking, families, entries = full(make_town, "はな", "もも", "ゆう", "れん")
    clock.set("2026-11-24 07:00")
    sakura.cancels(booking)
    assert [town.state(one) for one in entries] == ["offered"] * 3 + ["waiting"]
    clock.forward(minutes=2)
    assert families[1].says_yes(entries[1]).code == "confirmed"
    assert [town.state(one) for one in entries] == ["waiting", "confirmed", "waiting", "waiting"]
    assert kinds(families[0].mail) == kinds(families[2].mail) == ["waiting", "offer", "taken"]
    assert kinds(families[1].mail)[-1] == "confirmed"
    assert kinds(families[3].mail) == ["waiting"]
    clock.forward(minutes=1)
    assert families[0].says_yes(entries[0]).refusals[0].code == Code.OFFER_ENDED


def test_before_seven_one_family_at_a_time_is_asked(make_town, clock):
    town, sakura, booking, _families, entries = full(make_town, "はな", "もも")
    clock.set("2026-11-24 06:59")
    sakura.cancels(booking)
    assert [town.state(one) for one in entries] == ["offered", "waiting"]


def test_staff_read_that_the_place_is_gone_before_they_call(make_town, clock):
    town, sakura, booking, (hana, momo), (entry, second) = full(make_town, "はな", "もも")
    with write() as db:
        db.execute(update(Guardian).where(Guardian.mail == momo.mail).values(mail=None))
    clock.set("2026-11-24 07:00")
    sakura.cancels(booking)
    hana.says_yes(entry)
    with read() as db:
        tasks = db.execute(
            select(Task.kind, Task.about, Task.result)
            .where(Task.booking_id == second)
            .order_by(Task.created_at, Task.kind.desc())
        ).all()
    assert tasks == [
        ("call_offer", "offer", "gone"),
        ("call_news", "taken", None),
    ]
