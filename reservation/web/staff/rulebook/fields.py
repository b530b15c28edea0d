"""Form fields for the settings of the catalogue: one maker per kind.

The fields only carry what was typed; what is allowed stands in the rule book's models, so that a
form and a file are held to the same rules (see forms.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from reservation.domain.illnesses import CATALOGUE, COMPLAINTS
from reservation.domain.rulebook.catalogue import Kind, SettingInfo, within
from reservation.domain.words import N_

LANGUAGES = {"ja": "日本語", "en": "English"}
"""The languages that staff write; others in a document are kept while the Japanese stays."""

WEEKDAY_WORDS = {
    "mon": N_("月曜日"),
    "tue": N_("火曜日"),
    "wed": N_("水曜日"),
    "thu": N_("木曜日"),
    "fri": N_("金曜日"),
    "sat": N_("土曜日"),
    "sun": N_("日曜日"),
}

NO_CHOICE = N_("指定しない")
STANDARD = N_("標準のまま")
CHOOSE = N_("えらんでください")


class Typed(StringField):
    """A setting that is typed, with its unit and the width of its box."""

    def __init__(self, *args: Any, unit: str = "", width: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = lazy_gettext(unit) if unit else ""
        self.width = width


class Rows(FieldList):
    """Rows of settings. Rows that are blank or marked for removal do not count."""

    @property
    def errors(self) -> list[Any]:
        """The messages of its rows, also of those that came after WTForms' own validation."""
        return [row.errors for row in self.entries if row.errors]

    @errors.setter
    def errors(self, found: object) -> None:
        """WTForms writes here; the rows know."""

    def kept(self) -> list[Field]:
        """The rows that count, in order: row n of the document is the n-th of these."""
        return [row for row in self.entries if not (removed(row) or blank(row))]


class Texts(FormField):
    """One text in several languages."""


def removed(row: Field) -> bool:
    """Whether the reader has marked this row to go."""
    return isinstance(row, FormField) and "remove" in row.form and bool(row.form["remove"].data)


def blank(field: Field) -> bool:
    """Whether nothing is typed or chosen in it; a check box alone says nothing."""
    if isinstance(field, FormField):
        return all(blank(inner) for inner in field.form)
    if isinstance(field, FieldList):
        return all(blank(inner) for inner in field.entries)
    return isinstance(field, BooleanField) or not str(field.data or "").strip()


def fields_of(path: str, in_row: bool = False) -> dict[str, Any]:
    """The unbound fields of everything directly under a path of the catalogue, by name."""
    return {info.name: _MAKERS[info.kind](info, in_row) for info in within(path)}


@cache
def form_of(path: str, in_row: bool = False) -> type[Form]:
    """A form within a form: a section, or one row of a list."""
    fields = fields_of(path, in_row)
    if path.endswith("[]"):
        fields["remove"] = BooleanField(lazy_gettext("この行を消す"))
    return type("SettingForm", (Form,), fields)


@cache
def text_form(area: bool) -> type[Form]:
    """A text in the languages that staff write."""
    kind = TextAreaField if area else StringField
    return type("TextForm", (Form,), {code: kind(name) for code, name in LANGUAGES.items()})


def _about(info: SettingInfo) -> dict[str, Any]:
    why = lazy_gettext(info.why) if info.why else ""
    if info.source:
        rule = lazy_gettext(info.source)
        why = lazy_gettext("%(why)sよりどころ：%(source)s", why=why, source=rule)
    return {"label": lazy_gettext(info.label), "description": why}


def _typed(width: str) -> Callable[[SettingInfo, bool], Any]:
    def make(info: SettingInfo, in_row: bool) -> Any:
        return Typed(**_about(info), unit=info.unit, width=width)

    return make


def _offered(choices: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, lazy_gettext(words)) for value, words in choices]


def _choice(info: SettingInfo, in_row: bool) -> Any:
    choices = _offered(info.choices)
    if info.optional or in_row:
        otherwise = STANDARD if info.parent.endswith("{}") else CHOOSE
        choices = [*_offered([("", NO_CHOICE if info.optional else otherwise)]), *choices]
    kind = SelectField if in_row or info.optional else RadioField
    return kind(**_about(info), choices=choices, validate_choice=False)


def _choices(info: SettingInfo, in_row: bool) -> Any:
    return SelectMultipleField(
        **_about(info),
        choices=_offered(info.choices),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


def _rows(info: SettingInfo, in_row: bool) -> Any:
    return Rows(FormField(form_of(f"{info.path}[]", in_row=True)), **_about(info))


def _texts(info: SettingInfo, in_row: bool) -> Any:
    return Rows(Texts(text_form(area=False)), **_about(info))


def _table(info: SettingInfo, in_row: bool) -> Any:
    row = form_of(f"{info.path}{{}}", in_row=True)
    names = {key: FormField(row, label=label) for key, label in _names(info.path)}
    return FormField(type("TableForm", (Form,), names), **_about(info))


def _named(info: SettingInfo, in_row: bool) -> Any:
    choices = _offered([("", STANDARD), *((c, i.words) for c, i in CATALOGUE.items())])
    names = {
        str(complaint): SelectField(
            lazy_gettext(CATALOGUE[code].words), choices=choices, validate_choice=False
        )
        for complaint, code in COMPLAINTS.items()
    }
    return FormField(type("NamesForm", (Form,), names), **_about(info))


def _names(path: str) -> Iterator[tuple[str, Any]]:
    words = WEEKDAY_WORDS if path == "opening.week" else {c: i.words for c, i in CATALOGUE.items()}
    return ((key, lazy_gettext(label)) for key, label in words.items())


_MAKERS: dict[Kind, Callable[[SettingInfo, bool], Any]] = {
    Kind.SECTION: lambda info, in_row: FormField(form_of(info.path, in_row), **_about(info)),
    Kind.ROWS: _rows,
    Kind.TABLE: _table,
    Kind.NAMES: _named,
    Kind.WORD: _typed("w-12"),
    Kind.WORDS: _typed("w-12"),
    Kind.TEXT: lambda info, in_row: Texts(text_form(area=False), **_about(info)),
    Kind.TEXTS: _texts,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.WHOLE: _typed("w-3"),
    Kind.NUMBER: _typed("w-4"),
    Kind.YES_NO: lambda info, in_row: BooleanField(**_about(info)),
    Kind.TIME: _typed("w-4"),
    Kind.DAY: _typed("w-8"),
}
