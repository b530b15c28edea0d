"""Staff accounts: signing in, invitations, resetting, disabling, and the roles they carry.

A password is checked outside any transaction, since a hash takes longer than all the rest; what
decides is looked at again under the row's lock.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.services import audit, devices, passwords, throttle, totp
from reservation.services.devices import Owner
from reservation.services.mail_codes import Denied, TooOften, normal
from reservation.services.outcomes import NotFound
from reservation.services.sign_in import Browser
from reservation.store.db import read, write
from reservation.store.tables.access import Account
from reservation.store.types import AnyRow

IDLE = timedelta(minutes=30)
LASTS = timedelta(hours=8)
"""How long a staff browser stays signed in unused, and at most (reliability.md §5)."""
_TEN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Entered:
    """Signed in: ``token`` goes into the cookie of the desk's browser."""

    token: str
    account_id: str
    mail: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the holder of an invitation's link may see of the account."""

    account_id: str
    mail: str
    name: str
    secret: str
    ends_at: datetime


def sign_in(
    mail: str, password: str, code: str, source: str, known: str | None, browser: Browser, now: Now
) -> Entered | Denied | TooOften:
    """Sign in with password and second factor.

    The same Denied for an unknown address, a wrong password, a wrong or used code and a disabled
    account. ``known`` is the mark of a browser that has signed in to this account before: it has
    its own counter, so that nobody who only knows the address can lock its owner out.
    """
    address = normal(mail)
    with write() as db:
        if not _may_try(db, address, source, known, now()):
            return TooOften()
        before = _by_mail(db, address)
    right = passwords.matches(before.password_hash if before else None, password)
    with write() as db:
        at = now()
        account = _by_mail(db, address, lock=True)
        step = None
        if right and account and before and account.password_hash == before.password_hash:
            step = totp.step_of(account.totp_secret or "", code, at, account.totp_last_step)
        if account is None or step is None or account.disabled_at is not None:
            return Denied("wrong")
        account.totp_last_step = step
        return _enter(db, account, browser, at)


def enter_demo(mail: str, browser: Browser, now: Now) -> Entered:
    """Sign in without password. Only the demo's pages call this; raises NotFound."""
    with write() as db:
        account = _by_mail(db, normal(mail))
        if account is None or account.disabled_at is not None:
            raise NotFound(mail)
        return _enter(db, account, browser, now())


def invitation(token: str, now: Now) -> Invitation:
    """A question: what an invitation's link opens. Raises NotFound when it is over or used."""
    with read() as db:
        row = _invited(db, token, now())
        if row is None:
            raise NotFound("invitation")
        return Invitation(row.id, row.mail, row.name, row.totp_secret or "", row.invite_ends_at)


def accept(token: str, password: str, code: str, browser: Browser, now: Now) -> Entered | Denied:
    """Set the password and prove the second factor; the link is used up and the person is in.

    Denied('wrong') for a wrong code: the link stays good. Raises NotFound for a link that is over.
    """
    invitation(token, now)
    stored = passwords.hashed(password)
    with write() as db:
        at = now()
        # Locked by its link: whoever comes second finds the link used up.
        row = _invited(db, token, at, lock=True)
        if row is None:
            raise NotFound("invitation")
        account = db.get_one(Account, row.id)
        step = totp.step_of(account.totp_secret or "", code, at, None)
        if step is None:
            return Denied("wrong")
        account.password_hash, account.totp_last_step = stored, step
        account.invite_hash = account.invite_ends_at = None
        audit.record(db, audit.account(account.id), at, "accept_invite", "account", account.id)
        return _enter(db, account, browser, at)


def set_keys(account_id: str, single_keys: bool, now: Now) -> None:
    """Switch single-letter keys of the staff screens on or off (WCAG 2.1.4)."""
    with write() as db:
        account = db.get(Account, account_id, with_for_update=True)
        if account is None:
            raise NotFound(account_id)
        account.single_keys = single_keys
        audit.record(
            db, audit.account(account.id), now(), "set_keys", "account", account_id,
            detail={"single_keys": single_keys},
        )  # fmt: skip


def change_password(
    account_id: str, device_id: str, old: str, new: str, now: Now
) -> Denied | TooOften | None:
    """Set another password while signed in; every other browser of the account is signed out.

    Denied('wrong') for a wrong old password. Tries are counted per account, so that a desk left
    open is no place to guess at. None when it is done.
    """
    with write() as db:
        at = now()
        if not throttle.allowed(db, "staff.password", account_id, at, per=_TEN, most=10):
            return TooOften()
        before = db.get_one(Account, account_id).password_hash
    right = passwords.matches(before, old)
    stored = passwords.hashed(new) if right else ""
    with write() as db:
        at = now()
        account = db.get_one(Account, account_id, with_for_update=True, populate_existing=True)
        if not right or account.password_hash != before:
            return Denied("wrong")
        account.password_hash = stored
        devices.end_others(db, Owner(account_id=account_id), device_id, at)
        audit.record(db, audit.account(account_id), at, "new_password", "account", account_id)
    return None


def sign_out(device_id: str, account_id: str, now: Now) -> None:
    """End this browser of a staff account."""
    devices.end(device_id, Owner(account_id=account_id), audit.account(account_id), now)


def token_hash(token: str) -> str:
    """How an invitation's token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A token for an invitation's link."""
    return secrets.token_urlsafe(32)


def _may_try(db: Session, mail: str, source: str, known: str | None, at: datetime) -> bool:
    """Limits of reliability.md §5: one source 300 a minute; a known browser its own ten in ten
    minutes; all unknown browsers together ten an hour for the account."""
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    if not throttle.allowed(db, "staff.source", source, at, per=minute, most=300):
        return False
    if known:
        return throttle.allowed(db, "staff.device", f"{mail} {known}", at, per=_TEN, most=10)
    return throttle.allowed(db, "staff.mail", mail, at, per=hour, most=10)


def _by_mail(db: Session, mail: str, *, lock: bool = False) -> Account | None:
    question = select(Account).where(Account.mail == mail)
    if lock:
        question = question.with_for_update().execution_options(populate_existing=True)
    return db.scalar(question)


def _invited(db: Session, token: str, at: datetime, *, lock: bool = False) -> AnyRow | None:
    question = select(
        Account.id, Account.mail, Account.name, Account.totp_secret, Account.invite_ends_at
    ).where(
        Account.invite_hash == token_hash(token),
        Account.invite_ends_at > at,
        Account.disabled_at.is_(None),
    )
    return db.execute(question.with_for_update() if lock else question).one_or_none()


def _enter(db: Session, account: Account, browser: Browser, at: datetime) -> Entered:
    owner = Owner(account_id=account.id)
    token = devices.open_device(db, owner, browser.label, at, browser.lasts)
    audit.record(db, audit.account(account.id), at, "sign_in", "account", account.id)
    return Entered(token, account.id, account.mail)
