"""Run by Alembic: carries the steps out on the application's own engine."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from reservation.store.db import db
from reservation.store.types import Encrypted, Instant

WAIT_SECONDS = 3
"""A step that waits for a table lets everybody else wait behind it; so it gives up and is tried
again when nothing long is at work."""


def render_item(kind: str, thing: Any, _context: Any) -> Any:
    """Steps name plain types, so that an old step still runs when the code has moved on."""
    if kind == "type" and isinstance(thing, Instant):
        return "Instant()"
    if kind == "type" and isinstance(thing, Encrypted):
        return "sa.Text()"
    return False


def leave_out_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """A step without content is no step."""
    autogenerate = getattr(context.config.cmd_opts, "autogenerate", False)
    if autogenerate and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def set_foreign_keys(connection: Connection, how: str) -> None:
    """SQLite rebuilds a table by dropping it, which must not take the rows that point at it."""
    driver: Any = connection.connection.dbapi_connection
    driver.execute(f"PRAGMA foreign_keys={how}")


def run() -> None:
    arguments = {
        **current_app.extensions["migrate"].configure_args,
        "process_revision_directives": leave_out_empty,
        "render_item": render_item,
        "transactional_ddl": True,
        "target_metadata": db.metadata,
    }
    engine = db.engine.execution_options(begin="IMMEDIATE")
    with engine.connect() as connection:
        on_sqlite = engine.dialect.name == "sqlite"
        if on_sqlite:
            set_foreign_keys(connection, "OFF")
        try:
            context.configure(connection=connection, **arguments)
            with context.begin_transaction():
                if not on_sqlite:
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
                context.run_migrations()
                broken = on_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"rows point nowhere after this step: {broken[:5]}")
        finally:
            connection.rollback()
            if on_sqlite:
                set_foreign_keys(connection, "ON")


run()
