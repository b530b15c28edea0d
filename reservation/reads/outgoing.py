"""The messages of the demo, as their readers got them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from reservation.store.db import read
from reservation.store.tables.records import SITE, Outbox

MOST = 50


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message: to whom, when (aware UTC), what."""

    id: str
    address: str
    at: datetime
    subject: str
    text: str
    kind: str


def latest(base_url: str) -> tuple[Outgoing, ...]:
    """The last fifty messages, newest first, with links to the site where it stands now. Only the
    demo keeps their texts."""
    with read() as db:
        rows = db.execute(
            select(
                Outbox.id, Outbox.address, Outbox.created_at, Outbox.ended_at, Outbox.kind,
                Outbox.shown,
            )
            .where(Outbox.shown.is_not(None))
            .order_by(Outbox.created_at.desc(), Outbox.id)
            .limit(MOST)
        ).all()  # fmt: skip
    return tuple(
        Outgoing(
            row.id,
            row.address,
            row.ended_at or row.created_at,
            *_parts(row.shown.replace(SITE, base_url)),
            row.kind,
        )
        for row in rows
    )


def _parts(shown: str) -> tuple[str, str]:
    """Subject and text, as delivery keeps them."""
    subject, _, text = shown.partition("\n\n")
    return subject, text
