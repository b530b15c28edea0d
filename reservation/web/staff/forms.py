"""Forms of a child's card that can be filled in wrongly."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from reservation.domain import illnesses, morning
from reservation.domain.refusals import STAFF_CODES, Code
from reservation.domain.rulebook import RuleBook
from reservation.reads.children_of_day import DayChild
from reservation.web import onset
from reservation.web.fields import options

NOTE = 200
UNKNOWN = "unknown"
"""Said of a day of onset that the family will still ask the doctor about."""


def on_offer(_form: Any, field: Field) -> None:
    """A validator: one of the choices, in our own words."""
    if field.data not in {choice.value for choice in field.choices or ()}:
        raise ValidationError(_("一覧からえらんでください"))


class IllnessForm(FlaskForm):
    """Another illness."""

    counts: frozenset[str] = frozenset()
    """The illnesses of which the days since onset count."""

    illness = SelectField(_l("病気"), [on_offer], validate_choice=False)
    onset = SelectField(_l("症状が出た日"), [on_offer], validate_choice=False)

    @classmethod
    def of(cls, child: DayChild, rules: RuleBook, *, shown: bool = False) -> IllnessForm:
        """The form with all illnesses; ``shown`` with the present one chosen. The day of onset is
        asked where the days since count for some illness of a child of this age."""
        booking = child.booking
        known = onset.shown(child.onset)
        form = cls(formdata=None, illness=booking.illness, onset=known) if shown else cls()
        form.counts = frozenset(
            code for code in illnesses.CATALOGUE
            if morning.asks_onset(rules, code, booking.birthday, booking.care_day)
        )  # fmt: skip
        lines = illnesses.CATALOGUE.items()
        form.illness.choices = options((code, _(one.words)) for code, one in lines)
        if form.counts:
            form.onset.choices = options([*onset.days(), (UNKNOWN, _("まだわからない"))])
            form.onset.data = form.onset.data or ""
        else:
            del form.onset
        return form

    def validate_onset(self, field: Field) -> None:
        """Needed for an illness whose days count; that nobody knows it yet is an answer."""
        if self.illness.data in self.counts and not field.data:
            raise ValidationError(_("症状が出た日を選んでください"))

    @property
    def began(self) -> date | None:
        """The day of onset that was said."""
        return onset.read(self.onset.data) if self.onset else None


class OverrideForm(FlaskForm):
    """A place against the rules: where, and why."""

    room = SelectField(_l("部屋"), [on_offer], validate_choice=False)
    note = StringField(
        _l("受け入れる理由"),
        [
            InputRequired(_l("受け入れる理由を入力してください")),
            Length(max=NOTE, message=_l("理由は、200字までで入力してください")),
        ],
    )

    @classmethod
    def of(cls, rooms: list[tuple[str, str]]) -> OverrideForm:
        """The form with the rooms that are open."""
        form = cls()
        form.room.choices = options(rooms)
        return form


def reason() -> tuple[Code, str]:
    """The reason pressed and the line for the family. Only a form written by hand has others."""
    pressed = request.form.get("reason", "")
    if pressed not in STAFF_CODES:
        abort(400)
    return Code(pressed), request.form.get("note", "").strip()[:NOTE]
