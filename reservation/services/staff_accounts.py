"""Who may work where: managers invite, reset and disable the accounts of their facility.

The command line and officers act without a facility of their own (``by.facility_id`` None); a
manager only for roles at the own facility, and never over an account that works elsewhere too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain.refusals import Code, Refusal
from reservation.services import accounts, audit, devices, keys, outbox, totp
from reservation.services.audit import By
from reservation.services.devices import Owner
from reservation.services.keys import Key
from reservation.services.mail_codes import normal
from reservation.services.outcomes import NotFound, Outcome, refused
from reservation.store.db import write
from reservation.store.tables.access import Account, Role
from reservation.store.types import new_id

INVITE_LASTS = timedelta(hours=72)
AT_FACILITY = ("staff", "manager")
AT_MUNICIPALITY = ("reviewer", "officer")
ROLES = (*AT_FACILITY, *AT_MUNICIPALITY, "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A role and its place: a facility, a municipality, or neither for the operator."""

    role: str
    facility_id: str | None = None
    municipality_id: str | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """The outcome, and the link's token where one was made. The token is stored nowhere."""

    outcome: Outcome
    token: str | None = None


def invite(mail: str, name: str, post: Post, by: By, key: Key | None, now: Now) -> Invited:
    """Give a person a role: a new account is invited by mail, a known one gets the role added.

    'invited' or 'added'. Raises NotFound for a place that is not the manager's own.
    """

    def act() -> Invited:
        _must_be_own(post.facility_id, post.role, by)
        with write() as db:
            at = now()
            if (past := keys.find(db, key)) is not None:
                return Invited(past)
            account = db.scalar(
                select(Account).where(Account.mail == normal(mail)).with_for_update()
            )
            token = None
            if account is None:
                account = Account(id=new_id(), mail=normal(mail), name=name, created_at=at)
                db.add(account)
                db.flush()
            if account.disabled_at is not None:
                # Who let this person go did not mean them to come back with the old roles.
                db.execute(delete(Role).where(Role.account_id == account.id))
            if account.password_hash is None or account.disabled_at is not None:
                token = _new_link(db, account, at, post.facility_id, post.municipality_id)
            _grant(db, account.id, post, by, at)
            outcome = Outcome("invited" if token else "added", values={"account_id": account.id})
            return Invited(keys.keep(db, key, outcome, at), token)

    return keys.once(act)


def reset(account_id: str, by: By, key: Key | None, now: Now) -> Invited:
    """Take password and second factor away and send a new link; every browser is signed out.

    Refused with NOT_POSSIBLE for an account that works elsewhere too.
    """
    with write() as db:
        at = now()
        if (past := keys.find(db, key)) is not None:
            return Invited(past)
        account, here_only = _account(db, account_id, by)
        if not here_only:
            outcome = refused(Refusal(Code.NOT_POSSIBLE))
            return Invited(keys.keep(db, key, outcome, at))
        token = _new_link(db, account, at, by.facility_id)
        _record(db, account_id, "reset", by, at)
        outcome = Outcome("reset", values={"account_id": account_id})
        return Invited(keys.keep(db, key, outcome, at), token)


def disable(account_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Disable an account, or only take its roles here away where it works elsewhere too.

    'disabled' or 'revoked'. Nobody disables themselves (NOT_POSSIBLE).
    """
    with write() as db:
        at = now()
        if (past := keys.find(db, key)) is not None:
            return past
        account, here_only = _account(db, account_id, by)
        if account_id == by.id:
            return keys.keep(db, key, refused(Refusal(Code.NOT_POSSIBLE)), at)
        if here_only:
            account.disabled_at = at
            account.invite_hash = account.invite_ends_at = None
            devices.end_all(db, Owner(account_id=account_id), at)
        else:
            db.execute(
                delete(Role).where(
                    Role.account_id == account_id, Role.facility_id == by.facility_id
                )
            )
        code = "disabled" if here_only else "revoked"
        _record(db, account_id, code, by, at)
        return keys.keep(db, key, Outcome(code, values={"account_id": account_id}), at)


def _must_be_own(facility_id: str | None, role: str, by: By) -> None:
    if role not in ROLES:
        raise NotFound(role)
    if by.facility_id is not None and (facility_id != by.facility_id or role not in AT_FACILITY):
        raise NotFound(facility_id)


def _account(db: Session, account_id: str, by: By) -> tuple[Account, bool]:
    """The account, and whether all its roles are at the manager's own facility."""
    account = db.get(Account, account_id, with_for_update=True)
    places = set(db.scalars(select(Role.facility_id).where(Role.account_id == account_id)))
    if account is None or (by.facility_id is not None and by.facility_id not in places):
        raise NotFound(account_id)
    return account, by.facility_id is None or places == {by.facility_id}


def _new_link(
    db: Session,
    account: Account,
    at: datetime,
    facility_id: str | None,
    municipality_id: str | None = None,
) -> str:
    """A step: a fresh second factor, no password, and the link by mail; old browsers are out."""
    token = accounts.new_token()
    account.password_hash = account.totp_last_step = account.disabled_at = None
    account.totp_secret = totp.new_secret()
    account.invite_hash, account.invite_ends_at = accounts.token_hash(token), at + INVITE_LASTS
    devices.end_all(db, Owner(account_id=account.id), at)
    params = {"link": f"/staff/invite/{token}", "until": account.invite_ends_at.isoformat()}
    if municipality_id is not None:
        params["municipality_id"] = municipality_id
    note = outbox.Note(
        "invite",
        f"invite:{account.invite_hash}",
        at,
        account.invite_ends_at,
        params,
    )
    outbox.put(db, note, account.mail, at, facility_id=facility_id)
    return token


def _grant(db: Session, account_id: str, post: Post, by: By, at: datetime) -> None:
    """A step: one role at a place; the older role at the same place goes."""
    db.execute(
        delete(Role).where(
            Role.account_id == account_id,
            Role.facility_id.is_not_distinct_from(post.facility_id),
            Role.municipality_id.is_not_distinct_from(post.municipality_id),
        )
    )
    row = {
        "id": new_id(),
        "account_id": account_id,
        "role": post.role,
        "facility_id": post.facility_id,
        "municipality_id": post.municipality_id,
    }
    db.execute(insert(Role), [row])
    _record(db, account_id, f"grant_{post.role}", by, at, post.facility_id)


def _record(
    db: Session, account_id: str, action: str, by: By, at: datetime, facility: str | None = None
) -> None:
    where = facility or by.facility_id
    audit.record(db, by, at, action, "account", account_id, facility_id=where)
