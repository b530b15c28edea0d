"""Readers for the pages of families."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event, select

from reservation.store.db import db as database_of_app
from reservation.store.db import read
from reservation.store.tables.records import Outbox
from tests.conftest import Clock
from tests.pages import Page, Reader
from tests.parents.steps import cancel_one, fills
from tests.town import Household, Town


@pytest.fixture
def reader(app: Flask) -> Reader:
    """Somebody who is not signed in."""
    return Reader(app.test_client())


@pytest.fixture
def new_reader(app: Flask) -> Callable[[], Reader]:
    """One more browser."""
    return lambda: Reader(app.test_client())


@pytest.fixture
def sign_in(
    context: Flask, clock: Clock, town: Town, new_reader: Callable[[], Reader]
) -> Callable[..., Reader]:
    """``sign_in(sakura)``: a browser in which this family's guardian is signed in, a second later.

    The second lets two codes of one address be told apart by their time.
    """

    def enter(who: Household | str) -> Reader:
        clock.forward(seconds=1)
        someone = new_reader()
        signs_in(someone, who if isinstance(who, str) else who.mail)
        return someone

    return enter


def signs_in(reader: Reader, mail: str, start: str = "/signin") -> Page:
    """Sign in through the pages, as a reader does; answers the page one lands on."""
    second = reader.opens(start).submit("番号をメールで受け取る", mail=mail)
    return second.submit("ログインする", code=code_for(mail))


def code_for(mail: str) -> str:
    """The newest code that was sent to this address."""
    with read() as db:
        params = db.scalars(
            select(Outbox.params)
            .where(Outbox.address == mail, Outbox.kind.in_(["code", "change_mail"]))
            .order_by(Outbox.created_at.desc(), Outbox.due_at.desc())
        ).first()
    return str(json.loads(params or "{}")["code"])


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every SQL statement that is sent inside the block."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(database_of_app.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database_of_app.engine, "before_cursor_execute", note)


@pytest.fixture
def phone(sakura: Household, sign_in: Callable[..., Reader]) -> Reader:
    """さくら's mother with her phone."""
    return sign_in(sakura)


@pytest.fixture
def waiting(town: Town, sakura: Household) -> str:
    """さくら's entry in a full list: first."""
    town_full = fills(town)
    assert len(town_full) == 4
    return sakura.waits()


@pytest.fixture
def offered(waiting: str, town: Town, clock: Clock) -> str:
    """さくら has been offered a place, until 18:30."""
    cancel_one(town)
    assert town.state(waiting) == "offered"
    return waiting
