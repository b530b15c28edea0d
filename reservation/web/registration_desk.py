"""Deciding about registrations: the same pages at a facility's desk and in the office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from reservation import clock
from reservation.domain import families, states, vaccines
from reservation.domain.words import N_
from reservation.reads import registrations as reads
from reservation.reads.certificates import Papers
from reservation.reads.certificates import of_office as papers_of
from reservation.reads.exemptions import Proofs
from reservation.reads.exemptions import of_office as proofs_of
from reservation.reads.registrations import Application, Office
from reservation.services import looks, registration_desk
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.registration_desk import Decision
from reservation.services.registrations import Place
from reservation.services.shown import Shown
from reservation.web import certificate_desk, exemption_desk
from reservation.web.certificate_desk import CertificateForm
from reservation.web.desk_acts import is_stale, say_reused
from reservation.web.exemption_desk import ProofForm
from reservation.web.fields import options

STATUSES = {
    "pending": (N_("承認待ち"), "wait"),
    "returned": (N_("家族に確認中"), "few"),
    "approved": (N_("承認済み"), "yes"),
    "declined": (N_("お断り"), "no"),
}
DECISIONS = {
    "approve": N_("承認する"),
    "return": N_("家族に確認する"),
    "decline": N_("お断りする"),
}
DONE = {
    "approved": N_("登録を承認しました。"),
    "returned": N_("ご家族に確認をお願いしました。"),
    "declined": N_("登録をお断りしました。"),
}


@dataclass(frozen=True)
class Links:
    """Where the pages of this place are: of the list by status, and of one application."""

    listing: dict[str, str]
    one: Any
    """A function from a registration's id to its address."""
    proof: Any
    """The same to where a proof is sent."""
    paper: Any
    """The same to where a paper of enrolment or work is sent."""
    take_back: Any
    """The same to where such a paper is taken back."""


class DecisionForm(FlaskForm):
    """What is decided, the words that the family reads, and the number of the registration."""

    decision = RadioField(_l("決めること"), default="", validate_choice=False)
    answer = TextAreaField(
        _l("ご家族への説明"),
        [Length(max=500, message=_l("ご家族への説明は、500文字までで入力してください"))],
        filters=[lambda text: text.strip() if text else ""],
    )
    number = StringField(
        _l("登録番号"),
        [Length(max=20, message=_l("登録番号は、20文字までで入力してください"))],
        filters=[lambda text: text.strip() if text else ""],
    )

    @classmethod
    def of(cls, found: Application) -> DecisionForm:
        """The form with the decisions that are still open."""
        form = cls(number=found.number)
        form.decision.choices = options(
            (code, _(words))
            for code, words in DECISIONS.items()
            if found.status in registration_desk.FROM[code]
        )
        return form

    def validate_decision(self, field: Field) -> None:
        """One of those that are possible."""
        if field.data not in DECISIONS:
            raise ValidationError(_("決めることをえらんでください"))

    def validate_answer(self, field: Field) -> None:
        """Words are a must where the family has to do something, or is told no."""
        if self.decision.data in ("return", "decline") and not field.data:
            raise ValidationError(_("ご家族への説明を入力してください"))

    def taken(self) -> Decision:
        """What the act takes."""
        return Decision(self.decision.data, self.answer.data or "", self.number.data or "")


def listing(office: Office, links: Links, note: str = "") -> str:
    """The list of one status; an unknown one answers 404. ``note`` says who else decides."""
    status = request.args.get("status", "pending")
    if status not in STATUSES:
        abort(404)
    return render_template(
        "registrations/list.html",
        status=status,
        links=links,
        note=note,
        lines=reads.listing(office, status, clock.today()),
        counts=reads.counts(office),
        statuses=_statuses(),
    )


def find(registration_id: str, office: Office) -> Application:
    """The application, or 404 for one that is another place's."""
    return reads.application(registration_id, office, clock.today()) or abort(404)


def opened(found: Application, by: By) -> None:
    """Keep who opened it."""
    looks.note("registration", by, clock.now, child_id=found.child_id)


def page(
    found: Application,
    office: Office,
    form: DecisionForm | None,
    links: Links,
    key: str,
    *,
    may_act: bool,
    proof: ProofForm | None = None,
    paper: CertificateForm | None = None,
) -> str:
    """One application with everything that is looked at, and the forms: the decision's, that of a
    proof for lower fees and that of a paper of enrolment or work. One that was sent and has to be
    corrected is given."""
    form = form or DecisionForm.of(found)
    proofs, papers = _proofs(found, office), _papers(found, office)
    return render_template(
        "registrations/one.html",
        one=found,
        form=form,
        proofs=proofs,
        proof_form=(proof or exemption_desk.form_of(proofs)) if may_act else None,
        papers=papers,
        paper_form=(paper or certificate_desk.form_of(papers)) if may_act else None,
        links=links,
        key=key,
        may_act=may_act and bool(form.decision.choices),
        statuses=_statuses(),
        work_words=families.WORK,
        relations={code: _(words) for code, words in families.RELATIONS.items()},
        vaccinations=[
            (_(vaccines.WORDS[one]), _(vaccines.ANSWERS[said]))
            for one, said in found.vaccines.items()
        ],
        state_words={state: _(words) for state, words in states.WORDS.items()},
    )


def _proofs(found: Application, office: Office) -> Proofs:
    """What was seen of the applicant's family."""
    return proofs_of(found.family_id, office, clock.today())


def prove(found: Application, office: Office, by: By, key: Key) -> ProofForm | None:
    """Keep the proof that was sent; the form where something in it has to be corrected."""
    form = exemption_desk.form_of(_proofs(found, office))
    if not form.validate():
        return form
    exemption_desk.enter(_at_desk(found, office), form, by, key)
    return None


def _papers(found: Application, office: Office) -> Papers:
    """What was seen of the applicant's enrolment and work."""
    return papers_of(found.family_id, found.child_id, office, clock.today())


def show_paper(found: Application, office: Office, by: By, key: Key) -> CertificateForm | None:
    """Keep the paper that was sent; the form where something in it has to be corrected."""
    form = certificate_desk.form_of(_papers(found, office))
    if not form.validate():
        return form
    certificate_desk.enter(_at_desk(found, office), form, by, key)
    return None


def take_back_paper(found: Application, office: Office, by: By, key: Key) -> None:
    """A paper was entered by mistake."""
    named = request.form.get("certificate", "")
    certificate_desk.take_back(_at_desk(found, office), named, by, key)


def _at_desk(found: Application, office: Office) -> Shown:
    place = Place(office.municipality_id, office.facility_id)
    return Shown(place=place, registration_id=found.id)


def decide(found: Application, office: Office, form: DecisionForm, by: By, key: Key) -> None:
    """Decide, and say what became of it."""
    outcome = registration_desk.decide(
        found.id,
        Place(office.municipality_id, office.facility_id),
        form.taken(),
        by,
        key,
        clock.now,
    )
    say_reused(outcome)
    if is_stale(outcome):
        return
    sentences = [_(DONE[outcome.code])]
    if outcome.values["closed"]:
        sentences.append(_("予約 %(n)s件の条件がなくなりました。", n=outcome.values["closed"]))
    if outcome.values["told"]:
        sentences.append(_("ご家族にメールでお知らせします。"))
    else:
        sentences.append(_("メールの届かないご家族です。お電話でお知らせください。"))
    flash("".join(sentences), "yes")


def _statuses() -> dict[str, tuple[str, str]]:
    return {code: (_(words), tone) for code, (words, tone) in STATUSES.items()}
