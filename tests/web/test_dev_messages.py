"""/dev/messages: readable in the demo, unknown elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from reservation import clock as application_clock
from reservation.services import delivery, outbox
from reservation.services.outbox import Note
from reservation.store.db import write
from reservation.store.tables.records import Outbox
from tests import databases
from tests.pages import Reader


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Flask]:
    """An application in demo mode on a database of its own."""
    made = databases.make_app(tmp_path, mode="demo", base_url="http://127.0.0.1:8000")
    with made.app_context():
        yield made
    databases.close(made)


def send(number: int) -> None:
    at = application_clock.now()
    with write() as db:
        note = Note("joined", f"joined:{number}", at)
        outbox.put(db, note, f"family{number}@example.org", at)


def test_it_does_not_exist_outside_the_demo(client: FlaskClient) -> None:
    assert client.get("/dev/messages").status_code == 404


def test_before_the_first_message_it_says_so(demo: Flask) -> None:
    page = Reader(demo.test_client()).opens("/dev/messages")
    assert page.heading == "送ったメール"
    page.says("まだ1通も送っていません")


def test_the_newest_stands_first_and_its_link_can_be_followed(demo: Flask, clock) -> None:
    send(1)
    clock.forward(minutes=1)
    send(2)
    assert delivery.deliver(application_clock.now) == 2
    page = Reader(demo.test_client()).opens("/dev/messages")
    page.says("【病児保育】保護者の方が1人加わりました", "宛先：family1@example.org")
    assert page.words.index("family2@") < page.words.index("family1@")
    assert page.link("http://127.0.0.1:8000/my") == "http://127.0.0.1:8000/my"
    assert "Set-Cookie" not in page.response.headers


def test_links_follow_the_site_to_another_port(
    demo: Flask, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(1)
    delivery.deliver(application_clock.now)
    moved = dataclasses.replace(demo.extensions["settings"], base_url="http://127.0.0.1:8123")
    monkeypatch.setitem(demo.extensions, "settings", moved)
    page = Reader(demo.test_client()).opens("/dev/messages")
    assert page.link("http://127.0.0.1:8123/my") == "http://127.0.0.1:8123/my"
    page.says_not("127.0.0.1:8000")


def test_fifty_at_most_and_nothing_in_them_is_markup(demo: Flask, clock) -> None:
    at = clock.now()
    with write() as db:
        db.execute(insert(Outbox), [
            {"id": f"{n:032}", "dedupe": f"d{n}", "kind": "joined", "channel": "mail",
             "address": f"family{n:02}@example.org", "created_at": at, "due_at": at,
             "status": "sent", "attempts": 1, "shown": f"<b>{n}</b>\n\n<script>{n}</script>\n"}
            for n in range(60)
        ])  # fmt: skip
    page = Reader(demo.test_client()).opens("/dev/messages")
    assert page.text.count("<article") == 50
    assert "&lt;script&gt;" in page.text
    assert "<b>0</b>" not in page.text
