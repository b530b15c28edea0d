"""Child-days that were asked for and not served, one by one (answers.md §3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from reservation.domain.states import State
from reservation.figures.opened import CAME_STATES
from reservation.figures.registry import Scope
from reservation.store.tables.bookings import BookingRow, RefusalRow, WishRow


@dataclass(frozen=True, slots=True)
class Unmet:
    """A child-day that was asked for and not served. ``cause`` is a key of CAUSES."""

    day: date
    cause: str


def unmet(db: Session, scope: Scope) -> list[Unmet]:
    """A step: the unmet wishes of the period up to today (answers.md §3).

    A wish is met when one of its bookings reached care, and withdrawn when the family cancelled
    one before its cut-off. The cause is the last refusal, else how its last booking ended.
    """
    # Child and day are the wish's own: they lead to its bookings by an index, as the id does not.
    of_wish = and_(
        BookingRow.wish_id == WishRow.id,
        BookingRow.child_id == WishRow.child_id,
        BookingRow.care_day == WishRow.care_day,
    )
    met = BookingRow.state.in_(CAME_STATES)
    withdrawn = and_(
        BookingRow.state == State.CANCELLED.value,
        BookingRow.ended_by == "family",
        BookingRow.late.is_(False),
    )
    still = and_(
        BookingRow.care_day >= scope.today,
        BookingRow.state.in_(["held", "requested", "confirmed", "waiting", "offered"]),
    )
    refused = (
        select(RefusalRow.code)
        .where(RefusalRow.wish_id == WishRow.id)
        .order_by(RefusalRow.at.desc(), RefusalRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    last = (
        select(BookingRow.state)
        .where(of_wish)
        .order_by(
            BookingRow.ended_at.desc().nulls_last(),
            BookingRow.created_at.desc(),
            BookingRow.id.desc(),
        )
        .limit(1)
        .scalar_subquery()
    )
    rows = db.execute(
        select(WishRow.care_day, refused, last).where(
            WishRow.municipality_id == scope.municipality_id,
            scope.within(WishRow.care_day),
            ~exists().where(of_wish, or_(met, withdrawn, still)),
        )
    )
    return [Unmet(row[0], row[1] or _ended(row[2])) for row in rows]


def _ended(state: str | None) -> str:
    """The cause where nobody refused: how the wish's last booking ended, if it had one."""
    if state is None:
        return "NEED"
    return {
        State.NO_SHOW.value: "NO_SHOW",
        State.CANCELLED.value: "LATE_CANCEL",
        State.DECLINED.value: "ENDED_BY_STAFF",
        State.REFUSED_AT_DOOR.value: "ENDED_BY_STAFF",
        State.EXPIRED.value: "LIST_ENDED",
        State.WAITING.value: "LIST_ENDED",
        State.OFFERED.value: "LIST_ENDED",
    }.get(state, "UNFINISHED")
