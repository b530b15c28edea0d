"""Who works at a facility: accounts with a role there, as its manager sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from reservation.store.db import read
from reservation.store.tables.access import Account, Device, Role


@dataclass(frozen=True, slots=True)
class Colleague:
    """A staff account with a role at the facility. Instants are aware UTC."""

    account_id: str
    name: str
    mail: str
    role: str
    status: str
    """'active', 'invited', 'expired' (the link has run out) or 'disabled'."""
    invited_until: datetime | None
    seen_at: datetime | None
    works_elsewhere: bool


def people(facility_id: str, now: datetime) -> tuple[Colleague, ...]:
    """Everybody with a role here: who works first, then who is invited, then who is gone."""
    other = aliased(Role)
    elsewhere = (
        select(func.count())
        .where(
            other.account_id == Account.id,
            other.facility_id.is_distinct_from(facility_id),
        )
        .scalar_subquery()
    )
    seen = select(func.max(Device.seen_at)).where(Device.account_id == Account.id)
    with read() as db:
        rows = db.execute(
            select(
                Account.id, Account.name, Account.mail, Account.password_hash,
                Account.invite_ends_at, Account.disabled_at, Role.role,
                elsewhere.label("elsewhere"), seen.scalar_subquery().label("seen_at"),
            )
            .join(Role, Role.account_id == Account.id)
            .where(Role.facility_id == facility_id)
        ).all()  # fmt: skip
    found = [
        Colleague(
            row.id, row.name, row.mail, row.role,
            _status(row.disabled_at, row.password_hash, row.invite_ends_at, now),
            row.invite_ends_at, row.seen_at, row.elsewhere > 0,
        )
        for row in rows
    ]  # fmt: skip
    order = ("active", "invited", "expired", "disabled")
    return tuple(sorted(found, key=lambda c: (order.index(c.status), c.role, c.name, c.mail)))


def _status(
    disabled_at: datetime | None, password: str | None, until: datetime | None, now: datetime
) -> str:
    if disabled_at is not None:
        return "disabled"
    if password is not None:
        return "active"
    return "invited" if until is not None and now < until else "expired"
