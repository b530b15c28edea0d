"""Form fields that WTForms lacks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

PARTS = ("year", "month", "day")
YEARS = range(2000, 2200)
"""Of days in addresses and hidden fields; beyond them calendars have no holidays."""


def options(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Choices of a SelectField or RadioField from (value, words)."""
    return [SelectChoice(value=value, label=words) for value, words in pairs]


def day(text: str) -> date | None:
    """A day as addresses and hidden fields write it, 2026-11-24; None for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS and text == found.isoformat() else None


class NumberField(StringField):
    """A whole number from 0 to 99, full-width digits too; `data` is an int or None when empty.

    What was typed stays in the box.
    """

    def process_formdata(self, valuelist: list[str]) -> None:
        """A text to a number; remembers what cannot be read."""
        self.data = None
        self.typed = valuelist[0] if valuelist else ""
        plain = unicodedata.normalize("NFKC", self.typed).strip()
        self.is_bad = bool(plain) and not (plain.isascii() and plain.isdigit() and len(plain) <= 2)
        if plain and not self.is_bad:
            self.data = int(plain)

    def pre_validate(self, form: Any) -> None:
        """Refuses what is no such number."""
        if getattr(self, "is_bad", False):
            words = _("%(label)sは、0から99までの数字で入力してください", label=self.label.text)
            raise StopValidation(words)

    def _value(self) -> str:
        return str(getattr(self, "typed", "" if self.data is None else self.data))


class YenField(StringField):
    """Whole yen, full-width digits and 1,000 too; `data` is an int or None when empty. ``signed``
    ones may be negative. What was typed stays in the box."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        self.signed = kwargs.pop("signed", False)
        super().__init__(label, validators, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """A text to a number; remembers what cannot be read."""
        self.data = None
        self.typed = valuelist[0] if valuelist else ""
        plain = unicodedata.normalize("NFKC", self.typed).strip().replace(",", "")
        plain = plain.removesuffix("円").replace("−", "-")
        sign = "-?" if self.signed else ""
        self.is_bad = bool(plain) and not re.fullmatch(rf"{sign}\d{{1,6}}", plain, re.ASCII)
        if plain and not self.is_bad:
            self.data = int(plain)

    def pre_validate(self, form: Any) -> None:
        """Refuses what is no amount."""
        if getattr(self, "is_bad", False):
            words = _("%(label)sは、円の数字で入力してください", label=self.label.text)
            raise StopValidation(words)

    def _value(self) -> str:
        return str(getattr(self, "typed", "" if self.data is None else self.data))


class DatePartsField(Field):
    """A date typed as three numbers 年 月 日 (components/fields.html: date_parts).

    The browser sends the same name three times, in this order. Full-width digits count. `data` is
    a `date` or None; `bad_parts` names the boxes that the message is about; what was typed stays in
    `raw_data`. Optional() leaves three empty boxes alone; InputRequired must be given a message.
    """

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.bad_parts: tuple[str, ...] = ()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Three texts to a date; remembers which of them cannot be read."""
        self.data = None
        self.bad_parts = ()
        typed = [unicodedata.normalize("NFKC", text).strip() for text in valuelist[:3]]
        typed += [""] * (3 - len(typed))
        self.raw_data = typed if any(typed) else []
        if not any(typed):
            return
        self.bad_parts = bad_parts(typed)
        if not self.bad_parts:
            self.data = date(*map(int, typed))

    def pre_validate(self, form: Any) -> None:
        """Refuses with words that name the box to correct."""
        if self.bad_parts:
            raise StopValidation(bad_words(str(self.label.text), self.bad_parts))


def bad_parts(typed: list[str]) -> tuple[str, ...]:
    """Names of the parts that make no date; all three numbers good but no such day: the day."""
    limits = ((1900, 2100), (1, 12), (1, 31))
    bad = tuple(
        name
        for name, text, (low, high) in zip(PARTS, typed, limits, strict=True)
        if not (re.fullmatch("[0-9]{1,4}", text) and low <= int(text) <= high)
    )
    if bad:
        return bad
    try:
        date(*map(int, typed))
    except ValueError:
        return ("day",)
    return ()


def bad_words(label: str, bad: tuple[str, ...]) -> str:
    """The message for wrong parts of the date called `label`, in the reader's language."""
    if bad == ("year",):
        return _("%(label)sの「年」は、西暦の4けたの数字で入力してください", label=label)
    if bad == ("month",):
        return _("%(label)sの「月」は 1 から 12 の数字で入力してください", label=label)
    if bad == ("day",):
        return _("%(label)sの「日」は、その月にある日を数字で入力してください", label=label)
    return _("%(label)sを、年・月・日とも数字で入力してください", label=label)
