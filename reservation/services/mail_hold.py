"""Mail is held back after a restore, so that nothing old goes out twice (reliability.md §2.26)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.store.db import insert_ignore, write
from reservation.store.tables.records import Installation, Outbox

_NAME = "mail_held_since"


def is_on(db: Session) -> bool:
    """A step: whether mail is held back."""
    return db.scalar(select(Installation.value).where(Installation.name == _NAME)) is not None


def hold(now: Now) -> None:
    """Send nothing from now on. For the restore command, on the restored database."""
    with write() as db:
        insert_ignore(db, Installation, {"name": _NAME, "value": now().isoformat()})


def let_go(now: Now) -> int:
    """Send again, and drop what was queued before the hold: it went out before the restore, or
    its moment has passed. Returns how many were dropped."""
    with write() as db:
        since = db.scalar(select(Installation.value).where(Installation.name == _NAME))
        if since is None:
            return 0
        old: Any = db.execute(
            update(Outbox)
            .where(
                Outbox.status.in_(["queued", "sending"]),
                Outbox.created_at < datetime.fromisoformat(since),
            )
            .values(status="dropped", ended_at=now(), error="before the restore", params=None)
            .execution_options(synchronize_session=False)
        )
        db.execute(delete(Installation).where(Installation.name == _NAME))
        return int(old.rowcount)
