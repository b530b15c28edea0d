"""A second guardian joins a family, or a telephone family gets its account: one-time codes.

The first guardian shows a code on their page ('guardian'); staff read one out to a family they
have entered by telephone ('claim'). Whoever is signed in with an account that has no child yet
types it and belongs to that family from then on.
"""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.services import audit, outbox, throttle
from reservation.services.audit import By
from reservation.services.outcomes import Outcome
from reservation.store import crypto
from reservation.store.db import write
from reservation.store.tables.access import JoinCode
from reservation.store.tables.people import ChildRow, Family, Guardian
from reservation.store.types import new_id

LASTS = {"guardian": timedelta(hours=24), "claim": timedelta(days=14)}
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without signs that are mistaken for one another, on paper and on the telephone."""
LENGTH = 8


def make(db: Session, family_id: str, kind: str, at: datetime) -> tuple[str, datetime]:
    """A step: a new code of this kind and its end; earlier ones of the kind end now.

    It is shown once, as 「ABCD-EFGH」, and kept as a blind index only.
    """
    db.execute(
        delete(JoinCode).where(
            JoinCode.family_id == family_id, JoinCode.kind == kind, JoinCode.used_at.is_(None)
        )
    )
    code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    ends_at = at + LASTS[kind]
    row = {"family_id": family_id, "kind": kind, "created_at": at, "ends_at": ends_at}
    db.execute(insert(JoinCode), [{"id": new_id(), "code_hash": _hash(code), **row}])
    return f"{code[:4]}-{code[4:]}", ends_at


def invite(by: By, now: Now) -> tuple[str, datetime]:
    """A code for a second guardian of the acting family, and until when it is good."""
    with write() as db:
        at = now()
        assert by.family_id is not None  # only families act here
        code, ends_at = make(db, by.family_id, "guardian", at)
        audit.record(db, by, at, "invite", "family", by.family_id, on_behalf_of=by.family_id)
        return code, ends_at


def join(code: str, by: By, now: Now) -> Outcome:
    """Belong to the family of this code from now on.

    'joined'; 'wrong' for a code that is unknown, used or over (all the same); 'too_often' after
    ten tries in an hour; 'not_empty' for an account that has children of its own.
    """
    with write() as db:
        at = now()
        hour = timedelta(hours=1)
        if not throttle.allowed(db, "join", str(by.id), at, per=hour, most=10):
            return Outcome("too_often")
        found = db.execute(
            select(JoinCode.id, JoinCode.family_id, JoinCode.kind)
            .where(
                JoinCode.code_hash == _hash(code),
                JoinCode.used_at.is_(None),
                JoinCode.ends_at > at,
                JoinCode.family_id != by.family_id,
            )
            .with_for_update()
        ).one_or_none()
        if found is None:
            return Outcome("wrong")
        if db.scalar(select(func.count()).where(ChildRow.family_id == by.family_id)):
            return Outcome("not_empty")
        _move(db, found, by, at)
        return Outcome("joined")


def _move(db: Session, found: Any, by: By, at: datetime) -> None:
    """The guardian changes families; the empty family they had is over."""
    _change(db, JoinCode, JoinCode.id == found.id, used_at=at)
    if found.kind == "claim":
        _take_over(db, found.family_id, str(by.id))
    _change(db, Guardian, Guardian.id == by.id, family_id=found.family_id)
    others = db.scalar(select(func.count()).where(Guardian.family_id == by.family_id))
    if not others:
        _change(db, Family, Family.id == by.family_id, left_at=at)
    audit.record(
        db, by, at, "join", "family", found.family_id, on_behalf_of=found.family_id,
        reason=found.kind,
    )  # fmt: skip
    _tell_others(db, found.family_id, str(by.id), at)


def _take_over(db: Session, family_id: str, guardian_id: str) -> None:
    """What the family said on the telephone fills what the account has not said yet."""
    caller = db.scalars(
        select(Guardian)
        .where(Guardian.family_id == family_id, Guardian.mail.is_(None))
        .order_by(Guardian.created_at)
        .limit(1)
    ).one_or_none()
    if caller is None:
        return
    account = db.get_one(Guardian, guardian_id)
    for field in ("name", "kana", "relation"):
        setattr(account, field, getattr(account, field) or getattr(caller, field))
    if not account.telephone:
        account.telephone = caller.telephone
        account.telephone_index = caller.telephone_index
        account.telephone_tail_index = caller.telephone_tail_index
    db.flush()
    db.delete(caller)
    db.flush()


def _tell_others(db: Session, family_id: str, guardian_id: str, at: datetime) -> None:
    """Whoever belonged to the family before learns that somebody joined it."""
    rows = db.execute(
        select(Guardian.id, Guardian.mail, Guardian.language).where(
            Guardian.family_id == family_id,
            Guardian.id != guardian_id,
            Guardian.mail.is_not(None),
            Guardian.mail_failed_at.is_(None),
        )
    ).all()
    for row in rows:
        note = outbox.Note("joined", f"joined:{guardian_id}:{at.isoformat()}", at)
        outbox.put(db, note, row.mail, at, language=row.language, guardian_id=row.id)


def _change(db: Session, table: Any, which: Any, **values: Any) -> None:
    db.execute(
        update(table).where(which).values(values).execution_options(synchronize_session=False)
    )


def _hash(code: str) -> str:
    plain = unicodedata.normalize("NFKC", code).upper()
    return crypto.blind_index("".join(sign for sign in plain if sign.isalnum()), "join_code")
