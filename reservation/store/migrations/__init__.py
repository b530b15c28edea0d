"""The database's steps from one version of the tables to the next (Alembic by Flask-Migrate)."""

from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import Connection

from reservation.store import tables
from reservation.store.db import Base, db

assert tables  # importing them is what makes them known to the metadata

DIRECTORY = Path(__file__).parent
# Alembic does not look at server defaults unless told, and a NOT NULL column then has none.
COMPARE: dict[str, Any] = {"compare_type": True, "compare_server_default": True}
migrate = Migrate(directory=str(DIRECTORY), **COMPARE)


def init_app(app: Flask) -> None:
    """Make the steps known to an application (and to `flask db`)."""
    migrate.init_app(app, db)


def head() -> str:
    """The newest revision that this program knows."""
    return ScriptDirectory(str(DIRECTORY)).get_current_head() or ""


def is_known(revision: str) -> bool:
    """Whether this program has that revision among its steps; a newer program's it has not."""
    try:
        return ScriptDirectory(str(DIRECTORY)).get_revision(revision) is not None
    except CommandError:
        return False


def current(connection: Connection) -> str:
    """The revision at which the database stands; empty for an empty database."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def differences(connection: Connection) -> list[str]:
    """How the database's tables differ from the program's, in words; empty when they agree."""
    context = MigrationContext.configure(
        connection, opts={**COMPARE, "target_metadata": Base.metadata}
    )
    return [str(one) for one in compare_metadata(context, Base.metadata)]
