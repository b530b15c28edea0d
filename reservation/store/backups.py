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
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from reservation.store.db import Base
from reservation.store.migrations import current, head

KEPT = 14
PREFIX = "reservation-"
SCRATCH = "reservation_rehearsal"
MAGIC = b"SQLite format 3\0"


class BadBackup(Exception):
    """The copy cannot be made or cannot be trusted; the text is one sentence."""


def make(database_url: str, folder: Path, at: datetime, keep: int = KEPT) -> Path:
    """Copy the database into ``folder`` under the instant's name, check it, drop the oldest.

    Raises BadBackup and leaves no half copy behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    url = make_url(database_url)
    ending = "sqlite" if url.drivername.startswith("sqlite") else "dump"
    target = folder / f"{PREFIX}{at:%Y%m%dT%H%M%SZ}.{ending}"
    partial = target.with_suffix(target.suffix + ".partial")
    try:
        if ending == "sqlite":
            _copy_sqlite(Path(url.database or ""), partial)
        else:
            _run("pg_dump", "-Fc", "-f", str(partial), _libpq(url))
            _run("pg_restore", "--list", str(partial))
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
        _run("pg_restore", "--exit-on-error", "--no-owner", "-d", _libpq(url), str(copy))
    return _look(url)


def rehearse(database_url: str, copy: Path, folder: Path) -> dict[str, int]:
    """Restore a copy into a scratch database, look at it, count its rows, and throw it away."""
    url = make_url(database_url)
    if url.drivername.startswith("sqlite"):
        _check_sqlite(copy)
        scratch = folder / f"{SCRATCH}.sqlite"
        try:
            _copy_sqlite(copy, scratch)
            return _look(make_url(f"sqlite:///{scratch}"))
        finally:
            for file in folder.glob(f"{scratch.name}*"):
                file.unlink()
    admin = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {SCRATCH}"))
        connection.execute(text(f"create database {SCRATCH}"))
        try:
            scratch_url = url.set(database=SCRATCH)
            return restore(scratch_url.render_as_string(hide_password=False), copy)
        finally:
            connection.execute(text(f"drop database if exists {SCRATCH}"))


def _look(url: URL) -> dict[str, int]:
    """Migrations, mail held, rows counted. Raises BadBackup for another version's tables."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        have = current(connection)
        if have != head():
            raise BadBackup(f"The copy stands at {have or 'nothing'}; run migrate after restoring.")
        _hold_mail(connection)
        return {
            table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0)
            for table in Base.metadata.sorted_tables
        }


def _hold_mail(connection: Connection) -> None:
    connection.execute(
        text(
            "update outbox set status = 'dropped', error = 'restored'"
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
    """The address as PostgreSQL's own programs read it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise BadBackup(f"{program} is not on the PATH.")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BadBackup(f"{program} failed: {done.stderr.strip().splitlines()[-1:]}")
