"""The devices a guardian is signed in on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from reservation.store.db import read
from reservation.store.tables.access import Device


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """One signed-in browser."""

    id: str
    label: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


def devices(guardian_id: str, this_id: str, at: datetime) -> list[DeviceLine]:
    """All devices of this guardian that are still signed in, this one first."""
    with read() as db:
        rows = db.execute(
            select(Device.id, Device.label, Device.created_at, Device.seen_at)
            .where(
                Device.guardian_id == guardian_id,
                Device.ended_at.is_(None),
                Device.ends_at > at,
            )
            .order_by(Device.seen_at.desc())
        ).all()
    lines = [DeviceLine(r.id, r.label, r.created_at, r.seen_at, r.id == this_id) for r in rows]
    return sorted(lines, key=lambda line: not line.is_this)
