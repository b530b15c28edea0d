"""The doctor's form at the desk: what was written, and the room that follows from it."""

from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain.refusals import Code, Refusal
from reservation.services import doctor_forms
from reservation.services.outcomes import Outcome
from reservation.web import roles
from reservation.web.refusals import explain
from reservation.web.staff import acts, bp, today
from reservation.web.staff.paper_form import PaperForm


@bp.post("/staff/<facility_code>/bookings/<booking_id>/paper")
def paper(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Enter what a doctor has written; it may move the child."""
    card = today.card_of(booking_id) or abort(404)
    form = PaperForm.of(card.rules, card.child.booking.illness)
    if not form.validate_on_submit():
        return today.card_with(booking_id, paper_form=form), 422
    outcome = doctor_forms.enter(booking_id, form.written(), roles.by(), acts.act_key(), clock.now)
    return acts.answer(outcome, _said(outcome, booking_id), booking_id)


def _said(outcome: Outcome, booking_id: str) -> str:
    if outcome.code == "unseated":
        why = explain(Refusal(Code(outcome.values["code"])))[0]
        return _("用紙を記録しました。席は残しています。%(why)s 部屋を決めてください。", why=why)
    if outcome.code == "moved":
        room = today.room_words(booking_id, outcome.values["to"])
        return _("用紙を記録し、%(room)sへ移しました。", room=room)
    return _("用紙を記録しました。部屋は同じです。")
