"""Has anything been written? SQLite is asked ten times a second, PostgreSQL tells."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from sqlalchemy.engine import make_url

from reservation import logs
from reservation.settings import Settings
from reservation.store.days import CHANGES

EVERY = 0.1
"""Seconds between two looks at SQLite's `data_version` (15 µs each)."""
AGAIN = 2.0
"""Seconds before a lost connection is tried again."""

Told = Callable[[str], None]
"""Is told the day that has changed, "<facility>:<date>", or "" for whatever it was."""


async def watch(settings: Settings, changed: Told) -> None:
    """Call ``changed`` after every commit that changed a day, until cancelled. A connection that
    was lost counts as a change: nobody knows what happened meanwhile."""
    look = _sqlite if settings.database_url.startswith("sqlite") else _postgresql
    while True:
        try:
            await look(settings, changed)
        except (OSError, sqlite3.Error) as error:
            logs.get().error("live", state="watching", fault=type(error).__name__)
        except Exception as error:
            # The driver's own errors; its module is optional, so they cannot be named here.
            logs.get().error("live", state="listening", fault=type(error).__name__)
        await asyncio.sleep(AGAIN)
        changed("")


async def _sqlite(settings: Settings, changed: Told) -> None:
    path = make_url(settings.database_url).database
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        seen = None
        while True:
            version = connection.execute("PRAGMA data_version").fetchone()
            if version != seen:
                seen = version
                changed("")
            await asyncio.sleep(EVERY)


async def _postgresql(settings: Settings, changed: Told) -> None:
    import psycopg  # noqa: PLC0415 -- optional driver

    url = make_url(settings.direct_database_url or settings.database_url)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection: Any = await psycopg.AsyncConnection.connect(plain, autocommit=True)
    async with connection:
        await connection.execute(f"LISTEN {CHANGES}")
        changed("")
        async for notice in connection.notifies():
            changed(notice.payload)
