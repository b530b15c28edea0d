"""The statements that are asked in the rush find everything by an index, on SQLite."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from reservation.services import facts
from reservation.store import beside
from reservation.store.db import read

STATEMENTS = {
    "facts": facts._statement(),
    "places of a list": beside._PLACES,
    "registrations of a list": beside._STANDINGS,
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_nothing_is_read_from_end_to_end(context: Flask, name: str) -> None:
    with read() as db:
        asked: Any = STATEMENTS[name].compile(dialect=db.get_bind().dialect)
        nothing = (None,) * len(asked.positiontup or ())
        plan = db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", nothing).all()
    steps = [row.detail for row in plan]
    assert any("USING INDEX" in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN")] == []
