"""A child's bookings around a day at one facility: episodes, their onset, the days it had."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import String, and_, bindparam, case, cast, func, literal_column, not_, select
from sqlalchemy.orm import aliased

from reservation.domain import chain
from reservation.domain.states import CAME, HOLDS_A_PLACE, State
from reservation.domain.values import Complaint
from reservation.store.tables.bookings import BookingRow, Episode, literals
from reservation.store.tables.people import ChildRow
from reservation.store.tables.places import Facility

# Written into the statement: a value would be written into it anew each time.
_COMMA: Any = literal_column("','")
_COLON: Any = literal_column("':'", String)
_ONE: Any = literal_column("'1'", String)
_NONE: Any = literal_column("'0'", String)


def read(text: str | None, care_day: date) -> dict[str, Any]:
    """What `around` found: the episodes near the day with their onset, and the days with a
    place."""
    found = sorted(_Stay(*one.split(":")) for one in (text or "").split(",") if one)
    near = [s for s in found if abs(date.fromisoformat(s.day) - care_day) <= chain.GAP]
    return {
        "episodes": {s.illness: s.episode for s in near},
        "unnamed": frozenset(s.illness for s in near if s.complaint != Complaint.DIAGNOSED.value),
        "onsets": {s.illness: date.fromisoformat(s.onset) for s in near if s.onset},
        "days": tuple((s.illness, date.fromisoformat(s.day)) for s in found if s.place == "1"),
    }


class _Stay(NamedTuple):
    """A line of `around`, the earliest day first."""

    day: str
    illness: str
    episode: str
    place: str
    onset: str
    complaint: str


def around() -> Any:
    """'day:illness:episode:place:onset:complaint' of the child's bookings around this day at this
    facility, by commas; ``place`` is 1 for one that has, or has had, a place."""
    near = aliased(BookingRow)
    lapsed = and_(near.state.in_(literals([State.HELD])), near.ends_at <= bindparam("at"))
    place = case(
        (and_(near.state.in_(literals(HOLDS_A_PLACE | CAME)), not_(lapsed)), _ONE), else_=_NONE
    )
    day = cast(near.care_day, String)
    onset = func.coalesce(cast(Episode.onset, String), literal_column("''"))
    stay = day + _COLON + Episode.illness + _COLON + Episode.id
    one = stay + _COLON + place + _COLON + onset + _COLON + Episode.complaint
    return (
        select(func.aggregate_strings(one, _COMMA))
        .select_from(near)
        .join(Episode, Episode.id == near.episode_id)
        .where(
            near.child_id == ChildRow.id,
            near.care_day.between(bindparam("from_day"), bindparam("to_day")),
            Episode.facility_id == Facility.id,
        )
        .correlate(ChildRow, Facility)
        .scalar_subquery()
    )
