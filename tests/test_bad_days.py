"""The database is locked, full or away while a family books: a 503 with the telephone number, and
the same form sent again ends in a definite answer. Real locks, a real full file, a real refusal."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from flask import Flask, g
from sqlalchemy import event, func, select
from sqlalchemy.engine import make_url

from reservation import clock as application_clock
from reservation.services import devices
from reservation.services.devices import Owner
from reservation.store import db as store
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow
from tests.databases import both_databases
from tests.pages import Form, Page, Reader
from tests.parents.conftest import new_reader, reader, sign_in
from tests.town import Household, Worker

__all__ = ["new_reader", "reader", "sign_in"]
BUTTON = "この席をおさえる"


@pytest.fixture
def phone(sakura: Household, sign_in: Callable[..., Reader]) -> Reader:
    """さくら's mother with the board open."""
    return sign_in(sakura)


@contextmanager
def locked(app: Flask) -> Iterator[None]:
    """Somebody else writes into the same SQLite file and does not let go."""
    path = make_url(app.extensions["settings"].database_url).database
    assert path is not None
    with store.db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(_app: Flask) -> Iterator[None]:
    """The file may not grow by a single page: SQLite answers SQLITE_FULL, as on a full disk."""
    limits: list[int] = []
    with closing(sqlite3.connect(str(store.db.engine.url.database))) as connection:
        # What earlier tests have deleted would be written into first.
        connection.execute("VACUUM")

    def stop(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        size = connection.execute("PRAGMA page_count").fetchone()[0]
        limits.append(size)
        connection.execute(f"PRAGMA max_page_count={size}")

    def fill(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=1073741823")

    event.listen(store.db.engine, "checkout", stop)
    event.listen(store.db.engine, "checkin", fill)
    try:
        yield
    finally:
        event.remove(store.db.engine, "checkout", stop)
        event.remove(store.db.engine, "checkin", fill)


@contextmanager
def away(app: Flask) -> Iterator[None]:
    """No connection can be had: the engine is pointed at a place where nobody answers."""
    engine = store.db.engine
    engine.dispose()

    def refuse(*_arguments: object, **_named: object) -> None:
        raise store.PoolTimeout("nobody answers")

    event.listen(engine, "do_connect", refuse)
    try:
        yield
    finally:
        event.remove(engine, "do_connect", refuse)


def bookings() -> int:
    with read() as db:
        return int(db.scalar(select(func.count()).select_from(BookingRow)) or 0)


def the_form(page: Page) -> Form:
    return page.form(BUTTON)


def sends(phone: Reader, form: Form, status: int) -> Page:
    """The same form, with the same key, as the browser sends it again."""
    fields = {name: values[0] for name, values in form.fields.items()}
    return phone.posts(form.action, fields, status)


@pytest.mark.parametrize("trouble", [locked, away])
def test_trouble_is_a_503_with_the_number_and_the_retry_books_once(
    phone: Reader, context: Flask, trouble: Callable[[Flask], Iterator[None]]
) -> None:
    form = the_form(phone.opens("/my/book"))
    with trouble(context):
        page = sends(phone, form, 503)
        page.says("03-0000-0000").says("受け付けたかどうか、まだ分かりません")
        assert int(page.response.headers["Retry-After"]) > 0
        again = page.form("もう一度送る")
        assert (again.action, again.fields) == (form.action, form.fields)
    assert bookings() == 0
    sends(phone, again, 200)
    sends(phone, form, 200)
    assert bookings() == 1


def test_the_desk_too_reads_a_503_and_its_page(context: Flask, manager: Worker) -> None:
    with write() as db:
        owner = Owner(account_id=manager.account_id)
        token = devices.open_device(db, owner, "", application_clock.now(), timedelta(hours=1))
    desk = context.test_client()
    desk.set_cookie("desk", token)
    assert desk.get("/staff/seeds/").status_code == 200
    with away(context):
        for path in ("/staff/seeds/", "/municipality/131156/"):
            g.pop("clerk", None)  # the fixture's context would keep it from request to request
            answer = desk.get(path)
            assert answer.status_code == 503
            assert "ただいま混み合っています" in answer.text


def test_a_full_disk_loses_nothing_and_says_so(phone: Reader, context: Flask) -> None:
    first = the_form(phone.opens("/my/book"))
    sends(phone, first, 200)
    before = bookings()
    with full(context):
        answers = set()
        for _ in range(200):
            form = the_form(phone.opens("/my/book?complaint=cough"))
            answer = phone.client.post(
                form.action,
                data={name: values[0] for name, values in form.fields.items()},
                headers={"Origin": "http://localhost"},
            )
            answers.add(answer.status_code)
            if answer.status_code == 503:
                assert "03-0000-0000" in answer.text
                break
        assert 503 in answers
    assert bookings() == before


@both_databases
def test_a_connection_cut_between_two_requests_is_not_noticed(
    phone: Reader, context: Flask
) -> None:
    form = the_form(phone.opens("/my/book"))
    store.db.engine.dispose()
    sends(phone, form, 200)
    assert bookings() == 1
