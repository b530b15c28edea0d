"""What the families on a list have besides: their places at the facility, and registrations."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from reservation.domain import families, limits
from reservation.domain.dates import FAR
from reservation.domain.states import CAME, HOLDS_A_PLACE, ON_THE_LIST, State
from reservation.domain.values import Complaint, Day, Place
from reservation.store.tables.bookings import BookingRow, Episode, literals
from reservation.store.tables.people import Registration
from reservation.store.tables.places import Facility

_E, _P = aliased(BookingRow), aliased(BookingRow)
_OF_LIST = (
    _E.facility_id == bindparam("facility_id"),
    _E.care_day == bindparam("day"),
    _E.state.in_(literals(ON_THE_LIST)),
)
_PLACES = (
    select(
        _E.id, _P.child_id, Episode.illness, Episode.complaint, _P.care_day, _P.state, _P.ends_at
    )
    .join(_P, _P.family_id == _E.family_id)
    .join(Episode, Episode.id == _P.episode_id)
    .where(
        *_OF_LIST,
        _P.facility_id == _E.facility_id,
        _P.care_day.between(bindparam("from_day"), bindparam("to_day")),
        _P.state.in_(literals(HOLDS_A_PLACE | CAME)),
    )
    .order_by(_P.care_day, _P.id)
)
_STANDINGS = (
    select(_E.id, Registration.status, func.coalesce(
        Registration.facility_id, Registration.municipality_id).label("scope"),
        Facility.municipality_id)
    .join(Facility, Facility.id == _E.facility_id)
    .join(Registration, Registration.child_id == _E.child_id)
    .where(
        *_OF_LIST,
        Registration.valid_from <= _E.care_day,
        or_(Registration.valid_to.is_(None), Registration.valid_to >= _E.care_day),
    )
)  # fmt: skip


def fill(db: Session, day: Day) -> Day:
    """A step: the day with what its waiting families have besides. Asks nothing where no rule
    wants to know it, or nobody waits."""
    entries = [b.id for b in day.bookings if b.state in ON_THE_LIST]
    if not entries or not limits.asks(day.rules):
        return day
    where = {"facility_id": day.facility_id, "day": day.date}
    beside: dict[str, list[Place]] = defaultdict(list)
    span = {"from_day": day.date - timedelta(days=FAR), "to_day": day.date + timedelta(days=FAR)}
    for row in db.connection().execute(_PLACES, {**where, **span}):
        named = row.complaint == Complaint.DIAGNOSED.value
        place = Place(row.child_id, row.illness, row.care_day, State(row.state), row.ends_at, named)
        beside[row.id].append(place)
    found = {entry: tuple(places) for entry, places in beside.items()}
    return day.change(beside=found, provisional=_provisional(db, day, entries, where))


def _provisional(
    db: Session, day: Day, entries: list[str], where: dict[str, Any]
) -> frozenset[str]:
    """The entries whose child is not registered for good, where the facility counts them."""
    rule = day.rules.registering
    if not rule.provisional_most or rule.scope == "none":
        return frozenset()
    statuses: dict[str, list[str]] = {entry: [] for entry in entries}
    for row in db.connection().execute(_STANDINGS, where):
        wanted = day.facility_id if rule.scope == "facility" else row.municipality_id
        if row.scope == wanted:
            statuses[row.id].append(row.status)
    approved = (e for e, mine in statuses.items() if families.standing(mine) == "approved")
    return frozenset(entries) - frozenset(approved)
