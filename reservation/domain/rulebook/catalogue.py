"""Every setting of the rule book in a list, read off the models.

The console's form, docs/rule-book.md, messages about mistakes and the comparison of two rule
books all ask here; nobody lists the settings a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from functools import cache
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from reservation.domain.rulebook.fields import BY_LANGUAGE, Section
from reservation.domain.rulebook.model import RuleBook

_LIMITS = ("ge", "gt", "le", "min_length", "max_length", "pattern")


class Kind(StrEnum):
    """What a setting holds."""

    SECTION = "section"
    ROWS = "rows"
    """A list of sections, in order: rooms, closures."""
    TABLE = "table"
    """Sections by name: weekdays, illnesses."""
    NAMES = "names"
    """One word by name: complaints."""
    WORD = "word"
    WORDS = "words"
    TEXT = "text"
    """A text by language."""
    TEXTS = "texts"
    CHOICE = "choice"
    CHOICES = "choices"
    WHOLE = "whole"
    NUMBER = "number"
    YES_NO = "yes_no"
    TIME = "time"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingInfo:
    """One setting. ``label``, ``why``, ``source``, ``unit``, words of ``choices`` are msgids.

    ``path`` names it in a file: ``booking.opens.at``; ``[]`` stands for each row of a list and
    ``{}`` for each name of a table: ``places.rooms[].kind``, ``opening.week{}.opens``.
    """

    path: str
    label: str
    kind: Kind
    why: str = ""
    source: str = ""
    """The rule it comes from, where it is not the facility's own."""
    unit: str = ""
    default: object = None
    required: bool = False
    optional: bool = False
    """Whether it may be empty (null)."""
    limits: Mapping[str, Any] = field(default_factory=dict)
    """By pydantic's names: ge, gt, le, min_length, max_length, pattern."""
    choices: tuple[tuple[str, str], ...] = ()
    section: type[Section] | None = None

    @property
    def parent(self) -> str:
        """The path of what holds it; '' for the document."""
        return self.path.rpartition(".")[0]

    @property
    def name(self) -> str:
        """Its own name, the last part of the path."""
        return self.path.rpartition(".")[2]


_BASES = {str: Kind.WORD, int: Kind.WHOLE, float: Kind.NUMBER, bool: Kind.YES_NO}
_BASES |= {time: Kind.TIME, date: Kind.DAY}


@cache
def everything(model: type[Section] = RuleBook) -> Mapping[str, SettingInfo]:
    """All settings and the sections that hold them, by path, in the order of the document."""
    return MappingProxyType({info.path: info for info in _walk(model, "")})


def settings(model: type[Section] = RuleBook) -> tuple[SettingInfo, ...]:
    """All settings in the order of the document, without the sections that hold them."""
    return tuple(info for info in everything(model).values() if info.kind is not Kind.SECTION)


def sections() -> tuple[SettingInfo, ...]:
    """The sections of the first level: about, opening, places …"""
    return tuple(
        info for info in everything().values() if info.kind is Kind.SECTION and not info.parent
    )


def within(path: str, model: type[Section] = RuleBook) -> tuple[SettingInfo, ...]:
    """What stands directly under this path ('' for the document)."""
    return tuple(info for info in everything(model).values() if info.parent == path)


def template(loc: tuple[str | int, ...], model: type[Section] = RuleBook) -> str:
    """The catalogue's path for a place in a document, as deep as the catalogue knows it.

    ``('places', 'rooms', 0, 'kind')`` is ``places.rooms[].kind``; what lies below a known
    setting, such as the languages of a text, leads to that setting.
    """
    known = everything(model)
    path = ""
    for part in loc:
        if isinstance(part, int):
            path = f"{path}[]"
            continue
        deeper = f"{path}.{part}" if path else part
        if path in known and known[path].kind is Kind.TABLE:
            deeper = f"{path}{{}}"
        if deeper not in known and not deeper.endswith("}"):
            break
        path = deeper
    return path


def at(loc: tuple[str | int, ...], model: type[Section] = RuleBook) -> SettingInfo | None:
    """The setting at a place in a document, or None for the document itself."""
    path = template(loc, model)
    return everything(model).get(path) or everything(model).get(path.rstrip("[]{}"))


def _walk(model: type[Section], path: str) -> Iterator[SettingInfo]:
    for name, about in model.model_fields.items():
        info = _describe(f"{path}.{name}" if path else name, about)
        yield info
        if info.section is not None:
            each = {Kind.ROWS: "[]", Kind.TABLE: "{}"}.get(info.kind, "")
            yield from _walk(info.section, info.path + each)


def _describe(path: str, about: FieldInfo) -> SettingInfo:
    kind, inner, optional = _kind(about.annotation, tuple(about.metadata))
    extra = about.json_schema_extra
    extra = extra if isinstance(extra, dict) else {}
    words: Any = extra.get("words", {})
    return SettingInfo(
        path=path,
        label=about.title or "",
        kind=kind,
        why=about.description or "",
        source=str(extra.get("source", "")),
        unit=str(extra.get("unit", "")),
        default=None if about.is_required() else about.get_default(call_default_factory=True),
        required=about.is_required(),
        optional=optional,
        limits={
            limit: getattr(part, limit)
            for part in about.metadata
            for limit in _LIMITS
            if getattr(part, limit, None) is not None
        },
        choices=tuple((str(value), words.get(value, "")) for value in _choices(inner)),
        section=inner if isinstance(inner, type) and issubclass(inner, Section) else None,
    )


def _kind(annotation: Any, marks: tuple[object, ...]) -> tuple[Kind, Any, bool]:
    """Kind, the innermost type, and whether it may be empty."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _kind(inner, (*marks, *more))
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (UnionType, Union):
        kind, inner, _ = _kind(next(part for part in args if part is not type(None)), ())
        return kind, inner, True
    if origin is tuple:
        kind, inner, _ = _kind(args[0], ())
        several = {Kind.SECTION: Kind.ROWS, Kind.TEXT: Kind.TEXTS, Kind.CHOICE: Kind.CHOICES}
        return several.get(kind, Kind.WORDS), inner, False
    if origin is dict:
        return _kind_of_names(args[1], marks)
    if origin is Literal:
        return Kind.CHOICE, annotation, False
    return _BASES.get(annotation, Kind.SECTION), annotation, False


def _kind_of_names(value: Any, marks: tuple[object, ...]) -> tuple[Kind, Any, bool]:
    if isinstance(value, type) and issubclass(value, Section):
        return Kind.TABLE, value, False
    return (Kind.TEXT if BY_LANGUAGE in marks else Kind.NAMES), value, False


def _choices(inner: Any) -> tuple[object, ...]:
    return get_args(inner) if get_origin(inner) is Literal else ()
