"""What became of the waiting list."""

from __future__ import annotations

from statistics import median

from sqlalchemy.orm import Session

from reservation.domain.words import N_
from reservation.figures.counted import counts
from reservation.figures.registry import Cell, Column, Scope, Table, figure, percent
from reservation.figures.use import ALL

COLUMNS = (
    Column("facility", N_("施設"), "text"),
    Column("entries", N_("キャンセル待ち"), unit=N_("件")),
    Column("placed", N_("うち予約できた"), unit=N_("件")),
    Column("rate", N_("予約できた割合"), "percent", "%"),
    Column("hours", N_("待った時間(中央値)"), "decimal", N_("時間")),
)


@figure(
    "waiting",
    N_("キャンセル待ち"),
    N_(
        "キャンセル待ちを申し込んだ件数と、その席で予約が確定した件数です。"
        "待った時間は、申し込みから確定までの中央値です。"
    ),
)
def waiting(db: Session, scope: Scope) -> Table:
    """Entries of the waiting lists, how many became bookings, and after how long."""
    found = counts(db, scope).waits
    lines = tuple(_line(room.name, found.get(room.id, [])) for room in scope.rooms)
    every = [hours for one in found.values() for hours in one]
    return Table(COLUMNS, lines, _line(ALL, every))


def _line(name: str, waits: list[float | None]) -> tuple[Cell, ...]:
    placed = [hours for hours in waits if hours is not None]
    middle = round(median(placed), 1) if placed else None
    return (name, len(waits), len(placed), percent(len(placed), len(waits)), middle)
