"""What the clock says: reminders once and in time, late reviews, frozen head-counts."""

from __future__ import annotations

import threading
from datetime import date, timedelta

from sqlalchemy import insert, select, update

from reservation import clock as application_clock
from reservation.services import delivery, reminders, snapshots
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import Guardian
from reservation.store.tables.places import DayRow, SnapshotRow
from reservation.store.tables.records import Outbox, Task
from reservation.store.types import new_id
from tests.databases import both_databases
from tests.town import CARE_DAY

pytestmark = both_databases

REMINDERS = ("reminder_evening", "reminder_cutoff")


def remind():
    return reminders.due(application_clock.now)


def review():
    return reminders.reviews(application_clock.now)


def freeze():
    return snapshots.freeze(application_clock.now)


def deliver():
    return delivery.deliver(application_clock.now)


def told(mail, *kinds):
    with read() as db:
        rows = select(Outbox.kind).where(Outbox.address == mail, Outbox.kind.in_(kinds))
        return list(db.scalars(rows.order_by(Outbox.created_at, Outbox.kind)))


def tasks():
    with read() as db:
        rows = select(Task.kind, Task.due_at, Task.done_at).order_by(Task.created_at)
        return [tuple(row) for row in db.execute(rows)]


def outcome(kind):
    with read() as db:
        rows = select(Outbox.status, Outbox.error).where(Outbox.kind == kind)
        return [tuple(row) for row in db.execute(rows)]


def decided(booking_id):
    with read() as db:
        row = db.execute(
            select(BookingRow.state, BookingRow.reason).where(BookingRow.id == booking_id)
        ).one()
        return tuple(row)


# reminders: the town stands at 18:00 of the evening before; 19:00 and 6:15 are the times


def test_the_evening_before_and_before_the_cutoff_once_each(town, sakura, clock):
    sakura.books()
    clock.set("18:59")
    assert remind() == 0
    clock.set("19:00")
    assert remind() == 1
    assert remind() == 0
    clock.set("2026-11-24 06:14")
    assert remind() == 0
    clock.set("06:15")
    assert remind() == 1
    assert remind() == 0
    assert told(sakura.mail, *REMINDERS) == ["reminder_evening", "reminder_cutoff"]
    assert deliver() == 3
    assert outcome("reminder_cutoff") == [("sent", None)]


def test_who_books_after_the_time_of_a_reminder_gets_none(town, sakura, clock):
    clock.set("22:05")
    sakura.books()
    assert remind() == 0
    assert told(sakura.mail, *REMINDERS) == []
    clock.set("2026-11-24 06:15")
    assert remind() == 1


def test_only_confirmed_bookings_are_reminded_of(make_town, clock):
    town = make_town(capacity=1)
    sakura, hana, momo = (town.family(name) for name in ("さくら", "はな", "もも"))
    cancelled = sakura.books(at="rabbit")
    sakura.cancels(cancelled)
    hana.books()
    momo.waits()
    clock.set("2026-11-24 06:15")
    remind()
    assert told(sakura.mail, *REMINDERS) == told(momo.mail, *REMINDERS) == []
    assert told(hana.mail, *REMINDERS) == ["reminder_cutoff", "reminder_evening"]


def test_a_reminder_that_comes_too_late_is_dropped(town, sakura, clock):
    sakura.books()
    deliver()
    clock.set("2026-11-24 07:00")
    assert remind() == 2
    assert deliver() == 2
    assert outcome("reminder_evening") == [("dropped", "too late")]
    assert outcome("reminder_cutoff") == [("dropped", "too late")]


def test_an_hour_late_is_still_of_use(town, sakura, clock):
    sakura.books()
    clock.set("20:00")
    assert remind() == 1
    deliver()
    assert outcome("reminder_evening") == [("sent", None)]


def test_a_reminder_of_a_booking_cancelled_meanwhile_is_dropped(town, sakura, clock):
    booking = sakura.books()
    clock.set("19:00")
    remind()
    sakura.cancels(booking)
    deliver()
    assert outcome("reminder_evening") == [("dropped", "booking is cancelled")]


def test_a_facility_may_do_without_the_second_reminder(make_town, clock):
    town = make_town(reminders={"before_cutoff_minutes": 0, "evening_at": "20:30"})
    sakura = town.family("さくら")
    sakura.books()
    clock.set("20:30")
    assert remind() == 1
    clock.set("2026-11-24 06:59")
    assert remind() == 0


def test_a_family_without_mail_is_not_telephoned_for_a_reminder(town, sakura, clock):
    sakura.books()
    with write() as db:
        db.execute(update(Guardian).values(mail=None))
    clock.set("19:00")
    assert remind() == 1
    assert tasks() == []


def test_every_guardian_is_reminded(town, sakura, clock):
    with write() as db:
        db.execute(insert(Guardian), [{"id": new_id(), "family_id": sakura.family_id,
            "mail": "second@example.org", "created_at": application_clock.now()}])  # fmt: skip
    sakura.books()
    clock.set("19:00")
    assert remind() == 1
    assert told("second@example.org", *REMINDERS) == ["reminder_evening"]


def test_two_processes_remind_once(town, clock, context):
    families = [town.family(f"さくら{n}") for n in range(4)]
    for family in families:
        family.books()
    clock.set("19:00")
    counts, begin = [], threading.Barrier(3)

    def work():
        with context.app_context():
            begin.wait()
            counts.append(remind())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(counts) == 4
    for family in families:
        assert told(family.mail, *REMINDERS) == ["reminder_evening"]


# reviews: asked at 18:00, due at 20:00, the list stops at 7:30


def reviewing(make_town, unreviewed="stay"):
    town = make_town(booking={"review": "staff", "unreviewed": unreviewed})
    sakura = town.family("さくら")
    return town, sakura, sakura.books()


def test_a_late_review_warns_staff_and_family_once_and_keeps_the_place(make_town, clock):
    town, sakura, booking = reviewing(make_town)
    assert town.state(booking) == "requested"
    clock.set("19:59")
    assert review() == 0
    clock.set("20:00")
    assert review() == 1
    assert review() == 0
    stop = clock.now() + timedelta(hours=11, minutes=30)
    assert tasks() == [("review_late", stop, None)]
    assert told(sakura.mail, "review_late") == ["review_late"]
    clock.set("2026-11-24 07:30")
    assert review() == 0
    assert town.state(booking) == "requested"


def test_where_the_rule_book_says_so_it_is_declined_at_the_stop_time(make_town, clock):
    town, sakura, booking = reviewing(make_town, "decline")
    clock.set("20:00")
    review()
    clock.set("2026-11-24 07:29")
    assert review() == 0
    clock.set("07:30")
    assert review() == 1
    assert review() == 0
    assert decided(booking) == ("declined", "NOT_REVIEWED")
    assert tasks()[0][2] == clock.now()
    deliver()
    assert outcome("declined") == [("sent", None)]
    assert outcome("review_late") == [("dropped", "booking is declined")]


def test_a_scheduler_that_slept_over_both_declines_and_does_not_warn(make_town, clock):
    town, sakura, booking = reviewing(make_town, "decline")
    clock.set("2026-11-24 08:00")
    assert review() == 1
    assert town.state(booking) == "declined"
    assert told(sakura.mail, "review_late") == []
    assert tasks() == []


def test_a_review_in_time_is_no_news(make_town, clock):
    town, sakura, booking = reviewing(make_town)
    sakura.cancels(booking)
    clock.set("20:00")
    assert review() == 0


# snapshots: しーず opens at 8:00


def snapshot(town, code="seeds", day=CARE_DAY):
    with read() as db:
        row = db.get(SnapshotRow, (town.facilities[code], day))
        return (row.planned, row.waiting) if row else None


def test_the_head_count_is_frozen_at_opening(make_town, clock):
    town = make_town(capacity=2)
    sakura, hana, momo, ume = (town.family(n) for n in ("さくら", "はな", "もも", "うめ"))
    sakura.books()
    gone = hana.books()
    momo.waits()
    ume.waits()
    clock.set("2026-11-24 07:59")
    freeze()
    assert snapshot(town) is None
    clock.set("08:00")
    assert freeze() == 2
    assert freeze() == 0
    assert snapshot(town) == (2, 2)
    assert snapshot(town, "rabbit") == (0, 0)
    hana.cancels(gone)
    assert freeze() == 0
    assert snapshot(town) == (2, 2)


def test_a_late_job_counts_what_stood_at_opening(town, sakura, hana, clock):
    sakura.books()
    gone = hana.books()
    clock.set("2026-11-24 09:00")
    hana.cancels(gone)
    clock.set("2026-11-26 12:00")
    freeze()
    assert snapshot(town) == (2, 0)
    assert snapshot(town, day=date(2026, 11, 25)) == (0, 0)
    assert snapshot(town, day=date(2026, 11, 23)) is None
    with read() as db:
        row = db.get(SnapshotRow, (town.facilities["seeds"], CARE_DAY))
        assert (row.official_capacity, row.effective_capacity) == (6, 6)
        assert row.taken_at == clock.now()


def test_what_was_cancelled_before_opening_was_not_planned(town, sakura, hana, clock):
    sakura.books()
    gone = hana.books()
    clock.set("2026-11-24 06:30")
    hana.cancels(gone)
    clock.set("08:00")
    freeze()
    assert snapshot(town) == (1, 0)


def test_a_closed_day_has_no_head_count(town, clock):
    where = {"facility_id": town.facilities["seeds"], "date": CARE_DAY}
    with write() as db:
        db.execute(insert(DayRow), [{**where, "version": 1, "closed": "台風", "closed_rooms": []}])
    clock.set("2026-11-24 08:00")
    freeze()
    assert snapshot(town) is None
    assert snapshot(town, "rabbit") == (0, 0)
