"""Rows of several tables written together: few round trips while others wait for the lock.

PostgreSQL takes them all in one statement; SQLite, which has no way of saying that and no way to
travel, takes one each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from reservation.store import months
from reservation.store.db import Base
from reservation.store.tables.months import MonthMark

Part = tuple[type[Base], tuple[str, ...], bool]


@dataclass(frozen=True, slots=True)
class New:
    """A row to insert; with ``once`` one that is there already stays as it is."""

    table: type[Base]
    row: Mapping[str, Any]
    once: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """An UPDATE, built once, and the values of its parameters."""

    statement: Any
    values: Mapping[str, Any]


def write_all(db: Session, rows: Sequence[New], change: Change | None = None) -> Any:
    """A step: insert these rows, each after those it refers to, and make the change.

    Returns the change's result. It must not touch the rows: it does not see them. Rows that tell
    of a change in a month that is over bring that month's mark along (store/months.py).
    """
    marks = months.marks(db, [(new.table, new.row) for new in rows])
    rows = [*rows, *(New(MonthMark, mark) for mark in marks)]
    filled = [(new, {**_defaults(new.table), **new.row}) for new in rows]
    parts = tuple((new.table, tuple(row), new.once) for new, row in filled)
    connection = db.connection()
    if connection.dialect.name == "postgresql":
        values = {f"{n}_{name}": v for n, (_, row) in enumerate(filled) for name, v in row.items()}
        values.update(change.values if change else {})
        return connection.execute(_as_one(parts, change.statement if change else None), values)
    for part, (_, row) in zip(parts, filled, strict=True):
        connection.execute(_alone(part), {f"0_{name}": value for name, value in row.items()})
    return connection.execute(change.statement, dict(change.values)) if change else None


@lru_cache(256)
def _as_one(parts: tuple[Part, ...], last: Any) -> Any:
    """All in one statement: PostgreSQL looks at references when the whole of it is done."""
    inserts = [_insert(postgresql.insert, number, part) for number, part in enumerate(parts)]
    whole = inserts.pop() if last is None else last
    for number, statement in enumerate(inserts):
        whole = whole.add_cte(statement.cte(f"new_{number}"))
    return whole


@lru_cache(256)
def _alone(part: Part) -> Any:
    return _insert(sqlite.insert, 0, part)


def _insert(insert: Any, number: int, part: Part) -> Any:
    table, names, once = part
    statement = insert(table.__table__).values(
        {name: bindparam(f"{number}_{name}", type_=table.__table__.c[name].type) for name in names}
    )
    return statement.on_conflict_do_nothing() if once else statement


def _defaults(table: type[Base]) -> dict[str, Any]:
    """What the table's columns hold when nothing is said: a part of a statement has no defaults
    of its own."""
    return {name: made(None) if callable(made) else made for name, made in _said(table)}


@lru_cache(64)
def _said(table: type[Base]) -> tuple[tuple[str, Any], ...]:
    found: list[tuple[str, Any]] = []
    for column in table.__table__.c:
        default: Any = column.default
        if default is not None and hasattr(default, "arg"):
            found.append((column.name, default.arg))
    return tuple(found)
