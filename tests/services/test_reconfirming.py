"""The morning's question: asked once, answered by one tap, and what silence means."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from reservation import clock as application_clock
from reservation import figures
from reservation.domain.refusals import Code
from reservation.reads import integrity
from reservation.services import delivery, offers, reconfirming, tasks
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import Guardian
from reservation.store.tables.records import Audit, Outbox, Task
from tests.databases import both_databases
from tests.town import CARE_DAY

pytestmark = both_databases
now = application_clock.now
LATE_BY_TELEPHONE = {"until": {"days_before": 0, "at": "5:00"}, "afterwards": "telephone"}


def asking(make_town, kind="ask", **rules):
    """One place, which さくら has; はな waits behind her. It is the evening before."""
    town = make_town(capacity=1, reminders={"reconfirm": kind}, **rules)
    sakura, hana = town.family("さくら"), town.family("はな")
    return town, sakura, sakura.books(), hana, hana.waits()


def due():
    return reconfirming.due(now)


def comes(family, booking, coming=True):
    return reconfirming.answer(booking, coming, family.by, None, now)


def mails(kind):
    """Addresses and what became of each message of this kind."""
    with read() as db:
        rows = db.execute(select(Outbox.address, Outbox.status).where(Outbox.kind == kind))
        return sorted(tuple(row) for row in rows)


def calls():
    with read() as db:
        rows = select(Task.id, Task.due_at, Task.result).where(Task.kind == "call_coming")
        return [tuple(row) for row in db.execute(rows)]


def stored(booking_id):
    with read() as db:
        return db.get_one(BookingRow, booking_id)


def unbroken():
    """Every rule holds but the one about mail that nobody sends here."""
    assert [one for one in integrity.check(now) if one.code != "I8"] == []


def test_nobody_is_asked_where_the_rule_book_does_not(make_town, clock):
    _town, _sakura, _place, _hana, _entry = asking(make_town, "off")
    clock.set("2026-11-24 06:30")
    assert due() == 0
    assert mails("reconfirm") == []


def test_the_family_is_asked_once_at_its_time(make_town, clock):
    _town, sakura, place, _hana, _entry = asking(make_town)
    clock.set("2026-11-24 05:59")
    assert due() == 0
    clock.set("2026-11-24 06:00")
    assert [due(), due()] == [1, 0]
    assert mails("reconfirm") == [(sakura.mail, "queued")]
    delivery.deliver(now)
    assert mails("reconfirm") == [(sakura.mail, "sent")]
    assert comes(sakura, place).code == "coming"
    assert comes(sakura, place).code == "coming"
    booked = stored(place)
    assert (booked.state, booked.reconfirmed_at) == ("confirmed", now())
    assert booked.confirmed_at < now() - timedelta(hours=5)
    unbroken()


def test_who_confirmed_after_the_question_is_not_asked(make_town, clock):
    window = {"same_day_from": "6:00", "same_day_until": "9:00"}
    town = make_town(reminders={"reconfirm": "ask"}, booking=window)
    clock.set("2026-11-24 06:10")
    place = town.family("さくら").books()
    assert due() == 0
    assert town.state(place) == "confirmed"


def test_a_no_offers_the_place_at_once_and_the_mail_is_out_within_the_minute(make_town, clock):
    town, sakura, place, hana, entry = asking(make_town, cancelling=LATE_BY_TELEPHONE)
    clock.set("2026-11-24 06:00")
    due()
    clock.set("2026-11-24 06:05")
    said = now()
    assert comes(sakura, place, coming=False).code == "cancelled"
    assert (town.state(place), town.state(entry)) == ("cancelled", "offered")
    booked = stored(place)
    assert (booked.ended_by, booked.late, booked.same_day) == ("family", True, True)
    clock.forward(seconds=5)  # the job goes round every five seconds
    delivery.deliver(now)
    assert mails("offer") == [(hana.mail, "sent")]
    assert now() - said <= timedelta(seconds=60)
    unbroken()


def test_staff_hear_halfway_who_has_not_answered_and_answer_for_them(make_town, clock):
    town, sakura, place, _hana, entry = asking(make_town)
    nurse = town.worker("staff", "seeds")
    clock.set("2026-11-24 06:00")
    due()
    clock.set("2026-11-24 06:29")
    assert due() == 0
    clock.set("2026-11-24 06:30")
    assert [due(), due()] == [1, 0]
    [(task, ends, result)] = calls()
    assert (f"{ends:%H:%M}", result) == ("22:00", None)  # 7:00 in Tokyo
    assert tasks.answer(task, "no_answer", nurse.by, None, now).code == "no_answer"
    assert tasks.answer(task, "yes", nurse.by, None, now).code == "coming"
    assert calls()[0][2] == "yes"
    assert stored(place).reconfirmed_at == now()
    assert tasks.answer(task, "no", nurse.by, None, now).has(Code.NOT_POSSIBLE)
    assert town.state(entry) == "waiting"
    unbroken()


def test_a_no_by_telephone_frees_the_place_and_an_answer_by_page_ends_the_call(make_town, clock):
    town, sakura, place, _hana, entry = asking(make_town)
    nurse = town.worker("staff", "seeds")
    clock.set("2026-11-24 06:00")
    due()
    clock.set("2026-11-24 06:30")
    due()
    comes(sakura, place)
    assert calls()[0][2] == "yes"
    with write() as db:
        db.execute(update(Task).values(done_at=None, result=None))
    assert tasks.answer(calls()[0][0], "no", nurse.by, None, now).code == "cancelled"
    assert (town.state(place), town.state(entry)) == ("cancelled", "offered")
    unbroken()


@pytest.mark.parametrize(("kind", "state"), [("ask", "confirmed"), ("release", "cancelled")])
def test_silence_gives_the_place_up_where_the_rule_book_says_so(make_town, clock, kind, state):
    town, sakura, place, _hana, entry = asking(make_town, kind)
    clock.set("2026-11-24 06:00")
    due()
    delivery.deliver(now)
    clock.set("2026-11-24 06:59:59")
    due()
    assert town.state(place) == "confirmed"
    clock.set("2026-11-24 07:00")
    due()
    assert town.state(place) == state
    if kind == "release":
        assert town.state(entry) == "offered"
        booked = stored(place)
        assert (booked.ended_by, booked.reason, booked.late) == ("clock", "NOT_RECONFIRMED", False)
        assert (booked.same_day, booked.lead_hours) == (True, 1)
        with read() as db:
            period = figures.scope(
                db, town.municipality_id, CARE_DAY, CARE_DAY, application_clock.today()
            )
            line = figures.FIGURES["cancelling"].run(db, period).rows[0]
        assert line[1:8] == (1, 0, 0, 1, 0, 0, 0)
        assert line[9] == 1
        assert mails("released") == [(sakura.mail, "queued")]
        assert calls()[0][2] == "released"
        assert comes(sakura, place).has(Code.NOT_POSSIBLE)
    unbroken()


def test_who_was_never_reached_keeps_the_place(make_town, clock):
    town, _sakura, place, _hana, _entry = asking(make_town, "release")
    clock.set("2026-11-24 06:00")
    due()
    clock.set("2026-11-24 07:30")
    assert due() == 1  # staff are told; nothing was sent, so nothing is released
    assert town.state(place) == "confirmed"


def test_a_late_question_leaves_half_an_hour_to_answer(make_town, clock):
    town, _sakura, place, _hana, _entry = asking(make_town, "release")
    clock.set("2026-11-24 06:50")
    due()
    delivery.deliver(now)
    clock.set("2026-11-24 07:19")
    due()
    assert town.state(place) == "confirmed"
    clock.set("2026-11-24 07:20")
    due()
    assert town.state(place) == "cancelled"


def test_a_telephone_family_is_a_call_from_the_first_minute_and_is_never_released(make_town, clock):
    town, sakura, place, _hana, _entry = asking(make_town, "release")
    with write() as db:
        db.execute(update(Guardian).where(Guardian.id == sakura.guardian_id).values(mail=None))
    clock.set("2026-11-24 06:00")
    assert due() == 1
    assert len(calls()) == 1
    clock.set("2026-11-24 07:30")
    assert due() == 0
    assert town.state(place) == "confirmed"


def test_the_first_guardians_answer_wins(make_town, clock):
    town, sakura, place, _hana, entry = asking(make_town)
    father = town.second_guardian(sakura)
    clock.set("2026-11-24 06:00")
    due()
    assert mails("reconfirm") == sorted([(sakura.mail, "queued"), (father.mail, "queued")])
    assert comes(father, place, coming=False).code == "cancelled"
    assert comes(sakura, place).has(Code.NOT_POSSIBLE)
    assert (town.state(place), town.state(entry)) == ("cancelled", "offered")
    with read() as db:
        last = db.execute(
            select(Audit.actor_id).where(Audit.action == "cancel", Audit.entity_id == place)
        ).scalar_one()
    assert last == father.guardian_id


def test_nobody_answers_before_the_question_and_nobody_for_another(make_town, clock):
    _town, sakura, place, _hana, entry = asking(make_town)
    assert comes(sakura, place).has(Code.NOT_POSSIBLE)
    assert comes(_hana, entry).has(Code.NOT_POSSIBLE)
    assert offers.sweep(now) == 0
