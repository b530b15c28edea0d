"""Papers of enrolment and work, entered at a facility's desk and in the office."""

from __future__ import annotations

from datetime import date

from flask import flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from reservation import clock
from reservation.domain.certificates import Certificate
from reservation.reads.certificates import Papers
from reservation.services import certificates
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.shown import Shown
from reservation.web.desk_acts import say_reused
from reservation.web.exemption_desk import in_years, not_before
from reservation.web.fields import DatePartsField, options


class CertificateForm(FlaskForm):
    """Which paper was shown, from which care day it counts, and its end. The names differ from
    those of the proof for lower fees, which stands on the same page."""

    paper = SelectField(_l("書類"), [InputRequired(_l("書類を選んでください"))])
    paper_from = DatePartsField(
        _l("いつの利用から"), [InputRequired(_l("いつの利用からかを入力してください")), in_years]
    )
    paper_to = DatePartsField(_l("書類の期限"), [Optional(), in_years, not_before("paper_from")])

    @classmethod
    def of(cls, papers: Papers, today: date) -> CertificateForm:
        """The form with the papers that are asked for, from today unless said otherwise."""
        form = cls(data={"paper_from": today})
        choices = [(code, _(words)) for code, words in papers.asked.items()]
        form.paper.choices = options([("", _("選んでください")), *choices])
        return form

    def certificate(self) -> Certificate:
        """What the act takes, of a form that has been checked."""
        begins = self.paper_from.data
        if begins is None:
            raise LookupError("this form was not checked")
        return Certificate(self.paper.data, begins, self.paper_to.data)


def form_of(papers: Papers) -> CertificateForm:
    """The form, filled with what was sent or as new."""
    return CertificateForm.of(papers, clock.today())


def enter(at_desk: Shown, form: CertificateForm, by: By, key: Key) -> None:
    """Keep it, and say what it changes."""
    say_reused(certificates.enter(at_desk, form.certificate(), by, key, clock.now))
    flash(_("書類を記録しました。期限までは、どの予約でもたずねません。"), "yes")


def take_back(at_desk: Shown, certificate_id: str, by: By, key: Key) -> None:
    """Forget it, and say so."""
    say_reused(certificates.take_back(at_desk, certificate_id, by, key, clock.now))
    flash(_("書類の記録を取り消しました。これからの予約で、またたずねます。"), "yes")
