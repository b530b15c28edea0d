"""The button by which staff say on which terms a family waits, as it has told them."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.services import taking
from reservation.web import roles, terms
from reservation.web.staff import acts, bp


@bp.post("/staff/<facility_code>/bookings/<booking_id>/terms")
def set_terms(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Change them; what the rule book does not offer is left out."""
    outcome = taking.set_terms(
        booking_id, terms.sent(request.form), roles.by(), acts.act_key(), clock.now
    )
    sentence = _("お知らせのしかたを変えました。")
    return acts.answer(outcome, sentence, booking_id)
