"""write() and read(): the race with the lock off, and never with it (answers in both databases)."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, event, func, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import Session

from reservation import settings
from reservation.store import crypto
from reservation.store.db import Nested, Unavailable, db, insert_ignore, read, write
from reservation.store.types import Encrypted, Instant, new_id
from tests.databases import both_databases

PLACES = 50
CLIENTS = 32
own = MetaData()
room = Table("t_room", own, Column("id", Integer, primary_key=True))
seat = Table("t_seat", own, Column("id", Integer, primary_key=True), Column("who", Text))
value = Table(
    "t_value",
    own,
    Column("id", Integer, primary_key=True),
    Column("at", Instant),
    Column("note", Encrypted("t_value.note")),
)


@pytest.fixture
def tables(context: Flask) -> Iterator[Flask]:
    """Three tables of the tests' own, made and dropped around each test."""
    with db.engine.begin() as connection:
        own.create_all(connection)
        connection.execute(plain_insert(room).values(id=1))
    yield context
    db.session.remove()
    with db.engine.begin() as connection:
        own.drop_all(connection)


def think() -> None:
    """Long enough between looking and writing that others look as well."""
    time.sleep(0.003)


def take(session: Session, *, lock: bool, meanwhile: Callable[[], object] = think) -> bool:
    """Take a place if one is left: lock, look, decide, write."""
    if lock:
        session.execute(select(room).with_for_update())
    taken = session.scalar(select(func.count()).select_from(seat)) or 0
    meanwhile()
    if taken >= PLACES:
        return False
    session.execute(plain_insert(seat).values(who="さくら"))
    return True


def storm(app: Flask, attempt: Callable[[], bool]) -> list[BaseException]:
    """32 clients try ten times each at the same moment; returns what went wrong."""
    start, wrong = threading.Barrier(CLIENTS), []

    def client(_number: int) -> None:
        with app.app_context():
            start.wait()
            for _ in range(10):
                try:
                    attempt()
                except (OperationalError, Unavailable) as error:
                    wrong.append(error)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    return wrong


def seats() -> int:
    with db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(seat)) or 0


@both_databases
def test_the_last_places_go_to_exactly_as_many(tables: Flask) -> None:
    def attempt() -> bool:
        with write() as session:
            return take(session, lock=True)

    assert storm(tables, attempt) == []
    assert seats() == PLACES


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_postgresql_oversells_without_the_row_lock(tables: Flask) -> None:
    def attempt() -> bool:
        with write() as session:
            return take(session, lock=False)

    storm(tables, attempt)
    assert seats() > PLACES


def test_sqlite_oversells_with_the_drivers_own_transactions(tables: Flask, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/own.sqlite", connect_args={"timeout": 30})
    own.create_all(engine)

    def attempt() -> bool:
        with Session(engine) as session, session.begin():
            return take(session, lock=True)

    storm(tables, attempt)
    with engine.connect() as connection:
        sold = connection.scalar(select(func.count()).select_from(seat)) or 0
    engine.dispose()
    assert sold > PLACES


def test_sqlite_answers_locked_with_a_deferred_begin(tables: Flask) -> None:
    both_have_looked = threading.Barrier(2)

    def attempt(_number: int) -> str:
        with tables.app_context(), Session(db.engine) as session:
            try:
                with session.begin():
                    take(session, lock=True, meanwhile=both_have_looked.wait)
            except OperationalError as error:
                return str(error.orig)
        return "taken"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == ["database is locked", "taken"]


@both_databases
def test_an_act_that_fails_stores_nothing(tables: Flask) -> None:
    def act() -> None:
        with write() as session:
            take(session, lock=True)
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        act()
    assert seats() == 0
    with write() as session:
        take(session, lock=True)
    assert seats() == 1


@both_databases
def test_an_act_inside_an_act_or_a_question_is_refused(tables: Flask) -> None:
    with write(), pytest.raises(Nested), write():
        pass
    with read(), pytest.raises(Nested), write():
        pass
    with write(), pytest.raises(Nested), read():
        pass
    with read() as outer, read() as inner:
        assert inner is outer
    with write() as session:
        assert take(session, lock=True)


@both_databases
def test_a_question_sees_one_moment_and_waits_for_nobody(tables: Flask) -> None:
    def book() -> None:
        with tables.app_context(), write() as session:
            take(session, lock=True)

    with read() as session:
        assert session.scalar(select(func.count()).select_from(seat)) == 0
        with ThreadPoolExecutor(1) as pool:
            pool.submit(book).result()
        assert session.scalar(select(func.count()).select_from(seat)) == 0
    assert seats() == 1


@both_databases
def test_insert_ignore_tells_whether_it_inserted(tables: Flask) -> None:
    with write() as session:
        assert insert_ignore(session, seat, {"id": 7, "who": "さくら"}) == 1
        assert insert_ignore(session, seat, {"id": 7, "who": "はな"}) == 0
        assert session.scalar(select(seat.c.who)) == "さくら"


@both_databases
def test_an_instant_comes_back_in_utc_and_sorts_like_the_time(tables: Flask) -> None:
    noon = datetime(2026, 1, 15, 12, tzinfo=timezone(timedelta(hours=9)))
    times = [noon, noon + timedelta(microseconds=1), noon - timedelta(days=200)]
    with write() as session:
        for number, at in enumerate(times):
            session.execute(plain_insert(value).values(id=number, at=at))
        found = list(session.scalars(select(value.c.at).order_by(value.c.at)))
        earlier = session.scalars(select(value.c.id).where(value.c.at < noon))
        assert list(earlier) == [2]
    assert found == sorted(times)
    assert {at.tzinfo for at in found} == {UTC}


@both_databases
def test_an_instant_without_a_zone_is_refused(tables: Flask) -> None:
    naive = datetime(2026, 1, 15, 12)  # noqa: DTZ001 -- a naive instant, on purpose
    with pytest.raises(StatementError, match="time zone"), write() as session:
        session.execute(plain_insert(value).values(id=1, at=naive))


@both_databases
def test_an_encrypted_text_is_not_in_the_database_and_opens_only_in_its_place(
    tables: Flask,
) -> None:
    with write() as session:
        session.execute(plain_insert(value).values(id=1, note="卵アレルギー"))
    with db.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT note FROM t_value").scalar_one()
    assert stored.startswith("v1.k1.")
    assert "卵" not in stored
    with read() as session:
        assert session.scalar(select(value.c.note)) == "卵アレルギー"
    with pytest.raises(crypto.Unreadable, match=r"child\.name"):
        crypto.decrypt(stored, "child.name")


def test_keys_rotate_while_old_values_and_searches_go_on(context: Flask) -> None:
    before = settings.data_keys(context.extensions["settings"].data_key)
    sealed, index = crypto.encrypt("かゆみ", "a.b"), crypto.blind_index("09012345678", "tel")
    try:
        crypto.use_keys({**settings.data_keys(settings.new_data_key("k2")), **before})
        assert crypto.decrypt(sealed, "a.b") == "かゆみ"
        assert crypto.key_of(crypto.encrypt("x", "a.b")) == "k2"
        assert crypto.blind_index("09012345678", "tel") == index
        crypto.use_keys(settings.data_keys(settings.new_data_key("k2")))
        with pytest.raises(crypto.Unreadable):
            crypto.decrypt(sealed, "a.b")
    finally:
        crypto.use_keys(before)
    assert crypto.blind_index("09012345678", "name") != index


def test_ids_are_128_random_bits() -> None:
    made = {new_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(one) == 32 and int(one, 16) < 2**128 for one in made)


def test_a_locked_sqlite_file_is_unavailable(
    tables: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = db.engine.url.database
    assert path
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        db.engine.dispose()
        event.listen(db.engine, "connect", _impatient)
        try:
            with pytest.raises(Unavailable), write() as session:
                take(session, lock=True)
        finally:
            event.remove(db.engine, "connect", _impatient)
            db.engine.dispose()
            other.execute("ROLLBACK")


def _impatient(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA busy_timeout=10")


def test_a_full_disk_is_unavailable(tables: Flask) -> None:
    def act() -> None:
        with write() as session:
            pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
            session.connection().exec_driver_sql(f"PRAGMA max_page_count={pages}")
            # What earlier tests have deleted is written into first.
            empty = session.connection().exec_driver_sql("PRAGMA freelist_count").scalar_one()
            for _ in range(empty + 500):
                session.execute(plain_insert(seat).values(who="x" * 4000))

    with pytest.raises(Unavailable):
        act()
    db.engine.dispose()
    assert seats() == 0


@both_databases
def test_a_mistake_in_our_sql_is_not_called_unavailable(tables: Flask) -> None:
    with pytest.raises(Exception, match="no_such_table") as caught, write() as session:
        session.connection().exec_driver_sql("SELECT * FROM no_such_table")
    assert not isinstance(caught.value, Unavailable)


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_cut_connection_is_unavailable_and_the_next_act_works(tables: Flask) -> None:
    def act() -> None:
        with write() as session:
            mine = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with db.engine.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({mine})")
            take(session, lock=True)

    with pytest.raises(Unavailable):
        act()
    with write() as session:
        assert take(session, lock=True)
