"""What a family has shown of enrolment and work, for statements that ask it beside other things."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, literal_column, or_, select
from sqlalchemy.orm import Session

from reservation.domain.certificates import WORK, Certificate
from reservation.store.tables.access import Account
from reservation.store.tables.people import CertificateRow
from reservation.store.types import AnyRow

_COMMA: Any = literal_column("','")
_COLON: Any = literal_column("':'", String)
_FAR: Any = literal_column("''", String)


def of_child(family_id: Any, child_id: Any, municipality_id: Any) -> ColumnElement[bool]:
    """The rows that count for this child: its own, and its family's of work."""
    row = CertificateRow
    mine = or_(row.paper == WORK, row.child_id == child_id)
    return and_(row.family_id == family_id, row.municipality_id == municipality_id, mine)


def in_one(family_id: Any, child_id: Any, municipality_id: Any, *outer: Any) -> Any:
    """'paper:first day:last day or nothing' by commas, in a statement on ``outer``."""
    row = CertificateRow
    last = func.coalesce(cast(row.valid_to, String), _FAR)
    text = row.paper + _COLON + cast(row.valid_from, String) + _COLON + last
    return (
        select(func.aggregate_strings(text, _COMMA))
        .where(of_child(family_id, child_id, municipality_id))
        .correlate(*outer)
        .scalar_subquery()
    )


def read(text: str | None) -> tuple[Certificate, ...]:
    """What ``in_one`` has put together."""
    parts = [one.split(":") for one in (text or "").split(",") if one]
    return tuple(
        Certificate(paper, date.fromisoformat(first), date.fromisoformat(last) if last else None)
        for paper, first, last in parts
    )


def rows(db: Session, family_id: str, child_id: str, municipality_id: str) -> list[AnyRow]:
    """A step: the same with id, when and by whom (a name or None), the last seen first."""
    row = CertificateRow
    return list(
        db.execute(
            select(row.id, row.paper, row.valid_from, row.valid_to, row.seen_at, Account.name)
            .outerjoin(Account, Account.id == row.seen_by)
            .where(of_child(family_id, child_id, municipality_id))
            .order_by(row.seen_at.desc(), row.id)
        )
    )


def of_row(row: AnyRow) -> Certificate:
    """The paper in a row of ``rows``."""
    return Certificate(row.paper, row.valid_from, row.valid_to)
