"""Every invariant is silent on a town at work, and finds the row that breaks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from reservation import clock as application_clock
from reservation.reads import integrity
from reservation.store import invariants
from reservation.store.db import write
from tests.databases import both_databases
from tests.town import Town

pytestmark = both_databases


def broken() -> set[str]:
    return {one.rule.split()[0] for one in integrity.check(application_clock.now)}


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
    return {"cancelled": first, "confirmed": entry, "waiting": last}


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
        ("I3", ["update day set closed = 'typhoon'"]),
        ("I4", ["update booking set state = 'no_show' where id = :waiting"]),
        ("I5", ["update audit set frm = 'waiting' where action = 'hold'"]),
        ("I5", ["update audit set action = 'x', frm = 'cancelled', \"to\" = 'confirmed'"
                " where entity_id = :confirmed and action = 'yes'"]),
        ("I6", ["update booking set state = 'held', ends_at = '2026-11-23 00:00:00+00:00'"
                " where id = :confirmed"]),
        ("I7", ["delete from outbox where kind = 'confirmed'"]),
        ("I8", ["update outbox set due_at = '2026-11-22 00:00:00+00:00'"]),
        ("I11", ["update booking set state = 'offered', round_id = (select id from round)"
                 " where id = :waiting"]),
        ("I12", ["update audit set frm = 'held', action = 'confirm' where action = 'yes'",
                 "update audit set action = 'lapse' where entity_id = :confirmed"
                 " and action = 'offer'"]),
        ("I18", ["update outbox set params = 'plain text'"]),
    ],
)  # fmt: skip
def test_a_planted_row_is_found(night: dict[str, str], code: str, statements: list[str]) -> None:
    for statement in statements:
        used = {name: value for name, value in night.items() if f":{name}" in statement}
        do(statement, **used)
    assert code in broken()


def test_what_an_index_guards_cannot_even_be_planted(night: dict[str, str]) -> None:
    """I2 and I15: one_place_a_day and the outbox's key stand in the way."""
    assert {"I2", "I15"} <= {one.code for one in invariants.INVARIANTS}
    with pytest.raises(IntegrityError):
        do("update booking set state = 'confirmed', child_id = (select child_id from booking"
           " where id = :confirmed)", confirmed=night["confirmed"])  # fmt: skip
    with pytest.raises(IntegrityError):
        do("update outbox set dedupe = 'same'")
