"""The application as a command uses it."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from reservation import create_app
from reservation.settings import Settings
from reservation.store.db import db


@contextmanager
def application(settings: Settings | None = None) -> Iterator[Flask]:
    """The application with its context; its connections are given back at the end."""
    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
