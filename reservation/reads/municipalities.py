"""The municipalities of an installation, and which one a page belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from reservation.store.db import read
from reservation.store.tables.places import Municipality


@dataclass(frozen=True, slots=True)
class House:
    """A municipality as its pages show it. Texts by language."""

    id: str
    code: str
    name: Mapping[str, str]
    telephone: str
    telephone_hours: Mapping[str, str]
    consent_version: str
    consent_text: Mapping[str, str]
    office: Mapping[str, Any]


def by_id(municipality_id: str) -> House | None:
    """The municipality with this id."""
    return _one(Municipality.id == municipality_id)


def by_code(code: str) -> House | None:
    """The municipality with this 全国地方公共団体コード."""
    return _one(Municipality.code == code)


def of_host(host: str) -> House | None:
    """The municipality of a host name, else the only one there is, else None (answers.md §4)."""
    bound = _one(Municipality.host == host)
    if bound is not None:
        return bound
    with read() as db:
        rows = db.scalars(select(Municipality).limit(2)).all()
        return _house(rows[0]) if len(rows) == 1 else None


def every() -> list[tuple[House, str | None]]:
    """All municipalities with the host name bound to each, by code."""
    with read() as db:
        rows = db.scalars(select(Municipality).order_by(Municipality.code)).all()
        return [(_house(row), row.host) for row in rows]


def _one(which: ColumnElement[bool]) -> House | None:
    with read() as db:
        row = db.scalar(select(Municipality).where(which))
        return _house(row) if row is not None else None


def _house(row: Municipality) -> House:
    return House(
        id=row.id,
        code=row.code,
        name=row.name,
        telephone=row.telephone,
        telephone_hours=row.telephone_hours,
        consent_version=row.consent_version,
        consent_text=row.consent_text,
        office=row.office,
    )
