"""A site behind the real nginx, for all tests that change nothing in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask

from reservation import clock as application_clock
from reservation import create_app, settings
from reservation.services import facilities
from tests import databases
from tests.deploy import arrangement
from tests.deploy.arrangement import HOST, Front
from tests.test_serve import free_port
from tests.town import EVENING, MUNICIPALITY, OPERATOR, Town, book

NOW = "2026-11-23T18:00+09:00"


@dataclass
class Site:
    """A running arrangement, and the application in this process on the same database."""

    front: Front
    app: Flask
    town: Town
    pages_port: int
    pages_log: Path

    def asked(self, rule: str) -> int:
        """How often the pages themselves have answered this rule."""
        return self.pages_log.read_text("utf-8").count(f'"rule": "{rule}"')


def behind_nginx(folder: Path, **more: str) -> dict[str, str]:
    """Settings of an installation behind one proxy."""
    return databases.environ(
        folder, base_url=f"https://{HOST}", proxy_hops="1", log_level="debug", now=NOW, **more
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Pages, stream and nginx as their units and files say, with しーず and ラビット."""
    folder = tmp_path_factory.mktemp("site")
    environ = behind_nginx(folder)
    app = create_app(settings.load(environ))
    pages, stream = free_port(), free_port()
    log = folder / "pages.log"
    with ExitStack() as stack:
        stack.callback(application_clock.fix, None)
        with app.app_context():
            flask_migrate.upgrade()
            town = two_rooms()
        for unit, port, out in (("pages", pages, log), ("stream", stream, folder / "stream.log")):
            words = arrangement.command(unit, port)
            stack.enter_context(arrangement.started(words, environ, out, port))
        front = stack.enter_context(arrangement.nginx(folder, [pages], stream))
        yield Site(front, app, town, pages, log)
    databases.close(app)


def two_rooms() -> Town:
    """しーず and ラビット, six places each."""
    application_clock.fix(application_clock.read(EVENING))
    town = Town(facilities.put_municipality(MUNICIPALITY, OPERATOR, application_clock.now))
    town.rules(book("seeds"))
    town.rules(book("rabbit", about={"name": {"ja": "ラビットルーム"}}))
    return town


@pytest.fixture
def acting(site: Site) -> Iterator[Callable[[str], str]]:
    """Book for a family of this name, in the site's database; the booking's id."""
    with site.app.app_context():
        application_clock.fix(application_clock.read(EVENING))
        yield lambda name: site.town.family(name).books()
        application_clock.fix(None)
