"""The one runner of the scheduler: a lock beside the SQLite file, or one inside PostgreSQL.

The lock is economy, not safety: an old leader may wake up after losing it, so every job claims
its work by itself.
"""

import fcntl
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from reservation.settings import Settings

# Any two numbers of ours; they name the lock inside PostgreSQL.
_LOCK = {"class": 7305, "id": 1}


class Leader(Protocol):
    """Who may turn the timetable."""

    def take(self) -> bool:
        """Be or become the one; False when another is, or the database is away."""

    def still(self) -> bool:
        """Whether this is still the one."""

    def release(self) -> None:
        """Let another become the one."""


def leader(settings: Settings) -> Leader:
    """The lock that fits the database."""
    database = _file(settings)
    return (
        _FileLock(database, "scheduler")
        if database
        else _AdvisoryLeader(settings.direct_database_url)
    )


def server(settings: Settings) -> Leader | None:
    """The lock of the one server that may work on a SQLite file; None on PostgreSQL.

    Two of them would share the file's one writer without knowing of each other's queue. Commands
    and the scheduler may work beside.
    """
    database = _file(settings)
    return _FileLock(database, "server") if database else None


def _file(settings: Settings) -> Path | None:
    if not settings.database_url.startswith("sqlite"):
        return None
    return Path(make_url(settings.database_url).database or "reservation.sqlite")


class _FileLock:
    def __init__(self, database: Path, name: str) -> None:
        self.path = database.with_name(f"{database.name}.{name}")
        self.file: IO[str] | None = None

    def take(self) -> bool:
        if self.still():
            return True
        file = self.path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self.file = file
        return True

    def still(self) -> bool:
        return self.file is not None

    def release(self) -> None:
        if self.file:
            self.file.close()
            self.file = None


class _AdvisoryLeader:
    def __init__(self, url: str) -> None:
        # A connection of its own, not pooled: the lock lives and dies with it.
        self.engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self.connection: Connection | None = None

    def take(self) -> bool:
        if self.still():
            return True
        try:
            connection = self.engine.connect()
            taken = connection.scalar(text("SELECT pg_try_advisory_lock(:class, :id)"), _LOCK)
        except DBAPIError:
            return False
        if not taken:
            connection.close()
            return False
        self.connection = connection
        return True

    def still(self) -> bool:
        if self.connection is None:
            return False
        try:
            self.connection.scalar(text("SELECT 1"))
        except DBAPIError:
            self.release()
            return False
        return True

    def release(self) -> None:
        if self.connection is None:
            return
        connection, self.connection = self.connection, None
        connection.invalidate()
        connection.close()
