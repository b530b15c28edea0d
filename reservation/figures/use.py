"""How much the rooms were used, and by how many."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from reservation.domain.words import N_
from reservation.figures.counted import counts
from reservation.figures.opened import CAME_STATES
from reservation.figures.registry import Column, Scope, Table, figure
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import Registration

ALL = N_("全体")


@figure(
    "use",
    N_("利用"),
    N_(
        "延べ利用児童数は、実際に来室した子どもを1日1人と数えた合計です。"
        "実利用児童数は、期間中に1回以上来室した子どもの人数で、全体の行では施設の重なりを除きます。"
        "登録者数は、期間の最終日に有効な登録のある子どもの人数です。"
    ),
)
def use(db: Session, scope: Scope) -> Table:
    """Child-days, distinct children and registered children by facility.

    A child of several months is one: heads cannot be added up and are counted from the bookings.
    """
    counted = counts(db, scope)
    pairs = _children(db, scope)
    heads = Counter(facility_id for facility_id, _ in pairs)
    every = len({child_id for _, child_id in pairs})
    columns = (
        Column("facility", N_("施設"), "text"),
        Column("child_days", N_("延べ利用児童数"), unit=N_("人日")),
        Column("children", N_("実利用児童数"), unit=N_("人")),
        Column("registered", N_("登録者数"), unit=N_("人")),
    )
    known = registered(db, scope)
    shared = known.get(None, 0)
    lines = tuple(
        (
            room.name,
            counted.total(room.id).child_days,
            heads[room.id],
            known.get(room.id, 0) or shared,
        )
        for room in scope.rooms
    )
    total = (ALL, counted.total().child_days, every, sum(known.values()))
    return Table(columns, lines, total)


def _children(db: Session, scope: Scope) -> list[tuple[str, str]]:
    """Which children came where, each once a facility."""
    rows = db.execute(
        select(BookingRow.facility_id, BookingRow.child_id)
        .where(
            BookingRow.facility_id.in_(scope.ids),
            scope.within(BookingRow.care_day),
            BookingRow.state.in_(CAME_STATES),
        )
        .distinct()
    )
    return [(row[0], row[1]) for row in rows]


def registered(db: Session, scope: Scope) -> dict[str | None, int]:
    """A step: children with an approved registration on the last day, by facility; those of the
    whole municipality stand under None."""
    rows = db.execute(
        select(Registration.facility_id, func.count(func.distinct(Registration.child_id)))
        .where(
            Registration.status == "approved",
            Registration.valid_from <= scope.last,
            or_(Registration.valid_to.is_(None), Registration.valid_to >= scope.last),
            or_(
                Registration.municipality_id == scope.municipality_id,
                Registration.facility_id.in_(scope.ids),
            ),
        )
        .group_by(Registration.facility_id)
    )
    return {row[0]: row[1] for row in rows}
