"""The daily copy of the database, and when there last was one."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select

from reservation import logs, settings
from reservation.clock import Now
from reservation.domain import dates
from reservation.settings import Settings
from reservation.store import backups
from reservation.store.backups import COPIED, TRIED
from reservation.store.db import insert_ignore, write
from reservation.store.tables.records import Installation

AT = time(2, 30)
"""When the day's copy is due, in Tokyo."""
AGAIN = timedelta(hours=1)
"""After which a copy that failed is tried again."""
_NEVER = "0001-01-01T00:00:00+00:00"


def daily(now: Now) -> int:
    """A job: copy the database once 2:30 in Tokyo has passed. Returns how many copies were made.

    None in the demo, and none where RESERVATION_BACKUP_KEEP is 0. Raises BadBackup; tried again an
    hour later.
    """
    here = settings.current()
    if here.mode == "demo" or here.backup_keep == 0 or not _claim(now):
        return 0
    try:
        copy(here, here.instance / "backups", here.backup_keep, now)
    except backups.BadBackup as error:
        # Its sentence is ours and holds no family's values.
        logs.get().error("backup", ok=False, reason=str(error))
        raise
    return 1


def copy(here: Settings, folder: Path, keep: int, now: Now) -> Path:
    """Copy the database into a folder, check the copy, drop the oldest, note the time."""
    made = backups.make(here.direct_database_url, folder, now(), keep)
    note(COPIED, now)
    return made


def note(what: str, now: Now) -> None:
    """Remember that this was done now."""
    with write() as db:
        insert_ignore(db, Installation, {"name": what, "value": _NEVER})
        db.get_one(Installation, what).value = now().isoformat()


def _claim(now: Now) -> bool:
    """Whether a copy is due and nobody else makes it; whoever gets a yes makes it."""
    with write() as db:
        for name in (COPIED, TRIED):
            insert_ignore(db, Installation, {"name": name, "value": _NEVER})
        tried = db.scalars(
            select(Installation).where(Installation.name == TRIED).with_for_update()
        ).one()
        at = now()
        copied = datetime.fromisoformat(db.get_one(Installation, COPIED).value)
        last_try = datetime.fromisoformat(tried.value)
        if copied >= _due(at) or copied < last_try > at - AGAIN:
            return False
        tried.value = at.isoformat()
        return True


def _due(at: datetime) -> datetime:
    """The last 2:30 before this instant."""
    day = dates.local(at).date()
    due = dates.at(day, AT)
    return due if due <= at else dates.at(day - timedelta(days=1), AT)
