"""A booking writes only tables that can be split by facility, and those that docs/scale.md names.

Which tables a booking writes is not listed here: acts are done and their statements read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint, event

from reservation.services import offers
from reservation.store.db import Base, db
from tests.conftest import Clock
from tests.town import Town

ROOT = Path(__file__).resolve().parents[1]
WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?')


@contextmanager
def written() -> Iterator[set[str]]:
    """The tables that statements inside the block write to."""
    names: set[str] = set()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        names.update(WRITES.findall(statement))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield names
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def is_facility_first(table: Table) -> bool:
    """Whether facility_id must be there and leads a unique key of the table."""
    column = table.columns.get("facility_id")
    if column is None or column.nullable:
        return False
    keys = [
        [one.name for one in key.columns]
        for key in table.constraints
        if isinstance(key, UniqueConstraint | PrimaryKeyConstraint)
    ]
    return any(key[0] == "facility_id" for key in keys)


def documented() -> set[str]:
    """The tables in the list of exceptions of docs/scale.md."""
    words = (ROOT / "docs" / "scale.md").read_text("utf-8")
    section = words.partition("## What spans facilities")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


@pytest.fixture
def writes(make_town: object, clock: Clock) -> set[str]:
    """The tables that holding, confirming, waiting, offering, refusing and cancelling write to."""
    town: Town = make_town(capacity=1)  # type: ignore[operator]
    sakura, hana, momo = (town.family(name) for name in ("さくら", "はな", "もも"))
    with written() as names:
        booking = sakura.books()
        entry = hana.waits()
        assert momo.holds().code == "refused"
        sakura.cancels(booking)
        assert town.state(entry) == "offered"
        assert hana.says_yes(entry).booking_id
        clock.forward(hours=1)
        offers.sweep(clock.now)
    return names


def test_a_booking_writes_only_tables_that_can_be_split_and_documented_ones(
    writes: set[str],
) -> None:
    assert {"booking", "day", "episode", "round", "refusal", "wish", "audit"} <= writes
    tables = Base.metadata.tables
    assert {name for name in writes if not is_facility_first(tables[name])} <= documented()


def test_the_documented_exceptions_are_exceptions() -> None:
    tables = Base.metadata.tables
    assert documented()
    assert [name for name in documented() if is_facility_first(tables[name])] == []


def test_every_index_of_the_booking_by_place_begins_with_the_facility() -> None:
    """What is asked per facility finds its rows in one part of a split table."""
    for name in ("episode", "refusal", "round", "booking"):
        table = Base.metadata.tables[name]
        assert any(
            [column.name for column in index.columns][:1] == ["facility_id"]
            for index in table.indexes
        ), name
