"""docs/rule-book.md, written from the catalogue."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from reservation.domain import conditions, refusals
from reservation.domain.illnesses import CATALOGUE, COMPLAINTS
from reservation.domain.rulebook.catalogue import (
    Kind,
    SettingInfo,
    everything,
    sections,
    settings,
    within,
)
from reservation.domain.rulebook.fields import Section, write_time
from reservation.domain.rulebook.sections import WEEKDAYS

_INTRODUCTION = """\
# The rule book

What differs between facilities is data: one YAML document per facility, in force from a care day
on. This page is written from the program (`bash scripts/docs.sh`), as is
[rulebook.schema.json](rulebook.schema.json), which editors use to complete and check a file.
Annotated examples, one per pattern: [examples](examples/); real rooms with their sources:
`reservation/demo/suginami/*.yaml` and `tests/cases/rooms/*.yaml`.

- Times are local, as `8:45`; days are `2026-11-30`. Neither needs quotes.
- Texts are written by language: `{ja: 休室, en: Closed}`. Japanese is always there; a missing
  language shows Japanese.
- `[]` stands for each row of a list, `{}` for each name of a table.
- A file with a mistake changes nothing. Each mistake is named with line, field and what is allowed.
- A missing setting has the default that stands here; **required** ones have none.
- Each setting is named and explained in Japanese and in English; where a rule stands behind it, the
  rule is named after "←".
"""

English = Callable[[str], str]
"""Puts a sentence of the catalogue into English."""

_WORDS = {
    Kind.WORD: "words",
    Kind.WORDS: "list of words",
    Kind.TEXT: "text by language",
    Kind.TEXTS: "list of texts",
    Kind.WHOLE: "whole number",
    Kind.NUMBER: "number",
    Kind.YES_NO: "`true` or `false`",
    Kind.TIME: "time",
    Kind.DAY: "day",
    Kind.ROWS: "list, see below",
    Kind.TABLE: "table, see below",
    Kind.NAMES: "code by name",
}


def markdown(english: English) -> str:
    """The whole page."""
    return "\n".join(
        [
            _INTRODUCTION,
            *_parts(english),
            *_codes(english),
            *_reasons(english),
            *_open_ends(english),
        ]
    )


def _parts(english: English) -> Iterator[str]:
    first = [info for info in within("") if info.kind is not Kind.SECTION]
    yield from _table("Document", "", first, english)
    for section in sections():
        inside = [info for info in settings() if info.path.startswith(f"{section.path}.")]
        title = f"`{section.path}` {section.label} · {english(section.label)}"
        why = f"{section.why} {english(section.why)}\n"
        yield from _table(title, why, inside, english)


def _table(title: str, why: str, infos: list[SettingInfo], english: English) -> Iterator[str]:
    yield f"## {title}\n"
    yield from [why] if why else []
    yield "| setting | label | may be | default | what it means |"
    yield "|---|---|---|---|---|"
    for info in infos:
        label = f"{_label(info)}<br>{_label(info, english)}"
        cells = (f"`{info.path}`", label, _may_be(info, english), _default(info))
        yield f"| {' | '.join((*cells, _why(info, english)))} |"
    yield ""


def _label(info: SettingInfo, words: English = str) -> str:
    """With the label of the clock it belongs to: 予約受付の開始：時刻."""
    holder = everything().get(info.parent)
    nested = holder is not None and holder.kind is Kind.SECTION and bool(holder.parent)
    label = words(info.label)
    return f"{words(holder.label)}：{label}" if holder and nested else label


def _why(info: SettingInfo, english: English) -> str:
    """Explanation and source in both languages."""
    lines = [info.why, english(info.why)]
    if info.source:
        lines.append(f"← {info.source}<br>{english(info.source)}")
    return "<br>".join(lines)


def _may_be(info: SettingInfo, english: English) -> str:
    if info.choices:
        several = "list of: " if info.kind is Kind.CHOICES else ""
        offered = (f"`{value}` {words} · {english(words)}" for value, words in info.choices)
        return several + "<br>".join(offered)
    limits = info.limits
    parts = [_WORDS[info.kind]]
    if "ge" in limits:
        parts.append(f"{limits['ge']}–{limits['le']}" if "le" in limits else f"≥ {limits['ge']}")
    if "gt" in limits:
        parts.append(f"> {limits['gt']}")
    if "pattern" in limits:
        parts.append(f"`{limits['pattern']}`")
    return f"{', '.join(parts)} {info.unit}".rstrip()


def _default(info: SettingInfo) -> str:
    if info.required:
        return "**required**"
    if info.default in (None, "", (), {}, {"ja": ""}):
        return "empty"
    if info.kind is Kind.TIME:
        return f"`{write_time(info.default)}`"  # type: ignore[arg-type]
    return f"`{json.dumps(info.default, ensure_ascii=False, default=_row)}`"


def _row(part: object) -> object:
    return part.model_dump(mode="json") if isinstance(part, Section) else str(part)


def _codes(english: English) -> Iterator[str]:
    yield "## Names\n"
    yield f"- Weekdays of `opening.week`: {_listed(WEEKDAYS)}. A day that is not named is closed."
    yield f"- Complaints of `illnesses.complaints`: {_listed(COMPLAINTS)}.\n"
    yield "Illnesses of `illnesses.table`, with the handling where the table says nothing:\n"
    yield "| code | illness | handling |"
    yield "|---|---|---|"
    for illness in CATALOGUE.values():
        name = f"{illness.words} · {english(illness.words)}"
        yield f"| `{illness.code}` | {name} | `{illness.handling}` |"
    yield ""


def _reasons(english: English) -> Iterator[str]:
    yield "## Refusals · お断りの理由\n"
    yield "Every reason that a child is told no, and what the family or the staff can do next."
    yield "All reasons are shown at once; what the family can change comes first. The code is"
    yield "stored and counted in the figures; `%(…)s` stands for a value of the rule.\n"
    yield "| code | what the family reads | what it can do | what staff can do |"
    yield "|---|---|---|---|"
    for code, words in refusals.WORDS.items():
        texts = (words, refusals.NEXT.get(code, ""), refusals.STAFF_NEXT.get(code, ""))
        cells = (f"{text}<br>{english(text)}" if text else "–" for text in texts)
        yield f"| `{code}` | {' | '.join(cells)} |"
    yield "\n`ELIGIBILITY` says which rule it was where it is one of work; the family then reads:\n"
    for name, words in refusals.RULES.items():
        yield f"- `{name}` {words} · {english(words)}"
    yield f"- and what it can do: {refusals.RULE_NEXT} · {english(refusals.RULE_NEXT)}"
    yield ""


def _open_ends(english: English) -> Iterator[str]:
    yield "## Open conditions · あとで満たす条件\n"
    yield "What a confirmed booking may still wait for. A time that has passed ends nothing: it"
    yield "turns red on the staff's screen.\n"
    yield from (
        f"- `{code}` {words} · {english(words)}" for code, words in conditions.WORDS.items()
    )
    yield ""


def _listed(names: object) -> str:
    return ", ".join(f"`{name}`" for name in names)  # type: ignore[attr-defined]
