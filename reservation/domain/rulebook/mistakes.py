"""What is wrong in a rule book: where it stands, what was said, what is allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from reservation.domain.rulebook.catalogue import SettingInfo, at, template, within
from reservation.domain.rulebook.fields import Section, write_time
from reservation.domain.words import N_

Loc = tuple[str | int, ...]

LINE = N_("%(line)s行目 %(field)s：%(allowed)s(書かれた値：%(said)s)")
MISSING = N_("「%(label)s」を書いてください。")
UNKNOWN = N_("この項目はありません。書ける項目：%(names)s")
PERHAPS = N_("この項目はありません。%(suggestion)s の書き間違いではありませんか。")
TWICE = N_("同じ項目が2回書かれています。どちらか1つにしてください。")
CHOICES = N_("%(choices)s のどれかを書いてください。")
WHOLE = N_("整数を書いてください。")
NUMBER = N_("数を書いてください。")
BETWEEN = N_("%(least)s 以上 %(most)s 以下の数を書いてください。")
AT_LEAST = N_("%(least)s 以上の数を書いてください。")
MORE_THAN = N_("%(least)s より大きい数を書いてください。")
YES_OR_NO = N_("true か false を書いてください。")
WORD = N_("文字を書いてください。数字だけのときは引用符で囲みます(例：'0300000000')。")
SHAPE = N_("この形で書いてください：%(pattern)s")
LENGTH = N_("%(shortest)s〜%(longest)s 文字で書いてください。")
ROWS = N_("「- 」で始まる行を並べて書いてください。")
ONE_ROW = N_("1つ以上書いてください。")
NAMES = N_("「名前: 値」の形で書いてください。")
OTHER = N_("この値は使えません。")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. ``allowed`` is a msgid for ``values``; ``line`` is 0 where no file was read.

    ``loc`` is the place as keys and indexes; ``said`` is the value as it was written.
    """

    loc: Loc
    said: object
    allowed: str
    values: Mapping[str, object] = field(default_factory=dict)
    line: int = 0

    @property
    def field(self) -> str:
        """The place as a dotted path, rows counted from 1: ``places.rooms.2.kind``."""
        return ".".join(str(part + 1 if isinstance(part, int) else part) for part in self.loc)

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """One line for a person: line, field, what is allowed, what was written."""
        allowed = translate(self.allowed) % self.values
        said = _shown(self.said)
        return translate(LINE) % {
            "line": self.line, "field": self.field, "allowed": allowed, "said": said,
        }  # fmt: skip


class BrokenRuleBook(ValueError):
    """The document is no rule book. ``mistakes`` lists all that is wrong, in order of lines."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: mistake.line))
        super().__init__("\n".join(mistake.sentence() for mistake in self.mistakes))


def unknown(loc: Loc, said: object, names: Iterable[str]) -> Mistake:
    """A name that is none of ``names``, with the nearest of them where one is near."""
    known = sorted(names)
    for nearest in _near(str(loc[-1]), known):
        return Mistake(loc, said, PERHAPS, {"suggestion": nearest})
    return Mistake(loc, said, UNKNOWN, {"names": ", ".join(known)})


def not_among(loc: Loc, said: object, choices: Iterable[str]) -> Mistake:
    """A word that is none of ``choices``; they are listed, the nearest first."""
    words = sorted(choices)
    near = _near(str(said), words)
    rest = [word for word in words if word not in near]
    return Mistake(loc, said, CHOICES, {"choices": ", ".join((*near, *rest))})


def innermost(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Without those about a whole in which a part is wrong: they only repeat it."""
    found = list(mistakes)
    inside = {one.loc[:depth] for one in found for depth in range(len(one.loc))}
    return [one for one in found if one.loc not in inside]


def _near(said: str, words: list[str]) -> list[str]:
    """The nearest of ``words``, be it in other letters or a part of it; [] for none."""
    by_sound = {word.lower(): word for word in words}
    close = get_close_matches(said.lower(), by_sound, n=1)
    close = close or [word for word in by_sound if said and said.lower() in word]
    return [by_sound[word] for word in close[:1]]


def of_validation(error: ValidationError, model: type[Section]) -> list[Mistake]:
    """pydantic's findings in our words."""
    return [_mistake(found, model) for found in error.errors(include_url=False)]


def _mistake(found: ErrorDetails, model: type[Section]) -> Mistake:
    loc, kind = found["loc"], found["type"]
    info = at(loc, model)
    if kind == "extra_forbidden":
        names = (one.name for one in within(template(loc[:-1], model), model))
        return unknown(loc, found["input"], names)
    if kind == "missing":
        label = info.label if info else ""
        return Mistake(loc, None, MISSING, {"label": label})
    if kind == "value_error":
        sentence = str(found["ctx"]["error"])
        return Mistake(loc, None if _is_group(found["input"]) else found["input"], sentence)
    allowed, values = _allowed(kind, info)
    return Mistake(loc, found["input"], allowed, values)


def _allowed(kind: str, info: SettingInfo | None) -> tuple[str, dict[str, object]]:
    limits: Mapping[str, Any] = info.limits if info else {}
    if kind == "literal_error" and info:
        return CHOICES, {"choices": ", ".join(value for value, _ in info.choices)}
    if kind.startswith(("int_", "float_", "greater_", "less_")):
        return _numbers(limits, WHOLE if kind.startswith("int_") else NUMBER)
    if kind == "string_pattern_mismatch":
        return SHAPE, {"pattern": limits.get("pattern", "ja, en, zh_Hans")}
    if kind in ("string_too_short", "string_too_long"):
        return LENGTH, {"shortest": limits["min_length"], "longest": limits["max_length"]}
    return _SHAPES.get(kind, OTHER), {}


_SHAPES = {
    "bool_type": YES_OR_NO,
    "string_type": WORD,
    "tuple_type": ROWS,
    "too_short": ONE_ROW,
    "dict_type": NAMES,
    "model_type": NAMES,
    "model_attributes_type": NAMES,
}


def _numbers(limits: Mapping[str, Any], otherwise: str) -> tuple[str, dict[str, object]]:
    if "ge" in limits and "le" in limits:
        return BETWEEN, {"least": limits["ge"], "most": limits["le"]}
    if "ge" in limits:
        return AT_LEAST, {"least": limits["ge"]}
    if "gt" in limits:
        return MORE_THAN, {"least": limits["gt"]}
    return otherwise, {}


def _is_group(value: object) -> bool:
    return isinstance(value, dict | list | tuple | Section)


def _shown(said: object) -> str:
    if isinstance(said, time):
        return write_time(said)
    return "–" if said is None else str(said)
