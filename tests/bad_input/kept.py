"""A database put aside: whether anything was written since, and back to how it was.

On both databases a copy of every table stands beside it, made by one statement.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, event, text

from reservation.store.db import Base, db

THROTTLES = frozenset({"attempt", "job_run"})
"""Tables that a refused request may write to: how often somebody has tried."""


WRITES = frozenset({"INSERT", "UPDATE", "DELETE"})


class Kept:
    """All tables as they were when this was made."""

    def __init__(self) -> None:
        self.tables = sorted(table.name for table in Base.metadata.tables.values())
        with _connection() as to:
            for name in self.tables:
                to.execute(text(f'CREATE TABLE "kept_{name}" AS SELECT * FROM "{name}"'))
        self.first = self.digests()
        self.touched = False
        event.listen(db.engine, "before_cursor_execute", self._note)

    def _note(self, _c: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.touched = self.touched or statement.lstrip()[:6].upper() in WRITES

    def changed(self) -> set[str]:
        """The tables whose rows are no longer those of the beginning."""
        if not self.touched:
            return set()
        now = self.digests()
        return {name for name in self.tables if now[name] != self.first[name]}

    def digests(self) -> dict[str, str]:
        """A number for the rows of each table."""
        with db.engine.connect() as at:
            found = {}
            for name in self.tables:
                rows = at.execute(text(f'SELECT * FROM "{name}"')).all()
                found[name] = hashlib.sha256(
                    "\n".join(sorted(map(repr, rows))).encode()
                ).hexdigest()
            return found

    def restore(self) -> None:
        """As it was at the beginning, where it has changed."""
        changed = self.changed()
        if changed:
            with _connection() as to:
                for name in changed:
                    to.execute(text(f'DELETE FROM "{name}"'))
                    to.execute(text(f'INSERT INTO "{name}" SELECT * FROM "kept_{name}"'))
        self.touched = False

    def drop(self) -> None:
        """Away with the copies."""
        event.remove(db.engine, "before_cursor_execute", self._note)
        with _connection() as to:
            for name in self.tables:
                to.execute(text(f'DROP TABLE "kept_{name}"'))


@contextmanager
def _connection() -> Iterator[Connection]:
    """A transaction in which the order of deleting does not matter."""
    with db.engine.connect() as to:
        is_sqlite = db.engine.dialect.name == "sqlite"
        driver = to.connection.dbapi_connection
        assert driver is not None
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")
        with to.begin():
            if not is_sqlite:
                to.execute(text("SET LOCAL session_replication_role = replica"))
            yield to
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys=ON")
