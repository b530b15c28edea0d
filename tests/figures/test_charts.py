"""Pictures say in words what they show, and nothing in them is styled inline."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from reservation.figures.charts import Frame, Gap, Month, gaps, months

FRAME = Frame("x", "題 <b>", "説明")
SVG = "{http://www.w3.org/2000/svg}"


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def test_every_day_has_its_bars_in_proportion() -> None:
    days = [Gap("1", "月", "1日", 4, 0), Gap("2", "火", "2日", 2, 8), Gap("3", "水", "3日", 0, 4)]
    tree = parse(gaps(FRAME, days, "上", "下"))
    heights = {
        kind: [float(r.get("height", "0")) for r in tree.iter("rect") if r.get("class") == kind]
        for kind in ("unmet", "free", "bar")
    }
    assert heights["unmet"][0] == 2 * heights["unmet"][1]
    assert heights["free"][0] == 2 * heights["free"][1]
    assert len(heights["bar"]) == 1  # two of the eight empty places would have served somebody
    assert heights["bar"][0] == heights["free"][0] / 4


def test_a_picture_has_a_title_and_a_description_that_it_names() -> None:
    for svg in (gaps(FRAME, [], "上", "下"), months(FRAME, [Month("1", "1月", 3, 5)])):
        tree = parse(svg)
        ids = {e.get("id") for e in tree.iter()}
        assert set((tree.get("aria-labelledby") or "").split()) <= ids
        assert next(tree.iter("title")).text == "題 <b>"
        assert not re.search(r'style="|<style|<script', svg)


def test_the_last_month_stands_out_and_the_places_are_a_dashed_line() -> None:
    tree = parse(months(FRAME, [Month(str(n), f"{n}月", n, 10) for n in range(1, 13)]))
    assert [r.get("class") for r in tree.iter("rect")] == ["bar-past"] * 11 + ["bar"]
    assert len([p for p in tree.iter("path") if p.get("class") == "cap"]) == 12


def test_nothing_at_all_is_a_picture_too() -> None:
    parse(gaps(FRAME, [], "上", "下"))
    parse(months(FRAME, []))
