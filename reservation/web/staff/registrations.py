"""Registrations that the facility itself decides about."""

from collections.abc import Callable

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain.words import N_
from reservation.reads import rule_books
from reservation.reads.registrations import STATUSES, Application, Office
from reservation.web import registration_desk as desk
from reservation.web import roles
from reservation.web.certificate_desk import CertificateForm
from reservation.web.exemption_desk import ProofForm
from reservation.web.registration_desk import DecisionForm, Links
from reservation.web.staff import acts, bp, frame

NOTES = {
    "municipality": N_("この施設で使う利用登録は、市区町村の担当が承認します。"),
    "none": N_(
        "この施設では、利用登録はいりません。"
        "家族の書類は、お子さまの札の「見せていただいた書類」で確かめます。"
    ),
}
"""Why nobody asks here, by the scope of the rule book."""


@bp.get("/staff/<facility_code>/registrations")
def registrations(facility_code: str) -> ResponseReturnValue:
    """The list, by default what is to be decided."""
    rules = rule_books.editing(roles.facility_id(), clock.today()).book
    return desk.listing(_office(), _links(), _note(rules.registering.scope))


@bp.get("/staff/<facility_code>/registrations/<registration_id>")
def registration(facility_code: str, registration_id: str) -> ResponseReturnValue:
    """One application."""
    found = desk.find(registration_id, _office())
    desk.opened(found, roles.by())
    return _page(found)


@bp.post("/staff/<facility_code>/registrations/<registration_id>")
def decide_registration(facility_code: str, registration_id: str) -> ResponseReturnValue:
    """Approve, ask back or decline."""
    found = desk.find(registration_id, _office())
    form = DecisionForm.of(found)
    if not form.validate():
        return _page(found, form), 422
    desk.decide(found, _office(), form, roles.by(), acts.act_key())
    return redirect(url_for("staff.registrations", facility_code=facility_code), 303)


@bp.post("/staff/<facility_code>/registrations/<registration_id>/proof")
def prove(facility_code: str, registration_id: str) -> ResponseReturnValue:
    """Keep a proof for lower fees that the family has shown."""
    found = desk.find(registration_id, _office())
    wrong = desk.prove(found, _office(), roles.by(), acts.act_key())
    if wrong is not None:
        return _page(found, proof=wrong), 422
    return redirect(_links().one(found.id), 303)


@bp.post("/staff/<facility_code>/registrations/<registration_id>/paper")
def show_paper(facility_code: str, registration_id: str) -> ResponseReturnValue:
    """Keep a paper of enrolment or work that the family has shown."""
    found = desk.find(registration_id, _office())
    wrong = desk.show_paper(found, _office(), roles.by(), acts.act_key())
    if wrong is not None:
        return _page(found, paper=wrong), 422
    return redirect(_links().one(found.id), 303)


@bp.post("/staff/<facility_code>/registrations/<registration_id>/take-back")
def take_back_paper(facility_code: str, registration_id: str) -> ResponseReturnValue:
    """A paper was entered by mistake."""
    found = desk.find(registration_id, _office())
    desk.take_back_paper(found, _office(), roles.by(), acts.act_key())
    return redirect(_links().one(found.id), 303)


frame.tab("staff.registrations", N_("登録"), "r")


def _note(scope: str) -> str:
    return _(NOTES[scope]) if scope in NOTES else ""


def _page(
    found: Application,
    form: DecisionForm | None = None,
    proof: ProofForm | None = None,
    paper: CertificateForm | None = None,
) -> str:
    return desk.page(
        found, _office(), form, _links(), acts.new_key(), may_act=True, proof=proof, paper=paper
    )


def _office() -> Office:
    return Office(facility_id=roles.facility_id())


def _links() -> Links:
    code = roles.here().code

    def to(name: str) -> Callable[[str], str]:
        return lambda one: url_for(f"staff.{name}", facility_code=code, registration_id=one)

    names = ("registration", "prove", "show_paper", "take_back_paper")
    lists = {s: url_for("staff.registrations", facility_code=code, status=s) for s in STATUSES}
    return Links(lists, *(to(name) for name in names))
