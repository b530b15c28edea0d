"""A family that wished to be woken and could not be: no task for an empty desk, and no lapse."""

from __future__ import annotations

from sqlalchemy import select, update

from reservation import clock as application_clock
from reservation.domain.values import Terms
from reservation.reads import integrity
from reservation.reads.night import night
from reservation.services import bookings, delivery, offers
from reservation.store import rulebooks
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import Guardian
from reservation.store.tables.records import Task
from tests.databases import both_databases
from tests.post_office import post_office
from tests.services.test_delivery import office
from tests.services.test_every_step import steps
from tests.town import CARE_DAY

pytestmark = both_databases
__all__ = ["office", "post_office"]
now = application_clock.now
WAKES = Terms(wakes=True)


def woken(make_town, *names):
    """One place that さくら has, and families that wish to be woken; older mail has gone out."""
    town = make_town(capacity=1, waiting={"wake_minutes": 20})
    sakura = town.family("さくら")
    place = sakura.books()
    families = [town.family(name) for name in names]
    entries = [one.waits_with(WAKES) for one in families]
    delivery.deliver(now)
    return town, lambda: sakura.cancels(place), families, entries


def has_no_address(*families):
    with write() as db:
        for one in families:
            db.execute(
                update(Guardian).where(Guardian.id == one.guardian_id).values(mail_failed_at=now())
            )


def calls():
    with read() as db:
        return [tuple(row) for row in db.execute(select(Task.kind, Task.about))]


def row(entry):
    with read() as db:
        return db.get_one(BookingRow, entry)


def log(town):
    """The actions of the night, in their order."""
    facility = town.facilities["seeds"]
    with read() as db:
        rules = rulebooks.in_force(db, facility, CARE_DAY)
        found = night(db, facility, CARE_DAY, rules, now())
    return [line.action for line in found.log]


def unbroken():
    """Every rule holds but the one about mail that ends; at night nobody waits for it here."""
    assert [one for one in integrity.check(now) if one.code != "I8"] == []


def test_a_mail_that_fails_at_night_is_no_task_and_no_lapse(make_town, office, clock):
    town, cancel, (hana,), (entry,) = woken(make_town, "はな")
    clock.set("2026-11-24 02:00")
    cancel()
    assert town.state(entry) == "offered"
    office.does("unknown")  # offers go first
    delivery.deliver(now)
    assert ("call_offer", "offer") not in calls()
    clock.set("2026-11-24 02:20")
    offers.sweep(now)
    assert steps(entry)[-2:] == ["offer", "unreached"]
    assert (town.state(entry), row(entry).lapses) == ("waiting", 0)
    assert bookings.join(hana.wants(), hana.by, None, now).values["rank"] == 1
    assert log(town)[-2:] == ["offer", "unreached"]
    assert ("call_offer", "offer") not in calls()
    unbroken()


def test_a_mail_that_nobody_could_send_all_night_is_no_lapse(make_town, clock):
    town, cancel, _, (entry,) = woken(make_town, "はな")
    clock.set("2026-11-24 02:00")
    cancel()
    clock.set("2026-11-24 02:20")
    offers.sweep(now)
    assert steps(entry)[-1] == "unreached"
    assert town.state(entry) == "waiting"


def test_a_mail_that_was_sent_at_night_and_not_answered_is_a_lapse(make_town, clock):
    _, cancel, _, (entry,) = woken(make_town, "はな")
    clock.set("2026-11-24 02:00")
    cancel()
    delivery.deliver(now)
    clock.set("2026-11-24 02:20")
    offers.sweep(now)
    assert steps(entry)[-1] == "lapse_offer"
    assert row(entry).lapses == 1


def test_who_has_no_address_is_passed_at_once_and_the_next_is_woken(make_town, clock):
    town, cancel, (hana, _), (first, second) = woken(make_town, "はな", "もも")
    has_no_address(hana)
    clock.set("2026-11-24 02:00")
    cancel()
    assert (town.state(first), town.state(second)) == ("waiting", "offered")
    assert steps(first)[-2:] == ["offer", "unreached"]
    assert calls() == []
    assert row(first).lapses == 0
    assert bookings.join(hana.wants(), hana.by, None, now).values["rank"] == 1
    unbroken()


def test_where_nobody_can_be_woken_the_place_waits_for_the_morning(make_town, clock):
    town, cancel, families, entries = woken(make_town, "はな", "もも")
    has_no_address(*families)
    clock.set("2026-11-24 02:00")
    cancel()
    offers.sweep(now)
    assert [town.state(one) for one in entries] == ["waiting", "waiting"]
    assert [steps(one).count("offer") for one in entries] == [1, 1]
    clock.set("2026-11-24 06:00")
    offers.sweep(now)
    assert [town.state(one) for one in entries] == ["offered", "waiting"]
    assert calls() == [("call_offer", "offer")]
    unbroken()


def test_who_has_mended_the_address_may_be_woken_again(make_town, clock):
    town, cancel, (hana,), (entry,) = woken(make_town, "はな")
    has_no_address(hana)
    clock.set("2026-11-24 02:00")
    cancel()
    assert not row(entry).wakes
    with write() as db:
        db.execute(update(Guardian).values(mail_failed_at=None))
    hana.sets(entry, WAKES)
    assert town.state(entry) == "offered"


def test_by_day_staff_telephone(make_town, clock):
    town, cancel, families, (entry,) = woken(make_town, "はな")
    has_no_address(*families)
    cancel()
    assert town.state(entry) == "offered"
    assert ("call_offer", "offer") in calls()
    clock.forward(minutes=30)
    offers.sweep(now)
    assert steps(entry)[-1] == "lapse_offer"
