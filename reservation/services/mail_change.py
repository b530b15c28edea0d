"""A guardian changes the mail address: a code to the new one, and both are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.services import audit, mail_codes, outbox, throttle
from reservation.services.audit import By
from reservation.services.mail_codes import Denied, Sent, TooOften
from reservation.services.outcomes import Outcome
from reservation.store.db import write
from reservation.store.tables.people import Guardian


def ask(new_mail: str, by: By, language: str, now: Now) -> Sent | TooOften:
    """Send a code to the new address; whether it has an account shows only to its owner."""
    address = mail_codes.normal(new_mail)
    with write() as db:
        at = now()
        hour = timedelta(hours=1)
        if not throttle.allowed(db, "change_mail", str(by.id), at, per=hour, most=5):
            return TooOften()
        return mail_codes.send(db, address, "change_mail", at, language=language, guardian_id=by.id)


def enter(ids: Sequence[str], code: str, by: By, now: Now) -> Outcome | Denied:
    """Take the new address with its code.

    'changed', and both addresses are told; 'taken' when another account has it (said only now,
    to somebody who has proved to read its mail); Denied as at signing in.
    """
    with write() as db:
        at = now()
        found = mail_codes.check(db, ids, "change_mail", code, at)
        if isinstance(found, Denied):
            return found
        if found.guardian_id != by.id:
            return Denied("ended")
        guardian = db.get_one(Guardian, found.guardian_id)
        if db.scalar(select(Guardian.id).where(Guardian.mail == found.mail)) is not None:
            return Outcome("changed" if guardian.mail == found.mail else "taken")
        before, guardian.mail, guardian.mail_failed_at = guardian.mail, found.mail, None
        db.flush()
        audit.record(db, by, at, "change_mail", "guardian", guardian.id, on_behalf_of=by.family_id)
        _tell_both(db, guardian, before, at)
        return Outcome("changed")


def _tell_both(db: Session, guardian: Guardian, before: str | None, at: datetime) -> None:
    event = f"mail_changed:{guardian.id}:{at.isoformat()}"
    for which, address in (("old", before), ("new", guardian.mail)):
        if address:
            note = outbox.Note("mail_changed", f"{event}:{which}", at, params={"which": which})
            outbox.put(db, note, address, at, language=guardian.language)
