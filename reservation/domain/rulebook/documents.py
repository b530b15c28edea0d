"""The rule book as a document: YAML in and out, and the JSON Schema editors may use."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date, time
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from reservation.domain.illnesses import CATALOGUE, COMPLAINTS
from reservation.domain.rulebook.catalogue import SettingInfo, at
from reservation.domain.rulebook.fields import Section, write_time
from reservation.domain.rulebook.mistakes import (
    BrokenRuleBook,
    Mistake,
    innermost,
    not_among,
    of_validation,
    unknown,
)
from reservation.domain.rulebook.model import RuleBook
from reservation.domain.rulebook.sections import WEEKDAYS
from reservation.domain.rulebook.tree import RESOLVERS, Tree

Document = TypeVar("Document", bound=Section)


def read(text: str) -> RuleBook:
    """The rule book written in ``text`` (YAML).

    Raises BrokenRuleBook with every mistake, its line, its field and what is allowed; nothing
    is read by half.
    """
    return read_as(RuleBook, text)


def read_as(model: type[Document], text: str) -> Document:
    """The same for another document of sections. Raises BrokenRuleBook."""
    tree = Tree(text)
    try:
        return build(model, tree.data)
    except BrokenRuleBook as broken:
        raise located(broken, tree) from None


def located(broken: BrokenRuleBook, tree: Tree) -> BrokenRuleBook:
    """The same mistakes with the lines on which they stand."""
    return BrokenRuleBook(
        Mistake(found.loc, found.said, found.allowed, found.values, tree.line(found.loc))
        for found in broken.mistakes
    )


def build(model: type[Document], data: Mapping[str, Any]) -> Document:
    """The document made of plain values (as JSON has them). Raises BrokenRuleBook, lines 0."""
    mistakes = list(_unknown_names(data))
    try:
        # strict JSON: "3" is no number, 480 is no time, and lists become tuples
        document = model.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        raise BrokenRuleBook(innermost([*mistakes, *of_validation(error, model)])) from error
    if mistakes:
        raise BrokenRuleBook(mistakes)
    return document


def plain(document: Section) -> dict[str, Any]:
    """The document as plain values: what ``build`` takes and the store keeps."""
    return document.model_dump(mode="json")


def write(document: Section, follows: Collection[str] = ()) -> str:
    """The document as YAML with its labels as comments. ``read(write(x)) == x``.

    Order is the models', so that two files can be compared line by line. What follows the
    municipality (units as ``booking.opens``) is there to read only: a comment.
    """
    lines: list[str] = []
    for name in type(document).model_fields:
        lines += _part(document, name, follows)
    return "\n".join(lines) + "\n"


def _part(document: Section, name: str, follows: Collection[str]) -> Iterator[str]:
    """A setting or a section of the first level."""
    value = getattr(document, name)
    if not isinstance(value, Section):
        yield from _entry(name, value, (name,), "", type(document))
        return
    said = [one for one in type(value).model_fields if f"{name}.{one}" not in follows]
    info = at((name,), type(document))
    yield ""
    yield f"{'' if said else '# '}{name}:" + (f"  # {_comment(info)}" if info else "")
    for one in type(value).model_fields:
        mark = "" if one in said else "# "
        inside = _entry(one, getattr(value, one), (name, one), "  ", type(document))
        yield from (mark + line for line in inside)


def schema(model: type[Section] = RuleBook) -> dict[str, Any]:
    """JSON Schema (2020-12) with Japanese titles, for editors that complete and check YAML."""
    made = model.model_json_schema()
    for definition in (made, *made.get("$defs", {}).values()):
        _name_settings(definition)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _name_settings(definition: dict[str, Any]) -> None:
    """Classes' names and docstrings are for programmers."""
    definition.pop("title", None)
    definition.pop("description", None)
    for about in definition["properties"].values():
        if str(about.get("default", "")).endswith(":00"):
            about["default"] = write_time(time.fromisoformat(about["default"]))


def _unknown_names(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Names that are keys of a table: weekdays, complaints, illnesses of the catalogue."""
    week, illnesses = _group(data, "opening", "week"), _group(data, "illnesses")
    for name, value in week.items():
        if name not in WEEKDAYS:
            yield unknown(("opening", "week", name), value, WEEKDAYS)
    for code, value in _group(illnesses, "table").items():
        if code not in CATALOGUE:
            yield unknown(("illnesses", "table", code), value, CATALOGUE)
    for complaint, code in _group(illnesses, "complaints").items():
        loc = ("illnesses", "complaints", complaint)
        if complaint not in COMPLAINTS:
            yield unknown(loc, code, COMPLAINTS)
        elif code not in CATALOGUE:
            yield not_among(loc, code, CATALOGUE)


def _group(data: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for name in path:
        found = data.get(name)
        data = found if isinstance(found, dict) else {}
    return data


class _Dumper(yaml.SafeDumper):
    """Writes plain what our own loader takes for words: 8:45 needs no quotes."""

    yaml_implicit_resolvers = {}


for _name, _shape, _first in RESOLVERS:
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", _shape, _first)


def _section(
    part: Section, loc: tuple[str | int, ...], indent: str, model: type[Section]
) -> Iterator[str]:
    for name in type(part).model_fields:
        yield from _entry(name, getattr(part, name), (*loc, name), indent, model)


def _entry(
    name: str, value: Any, loc: tuple[str | int, ...], indent: str, model: type[Section]
) -> Iterator[str]:
    """``name: value  # label``, the value below where it does not fit in a line."""
    info = at(loc, model)
    comment = f"  # {_comment(info)}" if info and info.name == name else ""
    key = f"{indent}{_scalar(name)}:"
    inner = indent + "  "
    if isinstance(value, Section):
        yield key + comment
        yield from _section(value, loc, inner, model)
    elif isinstance(value, dict) and value:
        yield key + comment
        for each, one in value.items():
            yield from _entry(each, one, (*loc, each), inner, model)
    elif isinstance(value, tuple) and any(not isinstance(one, str) for one in value):
        yield key + comment
        for index, one in enumerate(value):
            yield from _row(one, (*loc, index), inner, model)
    else:
        yield f"{key} {_scalar(value)}".rstrip() + comment


def _row(
    value: Section | dict[str, str], loc: tuple[str | int, ...], indent: str, model: type[Section]
) -> Iterator[str]:
    inner = indent + "  "
    if isinstance(value, Section):
        lines = list(_section(value, loc, inner, model))
    else:
        lines = [f"{inner}{_scalar(code)}: {_scalar(text)}" for code, text in value.items()]
    # an empty text has no lines: {}
    yield f"{indent}- {lines[0].lstrip()}" if lines else f"{indent}- {{}}"
    yield from lines[1:]


def _comment(info: SettingInfo) -> str:
    return f"{info.label}({info.unit})" if info.unit else info.label


def _scalar(value: object) -> str:
    """A value in one line, quoted where it must be; nothing for an empty value."""
    if value is None:
        return ""
    if isinstance(value, time):
        return write_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        value = list(value)
    quoted = '"' if isinstance(value, str) and not value.isprintable() else None
    written = yaml.dump(
        value,
        Dumper=_Dumper,
        allow_unicode=True,
        width=float("inf"),
        default_flow_style=True,
        default_style=quoted,
    )
    return written.removesuffix("\n...\n").rstrip("\n")
