"""Files that a spreadsheet opens rightly, and never as formulas."""

from __future__ import annotations

import csv
import io
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from reservation.figures import Column, Table
from reservation.figures.files import FORMULA, as_csv, as_xlsx, safe

TABLE = Table(
    (
        Column("room", "施設", "text"),
        Column("day", "日", "date"),
        Column("n", "延べ", unit="人日"),
        Column("share", "率", "percent", "%"),
    ),
    (("=cmd()", date(2026, 11, 24), 3, 12.5), ("しーず\n2階", None, 0, None)),
    ("全体", None, 3, None),
)


def same(words: str) -> str:
    return words


def test_a_csv_has_bom_crlf_one_header_and_iso_days() -> None:
    content = as_csv(TABLE, same, [("コード", "131156")])
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert text.count("\r\n") == 4
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["コード", "施設", "日", "延べ(人日)", "率(%)"]
    assert rows[1] == ["131156", "'=cmd()", "2026-11-24", "3", "12.5"]
    assert rows[3] == ["131156", "全体", "", "3", ""]


def test_a_workbook_has_true_numbers_and_no_formula() -> None:
    book = load_workbook(io.BytesIO(as_xlsx([("利用", TABLE)], same)))
    sheet = book.worksheets[0]
    assert [c.value for c in sheet[2]] == ["'=cmd()", "2026-11-24", 3, 12.5]
    assert all(c.data_type != "f" for line in sheet.iter_rows() for c in line)


@given(st.text(alphabet=st.sampled_from([*"=+-@＝＋－＠\t\r\n 　\u00a0a1'あ"]), max_size=8))
def test_no_text_becomes_a_formula(text: str) -> None:
    written = safe(text)
    assert not written.startswith(FORMULA)
    assert not written.lstrip(" 　\u00a0").startswith(FORMULA)
    assert written.endswith(text)
