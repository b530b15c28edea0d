"""Who of the staff looked at which child is kept, and hinders nobody."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from reservation.store.db import read, write
from reservation.store.tables.people import ChildRow, Registration
from reservation.store.tables.records import Audit
from tests.databases import both_databases
from tests.pages import Reader
from tests.staff.test_telephone_page import looks as looks_up
from tests.test_bad_days import locked
from tests.town import CARE_DAY, SUGINAMI, Household, Town, Worker

AtDesk = Callable[[Worker], Reader]


def seen() -> list[tuple[str, str | None, str, object]]:
    """Every look: where, by whom, at whom, of which day."""
    with read() as db:
        rows = db.scalars(select(Audit).where(Audit.action == "look").order_by(Audit.seq)).all()
        return [(r.detail["screen"], r.actor_id, r.entity_id, r.care_day) for r in rows]


@both_databases
def test_an_opened_card_is_kept_and_a_board_that_moves_is_not(
    sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    booking = sakura.books()
    desk = at_desk(nurse)
    desk.opens(f"/staff/seeds/day/{CARE_DAY}")
    desk.client.get(f"/staff/seeds/day/{CARE_DAY}/board?card={booking}")
    assert seen() == []
    desk.opens(f"/staff/seeds/bookings/{booking}").says("さくら")
    assert seen() == [("card", nurse.account_id, sakura.child_id, CARE_DAY)]


def test_strangers_who_are_not_let_in_leave_no_look(
    town: Town, sakura: Household, at_desk: AtDesk
) -> None:
    at_desk(town.worker("staff", "rabbit")).opens(f"/staff/rabbit/bookings/{sakura.books()}", 404)
    assert seen() == []


def test_a_registration_a_call_and_the_day_sheet_are_kept(
    town: Town, sakura: Household, nurse: Worker, officer: Worker, at_desk: AtDesk
) -> None:
    with read() as db:
        registration = db.scalar(select(Registration.id))
    office = at_desk(officer)
    office.opens(f"/municipality/{SUGINAMI}/registrations/{registration}")
    desk = at_desk(nurse)
    looks_up(desk.opens("/staff/seeds/telephone")).says("該当：さくら")
    desk.opens(f"/staff/seeds/day/{CARE_DAY}/sheet")
    assert seen() == [
        ("registration", officer.account_id, sakura.child_id, None),
        ("telephone", nurse.account_id, sakura.child_id, None),
        ("day_sheet", nurse.account_id, town.facilities["seeds"], CARE_DAY),
    ]


def test_a_look_says_nothing_about_health(
    sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    with write() as db:
        db.get_one(ChildRow, sakura.child_id).allergies = "落花生"
    at_desk(nurse).opens(f"/staff/seeds/bookings/{sakura.books('FLU_A')}").says("落花生")
    with read() as db:
        row = db.scalars(select(Audit).where(Audit.action == "look")).one()
        told = json.dumps([row.detail, row.note, row.reason, row.frm, row.to], ensure_ascii=False)
    assert told == '[{"screen": "card"}, null, null, null, null]'


def test_a_look_that_cannot_be_written_hinders_nobody(
    context: Flask, sakura: Household, nurse: Worker, at_desk: AtDesk
) -> None:
    booking, desk = sakura.books(), at_desk(nurse)
    with locked(context):
        desk.opens(f"/staff/seeds/bookings/{booking}").says("さくら")
    assert seen() == []
