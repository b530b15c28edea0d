"""Both databases for a test: `@both_databases`, and how an application for one is made."""

from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import text

from reservation import create_app, settings
from reservation.store.db import Base, db

both_databases = pytest.mark.parametrize(
    "database",
    ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
    indirect=True,
)
DATA_KEY = settings.new_data_key()


def environ(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a test's application; `more` names settings in small letters."""
    return {
        "RESERVATION_MODE": "test",
        "RESERVATION_SECRET_KEY": "test-secret-key-test-secret-key-test",
        "RESERVATION_DATA_KEY": DATA_KEY,
        "RESERVATION_INSTANCE": str(folder),
        "RESERVATION_LOG_LEVEL": "warning",
        # A busy machine is not taken for a product that refuses.
        "RESERVATION_POOL_WAIT": "30",
        "RESERVATION_LOCK_WAIT": "20",
        # Boards are read right after something has been written.
        "RESERVATION_BOARD_LOOK_MS": "0",
        **{f"RESERVATION_{name.upper()}": value for name, value in more.items()},
    }


def make_app(folder: Path, **more: str) -> Flask:
    """An application whose database has been brought to the newest step."""
    app = create_app(settings.load(environ(folder, **more)))
    with app.app_context():
        flask_migrate.upgrade()
    return app


def empty(app: Flask) -> None:
    """Delete all rows and keep the tables: a tenth of the time of making them anew."""
    names = [table.name for table in Base.metadata.tables.values()]
    with app.app_context():
        db.session.remove()
        if db.engine.dialect.name == "postgresql":
            with db.engine.begin() as connection:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                connection.execute(text(";".join(f'DELETE FROM "{name}"' for name in names)))
            return
        with db.engine.connect() as connection:
            driver = connection.connection.dbapi_connection
            assert driver is not None
            driver.execute("PRAGMA foreign_keys=OFF")
            driver.execute("BEGIN IMMEDIATE")
            for name in names:
                driver.execute(f'DELETE FROM "{name}"')
            driver.execute("COMMIT")
            driver.execute("PRAGMA foreign_keys=ON")


def close(app: Flask) -> None:
    """Give the connections back, so that no warning tells of an open one."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
