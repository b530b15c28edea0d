import flask_migrate
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import inspect

from reservation import create_app, settings
from reservation.cli import main
from reservation.services import installation
from reservation.store.db import Base, db
from reservation.store.migrations import current, differences, head
from reservation.store.types import Encrypted
from tests import databases
from tests.databases import both_databases

pytestmark = both_databases


@pytest.fixture
def fresh(fresh_database: dict[str, str]):
    app = create_app(settings.load(fresh_database))
    with app.app_context():
        yield app
    databases.close(app)


def _tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_the_steps_lead_to_the_tables_of_the_program_and_back(fresh: Flask) -> None:
    for _ in range(2):
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            assert current(connection) == head()
            assert differences(connection) == []
        assert _tables() == set(Base.metadata.tables)
        flask_migrate.downgrade(revision="base")
        assert _tables() == set()


def test_a_column_that_nobody_made_is_noticed(fresh: Flask) -> None:
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE job_run ADD COLUMN colour VARCHAR(9)")
        assert any("colour" in one for one in differences(connection))


def test_the_command_makes_the_tables_and_checks_them(fresh_database: dict[str, str]) -> None:
    run = CliRunner().invoke
    assert run(main, ["migrate", "--check"], env=fresh_database).exit_code == 1
    done = run(main, ["migrate"], env=fresh_database)
    assert done.exit_code == 0, done.output
    assert run(main, ["migrate", "--check"], env=fresh_database).exit_code == 0


def test_a_database_of_another_mode_is_refused(fresh: Flask) -> None:
    flask_migrate.upgrade()
    installation.settle_mode("demo")
    installation.settle_mode("demo")
    with pytest.raises(installation.WrongMode, match="made for demo"):
        installation.settle_mode("production")


def test_every_encrypted_column_names_its_own_place(fresh: Flask) -> None:
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, Encrypted):
                assert column.type.where == f"{table.name}.{column.name}"
