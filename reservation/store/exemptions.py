"""What a family has proved to a municipality, for statements that ask it beside other things."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain.exemptions import Proof
from reservation.store.tables.access import Account
from reservation.store.tables.people import Exemption
from reservation.store.types import AnyRow

COLUMNS = (
    Exemption.fee_class,
    Exemption.valid_from.label("proof_from"),
    Exemption.valid_to.label("proof_to"),
)
"""What ``proof`` reads, for a statement that joins ``Exemption`` on ``newest``."""


def newest(family_id: Any, municipality_id: Any, day: Any) -> Any:
    """A condition for an outer join: the one row that counts on the day, if there is one.

    The proof that begins last counts, and of two that begin together the one seen last.
    """
    other = Exemption.__table__.alias("other_exemption")
    one = (
        select(other.c.id)
        .where(
            other.c.family_id == family_id,
            other.c.municipality_id == municipality_id,
            other.c.valid_from <= day,
        )
        .order_by(other.c.valid_from.desc(), other.c.seen_at.desc(), other.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return Exemption.id == one


def proof(row: AnyRow) -> Proof | None:
    """The proof in a row with COLUMNS; None where nothing was joined."""
    if row.fee_class is None:
        return None
    return Proof(row.fee_class, row.proof_from, row.proof_to)


def history(db: Session, family_id: str, municipality_id: str) -> list[tuple[Proof, datetime, str]]:
    """Everything that was seen, when and by whom (a name, or ''), the last seen first."""
    rows = db.execute(
        select(*COLUMNS, Exemption.seen_at, Account.name)
        .outerjoin(Account, Account.id == Exemption.seen_by)
        .where(Exemption.family_id == family_id, Exemption.municipality_id == municipality_id)
        .order_by(Exemption.seen_at.desc(), Exemption.id)
    ).all()
    found = ((proof(row), row) for row in rows)
    return [(one, row.seen_at, row.name or "") for one, row in found if one is not None]


def counting(proofs: list[tuple[Proof, datetime]], day: date) -> Proof | None:
    """The proof that counts on the day, as ``newest`` finds it."""
    begun = [one for one in proofs if one[0].valid_from <= day]
    best = max(begun, key=lambda one: (one[0].valid_from, one[1]), default=None)
    return best[0] if best else None
