"""Tables as files for a spreadsheet: CSV that Excel opens rightly, and XLSX with true numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date

import xlsxwriter

from reservation.domain.words import N_
from reservation.figures.registry import Cell, Column, Name, Table

FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
Words = Callable[[str], str]
"""A msgid, or a facility's Name, in the reader's language."""


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula (reliability.md §5, CSV).

    A quote goes in front when the first character that is not a space would begin one, in half
    or full width, or when the cell begins with a tab or a line break.
    """
    begins = text.lstrip(" \u3000\u00a0")
    return f"'{text}" if text.startswith(FORMULA) or begins.startswith(FORMULA) else text


def header(column: Column, words: Words) -> str:
    """A column's heading with its unit, in the reader's language."""
    label = words(column.label)
    if not column.unit:
        return label
    return words(N_("%(label)s(%(unit)s)")) % {"label": label, "unit": words(column.unit)}


def cell(value: Cell, column: Column, words: Words) -> str | int | float:
    """A cell as a file holds it: ISO dates, plain numbers, translated words, safe texts."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return value
    return safe(words(value) if column.kind == "word" or isinstance(value, Name) else value)


def as_csv(table: Table, words: Words, before: Sequence[tuple[str, str]] = ()) -> bytes:
    """UTF-8 with BOM, CRLF, one header row, one datum a cell (総務省の統計表の表記方法).

    ``before`` are leading columns with one value for all rows, such as the municipality's code.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    names = [header(column, words) for column in table.columns]
    writer.writerow([safe(name) for name, _ in before] + [safe(name) for name in names])
    lead = [safe(value) for _, value in before]
    for row in _rows(table, words):
        writer.writerow(lead + [cell(v, c, words) for v, c in zip(row, table.columns, strict=True)])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(tables: Sequence[tuple[str, Table]], words: Words) -> bytes:
    """One sheet a table, with true numbers and typed strings (a text is never a formula)."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True})
        for number, (title, table) in enumerate(tables, 1):
            sheet = book.add_worksheet(f"{number} {words(title)}"[:31])
            for place, column in enumerate(table.columns):
                sheet.write_string(0, place, header(column, words), bold)
            for line, row in enumerate(_rows(table, words), 1):
                for place, value in enumerate(row):
                    written = cell(value, table.columns[place], words)
                    if isinstance(written, int | float):
                        sheet.write_number(line, place, written)
                    else:
                        sheet.write_string(line, place, written)
            sheet.freeze_panes(1, 1)
            sheet.autofit()
    return out.getvalue()


def _rows(table: Table, words: Words) -> list[tuple[Cell, ...]]:
    if not table.total:
        return list(table.rows)
    return [*table.rows, (words(str(table.total[0])), *table.total[1:])]
