"""Papers that a family shows with a booking: the facility's own way to them, registered or not."""

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from reservation import clock
from reservation.reads import shown_papers as reads
from reservation.reads.shown_papers import ShownPapers
from reservation.services import looks
from reservation.services.registrations import Place
from reservation.services.shown import Shown
from reservation.web import exemption_desk, roles
from reservation.web.exemption_desk import ProofForm
from reservation.web.staff import acts, bp


@bp.get("/staff/<facility_code>/bookings/<booking_id>/papers")
def shown_papers(facility_code: str, booking_id: str) -> str:
    """What the family of a booking has shown, and the form for what it shows now."""
    found = _found(booking_id)
    looks.note("papers", roles.by(), clock.now, child_id=found.child_id)
    return _page(booking_id, found, exemption_desk.form_of(found.proofs))


@bp.post("/staff/<facility_code>/bookings/<booking_id>/papers/proof")
def shown_proof(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Keep a proof for lower fees."""
    found = _found(booking_id)
    form = exemption_desk.form_of(found.proofs)
    if not form.validate():
        return _page(booking_id, found, form), 422
    exemption_desk.enter(_at_desk(booking_id), form, roles.by(), acts.act_key())
    return redirect(_address("shown_papers", booking_id), 303)


def _found(booking_id: str) -> ShownPapers:
    found = reads.of_booking(roles.facility_id(), booking_id, clock.today())
    return found or abort(404)


def _at_desk(booking_id: str) -> Shown:
    return Shown(place=Place(facility_id=roles.facility_id()), booking_id=booking_id)


def _address(name: str, booking_id: str) -> str:
    return url_for(f"staff.{name}", facility_code=roles.here().code, booking_id=booking_id)


def _page(booking_id: str, found: ShownPapers, form: ProofForm) -> str:
    return render_template(
        "staff/shown_papers.html",
        found=found,
        form=form,
        key=acts.new_key(),
        back=_address("booking", booking_id),
        proof_address=_address("shown_proof", booking_id),
    )
