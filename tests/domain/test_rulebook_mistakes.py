"""Every setting of the catalogue, written wrongly in each way its kind allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.catalogue import Kind, SettingInfo, everything, within
from reservation.domain.rulebook.documents import build, plain, read
from reservation.domain.rulebook.mistakes import OTHER, BrokenRuleBook, Mistake
from tests.domain.build import rulebook

GIVEN = plain(
    rulebook(
        booking={"same_day_from": "8:00", "same_day_until": "9:00"},
        illnesses={"complaints": {"fever": "FLU_A"}, "table": {"FLU_A": {"handling": "single"}}},
    )
)
SAMPLES: dict[Kind, Any] = {
    Kind.WORD: "a",
    Kind.TEXT: {"ja": "文"},
    Kind.NUMBER: 1.5,
    Kind.YES_NO: True,
    Kind.TIME: "9:00",
    Kind.DAY: "2026-12-01",
}
"""A value for what a row must say."""


def places(data: Any, path: str) -> Iterator[tuple[Any, Any]]:
    """The holder and the name or number of a setting's first place in a document."""
    name, _, rest = path.partition(".")
    bare = name.rstrip("[]{}")
    if not isinstance(data, dict) or bare not in data:
        return
    if not rest:
        yield data, bare
        return
    inside = data[bare]
    if name.endswith("[]"):
        inside = inside[0] if inside else None
    elif name.endswith("{}"):
        inside = next(iter(inside.values()), None)
    yield from places(inside, rest)


def sample(path: str) -> dict[str, Any]:
    """A row that says only what it must."""
    return {info.name: _sample(info) for info in within(path) if info.required}


def _sample(info: SettingInfo) -> Any:
    if info.kind is Kind.WHOLE:
        return max(1, info.limits.get("ge", 1))
    if info.choices:
        first = info.choices[0][0]
        return [first] if info.kind is Kind.CHOICES else first
    return SAMPLES.get(info.kind) or sample(info.path)


def rich() -> dict[str, Any]:
    """A rule book with a row in each list, as far as one can be made from the catalogue."""
    document = GIVEN
    for info in everything().values():
        if info.kind not in (Kind.ROWS, Kind.TEXTS):
            continue
        tried = deepcopy(document)
        for holder, name in places(tried, info.path):
            row = {"ja": "文"} if info.kind is Kind.TEXTS else sample(f"{info.path}[]")
            holder[name] = holder[name] or [row]
        try:
            document = plain(build(RuleBook, tried))
        except BrokenRuleBook:
            continue  # it takes more than one row by itself
    return document


RICH = rich()

WRONG: dict[Kind, list[Any]] = {
    Kind.SECTION: ["x", 5, ["x"]],
    Kind.ROWS: ["x", 5, [5], {"a": 1}],
    Kind.TABLE: ["x", ["x"], {"nonsense": {}}],
    Kind.NAMES: ["x", ["x"], {"nonsense": "FLU_A"}, {"fever": "nonsense"}],
    Kind.WORD: [5, True, ["x"], {"ja": "x"}],
    Kind.WORDS: ["x", [5]],
    Kind.TEXT: ["x", 5, ["x"], {"en": "x"}, {"ja": 5}, {"ja": "x", "JP": "x"}],
    Kind.TEXTS: ["x", ["x"], [{"en": "x"}]],
    Kind.CHOICE: ["nonsense", 5, ["x"]],
    Kind.CHOICES: ["x", ["nonsense"], [5]],
    Kind.WHOLE: ["many", "6", True, [6], 10**12, -(10**6)],
    Kind.NUMBER: ["many", "6", True, [6], -(10**6)],
    Kind.YES_NO: ["yes", 1, "true", ["x"]],
    Kind.TIME: ["25:00", 8, 800, ["8:00"], "8:00:30"],
    Kind.DAY: ["2026-02-30", 20261130, "30.11.2026", ["x"]],
}


def wrongs(info: SettingInfo) -> list[Any]:
    """What may not stand there."""
    found = list(WRONG[info.kind])
    if not info.optional:
        found.append(None)
    if "max_length" in info.limits and info.kind is Kind.WORD:
        found += ["x" * (info.limits["max_length"] + 1), ""]
    if "pattern" in info.limits:
        found.append("?! ")
    limit = info.limits.get("le")
    # a whole number without an upper limit takes any
    return [one for one in found if one != 10**12 or limit is not None]


def written(info: SettingInfo, value: Any) -> str:
    """The rich rule book with this value, a setting a line."""
    document = deepcopy(RICH)
    ((holder, name),) = places(document, info.path)
    holder[name] = value
    return json.dumps(document, ensure_ascii=False, indent=1)


def found_in(text: str) -> tuple[Mistake, ...]:
    with pytest.raises(BrokenRuleBook) as broken:
        read(text)
    return broken.value.mistakes


COVERED = [info for info in everything().values() if list(places(RICH, info.path))]


def test_hardly_a_setting_is_without_an_example() -> None:
    assert len(COVERED) >= 0.8 * len(everything())


@pytest.mark.parametrize("info", COVERED, ids=lambda info: info.path)
def test_each_wrong_value_is_told_with_line_field_and_what_is_allowed(info: SettingInfo) -> None:
    for value in wrongs(info):
        text = written(info, value)
        for one in found_in(text):
            about = f"{info.path}: {value!r}: {one.sentence()}"
            holders = info.path.replace("[]", ".1").replace("{}", "").split(".")
            assert set(one.field.split(".")) & {info.name, *holders[:1]}, about
            assert one.allowed not in (OTHER, ""), about
            assert one.allowed % one.values, about
            lines = "\n".join(text.splitlines()[one.line - 1 : one.line + 1])
            assert one.line > 1 or not info.parent, about
            assert str(one.loc[-1]).lstrip("0123456789") in lines or one.said is None, about


@pytest.mark.parametrize("info", COVERED, ids=lambda info: info.path)
def test_a_misspelt_name_is_told_where_it_stands(info: SettingInfo) -> None:
    document = deepcopy(RICH)
    ((holder, name),) = places(document, info.path)
    value, last = holder.pop(name), name[-1]
    holder[name + last] = value
    text = json.dumps(document, ensure_ascii=False, indent=1)
    found = [one for one in found_in(text) if one.loc and one.loc[-1] == name + last]
    assert found, info.path
    assert f'"{name}{last}"' in text.splitlines()[found[0].line - 1]
    assert "書ける項目" in found[0].allowed or "書き間違い" in found[0].allowed
