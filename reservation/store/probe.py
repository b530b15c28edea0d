"""Is there a database that would take a booking within a second, and room for it?"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from reservation.settings import Settings
from reservation.store.db import Unavailable, write
from reservation.store.tables.records import Installation

SECONDS = 1


def take_the_lock(settings: Settings) -> None:
    """Take a lock that only a writer gets, and give it back. Raises Unavailable after a second."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        # Outside the pool and its queue: the question is about the file, and must not wait longer.
        try:
            with closing(
                sqlite3.connect(
                    f"file:{url.database}?mode=rw", uri=True, timeout=SECONDS, isolation_level=None
                )
            ) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise Unavailable(type(error).__name__) from error
        return
    try:
        with write() as db:
            db.execute(text(f"SET LOCAL lock_timeout = '{SECONDS}s'"))
            db.execute(select(Installation.name).with_for_update().limit(1))
    except DBAPIError as error:  # a standby: reading only
        raise Unavailable(type(error.orig).__name__) from error


def free_space(settings: Settings) -> float:
    """How much of the disk is free, 0 to 1: the database file's, or the instance folder's where the
    database is a server's."""
    url = make_url(settings.database_url)
    is_file = url.get_backend_name() == "sqlite" and url.database
    folder = Path(url.database or "").parent if is_file else settings.instance
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total
