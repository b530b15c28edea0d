"""Behind the real PgBouncer in transaction mode: bookings, a race, the stream; nothing leaks."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, text

from reservation import clock as application_clock
from reservation.services import facilities
from reservation.store.db import read, write
from reservation.store.leader import leader
from tests import databases
from tests.conftest import missing
from tests.deploy import arrangement
from tests.postgres import NOBODY
from tests.public.serving import Listener
from tests.test_serve import free_port
from tests.town import EVENING, MUNICIPALITY, OPERATOR, Town, book

pytestmark = [pytest.mark.alone, pytest.mark.postgres]
POOL = 2
"""Server connections: fewer than clients, so that whatever is left behind meets somebody else."""


@dataclass
class Pooled:
    """An application whose address is the pool's, and both addresses."""

    app: Flask
    environ: dict[str, str]
    port: int

    def connect(self, **how: Any) -> psycopg.Connection[Any]:
        """A client of the pool as any program would be."""
        return psycopg.connect(f"postgresql://postgres@127.0.0.1:{self.port}/pooled", **how)


@pytest.fixture(scope="module")
def pooled(_postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pooled]:
    """The shipped pgbouncer.ini before the tests' PostgreSQL, and the application before it."""
    folder = tmp_path_factory.mktemp("pool")
    admin = create_engine(_postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS pooled WITH (FORCE)")
        connection.exec_driver_sql("CREATE DATABASE pooled")
    with ExitStack() as stack:
        port = stack.enter_context(pgbouncer(_postgres_url))
        more = {
            "database_url": f"postgresql://postgres@127.0.0.1:{port}/pooled",
            "direct_database_url": _postgres_url.replace("/postgres?", "/pooled?"),
            "pool_size": "16",
        }
        app = databases.make_app(folder, **more)
        yield Pooled(app, databases.environ(folder, **more), port)
        databases.close(app)
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS pooled WITH (FORCE)")
    admin.dispose()


@contextmanager
def pgbouncer(url: str) -> Iterator[int]:
    """The shipped pgbouncer.ini on a free port; names, ports, folders and passwords replaced."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        missing("pgbouncer", "Debian package pgbouncer")
    assert program is not None
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="reservation-pool-"))
    parts = make_url(url)
    where = str(parts.query.get("host") or parts.host)
    text_of_file = arrangement.changed(
        (arrangement.DEPLOY / "pgbouncer/pgbouncer.ini").read_text("utf-8"),
        **{
            "reservation = host=/run/postgresql port=5432 dbname=reservation": (
                f"pooled = host={where} port={parts.port or 5432} dbname=pooled user=postgres"
            ),
            "listen_port = 6432": f"listen_port = {port}",
            "auth_type = scram-sha-256\nauth_file = /etc/pgbouncer/userlist.txt": "auth_type = any",
            "/var/log/postgresql": str(folder),
            "/run/postgresql/pgbouncer.pid": f"{folder}/pid",
            "unix_socket_dir = /run/postgresql": f"unix_socket_dir = {folder}",
            "default_pool_size = 8": f"default_pool_size = {POOL}",
        },
    )
    (folder / "pgbouncer.ini").write_text(text_of_file, "utf-8")
    words = [program, str(folder / "pgbouncer.ini")]
    log = folder / "out"
    log.touch()
    if os.geteuid() == 0:
        # PgBouncer refuses to run as root.
        for path in (folder, *folder.iterdir()):
            os.chown(path, NOBODY, NOBODY)
        words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *words]
    try:
        with arrangement.started(words, {}, log, port):
            yield port
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def town(pooled: Pooled, clock: Any) -> Iterator[Town]:
    """しーず has three places; every act and question goes through the pool."""
    with pooled.app.app_context():
        clock.set(EVENING)
        made = Town(facilities.put_municipality(MUNICIPALITY, OPERATOR, application_clock.now))
        made.rules(book("seeds", capacity=3))
        yield made
    databases.empty(pooled.app)


def test_a_booking_goes_its_whole_way_through_the_pool(town: Town) -> None:
    sakura = town.family("さくら")
    held = sakura.holds()
    assert held.booking_id is not None
    assert town.state(held.booking_id) == "held"
    sakura.confirms(held.booking_id)
    assert town.state(held.booking_id) == "confirmed"
    sakura.cancels(held.booking_id)
    assert town.state(held.booking_id) == "cancelled"


def test_sixteen_race_for_three_places(pooled: Pooled, town: Town) -> None:
    families = [town.family(f"家族{n}") for n in range(16)]
    start = threading.Barrier(len(families))

    def races(number: int) -> bool:
        with pooled.app.app_context():
            start.wait(20)
            return families[number].holds().booking_id is not None

    with ThreadPoolExecutor(len(families)) as crowd:
        won = list(crowd.map(races, range(len(families))))
    assert won.count(True) == 3
    with read() as db:
        assert db.execute(text("SELECT count(*) FROM booking WHERE state = 'held'")).scalar() == 3


def test_a_question_sees_one_moment_and_cannot_write(pooled: Pooled, town: Town) -> None:
    with read() as db:
        assert db.execute(text("SHOW transaction_isolation")).scalar() == "repeatable read"
        assert db.execute(text("SHOW transaction_read_only")).scalar() == "on"
    with write() as db:
        assert db.execute(text("SHOW transaction_isolation")).scalar() == "read committed"
        assert db.execute(text("SHOW transaction_read_only")).scalar() == "off"
        wait = pooled.app.config["LOCK_WAIT"]
        assert db.execute(text("SHOW lock_timeout")).scalar() == f"{wait}s"


def test_nothing_of_ours_stays_on_a_connection_of_the_server(pooled: Pooled, town: Town) -> None:
    """Whoever gets the connection next must not meet our settings, statements or locks."""
    for name in ("さくら", "はな", "もも"):
        town.family(name).books()
    # Both at once, so that they are two connections of the server: all there are.
    with (
        pooled.connect(prepare_threshold=None) as one,
        pooled.connect(prepare_threshold=None) as two,
    ):
        pids = set()
        for client in (one, two):
            pids.add(client.execute("SELECT pg_backend_pid()").fetchone()[0])
            for question, expected in (
                ("SELECT count(*) FROM pg_prepared_statements", 0),
                ("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", 0),
                ("SHOW lock_timeout", "0"),
                ("SHOW default_transaction_isolation", "read committed"),
                ("SHOW default_transaction_read_only", "off"),
                ("SELECT count(*) FROM pg_listening_channels()", 0),
            ):
                found = client.execute(question).fetchone()
                assert found is not None
                assert found[0] == expected, question
        assert len(pids) == POOL


def test_what_we_leave_out_would_fail_here(pooled: Pooled) -> None:
    """The control: prepared statements do collide in this pool."""

    def prepare() -> None:
        with ExitStack() as stack:
            clients = [
                stack.enter_context(pooled.connect(prepare_threshold=0, autocommit=True))
                for _ in range(4)
            ]
            for client in clients * 4:
                client.execute("SELECT 1")

    collisions = (
        psycopg.errors.DuplicatePreparedStatement,
        psycopg.errors.InvalidSqlStatementName,
    )
    with pytest.raises(collisions):
        prepare()


def test_the_leader_and_the_stream_go_past_the_pool(
    pooled: Pooled, town: Town, tmp_path: Path
) -> None:
    settings = pooled.app.extensions["settings"]
    first, second = leader(settings), leader(settings)
    assert (first.take(), second.take()) == (True, False)
    first.release()
    assert second.take()
    second.release()
    port = free_port()
    words = arrangement.command("stream", port)
    environ = {**pooled.environ, "RESERVATION_NOW": "2026-11-23T18:00+09:00"}
    with arrangement.started(words, environ, tmp_path / "log", port):
        listener = Listener(OnPort(port), "m/131156")
        before = listener.next(10)
        assert before is not None
        town.family("さくら").books()
        after = listener.next(2)
        assert after is not None
        assert after.id != before.id
        listener.close()


@dataclass
class OnPort:
    """What a Listener needs to know."""

    port: int
