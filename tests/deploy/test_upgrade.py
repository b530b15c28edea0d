"""An upgrade while people book: the new version's tables under the old program, and the waiting."""

from __future__ import annotations

import time

import flask_migrate
import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from reservation import create_app, settings
from reservation.cli import main
from reservation.reads import readiness
from reservation.store.db import db, write
from reservation.store.migrations import current, head
from tests import databases
from tests.conftest import Clock
from tests.databases import both_databases
from tests.town import Town

FIRST = "7fa0fe24db40"
"""The first step; those after it change tables that are there."""


@both_databases
def test_the_old_program_goes_on_when_the_tables_have_grown(town: Town, clock: Clock) -> None:
    """Expand: a column that may be empty, a table, an index. Nobody names what they do not know."""
    grown = (
        "ALTER TABLE booking ADD COLUMN from_tomorrow VARCHAR(20)",
        "CREATE TABLE of_tomorrow (id INTEGER PRIMARY KEY)",
        "CREATE INDEX ix_of_tomorrow ON booking (facility_id, from_tomorrow)",
        "UPDATE alembic_version SET version_num = 'of_tomorrow'",
    )
    shrunk = (
        "DROP INDEX ix_of_tomorrow",
        "DROP TABLE of_tomorrow",
        "ALTER TABLE booking DROP COLUMN from_tomorrow",
        f"UPDATE alembic_version SET version_num = '{head()}'",
    )
    try:
        with write() as session:
            for statement in grown:
                session.execute(text(statement))
        sakura = town.family("さくら")
        booking = sakura.books()
        assert town.state(booking) == "confirmed"
        sakura.cancels(booking)
        assert town.state(booking) == "cancelled"
        # It says of itself that it is no longer the newest.
        [line] = [one for one in readiness.look(clock.now) if one.name == "migrations"]
        assert not line.ok
    finally:
        with write() as session:
            for statement in shrunk:
                session.execute(text(statement))


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_step_gives_up_rather_than_let_everybody_wait_behind_it(
    fresh_database: dict[str, str],
) -> None:
    app = create_app(settings.load(fresh_database))
    with app.app_context():
        flask_migrate.upgrade(revision=FIRST)
    databases.close(app)
    reader = create_engine(settings.load(fresh_database).database_url)
    with reader.connect() as connection:
        # A long question holds the table.
        connection.exec_driver_sql("SELECT count(*) FROM booking")
        begun = time.monotonic()
        told = CliRunner().invoke(main, ["migrate"], env=fresh_database)
        assert time.monotonic() - begun < 20
        assert told.exit_code == 1
        assert "nothing was changed" in told.output
        assert _stands_at(fresh_database) == FIRST
    assert CliRunner().invoke(main, ["migrate"], env=fresh_database).exit_code == 0
    assert _stands_at(fresh_database) == head()
    reader.dispose()


def _stands_at(environ: dict[str, str]) -> str:
    app = create_app(settings.load(environ))
    with app.app_context(), db.engine.connect() as connection:
        found = current(connection)
    databases.close(app)
    return found
