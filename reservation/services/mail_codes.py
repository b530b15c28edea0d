"""Six digits by mail: made, sent through the outbox, and checked.

A code belongs to the browser that asked for it, by the id that browser keeps. So nobody who only
knows an address can use up the tries of its owner, and a code read over a shoulder is of no use
elsewhere.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.services import outbox, throttle
from reservation.store import crypto
from reservation.store.db import write
from reservation.store.tables.access import MailCode
from reservation.store.types import new_id

LASTS = timedelta(minutes=10)
TRIES = 5
DIGITS = 6
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sent:
    """A code is on its way. ``id`` stays with the browser that asked."""

    id: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class TooOften:
    """No more codes just now; a code sent before stays good."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The code was not taken: 'wrong' (try again) or 'ended' (ask for a new one)."""

    reason: str


def normal(mail: str) -> str:
    """An address as it is compared and stored: half-width, trimmed, small letters."""
    return unicodedata.normalize("NFKC", mail).strip().lower()


def typed(code: str) -> str:
    """A code as it is compared: half-width digits, without the spaces of a paste."""
    plain = unicodedata.normalize("NFKC", code)
    return "".join(sign for sign in plain if sign.isdecimal())


def may_ask(db: Session, mail: str, source: str, known: str | None, at: datetime) -> bool:
    """A step: the limits on codes (reliability.md §5).

    A browser that has signed in with this address before (``known``, from its own cookie) has its
    own counter; all others share one for the address, so an attack never stands in the family's
    way. One source alone is only held to 300 a minute, since a mobile network is one source.
    """
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    if not throttle.allowed(db, "code.source", source, at, per=minute, most=300):
        return False
    if known:
        ten = timedelta(minutes=10)
        return throttle.allowed(db, "code.device", f"{mail} {known}", at, per=ten, most=5)
    return throttle.allowed(db, "code.mail", mail, at, per=hour, most=10)


def send(
    db: Session,
    mail: str,
    purpose: str,
    at: datetime,
    *,
    language: str,
    guardian_id: str | None = None,
) -> Sent:
    """A step: a new code for this address, queued as the message 'code' or 'change_mail'."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    sent = Sent(new_id(), at + LASTS)
    db.execute(
        insert(MailCode),
        [
            {
                "id": sent.id,
                "mail": mail,
                "purpose": purpose,
                "guardian_id": guardian_id,
                "code_hash": _hash(sent.id, code),
                "created_at": at,
                "ends_at": sent.ends_at,
                "tries": 0,
            }
        ],
    )
    kind = "code" if purpose == "sign_in" else purpose
    note = outbox.Note(
        kind,
        f"{kind}:{sent.id}",
        at,
        sent.ends_at,
        {"code": code, "until": sent.ends_at.isoformat()},
    )
    outbox.put(db, note, mail, at, language=language)
    return sent


def check(
    db: Session, ids: Sequence[str], purpose: str, entered: str, at: datetime
) -> Row[Any] | Denied:
    """A step: the code's row, now used up; or why not. Each code bears five tries.

    ``ids`` are the codes this browser asked for: a mail that arrives late is still good.
    """
    rows = db.execute(
        select(MailCode.__table__)
        .where(MailCode.id.in_(list(ids)), MailCode.purpose == purpose)
        .with_for_update()
    ).all()
    usable = [r for r in rows if r.used_at is None and at < r.ends_at and r.tries < TRIES]
    if not usable:
        return Denied("ended")
    code = typed(entered)
    right = [r for r in usable if hmac.compare_digest(r.code_hash, _hash(r.id, code))]
    spent = update(MailCode).where(MailCode.id.in_([r.id for r in usable]))
    change = {"used_at": at} if right else {"tries": MailCode.tries + 1}
    db.execute(spent.values(change).execution_options(synchronize_session=False))
    if right:
        return right[0]
    return Denied("wrong" if any(r.tries + 1 < TRIES for r in usable) else "ended")


def forget(now: Now) -> int:
    """A job: delete codes older than a day. Returns how many went."""
    with write() as db:
        gone = db.execute(
            delete(MailCode).where(MailCode.created_at < now() - KEPT).returning(MailCode.id)
        )
        return len(gone.all())


def _hash(code_id: str, code: str) -> str:
    # Six digits are guessed from a plain hash in a moment; this one needs the data key.
    return crypto.blind_index(f"{code_id} {code}", "mail_code")
