"""The chances of who waits are counted anew every night, facility by facility."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from reservation.clock import Now
from reservation.figures import chances
from reservation.store.db import read, write
from reservation.store.tables.months import FacilityChance
from reservation.store.tables.places import Facility


def count(now: Now) -> int:
    """A job: count how often waiting led to a place, and try whether families may be told.

    Returns at how many facilities the answer is another than it was. Counted from all past days
    each time, so a night that was missed, or a past day that was changed, needs nothing.
    """
    with read() as db:
        facilities = list(db.scalars(select(Facility.id).order_by(Facility.id)))
    return sum(_count(facility_id, now) for facility_id in facilities)


def _count(facility_id: str, now: Now) -> int:
    own = FacilityChance.facility_id == facility_id
    with read() as db:
        row = chances.counted(db, facility_id, now())
        kept = db.execute(select(FacilityChance.__table__).where(own)).mappings().one_or_none()
    if kept is not None and {**kept, "counted_at": row["counted_at"]} == row:
        return 0
    with write() as db:
        # Two schedulers count alike: whoever is second waits here, and replaces the same.
        db.execute(select(Facility.id).where(Facility.id == facility_id).with_for_update())
        db.execute(delete(FacilityChance).where(own))
        db.execute(insert(FacilityChance), [row])
    return 1
