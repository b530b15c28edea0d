"""Idempotency keys: the same form sent twice acts once and answers twice (answers.md §6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.services.outcomes import Outcome, from_json, to_json
from reservation.store.booking_rows import Overtaken
from reservation.store.db import write
from reservation.store.tables.records import KeyRow
from reservation.store.together import New, write_all
from reservation.store.types import AnyRow

KEPT = timedelta(hours=48)
_KEPT = select(KeyRow.fingerprint, KeyRow.outcome).where(
    KeyRow.scope == bindparam("scope"), KeyRow.token == bindparam("token")
)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Key:
    """Who sent which form: ``scope`` is account and route, ``token`` was made with the form."""

    scope: str
    token: str
    fingerprint: str


def key(scope: str, token: str, content: Mapping[str, Any]) -> Key:
    """A key for this content; tokens of any length and origin are taken, and hashed."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return Key(
        scope[:100],
        hashlib.sha256(token.encode()).hexdigest(),
        hashlib.sha256(text.encode()).hexdigest(),
    )


def find(db: Session, key: Key | None) -> Outcome | None:
    """The stored outcome of this key, marked ``reused`` when the content differs."""
    if key is None:
        return None
    wanted = {"scope": key.scope, "token": key.token}
    row = db.connection().execute(_KEPT, wanted).one_or_none()
    return None if row is None else replay(row, key)


def replay(row: AnyRow, key: Key) -> Outcome:
    """The outcome in a stored key's row."""
    return from_json(row.outcome, reused=row.fingerprint != key.fingerprint)


def keep(db: Session, key: Key | None, outcome: Outcome, at: datetime) -> Outcome:
    """Store the outcome in the act's own transaction, success and refusal alike."""
    if key is not None:
        write_all(db, rows(key, outcome, at))
    return outcome


def rows(key: Key | None, outcome: Outcome, at: datetime) -> list[New]:
    """What keeps an outcome, for a step that writes it together with others; nothing without a
    key."""
    if key is None:
        return []
    columns = {
        "scope": key.scope,
        "token": key.token,
        "fingerprint": key.fingerprint,
        "outcome": to_json(outcome),
        "created_at": at,
    }
    return [New(KeyRow, columns)]


def once(act: Callable[[], _Answer]) -> _Answer:
    """Run an act; when a unique index, or a booking's state, caught a race that its look could
    not see, run it again.

    The second run finds what the winner wrote (the key's outcome, or the child's other booking).
    """
    try:
        return act()
    except (IntegrityError, Overtaken):
        return act()


def forget(now: Now) -> int:
    """Delete keys past their 48 hours. Returns how many went."""
    with write() as db:
        gone: Any = db.execute(delete(KeyRow).where(KeyRow.created_at < now() - KEPT))
        return int(gone.rowcount)
