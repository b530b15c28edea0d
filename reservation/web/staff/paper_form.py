"""The doctor's form as a form of the card, in the order in which it stands on paper."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from reservation import clock
from reservation.domain import illnesses
from reservation.domain.rulebook import RuleBook
from reservation.domain.words import N_
from reservation.services.doctor_forms import Written
from reservation.web.fields import DatePartsField, options
from reservation.web.staff.forms import NOTE, on_offer

PHASES = {"": N_("書かれていない"), "acute": N_("急性期"), "recovering": N_("回復期")}
REST = {
    "1": N_("1 ベッドで安静"),
    "2": N_("2 隔離室"),
    "3": N_("3 室内で静かに"),
    "4": N_("4 ふつうの室内保育"),
}
"""The levels of the towns' forms; 2 keeps the child apart."""


class PaperForm(FlaskForm):
    """What a doctor has written."""

    issued = DatePartsField(_l("発行日"), [InputRequired(_l("発行日を入力してください"))])
    clinic = StringField(
        _l("医療機関"), [Length(max=100, message=_l("医療機関は、100文字までで入力してください"))]
    )
    diagnosis = SelectField(_l("診断"), [on_offer], validate_choice=False)
    phase = SelectField(_l("病期"), [on_offer], validate_choice=False)
    rest = SelectField(_l("安静度"), [on_offer], validate_choice=False)
    tests = StringField(
        _l("検査と結果"),
        [Length(max=NOTE, message=_l("検査と結果は、200字までで入力してください"))],
    )

    @classmethod
    def of(cls, rules: RuleBook, illness: str) -> PaperForm:
        """The form for a room, the present illness chosen."""
        chosen = {"diagnosis": illness, "phase": "", "rest": "4", "issued": clock.today()}
        form = OwnClinicForm(data=chosen) if rules.doctor_form.clinics else cls(data=chosen)
        lines = illnesses.CATALOGUE.items()
        form.diagnosis.choices = options((code, _(one.words)) for code, one in lines)
        form.phase.choices = options((code, _(words)) for code, words in PHASES.items())
        form.rest.choices = options((code, _(words)) for code, words in REST.items())
        if rules.doctor_form.clinics:
            form.clinic.choices = options((name, name) for name in rules.doctor_form.clinics)
        return form

    def validate_issued(self, field: DatePartsField) -> None:
        """Nobody has a form of tomorrow."""
        if field.data and field.data > clock.today():
            raise ValidationError(_("発行日は、きょうまでの日を入力してください"))

    def written(self) -> Written:
        """What the act takes."""
        assert self.issued.data is not None  # a valid form has its day
        return Written(
            illness=self.diagnosis.data,
            issued=self.issued.data,
            clinic=(self.clinic.data or "").strip(),
            phase=self.phase.data,
            rest=self.rest.data,
            tests=(self.tests.data or "").strip(),
        )


class OwnClinicForm(PaperForm):
    """The same where only some clinics' forms are taken."""

    clinic = SelectField(_l("医療機関"), [on_offer], validate_choice=False)
