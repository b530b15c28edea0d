"""Copies of the database that can be trusted: made by the database itself, looked at, rotated.

SQLite by its online backup while writing goes on; PostgreSQL by pg_dump. A restored outbox sends
nothing twice: what was queued at the time of the copy is dropped (reliability.md, fault 26).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from reservation.store.db import Base
from reservation.store.migrations import current, head
from reservation.store.tables.records import Audit

KEPT = 14
COPIED, TRIED, REHEARSED = "copied_at", "copy_tried_at", "rehearsed_at"
"""When a copy was last made, tried and rehearsed: names in the table of facts, ISO instants."""
PREFIX = "reservation-"
SCRATCH = "reservation_rehearsal"
MAGIC = b"SQLite format 3\0"


class BadBackup(Exception):
    """The copy cannot be made or cannot be trusted; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Rows by table in the copy, and in the database now; empty where that does not answer."""

    rows: dict[str, int]
    now: dict[str, int]


def make(database_url: str, folder: Path, at: datetime, keep: int = KEPT) -> Path:
    """Copy the database into ``folder`` under the instant's name, check it, drop the oldest.

    Raises BadBackup and leaves no half copy behind.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadBackup(f"The folder {folder} cannot be used: {error.strerror}.") from error
    url = make_url(database_url)
    ending = "sqlite" if url.drivername.startswith("sqlite") else "dump"
    target = folder / f"{PREFIX}{at:%Y%m%dT%H%M%SZ}.{ending}"
    partial = target.with_suffix(target.suffix + ".partial")
    try:
        if ending == "sqlite":
            _copy_sqlite(Path(url.database or ""), partial)
        else:
            _run(url, "pg_dump", "-Fc", "-f", str(partial), "-d", _libpq(url))
            _run(url, "pg_restore", "--list", str(partial))
        os.chmod(partial, 0o600)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    for old in sorted(folder.glob(f"{PREFIX}*.{ending}"))[:-keep]:
        old.unlink()
    return target


def restore(database_url: str, copy: Path) -> dict[str, int]:
    """Put a copy in the place of the database and hold its mail; rows by table.

    The server must not run. The database that was there is kept beside as ``….before-restore``
    (SQLite), or must be empty (PostgreSQL). Raises BadBackup.
    """
    url = make_url(database_url)
    if url.drivername.startswith("sqlite"):
        _check_sqlite(copy)
        target = Path(url.database or "")
        if target.exists():
            _copy_sqlite(target, target.with_name(target.name + ".before-restore"))
        _copy_sqlite(copy, target)
    else:
        _run(url, "pg_restore", "--exit-on-error", "--no-owner", "-d", _libpq(url), str(copy))
    return _look(url)


def rehearse(database_url: str, copy: Path, folder: Path) -> Rehearsal:
    """Restore a copy into a scratch database, hold its mail, count, and throw it away.

    The audit only grows: what the copy has of it the database must have too. Raises BadBackup.
    """
    url = make_url(database_url)
    if url.drivername.startswith("sqlite"):
        return _rehearse_sqlite(url, copy, folder)
    admin = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {SCRATCH}"))
        connection.execute(text(f"create database {SCRATCH}"))
        try:
            scratch = url.set(database=SCRATCH)
            rows = restore(scratch.render_as_string(hide_password=False), copy)
            return Rehearsal(rows, _compared(scratch, url))
        finally:
            connection.execute(text(f"drop database if exists {SCRATCH}"))


def _rehearse_sqlite(url: URL, copy: Path, folder: Path) -> Rehearsal:
    _check_sqlite(copy)
    scratch = folder / f"{SCRATCH}.sqlite"
    try:
        _copy_sqlite(copy, scratch)
        scratch_url = make_url(f"sqlite:///{scratch}")
        return Rehearsal(_look(scratch_url), _compared(scratch_url, url))
    finally:
        for file in folder.glob(f"{scratch.name}*"):
            file.unlink()


def _compared(copy: URL, source: URL) -> dict[str, int]:
    """Rows by table in the source now; empty when it does not answer. Raises BadBackup where the
    audit says that the copy is another database's, or that one of the two has lost something."""
    with create_engine(copy, poolclass=NullPool).connect() as connection:
        last = connection.scalar(select(func.max(Audit.seq))) or 0
        copied = _audited(connection, last)
    if source.drivername.startswith("sqlite") and not Path(source.database or "").exists():
        return {}
    try:
        with create_engine(source, poolclass=NullPool).connect() as connection:
            have, rows = _audited(connection, last), _count(connection)
    except DBAPIError:
        return {}
    if have != copied:
        raise BadBackup(f"Up to the copy's last audit entry it has {copied}, the database {have}.")
    return rows


def _audited(connection: Connection, last: int) -> int:
    query = select(func.count()).select_from(Audit).where(Audit.seq <= last)
    return int(connection.scalar(query) or 0)


def _look(url: URL) -> dict[str, int]:
    """Migrations, mail held, rows counted. Raises BadBackup for another version's tables."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        have = current(connection)
        if have != head():
            raise BadBackup(f"The copy stands at {have or 'nothing'}; run migrate after restoring.")
        _hold_mail(connection)
        return _count(connection)


def _count(connection: Connection) -> dict[str, int]:
    return {
        table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0)
        for table in Base.metadata.sorted_tables
    }


def _hold_mail(connection: Connection) -> None:
    connection.execute(
        text(
            "update outbox set status = 'dropped', error = 'restored', params = null"
            " where status in ('queued', 'sending')"
        )
    )


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise BadBackup("There is no database to copy.")
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
    for left in ("-wal", "-shm"):
        Path(f"{target}{left}").unlink(missing_ok=True)
    _check_sqlite(target)


def _check_sqlite(path: Path) -> None:
    if not path.is_file() or path.read_bytes()[:16] != MAGIC:
        raise BadBackup("That file is not a copy of this database.")
    with closing(sqlite3.connect(path)) as connection:
        try:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise BadBackup("The copy is damaged.") from error
    if answer != "ok":
        raise BadBackup("The copy is damaged.")


def _libpq(url: URL) -> str:
    """The address as PostgreSQL's own programs read it; without the password, which every user of
    the machine could read in the list of processes."""
    return url.set(drivername="postgresql", password=None).render_as_string()


def _run(url: URL, program: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise BadBackup(f"{program} is not on the PATH: install PostgreSQL's client programs.")
    env = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, check=False, env=env
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise BadBackup(f"{program} failed: {said[-1]}")
