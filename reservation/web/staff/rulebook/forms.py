"""A section of the rule book as a form, and back.

What is typed becomes plain values, goes into the whole document and is judged by the same
``documents.build`` that reads files; its findings stand beside the fields they are about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from datetime import date
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, FieldList, FormField

from reservation import i18n
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.catalogue import Kind, SettingInfo, everything, within
from reservation.domain.rulebook.documents import build, plain
from reservation.domain.rulebook.fields import write_time
from reservation.domain.rulebook.mistakes import BrokenRuleBook, Loc, Mistake
from reservation.web.staff.rulebook.fields import (
    LANGUAGES,
    Rows,
    Typed,
    blank,
    fields_of,
)

_DAY = re.compile(r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})日?(\(.\))?", re.ASCII)


@cache
def form_for(section: str) -> type[FlaskForm]:
    """The form of a section ('booking', 'places' …) and the day from which it counts.

    Its fields check nothing; ``to_rulebook`` does. Raises KeyError for an unknown section.
    """
    title = everything()[section].label
    fields: dict[str, Any] = {
        "valid_from": Typed(lazy_gettext("この変更を使い始める日"), width="w-8"),
        **fields_of(section),
        "title": lazy_gettext(title),
    }
    return type("SectionForm", (FlaskForm,), fields)


def filled(current: RuleBook, section: str, valid_from: date) -> FlaskForm:
    """The form as the rule book stands, with an empty row at the end of each list.

    What was posted counts before that. Needs a request context.
    """
    data = {"valid_from": valid_from.isoformat(), **_data(current, section)}
    form = form_for(section)(data=data)
    _add_rows(form)
    return form


def _data(current: RuleBook, section: str) -> dict[str, Any]:
    part = getattr(current, section)
    return {info.name: _typed(info, getattr(part, info.name)) for info in within(section)}


def written_in(current: RuleBook, section: str, form: FlaskForm) -> frozenset[str]:
    """The units of the section in which the posted form says something else than ``current``."""
    was = form_for(section)(formdata=None, data=_data(current, section))
    return frozenset(
        info.path
        for info in within(section)
        if _plain(info, form[info.name]) != _plain(info, was[info.name])
    )


def to_rulebook(
    current: RuleBook,
    section: str,
    form: FlaskForm,
    earliest: date,
    units: Collection[str] | None = None,
) -> RuleBook | None:
    """The rule book with this section as posted, from the posted day on; with ``units`` only
    these as posted and the rest as they are.

    None where it is none: then every mistake stands in ``errors`` of its field, or in
    ``form_errors``. A day before ``earliest`` is refused: what has been is not changed.
    """
    values = {
        info.name: _plain(info, form[info.name])
        for info in within(section)
        if units is None or info.path in units
    }
    document = plain(current)
    document[section] |= _with_languages(values, _translations(plain(current)))
    document["valid_from"] = _day(form["valid_from"].data)
    try:
        book = build(RuleBook, document)
    except BrokenRuleBook as broken:
        _tell(form, section, broken.mistakes)
        return None
    if book.valid_from < earliest:
        add_error(
            form["valid_from"],
            _("%(day)sか、それより後の日を入れてください。", day=i18n.dated(earliest)),
        )
        return None
    return book


def words(mistake: Mistake) -> str:
    """What is allowed, in the reader's language."""
    values = {
        name: _(str(value)) if name == "label" else value for name, value in mistake.values.items()
    }
    return str(_(mistake.allowed) % values)


# the rule book → the form


def _typed(info: SettingInfo, value: Any) -> Any:
    """A value as WTForms takes it for this setting."""
    if info.kind is Kind.SECTION:
        return _row(info.path, value)
    if info.kind is Kind.ROWS:
        return [_row(f"{info.path}[]", row) for row in value]
    if info.kind is Kind.TABLE:
        return {key: _row(f"{info.path}{{}}", row) for key, row in value.items()}
    if info.kind is Kind.WORDS:
        return ", ".join(value)
    if info.kind is Kind.TIME:
        return write_time(value) if value else ""
    if info.kind in (Kind.WHOLE, Kind.NUMBER, Kind.DAY, Kind.CHOICE):
        return "" if value is None else str(value)
    return list(value) if isinstance(value, tuple) else value


def _row(path: str, part: Any) -> dict[str, Any]:
    return {info.name: _typed(info, getattr(part, info.name)) for info in within(path)}


def _add_rows(fields: Iterable[Field]) -> None:
    """An empty row at the end of each list: one may be added without a script."""
    for field in fields:
        if isinstance(field, Rows):
            if not field.entries or not blank(field.entries[-1]):
                field.append_entry()
        elif isinstance(field, FormField):
            _add_rows(field.form)


# the form → the rule book


def _plain(info: SettingInfo, field: Field) -> Any:
    """What was typed, as plain values; what cannot be read stays as it is, for ``build``."""
    if info.kind is Kind.SECTION:
        return _values(info.path, field)
    if isinstance(field, Rows):
        each = f"{info.path}[]"
        return [_values(each, row) if within(each) else _text(row) for row in field.kept()]
    if info.kind is Kind.TABLE:
        rows = field.form
        return {row.short_name: _values(f"{info.path}{{}}", row) for row in rows if not blank(row)}
    if info.kind is Kind.NAMES:
        return {one.short_name: one.data for one in field.form if one.data}
    if info.kind is Kind.TEXT:
        default = info.default if isinstance(info.default, dict) else {}
        return _text(field) or default
    in_row = "[]" in info.path or "{}" in info.path
    if in_row and not info.required and info.kind is Kind.WHOLE and blank(field):
        return info.default  # a new row says only what it must
    return _READ.get(info.kind, _word)(field, info)


def _values(path: str, field: Field) -> dict[str, Any]:
    return {info.name: _plain(info, field.form[info.name]) for info in within(path)}


def _text(field: Field) -> dict[str, str]:
    typed = {one.short_name: _lines(one.data) for one in field.form}
    return {code: text for code, text in typed.items() if text}


def _lines(text: str | None) -> str:
    return "\n".join((text or "").split("\r\n")).strip()


def _word(field: Field, info: SettingInfo) -> str | None:
    typed = str(field.data or "").strip()
    return None if info.optional and not typed else typed


def _number(field: Field, info: SettingInfo) -> object:
    typed = _half_width(field.data).replace(",", "")
    for read in (int, float):
        try:
            number = read(typed)
        except ValueError:
            continue
        # 1e999 is a number to Python and none to JSON
        return number if abs(number) < 1e9 else typed
    return None if info.optional and not typed else typed


def _day(text: str | None) -> str:
    found = _DAY.fullmatch(_half_width(text))
    return "{}-{:0>2}-{:0>2}".format(*found.groups()[:3]) if found else _half_width(text)


def _half_width(text: str | None) -> str:
    return unicodedata.normalize("NFKC", text or "").strip()


_READ: dict[Kind, Callable[[Field, SettingInfo], Any]] = {
    Kind.WHOLE: _number,
    Kind.NUMBER: _number,
    Kind.DAY: lambda field, info: _day(field.data),
    Kind.YES_NO: lambda field, info: bool(field.data),
    Kind.CHOICES: lambda field, info: list(field.data or ()),
    Kind.WORDS: lambda field, info: re.split(r"[\s,、]+", w) if (w := _word(field, info)) else [],
}


def _translations(part: Any) -> dict[str, dict[str, str]]:
    """Every text of the document by its Japanese words."""
    if isinstance(part, dict) and isinstance(part.get("ja"), str):
        return {part["ja"]: part}
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    found: dict[str, dict[str, str]] = {}
    for one in inner:
        found |= _translations(one)
    return found


def _with_languages(part: Any, known: dict[str, dict[str, str]]) -> Any:
    """Texts keep the languages that the form does not show, as long as the Japanese stays."""
    if isinstance(part, list):
        return [_with_languages(one, known) for one in part]
    if not isinstance(part, dict):
        return part
    if isinstance(part.get("ja"), str):
        kept = {c: t for c, t in known.get(part["ja"], {}).items() if c not in LANGUAGES}
        return {**part, **kept}
    return {name: _with_languages(one, known) for name, one in part.items()}


# mistakes → beside their fields


def _tell(form: FlaskForm, section: str, mistakes: tuple[Mistake, ...]) -> None:
    for mistake in mistakes:
        if mistake.loc == ("valid_from",):
            add_error(form["valid_from"], words(mistake))
        elif mistake.loc[:1] == (section,) and len(mistake.loc) > 1:
            add_error(_field(form, mistake.loc[1:]), words(mistake))
        else:
            form.form_errors.append(words(mistake))


def _field(form: FlaskForm, loc: Loc) -> Field:
    """The field at a place of the section."""
    field = form[str(loc[0])]
    for part in loc[1:]:
        if isinstance(part, int) and isinstance(field, Rows):
            field = field.kept()[part]
        elif isinstance(field, FormField) and part in field.form:
            field = field.form[str(part)]
    return field


def add_error(field: Field, sentence: str) -> None:
    """Say something beside a field; for a group of fields beside its first one."""
    while isinstance(field, FormField) or (isinstance(field, FieldList) and field.entries):
        field = next(iter(field))
    field.errors = [*field.errors, sentence]
