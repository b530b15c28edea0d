"""How a setting is written down: a pydantic field with Japanese label, unit and words.

The console's form, the JSON Schema and docs/rule-book.md are made from these labels. Times,
days and texts have types of their own, so that a file, a form and a program are held to the
same limits and a time never turns into a number on the way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from reservation.domain.words import N_

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,8})?")

WRONG_TIME = N_("時刻は 7:00 のように書いてください。")
WRONG_DAY = N_("日付は 2026-11-30 のように書いてください。")


class Section(BaseModel):
    """A part of the rule book. Unknown names are mistakes, values never change in place."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def setting(
    label: str,
    default: Any = ...,
    *,
    why: str = "",
    source: str = "",
    unit: str = "",
    words: Mapping[str, str] | None = None,
    **limits: Any,
) -> Any:
    """A labelled setting. ``label``, ``why``, ``source``, ``unit`` and the values of ``words`` are
    Japanese msgids (mark them with N_). ``why`` explains the setting in a sentence, ``source``
    names the rule it comes from where there is one (see sources.py), ``words`` says what each
    choice means. Limits are pydantic's (ge, le, min_length …)."""
    said = {"unit": unit, "source": source, "words": dict(words or {})}
    extra: dict[str, Any] = {name: value for name, value in said.items() if value}
    if callable(default) and default is not ...:
        return Field(
            default_factory=default, title=label, description=why, json_schema_extra=extra, **limits
        )
    return Field(default, title=label, description=why, json_schema_extra=extra, **limits)


def read_time(value: object) -> time:
    """A local time from 7:00, 07:00 or full-width 7:00; a ``time`` of whole minutes as it is.

    Raises ValueError with a msgid for anything else, numbers included: YAML 1.1 and pydantic
    would both read 8:45 or 525 as seconds.
    """
    if isinstance(value, time) and value == value.replace(second=0, microsecond=0, tzinfo=None):
        return value
    found = _TIME.fullmatch(_half_width(value))
    if found is None:
        raise ValueError(WRONG_TIME)
    return time(int(found[1]), int(found[2]))


def write_time(at: time) -> str:
    """7:00, as Japanese notices write it."""
    return f"{at.hour}:{at.minute:02}"


YEARS = range(2000, 2200)
"""Of care days; beyond them nobody knows the holidays."""


def read_day(value: object) -> date:
    """A calendar day from 2026-11-30 (full-width too) or a ``date``.

    Raises ValueError with a msgid for anything else, instants included.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    text = _half_width(value)
    try:
        if _DAY.fullmatch(text) and int(text[:4]) in YEARS:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(WRONG_DAY)


def _half_width(value: object) -> str:
    return unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else ""


def _has_languages(text: dict[str, str]) -> dict[str, str]:
    if not all(_LANGUAGE.fullmatch(code) for code in text):
        raise ValueError(N_("ことばの記号は ja en zh_Hans のように書いてください。"))
    if text and "ja" not in text:
        raise ValueError(N_("日本語(ja)の文を書いてください。"))
    return text


def _says_something(text: dict[str, str]) -> dict[str, str]:
    if not text.get("ja", "").strip():
        raise ValueError(N_("日本語(ja)の文を書いてください。"))
    return text


LocalTime = Annotated[
    time,
    BeforeValidator(read_time),
    PlainSerializer(write_time, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$"}),
]
"""A local time of whole minutes."""

CalendarDay = Annotated[
    date, BeforeValidator(read_day), WithJsonSchema({"type": "string", "format": "date"})
]
"""A care day, a first or a last day."""

BY_LANGUAGE = AfterValidator(_has_languages)
"""Marks a dictionary as a text; the catalogue looks for it."""

Text = Annotated[dict[str, str], BY_LANGUAGE]
"""A text by language code. Where there is any, 'ja' is among them."""

Title = Annotated[Text, AfterValidator(_says_something)]
"""A text that may not be empty in Japanese."""

Language = Annotated[str, Field(pattern=f"^{_LANGUAGE.pattern}$")]
"""A language code: ja, ja_easy, en, zh_Hans (the codes of i18n)."""
