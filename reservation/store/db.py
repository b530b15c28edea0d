"""The engine, and the two ways into it: `write()` for an act, `read()` for a question.

Writing takes its place in the queue *before* it looks: on SQLite by BEGIN IMMEDIATE (the driver's
own start overbooks, a deferred one fails with "database is locked"), on PostgreSQL by the row locks
that the steps take under READ COMMITTED. Reading never waits for a writer and sees one moment.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, Table, bindparam, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from reservation import clock, failpoints, meters
from reservation.settings import Settings, data_keys
from reservation.store import crypto

_PREPARED_AFTER = 5
FILE_WAIT_SECONDS = 10
"""For another process that writes SQLite's file (the scheduler): its busy handler lets newcomers
pass, so that a single wait may take seconds where the mean is one millisecond."""
IDLE_SECONDS = 1.0
"""A connection that has rested so long is asked whether it still stands before it is used."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Base(DeclarativeBase):
    """Every table's base; each table names itself by `__tablename__`."""

    metadata = metadata


db = SQLAlchemy(model_class=Base)

# What is open in this thread (or context): the session of a read(), or of a write().
_reading: ContextVar[Session | None] = ContextVar("reading", default=None)
_writing: ContextVar[bool] = ContextVar("writing", default=False)
# SQLite lets one writer in at a time and its busy handler is unfair (single waits above a second):
# the process's own writers queue here, the busy handler is left for other processes.
_turn = threading.Lock()


class Unavailable(Exception):
    """The database is away, full or too busy; nothing was stored, and trying again is right."""


class Nested(RuntimeError):
    """An act was called inside another act's or question's transaction: a mistake in the code."""


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the database to an application and set its connections up."""
    is_sqlite = settings.database_url.startswith("sqlite")
    options: dict[str, Any] = {
        "pool_size": settings.connections,
        "max_overflow": 0,
        "pool_timeout": settings.pool_wait,
    }
    if is_sqlite:
        settings.instance.mkdir(parents=True, exist_ok=True)
        options["connect_args"] = {"timeout": FILE_WAIT_SECONDS}
    else:
        options["connect_args"] = {
            "prepare_threshold": None if _behind_proxy(settings) else _PREPARED_AFTER,
            "connect_timeout": 5,
        }
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    app.config["LOCK_WAIT"] = settings.lock_wait
    crypto.use_keys(data_keys(settings.data_key))
    db.init_app(app)
    with app.app_context():
        if is_sqlite:
            set_up_sqlite(db.engine)
        else:
            _ask_rested(db.engine)


def _behind_proxy(settings: Settings) -> bool:
    """Whether a pooling proxy stands before the database: then there is a second way past it.

    A statement prepared on one server connection is unknown on the next, so none is prepared.
    """
    return settings.direct_database_url != settings.database_url


def _ask_rested(engine: Engine) -> None:
    """Ask connections that have rested, and only those: in the rush a question each time would be
    a tenth of all round trips. One cut within the second is Unavailable, and tried again."""

    @event.listens_for(engine, "connect")
    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = clock.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if clock.monotonic() - record.info["rests_since"] < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def set_up_sqlite(engine: Engine) -> None:
    """Make SQLite keep what it promised, and begin transactions ourselves."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={FILE_WAIT_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        how = connection.get_execution_options().get("begin", "DEFERRED")
        if how == "DEFERRED":
            connection.exec_driver_sql("BEGIN DEFERRED")
            return
        with meters.waiting_for("file"):
            connection.exec_driver_sql(f"BEGIN {how}")


@contextmanager
def write() -> Iterator[Session]:
    """One act's transaction: everything in it is stored, or nothing.

    A session of its own, never `db.session`. Raises Nested when a write or a read is open in this
    thread, Unavailable when the database is away, full or has kept us waiting for too long.
    """
    if _writing.get() or _reading.get() is not None:
        raise Nested("write() inside another transaction: call a step, not an act")
    token = _writing.set(True)
    try:
        with (
            _in_words(),
            _in_turn(),
            Session(db.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            connection = session.connection(execution_options=_options("write"))
            if connection.dialect.name == "postgresql":
                # In each transaction: behind a pooling proxy a session is not ours to set.
                wait = f"SET LOCAL lock_timeout = '{current_app.config['LOCK_WAIT']}s'"
                connection.exec_driver_sql(wait)
            yield session
            failpoints.reach("before_commit")
        failpoints.reach("after_commit")
    finally:
        _writing.reset(token)


@contextmanager
def read(*, single: bool = False) -> Iterator[Session]:
    """One question's transaction: sees one moment, writes nothing, waits for no writer.

    Inside another `read()` the same session is handed out again. A ``single`` statement sees one
    moment by itself and is spared the two round trips around it. Raises Nested inside `write()`
    and Unavailable like it.
    """
    if _writing.get():
        raise Nested("read() inside write(): ask with the session at hand")
    outer = _reading.get()
    if outer is not None:
        yield outer
        return
    with _in_words(), Session(db.engine, autoflush=False, expire_on_commit=False) as session:
        session.connection(execution_options=_options("single" if single else "read"))
        token = _reading.set(session)
        try:
            yield session
            # At a rollback the driver forgets every statement that it has prepared.
            session.commit()
        finally:
            _reading.reset(token)


def lock_row(db: Session, table: type[Base], identity: str) -> None:
    """A step: lock a row by its id. SQLite's one writer has locked everything already."""
    if db.get_bind().dialect.name == "postgresql":
        db.connection().execute(_lock_of(table), {"identity": identity})


@cache
def _lock_of(table: type[Base]) -> Any:
    key = table.__table__.c.id
    return select(key).where(key == bindparam("identity")).with_for_update()


def insert_ignore(db: Session, table: Table | type[Base], values: Mapping[str, Any]) -> int:
    """A step: insert a row unless one stands in its way. 1 when inserted, else 0."""
    target = table if isinstance(table, Table) else table.__table__
    on_postgresql = db.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if on_postgresql else sqlite.insert
    # The two dialects' inserts share this method and no base class that has it.
    statement: Any = insert(target)  # type: ignore[arg-type]
    result: Any = db.execute(
        statement.values(dict(values)).on_conflict_do_nothing(),
        execution_options={"preserve_rowcount": True},
    )
    return int(result.rowcount)


def is_transient(error: BaseException) -> bool:
    """Whether a database error is about the moment (away, full, locked) and not about our SQL."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return (code & 0xFF) in _SQLITE_TRANSIENT
    state = getattr(error.orig, "sqlstate", "")
    # None: no server answered at all.
    return state is None or (state != "" and state.startswith(_POSTGRESQL_TRANSIENT))


# busy, locked, read-only, input/output, full, cannot open
_SQLITE_TRANSIENT = {5, 6, 8, 10, 13, 14}
# connection, resources, operator's stop, lock not available, serialisation and deadlock
_POSTGRESQL_TRANSIENT = ("08", "53", "57P", "55P03", "40001", "40P01", "57014")


def _options(kind: str) -> dict[str, Any]:
    """How a transaction begins. Options of the connection: an engine of its own for each kind
    would cost as much as a statement each time."""
    if db.engine.dialect.name == "postgresql":
        return _ON_POSTGRESQL[kind]
    return {"begin": "IMMEDIATE" if kind == "write" else "DEFERRED"}


_ON_POSTGRESQL: dict[str, dict[str, Any]] = {
    "write": {"isolation_level": "READ COMMITTED"},
    "read": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
    "single": {"isolation_level": "AUTOCOMMIT"},
}


@contextmanager
def _in_turn() -> Iterator[None]:
    if db.engine.dialect.name == "postgresql":
        yield
        return
    with meters.waiting_for("turn"):
        is_ours = _turn.acquire(timeout=current_app.config["LOCK_WAIT"])
    if not is_ours:
        raise Unavailable("too many writers are waiting")
    try:
        yield
    finally:
        _turn.release()


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn the drivers' many ways of saying "not now" into one."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        if is_transient(error):
            raise Unavailable(type(error.__cause__ or error).__name__) from error
        raise
