"""/metrics: what the installation and this process say in numbers, and to whom."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from a2wsgi import WSGIMiddleware
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from reservation import clock as application_clock
from reservation import jobs
from reservation.live.server import WATCHED, House
from reservation.services import keeping
from reservation.store import backups
from reservation.store import db as store
from reservation.store.db import Unavailable, write
from tests import loops
from tests.databases import both_databases
from tests.town import Household, Town

ROOT = Path(__file__).parents[1]

LINE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
LABELS = re.compile(r'(\w+)="([^"]*)"')


def numbers(client: FlaskClient) -> dict[str, float]:
    """Every sample by its name and labels, without the process."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return {
        " ".join([name, *(v for n, v in LABELS.findall(labels) if n != "process")]): float(value)
        for name, labels, value in LINE.findall(answer.text)
    }


@both_databases
def test_the_numbers_follow_what_happens(
    town: Town, sakura: Household, hana: Household, client: FlaskClient, clock: Any
) -> None:
    calm = numbers(client)
    assert calm["reservation_database_up"] == 1
    assert calm["reservation_outbox_oldest_seconds"] == 0
    assert calm["reservation_backup_age_seconds"] == float("inf")
    sakura.books()
    hana.holds()
    clock.forward(minutes=13)
    keeping.note(backups.COPIED, application_clock.now)
    clock.forward(minutes=2)
    with write() as db:
        db.execute(text("update outbox set status = 'dead', ended_at = created_at"
                        " where kind = 'confirmed'"))  # fmt: skip
    seen = numbers(client)
    assert seen["reservation_dead_letters"] == 1
    assert (seen["reservation_holds_open"], seen["reservation_holds_overdue"]) == (1, 1)
    assert seen["reservation_backup_age_seconds"] == 120
    assert seen["reservation_rehearsal_age_seconds"] == float("inf")


def test_mail_that_waits_shows_its_age(
    town: Town, sakura: Household, client: FlaskClient, clock: Any
) -> None:
    sakura.books()
    clock.forward(seconds=90)
    seen = numbers(client)
    assert (seen["reservation_outbox_oldest_seconds"], seen["reservation_outbox_due"]) == (90, 1)


def test_jobs_show_how_and_when_they_ran(context: Flask, client: FlaskClient, clock: Any) -> None:
    def fails(_now: Any) -> int:
        raise ZeroDivisionError

    jobs.run(context, jobs.find("heartbeat"))
    jobs.run(context, jobs.Job("invariants", lambda _now: (3, "I4"), every=300))
    with pytest.raises(ZeroDivisionError):
        jobs.run(context, jobs.Job("sweep", fails, every=20))
    clock.forward(seconds=45)
    seen = numbers(client)
    assert seen["reservation_job_age_seconds heartbeat"] == 45
    assert seen["reservation_job_ok heartbeat"] == 1
    assert seen["reservation_job_ok sweep"] == 0
    assert seen["reservation_invariant_rows"] == 3


def test_requests_and_waits_for_locks_are_counted(
    town: Town, sakura: Household, client: FlaskClient
) -> None:
    before = numbers(client)
    client.get("/signin")
    client.get("/no-such-page")
    sakura.books()
    after = numbers(client)

    def more(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert more("reservation_requests_total public 200") >= 1
    assert more("reservation_requests_total none 404") == 1
    assert more("reservation_request_seconds_count none") == 1
    assert more("reservation_lock_wait_seconds_count turn") >= 2
    assert more("reservation_lock_wait_seconds_count file") >= 2


def test_a_database_that_is_away_is_a_number_too(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_kind: str) -> Any:
        raise Unavailable("OperationalError")

    monkeypatch.setattr(store, "_options", away)
    seen = numbers(client)
    assert seen["reservation_database_up"] == 0
    assert "reservation_outbox_due" not in seen


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("::1", {}, 200),
        ("203.0.114.7", {}, 404),
        ("203.0.114.7", {"Authorization": "Bearer a-long-token-of-the-watch"}, 200),
        ("203.0.114.7", {"Authorization": "Bearer a-long-token-of-the-witch"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.114.7"}, 404),
        ("", {}, 404),
    ],
)
def test_strangers_do_not_even_learn_that_it_is_there(
    app: Flask, monkeypatch: pytest.MonkeyPatch, address: str, headers: dict[str, str], status: int
) -> None:
    named = replace(app.extensions["settings"], metrics_token="a-long-token-of-the-watch")
    monkeypatch.setitem(app.extensions, "settings", named)
    answer = app.test_client().get(
        "/metrics", headers=headers, environ_base={"REMOTE_ADDR": address}
    )
    assert answer.status_code == status


def test_without_a_token_none_opens(app: Flask) -> None:
    answer = app.test_client().get(
        "/metrics", headers={"Authorization": "Bearer "}, environ_base={"REMOTE_ADDR": "8.8.8.8"}
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("page", ["operations.md", "operations.ja.md"])
def test_every_metric_stands_in_the_manual(context: Flask, client: FlaskClient, page: str) -> None:
    jobs.run(context, jobs.find("invariants"))
    answer = client.get("/metrics").text
    made = set(re.findall(r"^# TYPE (\w+)", answer, re.MULTILINE))
    manual = (ROOT / "docs" / page).read_text("utf-8")
    told = set(re.findall(r"`(reservation_\w+)", manual))
    assert {name for name in made if not name.endswith("_created")} == told


def asked(house: House, path: str) -> int:
    """The status with which the house answers a GET from this machine."""
    told: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            told.append(message["status"])

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "asgi": {"version": "3.0"},
        "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 80),
    }  # fmt: skip
    loops.run(house(scope, receive, send))
    return told[0]


def test_the_stream_alone_answers_who_watches_it_and_nobody_else(app: Flask) -> None:
    pages: Any = app
    house = House(app, WSGIMiddleware(pages, workers=1), only=WATCHED)
    assert [asked(house, path) for path in sorted(WATCHED)] == [200, 200, 503]
    assert asked(house, "/signin") == 404
