"""Column types: ids, instants, encrypted texts."""

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, String, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from reservation.store import crypto

Id = String(32)
AnyRow = Row[*tuple[Any, ...]]
"""A row of any columns, for functions that hand rows on."""


def new_id() -> str:
    """A random 128-bit id: safe in an address, tells nothing about number or order."""
    return secrets.token_hex(16)


class Instant(TypeDecorator[datetime]):
    """An aware instant, in and out in UTC; a naive one is refused with ValueError.

    timestamptz on PostgreSQL; on SQLite a text of fixed width, so that it sorts like the time.
    """

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(32))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone is refused")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return instant.astimezone(UTC)


class Encrypted(TypeDecorator[str]):
    """Text sealed with the data key and bound to its place: `Encrypted("child.allergies")`.

    `where` must be table.column (a test compares them): a value copied to another column does
    not open there. Cannot be searched or sorted; see `crypto.blind_index`.
    """

    impl = Text
    cache_ok = True

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else crypto.encrypt(value, self.where)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else crypto.decrypt(value, self.where)
