"""The demo as a test meets it: Suginami on a Thursday morning at 6:58, on a port if need be.

The database is made once per test session, whichever worker asks first, and copied for each test.
tests/conftest.py names this module as a plugin.
"""

from __future__ import annotations

import fcntl
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from reservation import clock as application_clock
from reservation import create_app, settings
from reservation.cli.demo import fill
from reservation.store import crypto
from tests import databases
from tests.conftest import Server

MORNING = "2026-01-15 06:58"
"""Friday is open, so the demo's tomorrow is 2026-01-16."""

FILE = "reservation.sqlite"


def make(folder: Path) -> Flask:
    """An application of mode demo over that folder; its keys lie in the folder too."""
    settings.make_keys(folder)
    own = {"RESERVATION_MODE": "demo", "RESERVATION_INSTANCE": str(folder),
           "RESERVATION_LOG_LEVEL": "warning"}  # fmt: skip
    return create_app(settings.load(own))


def leave(app: Flask) -> None:
    """Give the connections back, and the keys to the other tests of this process."""
    databases.close(app)
    crypto.use_keys(settings.data_keys(databases.DATA_KEY))


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The instance folder of the finished demo. Never changed: copy it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    folder = shared / "demo"
    folder.mkdir(exist_ok=True)
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            with application_clock.fixed(application_clock.read(MORNING)):
                app = make(folder)
                with app.app_context():
                    fill(app)
                leave(app)
            (folder / "ready").touch()
    return folder


@pytest.fixture
def demo_app(demo_folder: Path, tmp_path: Path) -> Iterator[Flask]:
    """The demo's application over a copy of its own, the clock stopped at MORNING."""
    for name in (FILE, "settings.toml"):
        shutil.copy(demo_folder / name, tmp_path / name)
    with application_clock.fixed(application_clock.read(MORNING)):
        app = make(tmp_path)
        yield app
        leave(app)


@pytest.fixture
def demo_server(demo_app: Flask) -> Iterator[Callable[[str], Server]]:
    """``demo_server("2026-01-15 06:58")``: the demo behind a port, its clock stopped there."""
    with ExitStack() as stack:

        def start(now: str = MORNING) -> Server:
            application_clock.fix(application_clock.read(now))
            serving = make_server("127.0.0.1", 0, demo_app, threaded=True)
            thread = threading.Thread(target=serving.serve_forever, daemon=True)
            thread.start()
            stack.callback(serving.server_close)
            stack.callback(thread.join)
            stack.callback(serving.shutdown)
            return Server(f"http://127.0.0.1:{serving.server_port}", demo_app)

        yield start
