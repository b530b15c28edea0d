"""Signing in by a code sent by mail. Whether an address is known never shows.

Asking does the same work for every address: nothing is looked up. An address without an account
gets its account when its code is entered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.services import audit, devices, keys, mail_codes
from reservation.services.devices import Owner
from reservation.services.mail_codes import Denied, Sent, TooOften
from reservation.services.outcomes import NotFound
from reservation.store.db import write
from reservation.store.tables.people import Family, Guardian
from reservation.store.tables.places import Municipality
from reservation.store.types import new_id


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser that signs in: a short name for the list of devices, and how long it stays."""

    label: str
    lasts: timedelta = devices.PARENT_LASTS


@dataclass(frozen=True, slots=True)
class Entered:
    """Signed in. ``token`` goes into the device's cookie."""

    token: str
    guardian_id: str
    family_id: str
    mail: str
    language: str
    is_new: bool


def ask_code(mail: str, source: str, known: str | None, language: str, now: Now) -> Sent | TooOften:
    """Send a code to this address, known or not. TooOften over the limits of mail_codes.may_ask.

    ``source`` is the network address asked from, ``known`` the mark of a browser that has signed
    in with this address before.
    """
    address = mail_codes.normal(mail)
    with write() as db:
        at = now()
        if not mail_codes.may_ask(db, address, source, known, at):
            return TooOften()
        return mail_codes.send(db, address, "sign_in", at, language=language)


def enter_code(
    ids: Sequence[str],
    code: str,
    browser: Browser,
    municipality_id: str | None,
    language: str,
    now: Now,
) -> Entered | Denied:
    """Sign in with the code; a new address becomes a family of this municipality.

    ``ids`` are the codes this browser asked for. Denied when the code is wrong, used, or over.
    Raises NotFound when a new family has no municipality to belong to.
    """

    def act() -> Entered | Denied:
        with write() as db:
            at = now()
            found = mail_codes.check(db, ids, "sign_in", code, at)
            if isinstance(found, Denied):
                return found
            guardian = _guardian(db, found.mail)
            is_new = guardian is None
            if guardian is None:
                guardian = _new_family(db, found.mail, municipality_id, language, at)
            return _enter(db, guardian, browser, at, is_new=is_new)

    # Two browsers with the same new address: the second finds what the first has made.
    return keys.once(act)


def enter_demo(mail: str, browser: Browser, now: Now) -> Entered:
    """Sign in without a code. Only the demo's pages call this; raises NotFound."""
    with write() as db:
        guardian = _guardian(db, mail_codes.normal(mail))
        if guardian is None:
            raise NotFound(mail)
        return _enter(db, guardian, browser, now(), is_new=False)


def _guardian(db: Session, mail: str) -> Guardian | None:
    return db.scalar(select(Guardian).where(Guardian.mail == mail))


def _enter(
    db: Session, guardian: Guardian, browser: Browser, at: datetime, *, is_new: bool
) -> Entered:
    # Whoever typed the code has read the mail: the address works.
    guardian.mail_failed_at = None
    owner = Owner(guardian_id=guardian.id)
    token = devices.open_device(db, owner, browser.label, at, browser.lasts)
    by = audit.guardian(guardian.id, guardian.family_id)
    audit.record(db, by, at, "sign_in", "guardian", guardian.id, on_behalf_of=guardian.family_id)
    return Entered(
        token, guardian.id, guardian.family_id, guardian.mail or "", guardian.language, is_new
    )


def _new_family(
    db: Session, mail: str, municipality_id: str | None, language: str, at: datetime
) -> Guardian:
    if municipality_id is None or db.get(Municipality, municipality_id) is None:
        raise NotFound("municipality")
    family = Family(id=new_id(), municipality_id=municipality_id, created_at=at)
    db.add(family)
    db.flush()
    guardian = Guardian(family_id=family.id, mail=mail, language=language, created_at=at)
    db.add(guardian)
    db.flush()
    by = audit.guardian(guardian.id, family.id)
    audit.record(db, by, at, "create", "family", family.id, on_behalf_of=family.id)
    return guardian
