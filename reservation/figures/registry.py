"""What a figure is, for which period and rooms, and the list of all figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, SQLColumnExpression, select
from sqlalchemy.orm import Session

from reservation.store import rulebooks
from reservation.store.tables.places import Facility

Cell = str | int | float | date | None


class Name(str):
    """A facility's name in a table: its Japanese text, and with it the text by language.

    Whoever writes a table for a reader asks for ``texts``; sorted and compared it is the Japanese.
    """

    texts: Mapping[str, str]

    def __new__(cls, texts: Mapping[str, str]) -> Name:
        name = super().__new__(cls, texts["ja"])
        name.texts = texts
        return name


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``label`` (a msgid, or a facility's Name) and ``unit`` (a msgid); ``kind`` says how
    a cell is written: 'text' (a Name, or as it is), 'word' (a msgid), 'count', 'percent' (of 100),
    'date', 'month' (its first) or 'decimal'."""

    code: str
    label: str
    kind: str = "count"
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their columns. ``total`` is a last row, or None where a sum means nothing."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None

    def column(self, code: str) -> list[Cell]:
        """All cells of one column."""
        place = [column.code for column in self.columns].index(code)
        return [row[place] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Room:
    """A facility of the scope, named as families know it."""

    id: str
    code: str
    name: Name


@dataclass(frozen=True, slots=True)
class Scope:
    """Rooms of one municipality and care days, first and last included, up to ``today``.

    Days after today count as asked and booked, never as used or missed.
    """

    municipality_id: str
    rooms: tuple[Room, ...]
    first: date
    last: date
    today: date

    @property
    def ids(self) -> list[str]:
        """Facility ids, for queries."""
        return [room.id for room in self.rooms]

    @property
    def past(self) -> date:
        """The last day that is over or at hand: the period's end, but not after today."""
        return min(self.last, self.today)

    def days(self) -> list[date]:
        """All days of the period that are not in the future."""
        return [self.first + timedelta(days=n) for n in range((self.past - self.first).days + 1)]

    def within(self, day: SQLColumnExpression[date]) -> ColumnElement[bool]:
        """The period as a condition on a column of care days, without the future."""
        return day.between(self.first, self.past)


def scope(db: Session, municipality_id: str, first: date, last: date, today: date) -> Scope:
    """A step: the scope over all rooms of a municipality, in their order."""
    rows = db.execute(
        select(Facility.id, Facility.code, Facility.rules_version)
        .where(Facility.municipality_id == municipality_id)
        .order_by(Facility.position, Facility.code)
    )
    rooms = []
    for row in rows:
        books = rulebooks.of_version(db, row.id, row.rules_version).books
        if books:
            rooms.append(Room(row.id, row.code, Name(books[0].about.short_name)))
    return Scope(municipality_id, tuple(rooms), first, last, today)


Run = Callable[[Session, Scope], Table]


@dataclass(frozen=True, slots=True)
class Figure:
    """A statistic: its code, title and definition (msgids), and the function that counts it."""

    code: str
    title: str
    definition: str
    run: Run


FIGURES: dict[str, Figure] = {}


def figure(code: str, title: str, definition: str) -> Callable[[Run], Run]:
    """Register a function as a figure. A code is given once."""

    def register(run: Run) -> Run:
        if code in FIGURES:
            raise ValueError(f"two figures are called {code}")
        FIGURES[code] = Figure(code, title, definition, run)
        return run

    return register


def percent(part: float, whole: float) -> float | None:
    """A share of 100 with one digit; None where there is nothing to share."""
    return round(100 * part / whole, 1) if whole else None


def sums(rows: list[tuple[Cell, ...]], columns: tuple[Column, ...], label: str) -> tuple[Cell, ...]:
    """A last row: counts added up, everything else left empty."""
    cells: list[Cell] = [label]
    for place, column in enumerate(columns[1:], 1):
        numbers = [row[place] for row in rows if isinstance(row[place], int)]
        cells.append(sum(numbers) if column.kind == "count" else None)  # type: ignore[arg-type]
    return tuple(cells)
