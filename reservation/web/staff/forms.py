"""Forms of a child's card that can be filled in wrongly."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from reservation.domain import illnesses
from reservation.domain.refusals import STAFF_CODES, Code
from reservation.web.fields import options

NOTE = 200


def on_offer(_form: Any, field: Field) -> None:
    """A validator: one of the choices, in our own words."""
    if field.data not in {choice.value for choice in field.choices or ()}:
        raise ValidationError(_("一覧からえらんでください"))


class IllnessForm(FlaskForm):
    """Another illness."""

    illness = SelectField(_l("病気"), [on_offer], validate_choice=False)

    @classmethod
    def of(cls, now: str = "") -> IllnessForm:
        """The form with all illnesses, the present one chosen."""
        form = cls(illness=now) if now else cls()
        lines = illnesses.CATALOGUE.items()
        form.illness.choices = options((code, _(one.words)) for code, one in lines)
        return form


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
