"""Random valid rule books, drawn from the catalogue's kinds and limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

from hypothesis import strategies as st

from reservation.domain.illnesses import CATALOGUE, COMPLAINTS
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.catalogue import Kind, SettingInfo, within
from reservation.domain.rulebook.documents import build
from reservation.domain.rulebook.sections import WEEKDAYS

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", "8:45", "on", "no", "~", "null", "010", "1e3", "0x1F", "- a", "a: b", "#", "なし\n次の行"]
)
TIMES = st.times().map(lambda at: f"{at.hour}:{at.minute:02}")
TEXTS = st.just({}) | st.fixed_dictionaries({"ja": WORDS}, optional={"en": WORDS, "zh_Hans": WORDS})
TITLES = st.fixed_dictionaries({"ja": st.just("しーず") | st.just("室 #1: 'あ'")})
DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1)).map(date.isoformat)


def _whole(info: SettingInfo) -> st.SearchStrategy[Any]:
    return st.integers(info.limits.get("ge", 0), info.limits.get("le", 999))


def _number(info: SettingInfo) -> st.SearchStrategy[Any]:
    low, high = info.limits.get("ge", 0.01), info.limits.get("le", 99)
    return st.floats(low, high).map(lambda number: round(max(number, 0.01), 4))


def _choice(info: SettingInfo) -> st.SearchStrategy[Any]:
    return st.sampled_from([value for value, _ in info.choices])


def _words(info: SettingInfo) -> st.SearchStrategy[Any]:
    known = (
        tuple(CATALOGUE) if info.name in ("illnesses", "predictable") else ("ja", "en", "zh_Hans")
    )
    return st.lists(st.sampled_from(known), max_size=3)


def _rows(info: SettingInfo) -> st.SearchStrategy[Any]:
    least = info.limits.get("min_length", 0)
    return st.lists(section(f"{info.path}[]"), min_size=least, max_size=3)


def _table(info: SettingInfo) -> st.SearchStrategy[Any]:
    names = WEEKDAYS if info.path == "opening.week" else tuple(CATALOGUE)
    return st.dictionaries(st.sampled_from(names), section(f"{info.path}{{}}"), max_size=4)


_KINDS: dict[Kind, Callable[[SettingInfo], st.SearchStrategy[Any]]] = {
    Kind.SECTION: lambda info: section(info.path),
    Kind.ROWS: _rows,
    Kind.TABLE: _table,
    Kind.WORD: lambda info: WORDS,
    Kind.WORDS: _words,
    Kind.TEXT: lambda info: TEXTS,
    Kind.TEXTS: lambda info: st.lists(TEXTS, max_size=3),
    Kind.CHOICE: _choice,
    Kind.CHOICES: lambda info: st.lists(_choice(info), min_size=1, max_size=2),
    Kind.WHOLE: _whole,
    Kind.NUMBER: _number,
    Kind.YES_NO: lambda info: st.booleans(),
    Kind.TIME: lambda info: TIMES,
    Kind.DAY: lambda info: DAYS,
    Kind.NAMES: lambda info: st.dictionaries(
        st.sampled_from([str(name) for name in COMPLAINTS]),
        st.sampled_from(tuple(CATALOGUE)),
        max_size=4,
    ),
}

_SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    "code": st.sampled_from(["seeds", "room-2", "010"]),
    "about.name": TITLES,
    "about.telephone": st.sampled_from(["03-0000-0001", "0300000000", "12"]),
    "about.short_name": TITLES,
    "about.belongings_by_age[].item": TITLES,
    "about.belongings_by_age[].from_months": st.integers(0, 80),
    "about.belongings_by_age[].below_months": st.integers(81, 160),
    "places.rooms[].label": TITLES,
    "opening.closures[].reason": TITLES,
    "places.rooms[].id": st.sampled_from(["a", "b-1", "0", "10", "no", "_"]),
    "places.rooms[].combinable_with": st.just([]),
    "doctor_form.name": TITLES,
    "doctor_form.template": st.just("https://town.example.jp/form.pdf"),
    "fees.partner_towns[].code": st.sampled_from(["141003", "131237"]),
    "fees.partner_towns[].name": TITLES,
    "fees.classes[].code": st.sampled_from(["welfare", "c-1", "010"]),
    "fees.classes[].name": TITLES,
    "fees.rates[].classes": st.lists(st.sampled_from(["welfare", "c-1", "010"]), max_size=2),
    "fees.items[].code": st.sampled_from(["lunch", "no", "1"]),
    "fees.items[].name": TITLES,
}


def _in_order(values: dict[str, Any], first: str, last: str) -> None:
    def key(value: str) -> Any:
        return time(*map(int, value.split(":"))) if ":" in value else value

    values[first], values[last] = sorted((values[first], values[last]), key=key)
    if values[first] == values[last] and ":" in values[first]:
        values[first], values[last] = "7:00", "18:30"


def _valid(path: str, values: dict[str, Any]) -> dict[str, Any]:
    """Sections whose settings must agree with one another."""
    if path == "opening.week{}":
        _in_order(values, "opens", "closes")
    if path in ("opening.closures[]", "opening.pauses[]"):
        _in_order(values, "first", "last")
    if path == "places":
        values["rooms"] = list({room["id"]: room for room in values["rooms"]}.values())
        values["rooms"][0]["combinable_with"] = [room["id"] for room in values["rooms"][1:]]
    if path == "booking":
        values["opens"]["days_before"] = values["closes"]["days_before"] + 1
        if None in (values["same_day_from"], values["same_day_until"]):
            values["same_day_from"] = values["same_day_until"] = None
        else:
            _in_order(values, "same_day_from", "same_day_until")
    if path == "":
        values["ages"]["older_opens"] = {"days_before": 60, "at": "0:00"}
        values["booking"]["closes"]["days_before"] = min(
            values["booking"]["closes"]["days_before"], 58
        )
    if path == "fees":
        _agree_about_money(values)
    return values


def _agree_about_money(fees: dict[str, Any]) -> None:
    """Each code once, known classes only, and a longer stay never costs less."""
    for name in ("classes", "items"):
        fees[name] = list({one["code"]: one for one in fees[name]}.values())
    fees["partners"] = [*fees["partners"], *(town["code"] for town in fees["partner_towns"])]
    known = {one["code"] for one in fees["classes"]}
    for rate in fees["rates"]:
        rate["classes"] = [code for code in rate["classes"] if code in known]
        rate["amount"] = (rate["hours"] or 25) * 100
    fees["resident"], fees["non_resident"], fees["partner"] = 2500, 2500, 2600


def section(path: str) -> st.SearchStrategy[dict[str, Any]]:
    """Plain values for everything under this path of the catalogue."""
    parts = {}
    for info in within(path):
        special = _SPECIAL.get(info.path)
        drawn = _KINDS[info.kind](info) if special is None else special
        if path.endswith("closes") and info.name == "days_before":
            drawn = st.integers(0, 59)
        parts[info.name] = st.none() | drawn if info.optional else drawn
    return st.fixed_dictionaries(parts).map(lambda values: _valid(path, values))


def rulebooks() -> st.SearchStrategy[RuleBook]:
    """Valid rule books of every shape."""
    return section("").map(lambda values: build(RuleBook, values))
