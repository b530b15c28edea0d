"""Utilisation, and days on which nothing was left."""

from __future__ import annotations

from sqlalchemy.orm import Session

from reservation.domain.words import N_
from reservation.figures.counted import counts
from reservation.figures.counts import FacilityCount
from reservation.figures.registry import Column, Scope, Table, figure, percent
from reservation.figures.use import ALL

COLUMNS = (
    Column("facility", N_("施設"), "text"),
    Column("open_days", N_("開室日数")),
    Column("child_days", N_("延べ利用児童数"), unit=N_("人日")),
    Column("official", N_("定員の延べ"), unit=N_("人日")),
    Column("of_official", N_("稼働率(定員)"), "percent", "%"),
    Column("effective", N_("受入可能数の延べ"), unit=N_("人日")),
    Column("of_effective", N_("稼働率(受入可能数)"), "percent", "%"),
    Column("full_days", N_("満室の日数")),
)


@figure(
    "utilisation",
    N_("稼働率"),
    N_(
        "延べ利用児童数を、開室日の定員(または受入可能数)の合計で割ったものです。"
        "満室の日は、来室した子どもの人数がその日の受入可能数に達した日です。"
        "今日より後の日は数えません。"
    ),
)
def utilisation(db: Session, scope: Scope) -> Table:
    """Child-days against official and effective capacity, by facility."""
    counted = counts(db, scope)
    rows = tuple((room.name, *_line(counted.total(room.id))) for room in scope.rooms)
    return Table(COLUMNS, rows, (ALL, *_line(counted.total())))


def _line(count: FacilityCount) -> tuple[int | float | None, ...]:
    """Days, child-days of those days, capacities, shares, full days."""
    return (
        count.open_days,
        count.used,
        count.official,
        percent(count.used, count.official),
        count.effective,
        percent(count.used, count.effective),
        count.full_days,
    )
