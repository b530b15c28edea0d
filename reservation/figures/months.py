"""Month by month: the small multiples of the officer's page."""

from __future__ import annotations

from sqlalchemy.orm import Session

from reservation.domain.words import N_
from reservation.figures.counted import counts
from reservation.figures.registry import Cell, Column, Scope, Table, figure, percent


@figure(
    "months",
    N_("月ごとの利用"),
    N_("施設ごと、月ごとの延べ利用児童数と、受入可能数に対する稼働率です。"),
)
def months(db: Session, scope: Scope) -> Table:
    """Child-days and utilisation by facility and month."""
    found = sorted(counts(db, scope).facilities.items())
    columns = (
        Column("facility", N_("施設"), "text"),
        Column("month", N_("年月"), "month"),
        Column("child_days", N_("延べ利用児童数"), unit=N_("人日")),
        Column("effective", N_("受入可能数の延べ"), unit=N_("人日")),
        Column("of_effective", N_("稼働率"), "percent", "%"),
    )
    rows: list[tuple[Cell, ...]] = []
    for room in scope.rooms:
        for (facility_id, month), count in found:
            if facility_id == room.id and count.open_days:
                share = percent(count.used, count.effective)
                rows.append((room.name, month, count.used, count.effective, share))
    return Table(columns, tuple(rows))
