"""Public answers that are ready: no statement, never wrong by the clock, never a second old."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from reservation import clock as application_clock
from reservation import settings
from reservation.reads import municipalities, vacancy_bytes
from reservation.reads.looks import Look, Looks
from reservation.reads.municipalities import House
from reservation.reads.once import Once
from reservation.services import facilities
from reservation.store.db import Unavailable
from reservation.web import front as fronts
from reservation.web.front import Front
from reservation.web.public import board as boards
from tests import databases
from tests.databases import both_databases
from tests.domain import build
from tests.public.serving import Served, served
from tests.public.test_board import URI, counted
from tests.public.test_live import left, postgres_database
from tests.town import EVENING, MUNICIPALITY, OPERATOR, Town, book

PAGES = ("/vacancy.json", "/", URI, "/m/131156/?age=3&complaint=rash", "/?complaint=diagnosed")


@pytest.fixture
def front(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Front:
    """What stands before the pages, with looks that count for longer than a test lasts."""
    found: Front = app.extensions["front"]
    monkeypatch.setattr(found.looks, "every", 30)
    found.answers.clear()
    found.looks._spots.clear()
    return found


def last_look(front: Front) -> Look:
    look = front.looks._spots["localhost"].look
    assert look is not None
    return look


def grow_old(front: Front, seconds: float) -> None:
    """Let the last look have been made so many seconds ago."""
    last_look(front).asked = application_clock.monotonic() - seconds


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """The results of calls made at the same moment, each in a thread of its own."""
    barrier, results = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results.append(call())
        except Unavailable as error:
            results.append(error)

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return results


@both_databases
@pytest.mark.parametrize("path", PAGES)
def test_a_ready_answer_costs_no_statement(
    town: Town, front: Front, client: FlaskClient, path: str
) -> None:
    first = client.get(path)
    with counted() as sent:
        again = client.get(path)
        unchanged = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert sent == []
    assert again.data == first.data
    own = {"X-Request-Id", "Date"}
    assert set(again.headers.keys()) == set(first.headers.keys()) - own
    assert {k: v for k, v in first.headers if k not in own} == dict(again.headers)
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert unchanged.headers["ETag"] == first.headers["ETag"]
    assert unchanged.headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=1"


def test_who_has_the_page_already_makes_it_ready_for_others(
    town: Town, front: Front, client: FlaskClient
) -> None:
    tag = client.get("/vacancy.json").headers["ETag"]
    front.answers.clear()
    assert client.get("/vacancy.json", headers={"If-None-Match": tag}).status_code == 304
    assert len(front.answers) == 1
    assert client.get("/vacancy.json").json["municipality"] == "131156"


def test_a_look_that_finds_the_same_leaves_every_answer_ready(
    town: Town, front: Front, client: FlaskClient
) -> None:
    client.get("/")
    client.get("/vacancy.json")
    grow_old(front, 31)
    with counted() as sent:
        client.get("/vacancy.json")
    assert 0 < len([one for one in sent if not one.startswith("BEGIN")]) <= 3
    with counted() as sent:
        client.get("/")
    assert sent == []


def test_a_change_is_shown_by_the_next_look_and_on_pages_after_three(
    town: Town, front: Front, client: FlaskClient
) -> None:
    before = {path: client.get(path).data for path in PAGES}
    look = last_look(front)
    town.family("さくら").books()
    grow_old(front, 61)
    assert client.get(PAGES[0]).data != before[PAGES[0]]
    assert client.get(URI).data == before[URI]
    look.asked -= 30
    assert client.get(URI).data != before[URI]


def test_while_one_asks_the_others_get_the_last_for_a_little_longer(
    town: Town, front: Front, client: FlaskClient
) -> None:
    def statements() -> int:
        with counted() as sent:
            assert client.get("/vacancy.json").status_code == 200
        return len(sent)

    statements()
    (key,) = front.answers
    grow_old(front, 45)
    front.asked.add(key)
    assert statements() == 0
    grow_old(front, 61)
    assert statements() > 0
    assert front.asked == set()


def test_the_clock_alone_makes_an_answer_old(
    make_town: Callable[..., Town], front: Front, clock: Any, client: FlaskClient
) -> None:
    make_town(capacity=2).family("さくら").holds()
    first = client.get("/vacancy.json")
    clock.forward(minutes=9, seconds=59)
    second = client.get("/vacancy.json")
    assert second.data == first.data
    assert second.headers["Reservation-Now"] == first.headers["Reservation-Now"]
    clock.forward(seconds=1)
    third = client.get("/vacancy.json")
    assert third.data != first.data
    assert third.headers["Reservation-Now"] == "2026-11-23T09:10:00Z"


def test_the_page_tells_the_minute(
    town: Town, front: Front, clock: Any, client: FlaskClient
) -> None:
    assert "18:00" in client.get("/").text
    clock.forward(seconds=60)
    assert "18:01" in client.get("/").text


def test_each_reader_gets_the_page_of_their_language(town: Town, front: Front, app: Flask) -> None:
    def get(languages: str, cookie: str = "") -> str:
        client = app.test_client()
        if cookie:
            client.set_cookie("lang", cookie)
        # In a context of its own: the test's would lend each request the last one's language.
        return Context().run(client.get, "/", headers={"Accept-Language": languages}).text

    for _again in range(2):
        assert '<html lang="ja">' in get("ja")
        assert '<html lang="en">' in get("en")
        assert get("ja", cookie="en") == get("en")


def test_a_herd_is_one_look_and_one_page(
    town: Town, front: Front, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    real = vacancy_bytes.render
    monkeypatch.setattr(vacancy_bytes, "render", lambda *a: made.append(1) or real(*a))
    town.family("さくら").books()
    with counted() as sent:
        gets = [lambda: app.test_client().get("/vacancy.json").data] * 12
        assert len(set(at_once(gets))) == 1
    looks = [one for one in sent if "FROM facility" in one and "sum(" in one]
    assert len(made) == len(looks) == 1
    made.clear()
    real_view = boards.BoardView
    monkeypatch.setattr(boards, "BoardView", lambda *a: made.append(1) or real_view(*a))
    pages = [lambda: app.test_client().get("/?complaint=stomach&age=5").data] * 12
    assert len(set(at_once(pages))) == 1
    assert len(made) == 1


def test_who_asks_first_makes_a_text_and_the_others_wait() -> None:
    once, made = Once(2), []

    def make() -> bytes:
        time.sleep(0.1)
        made.append(1)
        return b"page"

    assert at_once([lambda: once.get("a", make)] * 8) == [b"page"] * 8
    assert len(made) == 1
    for key in ("b", "c", "a"):
        once.get(key, make)
    assert len(made) == 4


def test_a_text_that_could_not_be_made_is_tried_again() -> None:
    once = Once(2)

    def fail() -> bytes:
        raise Unavailable

    with pytest.raises(Unavailable):
        once.get("a", fail)
    assert once.get("a", lambda: b"page") == b"page"


@pytest.fixture
def house(town: Town) -> House:
    found = municipalities.by_code(build.SUGINAMI)
    assert found is not None
    return found


class Slow:
    """A database that answers when it is let."""

    def __init__(self, app: Flask, house: House) -> None:
        self.app, self.house = app, house
        self.asked, self.may = threading.Event(), threading.Event()
        self.times = 0
        self.is_away = False

    def __call__(self) -> House:
        self.times += 1
        self.asked.set()
        assert self.may.wait(10)
        if self.is_away:
            raise Unavailable
        return self.house

    def look(self, looks: Looks) -> Look | None:
        with self.app.app_context():
            return looks.get("here", self, application_clock.now)


def test_while_one_looks_the_others_go_on_with_the_last_and_never_with_an_older_one(
    app: Flask, house: House
) -> None:
    looks, slow = Looks(10), Slow(app, house)
    slow.may.set()
    last = slow.look(looks)
    assert last is not None
    last.asked -= 15
    slow.may.clear()
    slow.asked.clear()
    looking = threading.Thread(target=slow.look, args=[looks])
    looking.start()
    assert slow.asked.wait(5)
    assert slow.look(looks) is last
    last.asked -= 10
    waiting: list[Any] = []
    late = threading.Thread(target=lambda: waiting.append(slow.look(looks)))
    late.start()
    late.join(0.3)
    assert late.is_alive()
    slow.may.set()
    late.join(5)
    looking.join(5)
    assert waiting == [last]
    assert slow.times == 2
    assert application_clock.monotonic() - last.asked < 5


def test_whoever_waited_for_a_look_that_failed_does_not_try_again(app: Flask, house: House) -> None:
    looks, slow = Looks(10), Slow(app, house)
    slow.is_away = True
    first = threading.Thread(target=lambda: at_once([lambda: slow.look(looks)] * 6))
    first.start()
    assert slow.asked.wait(5)
    time.sleep(0.3)
    slow.may.set()
    first.join(10)
    assert slow.times == 1
    slow.is_away = False
    assert slow.look(looks) is not None


def test_only_answers_for_everybody_are_kept(town: Town, front: Front, client: FlaskClient) -> None:
    for path in ("/signin", "/my", "/healthz", "/privacy", "/?fbclid=1", "/m/999999/", "/?told="):
        client.get(path)
    client.post("/signin", data={})
    client.head("/vacancy.json")
    client.get("/", headers={"Host": "elsewhere.example"})
    client.get("/?day=" + "x" * 300)
    assert {key[3] + "?" + key[4] for key in front.answers} == {"/?told="}
    assert "999999" not in front.looks._spots


def test_a_process_keeps_only_so_many(
    town: Town, front: Front, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fronts, "KEPT", 3)
    for age in range(5):
        client.get(f"/?age={age}")
    assert [key[4] for key in front.answers] == ["age=2", "age=3", "age=4"]


def test_looks_further_apart_than_a_quarter_of_a_second_are_refused(tmp_path: Path) -> None:
    settings.load(databases.environ(tmp_path, board_look_ms="250"))
    with pytest.raises(settings.SettingsError, match="BOARD_LOOK_MS"):
        settings.load(databases.environ(tmp_path, board_look_ms="251"))


@pytest.fixture
def other_process(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Served]:
    """A server with the usual looks, on a database into which this process writes."""
    with ExitStack() as stack:
        more = {"board_look_ms": "250"}
        if database == "postgres":
            url = request.getfixturevalue("_postgres_url")
            more["database_url"] = stack.enter_context(postgres_database(url))
        environ = databases.environ(tmp_path, **more)
        running = stack.enter_context(served(environ, "2026-11-23T18:00+09:00"))
        with running.app.app_context():
            yield running


@pytest.mark.alone
@both_databases
def test_what_another_process_commits_is_shown_within_a_second(
    other_process: Served, clock: Any
) -> None:
    clock.set(EVENING)
    town = Town(facilities.put_municipality(MUNICIPALITY, OPERATOR, application_clock.now))
    town.rules(book("seeds"))
    assert shown(other_process) == "4"
    for expected in "3210":
        town.family("さくら").books()
        committed = time.monotonic()
        while shown(other_process) != expected:
            assert time.monotonic() - committed < 1
            time.sleep(0.02)


def shown(house: Served) -> str:
    return left(json.loads(house.get("/vacancy.json").text))
