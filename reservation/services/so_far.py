"""What a family has of what is limited, for the statement that asks all facts at once.

Its parameters are ``at``, ``an_hour_ago`` and ``today``; it stands beside a child and a facility.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, select

from reservation.domain.states import HOLDS_A_PLACE, State
from reservation.store.tables.bookings import BookingRow, literals
from reservation.store.tables.people import ChildRow
from reservation.store.tables.places import Facility


def columns() -> tuple[Any, ...]:
    """What the family has of what is limited."""
    held = BookingRow.state.in_(literals([State.HELD]))
    return (
        _begun(held, BookingRow.ends_at > bindparam("at")).label("open_holds"),
        _begun().label("asked_lately"),
        _ahead().label("ahead"),
    )


def _begun(*more: Any) -> Any:
    return (
        select(func.count())
        .select_from(BookingRow)
        .where(
            BookingRow.family_id == ChildRow.family_id,
            BookingRow.created_at > bindparam("an_hour_ago"),
            *more,
        )
        .correlate(ChildRow)
        .scalar_subquery()
    )


def _ahead() -> Any:
    """How many bookings of the family hold a place at this facility from today on."""
    over = (BookingRow.state == literals([State.HELD])[0]) & (BookingRow.ends_at <= bindparam("at"))
    return (
        select(func.count())
        .select_from(BookingRow)
        .where(
            BookingRow.family_id == ChildRow.family_id,
            BookingRow.facility_id == Facility.id,
            BookingRow.care_day >= bindparam("today"),
            BookingRow.state.in_(literals(HOLDS_A_PLACE)),
            ~over,
        )
        .correlate(ChildRow, Facility)
        .scalar_subquery()
    )
