"""Limits on tries, counted in the database over a sliding window; nobody is ever locked out."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.store import crypto
from reservation.store.db import write
from reservation.store.tables.access import Attempt
from reservation.store.types import new_id

KEPT = timedelta(days=1)


def allowed(
    db: Session, scope: str, subject: str, at: datetime, *, per: timedelta, most: int
) -> bool:
    """A step: whether fewer than ``most`` tries came before this one in the window; it is noted.

    ``subject`` (an address, an account, a source) is stored as a blind index. A try that is not
    allowed is not noted: however long somebody keeps trying, the next one is let in in time.
    """
    who = crypto.blind_index(subject, scope)
    before = db.execute(
        select(func.count()).where(
            Attempt.scope == scope, Attempt.subject == who, Attempt.at > at - per
        )
    ).scalar_one()
    if before >= most:
        return False
    db.execute(insert(Attempt), [{"id": new_id(), "scope": scope, "subject": who, "at": at}])
    return True


def forget(now: Now) -> int:
    """A job: delete tries older than a day. Returns how many went."""
    with write() as db:
        gone = db.execute(delete(Attempt).where(Attempt.at < now() - KEPT).returning(Attempt.id))
        return len(gone.all())
