"""Cancellations of confirmed bookings, by how long before, and those who did not come."""

from __future__ import annotations

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from reservation.domain.states import State
from reservation.domain.words import N_
from reservation.figures.registry import Cell, Column, Scope, Table, figure, percent
from reservation.figures.use import ALL
from reservation.store.tables.bookings import BookingRow as B

COLUMNS = (
    Column("facility", N_("施設"), "text"),
    Column("confirmed", N_("確定した予約"), unit=N_("件")),
    Column("day_before", N_("24時間前まで"), unit=N_("件")),
    Column("evening", N_("24〜12時間前"), unit=N_("件")),
    Column("night", N_("12時間前〜締切"), unit=N_("件")),
    Column("late", N_("締切の後"), unit=N_("件")),
    Column("no_show", N_("無断"), unit=N_("件")),
    Column("by_facility", N_("施設の都合"), unit=N_("件")),
    Column("rate", N_("キャンセル率"), "percent", "%"),
    Column("same_day", N_("うち当日"), unit=N_("件")),
)


@figure(
    "cancelling",
    N_("キャンセル"),
    N_(
        "いちど確定した予約のうち、家族が取り消したもの(開室までの時間ごと)、来なかったもの、"
        "施設の都合で取り消したものです。キャンセル率は、家族の取消と無断を確定した予約で割ったもの。"
        "当日は、利用日の0時から後の取消と無断です。"
    ),
)
def cancelling(db: Session, scope: Scope) -> Table:
    """Confirmed bookings that ended before care, by lead time and by facility."""
    family = (B.state == State.CANCELLED.value) & (B.ended_by == "family")
    early = family & B.late.is_(False)
    lead = func.coalesce(B.lead_hours, 0)
    no_show = B.state == State.NO_SHOW.value
    closed = (B.state == State.CANCELLED.value) & (B.ended_by == "staff")
    counts = db.execute(
        select(
            B.facility_id,
            func.count(),
            _count(early & (lead >= 24)),
            _count(early & lead.between(12, 23)),
            _count(early & (lead < 12)),
            _count(family & B.late.is_(True)),
            _count(no_show),
            _count(closed),
            _count((family & B.same_day.is_(True)) | no_show),
        )
        .where(B.facility_id.in_(scope.ids), scope.within(B.care_day), B.confirmed_at.is_not(None))
        .group_by(B.facility_id)
    )
    by_room = {row[0]: tuple(int(n) for n in row[1:]) for row in counts}
    none = (0,) * 8
    rows = [(room.name, by_room.get(room.id, none)) for room in scope.rooms]
    total = tuple(sum(numbers) for numbers in zip(none, *by_room.values(), strict=True))
    return Table(COLUMNS, tuple(_line(name, n) for name, n in rows), _line(ALL, total))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _line(name: str, n: tuple[int, ...]) -> tuple[Cell, ...]:
    confirmed, *ended, same_day = n
    *by_family, _closed = ended
    return (name, confirmed, *ended, percent(sum(by_family), confirmed), same_day)
