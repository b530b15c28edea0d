"""Every invariant is silent on a town at work, and finds the row that breaks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from reservation import clock as application_clock
from reservation import jobs
from reservation.domain.states import Actor
from reservation.reads import integrity
from reservation.services import capacity, delivery, devices, keys, mail_codes, rooming, throttle
from reservation.services.audit import By
from reservation.store import invariants
from reservation.store.db import read, write
from reservation.store.tables.jobs import JobRun
from tests.conftest import Clock
from tests.databases import both_databases
from tests.town import CARE_DAY, Town

pytestmark = both_databases


def broken() -> set[str]:
    return {one.code for one in integrity.check(application_clock.now)}


def do(statement: str, **values: object) -> None:
    with write() as db:
        db.execute(text(statement), values)


@pytest.fixture
def night(make_town: Callable[..., Town]) -> dict[str, str]:
    """A booking cancelled, offered on, taken; one waiting; nothing broken."""
    town = make_town(capacity=1)
    sakura, hana, momo = (town.family(name) for name in ("さくら", "はな", "もも"))
    first = sakura.books()
    entry, last = hana.waits(), momo.waits()
    sakura.cancels(first)
    hana.says_yes(entry)
    return {"cancelled": first, "confirmed": entry, "waiting": last, "child": momo.child_id}


def test_a_night_of_work_breaks_nothing(night: dict[str, str]) -> None:
    assert broken() == set()


def test_an_open_offer_breaks_nothing(make_town: Callable[..., Town]) -> None:
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    booking = sakura.books()
    hana.waits()
    sakura.cancels(booking)
    assert broken() == set()


@pytest.mark.parametrize(
    ("code", "statements"),
    [
        ("I1", ["update day set effective_capacity = 0"]),
        ("I2h", ["update audit set \"to\" = 'held' where entity_id = :waiting",
                 "update booking set child_id = :child, state = 'cancelled'"
                 " where id = :confirmed"]),
        ("I3", ["update day set closed = 'typhoon'"]),
        ("I4", ["update booking set state = 'no_show' where id = :waiting"]),
        ("I5", ["update audit set frm = 'waiting' where action = 'hold'"]),
        ("I5", ["update audit set action = 'x', frm = 'cancelled', \"to\" = 'confirmed'"
                " where entity_id = :confirmed and action = 'yes'"]),
        ("I6", ["update booking set state = 'held', ends_at = '2026-11-23 00:00:00+00:00'"
                " where id = :confirmed"]),
        ("I7", ["delete from outbox where kind = 'confirmed'"]),
        ("I8", ["update outbox set due_at = '2026-11-22 00:00:00+00:00'"]),
        ("I9", ["update booking set asked_at = '2026-11-23 00:00:00+00:00' where id = :waiting",
                "update audit set seq = -1 where entity_id = :waiting"]),
        ("I11", ["update booking set state = 'offered', round_id = (select id from round)"
                 " where id = :waiting"]),
        ("I12", ["update audit set frm = 'held', action = 'confirm' where action = 'yes'",
                 "update audit set action = 'lapse' where entity_id = :confirmed"
                 " and action = 'offer'"]),
        ("I12", ["update audit set action = 'confirm', frm = 'held'"
                 " where entity_id = :cancelled and action = 'confirm'",
                 "update audit set detail = '{\"until\": \"2026-11-23T09:00:00+00:00\"}'"
                 " where entity_id = :cancelled and action = 'hold'"]),
        ("I13", ["update audit set action = 'hold', frm = null where action = 'yes'",
                 "update audit set action = 'hold', \"to\" = 'held' where action = 'offer'",
                 "delete from audit where action = 'cancel'"]),
        ("I14", ["update booking set checked_in_at = created_at where id = :confirmed"]),
        ("I14", ["update booking set ended_by = 'staff' where id = :cancelled"]),
        ("I14", ["insert into snapshot (facility_id, date, planned, waiting, official_capacity,"
                 " effective_capacity, taken_at) select facility_id, '2026-11-23', 7, 0, 1, 1,"
                 " created_at from booking where id = :waiting"]),
        ("I16", ["update booking set family_id = (select family_id from booking"
                 " where id = :cancelled) where id = :waiting"]),
        ("I16", ["update booking set episode_id = (select episode_id from booking"
                 " where id = :cancelled) where id = :waiting"]),
        ("I16", ["update booking set wish_id = (select wish_id from booking"
                 " where id = :cancelled) where id = :waiting"]),
        ("I16", ["update round set care_day = '2026-11-25'",
                 "update booking set round_id = (select id from round) where id = :waiting"]),
        ("I16", ["update outbox set guardian_id = (select g.id from guardian g join booking b"
                 " on b.family_id = g.family_id where b.id = :cancelled)"
                 " where booking_id = :waiting"]),
        ("I16", ["insert into task (id, facility_id, kind, booking_id, about, created_at)"
                 " select 't', f.id, 'review_late', b.id, '', b.created_at"
                 " from facility f join booking b on b.facility_id <> f.id"
                 " where b.id = :waiting"]),
        ("I16", ["update audit set on_behalf_of = 'somebody else' where entity_id = :waiting"]),
        ("I17", ["insert into idempotency_key (scope, token, fingerprint, outcome, created_at)"
                 " values ('a', 'b', 'c', '{}', '2026-11-19 00:00:00+00:00')"]),
        ("I17", ["insert into mail_code (id, mail, purpose, code_hash, created_at, ends_at, tries)"
                 " values ('a', 'b', 'sign_in', 'c', '2026-11-20 00:00:00+00:00',"
                 " '2026-11-20 00:10:00+00:00', 0)"]),
        ("I17", ["insert into attempt (id, scope, subject, at)"
                 " values ('a', 'b', 'c', '2026-11-20 00:00:00+00:00')"]),
        ("I17", ["insert into device (id, token_hash, guardian_id, label, created_at, seen_at,"
                 " ends_at) select 'd', 'h', id, '', '2026-01-01 00:00:00+00:00',"
                 " '2026-01-01 00:00:00+00:00', '2026-10-20 00:00:00+00:00' from guardian"
                 " order by id limit 1"]),
        ("I17", ["update outbox set status = 'sent', due_at = '2026-10-20 00:00:00+00:00'"]),
        ("I18", ["update outbox set params = 'plain text'"]),
        ("I19", ["update booking set together = 'x' where id = :waiting"]),
        ("I19", ["update booking set together = 'x' where id in (:waiting, :confirmed)"]),
    ],
)  # fmt: skip
def test_a_planted_row_is_found(night: dict[str, str], code: str, statements: list[str]) -> None:
    for statement in statements:
        used = {name: value for name, value in night.items() if f":{name}" in statement}
        do(statement, **used)
    assert code in broken()


def test_a_place_that_the_clock_freed_and_nobody_offered_is_found(
    make_town: Callable[..., Town], clock: Clock
) -> None:
    """I10: a hold has ended, and the sweep has had its time to call up the list."""
    town = make_town(capacity=1)
    town.family("さくら").holds()
    town.family("はな").waits()
    assert broken() == set()
    clock.forward(minutes=11)
    assert broken() == set()
    clock.forward(minutes=2)
    assert broken() == {"I6", "I10"}


def test_what_was_given_under_another_capacity_breaks_nothing(
    make_town: Callable[..., Town], clock: Clock
) -> None:
    """I13 knows what staff had set at that moment, when holds end, and what staff overrode."""
    town = make_town(capacity=3)
    nurse = By(Actor.STAFF, None, facility_id=town.facilities["seeds"])
    where = (town.facilities["seeds"], CARE_DAY)
    town.family("さくら").books()
    town.family("はな").holds()
    clock.forward(minutes=11)
    capacity.set_day(*where, capacity.Settings(2), nurse, None, clock.now)
    town.family("もも").books()
    capacity.set_day(*where, capacity.Settings(1), nurse, None, clock.now)
    assert broken() == {"I1"}
    do("update audit set detail = '{}' where action = 'set_day'")
    do("update audit set detail = :full where action = 'set_day' and seq ="
       " (select min(seq) from audit where action = 'set_day')",
       full='{"effective_capacity": 1}')  # fmt: skip
    assert broken() == {"I1", "I13"}


def test_a_hold_that_is_pinned_counts_until_its_end(
    make_town: Callable[..., Town], clock: Clock
) -> None:
    town = make_town(capacity=2)
    nurse = By(Actor.STAFF, None, facility_id=town.facilities["seeds"])
    where = (town.facilities["seeds"], CARE_DAY)
    capacity.set_day(*where, capacity.Settings(2), nurse, None, clock.now)
    held = town.family("はな").holds().booking_id or ""
    rooming.change_illness(held, "OTITIS", nurse, None, clock.now)
    assert rooming.pin(held, True, nurse, None, clock.now).code == "pinned"
    town.family("もも").books()
    assert broken() == set()
    do("update audit set detail = :one where action = 'set_day'", one='{"effective_capacity": 1}')
    assert broken() == {"I13"}


def test_the_job_counts_and_names_what_is_broken_and_looks_no_further_back(
    night: dict[str, str], context: Flask, clock: Clock
) -> None:
    assert jobs.run(context, jobs.find("invariants")) == 0
    do("update booking set state = 'no_show' where id = :id", id=night["waiting"])
    assert jobs.run(context, jobs.find("invariants")) == 2
    with read() as db:
        run = db.get_one(JobRun, "invariants")
        assert (run.ok, run.count, run.message) == (True, 2, "I14 I4")
    do("update outbox set status = 'sent'")
    clock.forward(days=3)
    assert integrity.cheap(clock.now) == ()
    assert "I4" in broken()


def test_rows_are_kept_as_long_as_their_services_say(context: Flask) -> None:
    assert invariants.KEPT == {
        "idempotency_key.created_at": keys.KEPT,
        "mail_code.created_at": mail_codes.KEPT,
        "attempt.at": throttle.KEPT,
        "device.ends_at": devices.KEPT,
        "outbox.due_at": delivery.KEPT,
    }


def test_what_an_index_guards_cannot_even_be_planted(night: dict[str, str]) -> None:
    """I2 and I15: one_place_a_day and the outbox's key stand in the way."""
    assert {"I2", "I15"} <= {one.code for one in invariants.INVARIANTS}
    with pytest.raises(IntegrityError):
        do("update booking set state = 'confirmed', child_id = (select child_id from booking"
           " where id = :confirmed)", confirmed=night["confirmed"])  # fmt: skip
    with pytest.raises(IntegrityError):
        do("update outbox set dedupe = 'same'")
