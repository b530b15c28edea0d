"""Registrations that the municipality decides about: reviewers look, officers decide."""

from collections.abc import Callable

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from reservation.domain.words import N_
from reservation.reads.registrations import STATUSES, Application, Office
from reservation.web import registration_desk as desk
from reservation.web import roles
from reservation.web.certificate_desk import CertificateForm
from reservation.web.exemption_desk import ProofForm
from reservation.web.municipality import bp
from reservation.web.municipality.frame import tab
from reservation.web.registration_desk import DecisionForm, Links
from reservation.web.staff import acts


@bp.get("/<municipality_code>/registrations")
def registrations(municipality_code: str) -> ResponseReturnValue:
    """The list, by default what is to be decided."""
    return desk.listing(_office(), _links())


tab("municipality.registrations", N_("利用登録"))


@bp.get("/<municipality_code>/registrations/<application_id>")
def registration(municipality_code: str, application_id: str) -> ResponseReturnValue:
    """One application."""
    found = desk.find(application_id, _office())
    desk.opened(found, roles.officer_by())
    return _page(found)


@bp.post("/<municipality_code>/registrations/<application_id>")
def decide_registration(municipality_code: str, application_id: str) -> ResponseReturnValue:
    """Approve, ask back or decline."""
    found = desk.find(application_id, _office())
    form = DecisionForm.of(found)
    if not form.validate():
        return _page(found, form), 422
    desk.decide(found, _office(), form, roles.officer_by(), acts.act_key())
    address = url_for("municipality.registrations", municipality_code=municipality_code)
    return redirect(address, 303)


@bp.post("/<municipality_code>/registrations/<application_id>/proof")
def prove(municipality_code: str, application_id: str) -> ResponseReturnValue:
    """Keep a proof for lower fees that the family has shown."""
    found = desk.find(application_id, _office())
    wrong = desk.prove(found, _office(), roles.officer_by(), acts.act_key())
    if wrong is not None:
        return _page(found, proof=wrong), 422
    return redirect(_links().one(found.id), 303)


@bp.post("/<municipality_code>/registrations/<application_id>/paper")
def show_paper(municipality_code: str, application_id: str) -> ResponseReturnValue:
    """Keep a paper of enrolment or work that the family has shown."""
    found = desk.find(application_id, _office())
    wrong = desk.show_paper(found, _office(), roles.officer_by(), acts.act_key())
    if wrong is not None:
        return _page(found, paper=wrong), 422
    return redirect(_links().one(found.id), 303)


@bp.post("/<municipality_code>/registrations/<application_id>/take-back")
def take_back_paper(municipality_code: str, application_id: str) -> ResponseReturnValue:
    """A paper was entered by mistake."""
    found = desk.find(application_id, _office())
    desk.take_back_paper(found, _office(), roles.officer_by(), acts.act_key())
    return redirect(_links().one(found.id), 303)


def _page(
    found: Application,
    form: DecisionForm | None = None,
    proof: ProofForm | None = None,
    paper: CertificateForm | None = None,
) -> str:
    may_act = roles.here().role == "officer"
    return desk.page(
        found, _office(), form, _links(), acts.new_key(), may_act=may_act, proof=proof, paper=paper
    )


def _office() -> Office:
    return Office(municipality_id=roles.here().municipality_id)


def _links() -> Links:
    code = roles.here().code

    def to(name: str) -> Callable[[str], str]:
        return lambda one: url_for(
            f"municipality.{name}", municipality_code=code, application_id=one
        )

    names = ("registration", "prove", "show_paper", "take_back_paper")
    lists = {
        status: url_for("municipality.registrations", municipality_code=code, status=status)
        for status in STATUSES
    }
    return Links(lists, *(to(name) for name in names))
