"""Proofs for lower fees, entered at a facility's desk and in the office."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from reservation import clock
from reservation.domain.exemptions import Proof
from reservation.i18n import text_of
from reservation.reads.exemptions import Proofs
from reservation.services import exemptions
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.shown import Shown
from reservation.web.desk_acts import say_reused
from reservation.web.fields import YEARS, DatePartsField, options

NONE = "none"
"""The choice that ends what was seen before. An empty one is no choice."""


def in_years(_form: object, field: Field) -> None:
    """A validator: a day that calendars have."""
    if field.data is not None and field.data.year not in YEARS:
        raise ValidationError(_("年をもう一度確かめてください"))


def not_before(first: str) -> Callable[[FlaskForm, Field], None]:
    """A validator: the end is not before what the field of this name says."""

    def check(form: FlaskForm, field: Field) -> None:
        begins = form[first].data
        if field.data is not None and begins is not None and field.data < begins:
            raise ValidationError(_("証明の期限が、はじまりの日より前です"))

    return check


class ProofForm(FlaskForm):
    """Which class was proved, from which care day, and until when the paper is good."""

    fee_class = SelectField(_l("料金の区分"), [InputRequired(_l("料金の区分を選んでください"))])
    valid_from = DatePartsField(
        _l("いつの利用から"), [InputRequired(_l("いつの利用からかを入力してください")), in_years]
    )
    valid_to = DatePartsField(_l("証明の期限"), [Optional(), in_years, not_before("valid_from")])

    @classmethod
    def of(cls, proofs: Proofs, today: date) -> ProofForm:
        """The form with the classes of the tariffs; it counts from today unless said otherwise."""
        form = cls(data={"valid_from": today})
        form.fee_class.choices = options(
            [
                ("", _("選んでください")),
                *((one.code, text_of(one.name).text) for one in proofs.classes),
                (NONE, _("なし(通常の料金にもどす)")),
            ]
        )
        return form

    def proof(self) -> Proof:
        """What the act takes, of a form that has been checked."""
        begins = self.valid_from.data
        if begins is None:
            raise LookupError("this form was not checked")
        chosen = self.fee_class.data
        return Proof("" if chosen == NONE else chosen, begins, self.valid_to.data)


def form_of(proofs: Proofs) -> ProofForm:
    """The form, filled with what was sent or as new."""
    return ProofForm.of(proofs, clock.today())


def enter(at_desk: Shown, form: ProofForm, by: By, key: Key) -> None:
    """Keep it, and say what it changes."""
    outcome = exemptions.enter(at_desk, form.proof(), by, key, clock.now)
    say_reused(outcome)
    flash(
        _(
            "料金の区分を保存しました。これからの予約の料金と、お迎えのときの料金を、この区分で計算します。"
        ),
        "yes",
    )
