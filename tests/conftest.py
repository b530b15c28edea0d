"""What every test may ask for. Real things throughout: databases, mail, browser."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import create_engine
from werkzeug.serving import make_server

from reservation import clock as application_clock
from tests import browsers, databases, postgres

pytest_plugins = ["tests.town", "tests.demo_town", "tests.reached"]

REQUIRED = set(filter(None, os.environ.get("RESERVATION_TEST_REQUIRE", "").split(",")))


def missing(what: str, why: str) -> None:
    """Skip by name, or fail where this machine promised to have it."""
    if what in REQUIRED:
        pytest.fail(f"{what} is required and not available: {why}", pytrace=False)
    pytest.skip(f"{what} not available: {why}")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches another machine."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        is_local = self.family == socket.AF_UNIX or (
            isinstance(address, tuple) and str(address[0]) in ("127.0.0.1", "::1", "localhost")
        )
        if not is_local:
            raise AssertionError(f"a test tried to reach {address}")
        real(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)


class Clock:
    """The application's clock, stopped: `set`, `forward`, and `now` as services take it."""

    def set(self, text: str) -> datetime:
        """Set to "2026-01-15 06:58" in Asia/Tokyo, or to "06:58" on the same day."""
        if len(text) <= 5:
            day = self.now().astimezone(application_clock.TOKYO).date()
            text = f"{day} {text.zfill(5)}"
        instant = application_clock.read(text)
        application_clock.fix(instant)
        return instant

    def forward(self, **by: float) -> datetime:
        """Let time pass: `forward(minutes=10)`."""
        application_clock.fix(self.now() + timedelta(**by))
        return self.now()

    def now(self) -> datetime:
        return application_clock.now()


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The clock, stopped on Thursday 2026-01-15 at 6:58 in the morning."""
    stopped = Clock()
    stopped.set("2026-01-15 06:58")
    yield stopped
    application_clock.fix(None)


@pytest.fixture(scope="session")
def _postgres_url() -> Iterator[str]:
    """One server per test process, started when the first test asks, its programs on the PATH: a
    pg_dump of the machine's own may be older than the server."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres.server())
            programs = str(postgres.program("pg_dump").parent)
        except postgres.Missing as error:
            missing("postgres", str(error))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("PATH", programs, prepend=os.pathsep)
        yield url


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """ "sqlite", or with `@both_databases` (tests/databases.py) each of "sqlite" and "postgres"."""
    name: str = getattr(request, "param", os.environ.get("RESERVATION_TEST_DATABASE", "sqlite"))
    return name


@pytest.fixture(scope="session")
def _apps(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Flask]]:
    made: dict[str, Flask] = {}

    def get(name: str) -> Flask:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            more = {}
            if name == "postgres":
                more["database_url"] = request.getfixturevalue("_postgres_url")
            made[name] = databases.make_app(folder, **more)
        return made[name]

    yield get
    for app in made.values():
        databases.close(app)


@pytest.fixture
def app(database: str, _apps: Callable[[str], Flask]) -> Iterator[Flask]:
    """The application on an empty database with all tables. No context is pushed."""
    made = _apps(database)
    yield made
    databases.empty(made)


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application with its context pushed: for tests that call acts and reads."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A reader without a browser."""
    return app.test_client()


@pytest.fixture
def fresh_database(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """Settings of an empty database without any table: for migrations and the command line."""
    if database == "sqlite":
        yield databases.environ(tmp_path)
        return
    url: str = request.getfixturevalue("_postgres_url")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS fresh WITH (FORCE)")
        connection.exec_driver_sql("CREATE DATABASE fresh")
    yield databases.environ(tmp_path, database_url=url.replace("/postgres?", "/fresh?"))
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS fresh WITH (FORCE)")
    admin.dispose()


@dataclass
class Server:
    """The application behind a real port."""

    url: str
    app: Flask


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    """The application on a free port of this machine, in this process (so `clock` counts)."""
    serving = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield Server(f"http://127.0.0.1:{serving.server_port}", app)
    serving.shutdown()
    thread.join()
    serving.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium per test process."""
    with ExitStack() as stack:
        try:
            started = stack.enter_context(browsers.chromium())
        except browsers.Missing as error:
            missing("browser", str(error))
        yield started


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A phone of 390 px at the server: `page.goto("/")`."""
    with browsers.context(browser, browsers.PHONE, server.url) as reader:
        yield reader.new_page()


@pytest.fixture
def desk_page(browser: Browser, server: Server) -> Iterator[Page]:
    """A desk's screen of 1280 px at the server."""
    with browsers.context(browser, browsers.DESK, server.url) as reader:
        yield reader.new_page()
