"""Month by month: the small multiples of the officer's page."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from reservation.domain.words import N_
from reservation.figures.opened import open_days
from reservation.figures.registry import Cell, Column, Scope, Table, figure, percent


def month_of(day: date) -> date:
    """The first of its month."""
    return day.replace(day=1)


@figure(
    "months",
    N_("月ごとの利用"),
    N_("施設ごと、月ごとの延べ利用児童数と、受入可能数に対する稼働率です。"),
)
def months(db: Session, scope: Scope) -> Table:
    """Child-days and utilisation by facility and month."""
    used: dict[tuple[str, date], int] = {}
    could: dict[tuple[str, date], int] = {}
    for day in open_days(db, scope):
        key = (day.facility_id, month_of(day.date))
        used[key] = used.get(key, 0) + day.used
        could[key] = could.get(key, 0) + day.effective
    columns = (
        Column("facility", N_("施設"), "text"),
        Column("month", N_("年月"), "month"),
        Column("child_days", N_("延べ利用児童数"), unit=N_("人日")),
        Column("effective", N_("受入可能数の延べ"), unit=N_("人日")),
        Column("of_effective", N_("稼働率"), "percent", "%"),
    )
    rows: list[tuple[Cell, ...]] = []
    for room in scope.rooms:
        for key in sorted(key for key in could if key[0] == room.id):
            share = percent(used[key], could[key])
            rows.append((room.name, key[1], used[key], could[key], share))
    return Table(columns, tuple(rows))
