"""Signed-in browsers of guardians and of staff. The cookie's token is kept as a hash only."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.services import audit
from reservation.services.audit import By
from reservation.services.outcomes import NotFound
from reservation.store.db import read, write
from reservation.store.tables.access import Device
from reservation.store.tables.people import Family, Guardian
from reservation.store.types import new_id

PARENT_LASTS = timedelta(days=90)
ONCE_LASTS = timedelta(hours=12)
"""A browser that others use too: the code is asked again next time."""
SEEN_EVERY = timedelta(minutes=10)
"""How often ``seen_at`` is written (answers.md §13)."""
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose browser: a guardian's or a staff account's, never both."""

    guardian_id: str | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The device behind a token, with its guardian's family where it is a guardian's."""

    id: str
    guardian_id: str | None
    account_id: str | None
    created_at: datetime
    seen_at: datetime
    family_id: str | None
    municipality_id: str | None
    name: str
    mail: str | None
    language: str


def open_device(db: Session, owner: Owner, label: str, at: datetime, lasts: timedelta) -> str:
    """A step: a new device. Returns the token for its cookie, which nobody can read again."""
    token = secrets.token_urlsafe(32)
    db.execute(
        insert(Device),
        [
            {
                "id": new_id(),
                "token_hash": _hash(token),
                "guardian_id": owner.guardian_id,
                "account_id": owner.account_id,
                "label": label[:100],
                "created_at": at,
                "seen_at": at,
                "ends_at": at + lasts,
            }
        ],
    )
    return token


def find(token: str, now: Now, *, idle: timedelta | None = None) -> Found | None:
    """The device of a token: one statement, and one more each ten minutes to note it was seen.

    None when the token is unknown, its time is over, it was ended, it was not seen for ``idle``,
    or its family has left.
    """
    at = now()
    with read(single=True) as db:
        wanted = {"token_hash": _hash(token), "at": at}
        row = db.connection().execute(_OF_TOKEN, wanted).one_or_none()
    if row is None or (idle is not None and at - row.seen_at >= idle):
        return None
    if at - row.seen_at >= SEEN_EVERY:
        _seen(row.id, at)
    return Found(
        id=row.id,
        guardian_id=row.guardian_id,
        account_id=row.account_id,
        created_at=row.created_at,
        seen_at=row.seen_at,
        family_id=row.family_id,
        municipality_id=row.municipality_id,
        name=row.name or "",
        mail=row.mail,
        language=row.language or "ja",
    )


_OF_TOKEN = (
    select(
        Device.id, Device.guardian_id, Device.account_id, Device.created_at, Device.seen_at,
        Guardian.family_id, Family.municipality_id, Guardian.name, Guardian.mail,
        Guardian.language,
    )
    .outerjoin(Guardian, Guardian.id == Device.guardian_id)
    .outerjoin(Family, Family.id == Guardian.family_id)
    .where(
        Device.token_hash == bindparam("token_hash"),
        Device.ended_at.is_(None),
        Device.ends_at > bindparam("at"),
        Family.left_at.is_(None),
    )
)  # fmt: skip


def end(device_id: str, owner: Owner, by: By, now: Now) -> None:
    """Sign a device out. Raises NotFound for one that is not the owner's; twice is harmless."""
    with write() as db:
        at = now()
        known = db.scalar(
            select(Device.id).where(
                Device.id == device_id,
                Device.guardian_id.is_not_distinct_from(owner.guardian_id),
                Device.account_id.is_not_distinct_from(owner.account_id),
            )
        )
        if known is None:
            raise NotFound(device_id)
        _end(db, Device.id == device_id, at)
        audit.record(db, by, at, "sign_out", "device", device_id)


def end_all(db: Session, owner: Owner, at: datetime) -> None:
    """A step: end every device of an owner (leaving, an account that is disabled or reset)."""
    _end(db, Device.guardian_id.is_not_distinct_from(owner.guardian_id)
        & Device.account_id.is_not_distinct_from(owner.account_id), at)  # fmt: skip


def end_others(db: Session, owner: Owner, kept: str, at: datetime) -> None:
    """A step: end every device of an owner but this one (a new password)."""
    _end(db, Device.guardian_id.is_not_distinct_from(owner.guardian_id)
        & Device.account_id.is_not_distinct_from(owner.account_id)
        & (Device.id != kept), at)  # fmt: skip


def forget(now: Now) -> int:
    """A job: delete devices that have been over for thirty days. Returns how many went."""
    with write() as db:
        before = now() - KEPT
        gone = db.execute(
            delete(Device)
            .where((Device.ends_at < before) | (Device.ended_at < before))
            .returning(Device.id)
        ).all()
        return len(gone)


def _end(db: Session, which: object, at: datetime) -> None:
    db.execute(
        update(Device)
        .where(which, Device.ended_at.is_(None))  # type: ignore[arg-type]
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )


def _seen(device_id: str, at: datetime) -> None:
    with write() as db:
        db.execute(
            update(Device)
            .where(Device.id == device_id)
            .values(seen_at=at)
            .execution_options(synchronize_session=False)
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
