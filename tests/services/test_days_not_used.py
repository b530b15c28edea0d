"""A day that is not used takes the later days with it where the chain says so: after a "no" in the
morning, after silence, and when nobody comes. Each freed day calls up its own list."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation import figures
from reservation.domain.refusals import Code
from reservation.figures import cancelling
from reservation.reads import integrity
from reservation.services import delivery, desk, door, reconfirming, tasks
from reservation.services.several_days import Rest
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.records import Outbox, Task
from tests.databases import both_databases
from tests.town import CARE_DAY

pytestmark = both_databases
now = application_clock.now
NEXT, THIRD = CARE_DAY + timedelta(days=1), CARE_DAY + timedelta(days=2)
STAYS, FELL = ["cancelled", "confirmed", "confirmed"], ["cancelled"] * 3


def asked(make_town, clock, model, kind="release"):
    """さくら has three days and はな waits for the second; the first day's question is out."""
    town = make_town(
        capacity=1, chain={"model": model}, reminders={"reconfirm": kind},
        booking={"opens": {"days_before": 8, "at": "08:45"}},
    )  # fmt: skip
    sakura, hana = town.family("さくら"), town.family("はな")
    booked = [sakura.books(day=day) for day in (CARE_DAY, NEXT, THIRD)]
    entry = hana.waits(day=NEXT)
    clock.set("2026-11-24 06:00")
    reconfirming.due(now)
    delivery.deliver(now)
    return town, sakura, booked, entry


def says_no(family, booking, rest):
    return reconfirming.answer(booking, False, family.by, None, now, rest)


def states(town, booked):
    return [town.state(one) for one in booked]


def told(kind):
    with read() as db:
        return sorted(db.scalars(select(Outbox.booking_id).where(Outbox.kind == kind)))


def text(kind):
    """What the letter of this kind says that was sent last, as the demo keeps it."""
    with read() as db:
        sent = select(Outbox.shown).where(Outbox.kind == kind).order_by(Outbox.created_at)
        return db.scalars(sent).all()[-1] or ""


@pytest.fixture
def demo(context, monkeypatch):
    """Letters are kept."""
    demo = dataclasses.replace(context.extensions["settings"], mode="demo", smtp_host="")
    monkeypatch.setitem(context.extensions, "settings", demo)


def unbroken():
    assert [one for one in integrity.check(now) if one.code != "I8"] == []


def test_a_no_in_the_morning_takes_the_days_the_page_named(make_town, clock):
    town, sakura, booked, entry = asked(make_town, clock, "cascade")
    assert says_no(sakura, booked[0], Rest(told=(NEXT,))).has(Code.NOT_POSSIBLE)
    assert states(town, booked) == ["confirmed"] * 3
    done = says_no(sakura, booked[0], Rest(told=(NEXT, THIRD)))
    assert done.values["fell"] == [NEXT.isoformat(), THIRD.isoformat()]
    assert states(town, booked) == FELL
    assert town.state(entry) == "offered"
    assert told("cancelled") == sorted(booked)
    unbroken()


@pytest.mark.parametrize(("to_nursery", "after"), [(True, FELL), (False, STAYS)])
def test_a_no_where_it_hangs_on_the_answer(make_town, clock, to_nursery, after):
    town, sakura, booked, _entry = asked(make_town, clock, "conditional")
    assert says_no(sakura, booked[0], Rest(told=())).has(Code.NOT_POSSIBLE), "nobody asked"
    said = Rest((NEXT, THIRD) if to_nursery else (), to_nursery)
    assert says_no(sakura, booked[0], said).code == "cancelled"
    assert states(town, booked) == after


@pytest.mark.parametrize(
    ("model", "after"), [("cascade", FELL), ("conditional", STAYS), ("none", STAYS)]
)
def test_silence_takes_them_only_where_no_question_decides(make_town, clock, model, after):
    town, _sakura, booked, entry = asked(make_town, clock, model)
    clock.set("2026-11-24 07:00")
    reconfirming.due(now)
    assert states(town, booked) == after
    assert town.state(entry) == ("offered" if after == FELL else "waiting")
    assert told("released") == booked[:1]
    assert told("cancelled") == (sorted(booked[1:]) if after == FELL else [])
    unbroken()


def test_days_that_fell_in_silence_are_given_back_and_cost_nothing(make_town, clock):
    town, _sakura, booked, _entry = asked(make_town, clock, "cascade")
    clock.set("2026-11-24 07:00")
    reconfirming.due(now)
    with read() as db:
        second = db.get_one(BookingRow, booked[1])
    assert (second.ended_by, second.reason, second.late) == ("clock", "CHAIN", False)
    clock.set("2026-12-01 09:00")
    with read() as db:
        period = figures.scope(db, town.municipality_id, CARE_DAY, THIRD, application_clock.today())
        line = figures.FIGURES["cancelling"].run(db, period).rows[0]
    names = [column.code for column in cancelling.COLUMNS]
    assert dict(zip(names, line, strict=True))["by_facility"] == 0
    assert dict(zip(names, line, strict=True))["rate"] == 100


@pytest.mark.parametrize(
    ("model", "after"), [("cascade", FELL), ("conditional", STAYS), ("none", STAYS)]
)
def test_who_does_not_come_has_not_used_the_day(make_town, clock, model, after):
    town, _sakura, booked, entry = asked(make_town, clock, model, "off")
    nurse = town.worker("staff", "seeds")
    clock.set("2026-11-24 10:00")
    named = (NEXT, THIRD) if after == FELL else ()
    if named:
        stale = door.no_show(booked[0], nurse.by, None, now, (NEXT,))
        assert stale.has(Code.NOT_POSSIBLE)
    done = door.no_show(booked[0], nurse.by, None, now, named)
    assert done.code == "no_show"
    assert done.values.get("fell", []) == [day.isoformat() for day in named]
    assert states(town, booked) == ["no_show", *after[1:]]
    assert town.state(entry) == ("offered" if named else "waiting")
    unbroken()


def test_a_later_day_that_is_still_being_decided_falls_too(make_town, clock):
    town = make_town(
        capacity=1, chain={"model": "cascade"},
        booking={"opens": {"days_before": 8, "at": "08:45"}, "review": "staff"},
    )  # fmt: skip
    sakura, nurse = town.family("さくら"), town.worker("staff", "seeds")
    booked = [sakura.books(day=day) for day in (CARE_DAY, NEXT)]
    desk.accept(booked[0], nurse.by, None, now)
    assert states(town, booked) == ["confirmed", "requested"]
    clock.set("2026-11-24 10:00")
    assert door.no_show(booked[0], nurse.by, None, now, (NEXT,)).code == "no_show"
    assert states(town, booked) == ["no_show", "cancelled"]
    unbroken()


@pytest.mark.parametrize(("model", "after"), [("cascade", FELL), ("conditional", STAYS)])
def test_a_no_on_the_telephone(make_town, clock, model, after):
    town, _sakura, booked, _entry = asked(make_town, clock, model)
    nurse = town.worker("staff", "seeds")
    clock.set("2026-11-24 06:30")
    reconfirming.due(now)
    with read() as db:
        call = db.scalars(select(Task.id).where(Task.kind == "call_coming")).one()
    assert tasks.answer(call, "no", nurse.by, None, now).code == "cancelled"
    assert states(town, booked) == after
    unbroken()


@pytest.mark.usefixtures("demo")
def test_the_letters_say_it(make_town, clock):
    _town, _sakura, _booked, _entry = asked(make_town, clock, "cascade")
    assert "同じ病気の後の日(11月25日(水)、11月26日(木))" in text("reconfirm")
    clock.set("2026-11-24 07:00")
    reconfirming.due(now)
    delivery.deliver(now)
    assert "同じ病気の前の日に、ご利用がなかったためです" in text("cancelled")


@pytest.mark.usefixtures("demo")
def test_a_letter_of_a_room_without_chain_says_nothing_of_it(make_town, clock):
    asked(make_town, clock, "none")
    assert "後の日" not in text("reconfirm")
