"""Nobody waits for long: for a connection, for a lock, or for a connection that is no more."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from reservation import settings
from reservation.store import db as store
from reservation.store.db import Unavailable, db, read, write
from reservation.store.tables.people import Family
from tests import databases
from tests.databases import both_databases
from tests.town import Household


@both_databases
def test_an_act_gives_up_waiting_for_a_lock(
    context: Flask, sakura: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(context.config, "LOCK_WAIT", 1)
    locked, done = threading.Event(), threading.Event()

    def sit() -> None:
        with context.app_context(), write() as session:
            store.lock_row(session, Family, sakura.family_id)
            locked.set()
            done.wait(20)

    with ThreadPoolExecutor(1) as pool:
        sitting = pool.submit(sit)
        locked.wait(10)
        begun = time.monotonic()
        with pytest.raises(Unavailable), write() as session:
            store.lock_row(session, Family, sakura.family_id)
        waited = time.monotonic() - begun
        done.set()
        sitting.result()
    assert 0.9 < waited < 10
    with write() as session:
        store.lock_row(session, Family, sakura.family_id)


def test_a_page_without_a_connection_is_503_and_says_when_to_come_again(tmp_path: Path) -> None:
    app = databases.make_app(tmp_path, pool_size="1", pool_wait="1")
    with app.app_context(), db.engine.connect():
        answer = app.test_client().get("/m/131156/facilities/seeds")
    databases.close(app)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_processes_share_the_connections_of_the_installation(tmp_path: Path) -> None:
    def connections(**more: str) -> int:
        return settings.load(databases.environ(tmp_path, **more)).connections

    assert connections(pool_size="8") == 8
    assert connections(pool_size="8", pool_processes="3") == 2
    with pytest.raises(settings.SettingsError, match="POOL_SIZE"):
        connections(pool_size="2", pool_processes="3")
    for name in ("pool_wait", "lock_wait", "pool_processes"):
        with pytest.raises(settings.SettingsError, match=name.upper()):
            connections(**{name: "0"})


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_connection_that_was_cut_while_it_rested_is_replaced(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.engine.dispose()
    with read() as session:
        mine = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    admin = create_engine(db.engine.url)
    with admin.connect() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({mine}, 5000)")
    admin.dispose()
    monkeypatch.setattr(store, "IDLE_SECONDS", 0.0)
    with read() as session:
        assert session.execute(text("SELECT pg_backend_pid()")).scalar_one() != mine


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_statements_are_prepared_unless_a_proxy_stands_between(
    context: Flask, tmp_path: Path
) -> None:
    prepared = "SELECT count(*) FROM pg_prepared_statements"
    db.engine.dispose()
    for _ in range(8):
        with read() as session:
            session.execute(text("SELECT 1"))
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql(prepared).scalar_one() > 0
    url = context.extensions["settings"].database_url
    proxied = settings.load(
        databases.environ(
            tmp_path, database_url=url, direct_database_url=f"{url}&connect_timeout=3"
        )
    )
    app = Flask("proxied")
    store.init_app(app, proxied)
    with app.app_context():
        with db.engine.connect() as connection:
            for _ in range(8):
                connection.exec_driver_sql("SELECT 1")
            assert connection.exec_driver_sql(prepared).scalar_one() == 0
        db.engine.dispose()
