"""Cancellations of confirmed bookings, by how long before, and those who did not come."""

from __future__ import annotations

from sqlalchemy.orm import Session

from reservation.domain.words import N_
from reservation.figures.counted import counts
from reservation.figures.counts import FacilityCount
from reservation.figures.registry import Cell, Column, Scope, Table, figure, percent
from reservation.figures.use import ALL

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
        "いちど確定した予約のうち、家族が取り消したもの(開室までの時間ごと。朝の返事がなく放した席も"
        "ふくみます)、来なかったもの、施設の都合で取り消したものです。キャンセル率は、家族の取消と無断を確定した予約で割ったもの。"
        "当日は、利用日の0時から後の取消と無断です。"
    ),
)
def cancelling(db: Session, scope: Scope) -> Table:
    """Confirmed bookings that ended before care, by lead time and by facility."""
    counted = counts(db, scope)
    rows = tuple(_line(room.name, counted.total(room.id)) for room in scope.rooms)
    return Table(COLUMNS, rows, _line(ALL, counted.total()))


def _line(name: str, n: FacilityCount) -> tuple[Cell, ...]:
    by_family = (n.day_before, n.evening, n.night, n.late, n.no_show)
    rate = percent(sum(by_family), n.confirmed)
    return (name, n.confirmed, *by_family, n.by_facility, rate, n.same_day)
