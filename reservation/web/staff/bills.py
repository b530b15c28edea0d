"""The button of the bill: meals and other items, the taxi, a correction."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.services import bills
from reservation.web import roles
from reservation.web.staff import acts, bp, today


@bp.post("/staff/<facility_code>/bookings/<booking_id>/bill")
def bill(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Add to a bill, or correct it."""
    form = today.bill_form_of(booking_id)
    if not form.validate_on_submit():
        return today.card_with(booking_id, bill_form=form), 422
    outcome = bills.change(booking_id, form.added(), roles.by(), acts.act_key(), clock.now)
    return acts.answer(outcome, _("料金に入れました。"), booking_id)
