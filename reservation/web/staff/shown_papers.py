"""Papers that a family shows with a booking: the facility's own way to them, registered or not."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain.certificates import OF_CONDITION, Certificate
from reservation.reads import shown_papers as reads
from reservation.reads.shown_papers import ShownPapers
from reservation.services import certificates as acts_on
from reservation.services import looks
from reservation.services.registrations import Place
from reservation.services.shown import Shown
from reservation.web import certificate_desk, exemption_desk, roles
from reservation.web.certificate_desk import CertificateForm
from reservation.web.exemption_desk import ProofForm
from reservation.web.staff import acts, bp, words


@bp.get("/staff/<facility_code>/bookings/<booking_id>/papers")
def shown_papers(facility_code: str, booking_id: str) -> str:
    """What the family of a booking has shown, and the forms for what it shows now."""
    found = _found(booking_id)
    looks.note("papers", roles.by(), clock.now, child_id=found.child_id)
    return _page(booking_id, found)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/papers/proof")
def shown_proof(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Keep a proof for lower fees."""
    found = _found(booking_id)
    form = exemption_desk.form_of(found.proofs)
    if not form.validate():
        return _page(booking_id, found, proof=form), 422
    exemption_desk.enter(_at_desk(booking_id), form, roles.by(), acts.act_key())
    return _back(booking_id)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/papers/certificate")
def shown_certificate(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Keep a paper of enrolment or work."""
    found = _found(booking_id)
    form = certificate_desk.form_of(found.papers)
    if not form.validate():
        return _page(booking_id, found, paper=form), 422
    certificate_desk.enter(_at_desk(booking_id), form, roles.by(), acts.act_key())
    return _back(booking_id)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/papers/take-back")
def take_back_certificate(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """A paper was entered by mistake."""
    named = request.form.get("certificate", "")
    certificate_desk.take_back(_at_desk(booking_id), named, roles.by(), acts.act_key())
    return _back(booking_id)


def seen_at(booking_id: str, code: str) -> ResponseReturnValue:
    """The paper of this condition is there: kept for the family from now on, with the booking."""
    day = _found(booking_id).care_day
    seen = Certificate(OF_CONDITION[code], acts_on.first_day(day, clock.now))
    outcome = acts_on.enter(_at_desk(booking_id), seen, roles.by(), acts.act_key(), clock.now)
    what = words.condition_name(code)
    sentence = _("%(what)sを記録しました。期限までは、どの予約でもたずねません。", what=what)
    return acts.answer(outcome, sentence, booking_id)


def _found(booking_id: str) -> ShownPapers:
    found = reads.of_booking(roles.facility_id(), booking_id, clock.today())
    return found or abort(404)


def _at_desk(booking_id: str) -> Shown:
    return Shown(place=Place(facility_id=roles.facility_id()), booking_id=booking_id)


def _address(name: str, booking_id: str) -> str:
    return url_for(f"staff.{name}", facility_code=roles.here().code, booking_id=booking_id)


def _back(booking_id: str) -> ResponseReturnValue:
    return redirect(_address("shown_papers", booking_id), 303)


def _page(
    booking_id: str,
    found: ShownPapers,
    proof: ProofForm | None = None,
    paper: CertificateForm | None = None,
) -> str:
    names = ("booking", "shown_proof", "shown_certificate", "take_back_certificate")
    return render_template(
        "staff/shown_papers.html",
        found=found,
        proof_form=proof or exemption_desk.form_of(found.proofs),
        paper_form=paper or certificate_desk.form_of(found.papers),
        key=acts.new_key(),
        addresses={name: _address(name, booking_id) for name in names},
    )
