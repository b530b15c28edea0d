"""Buttons of illness and room: both may move a child."""

from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain.refusals import Code, Refusal
from reservation.services import rooming
from reservation.services.outcomes import Outcome
from reservation.web import onset, roles
from reservation.web.refusals import explain
from reservation.web.staff import acts, bp, forms, today


@bp.post("/staff/<facility_code>/bookings/<booking_id>/seat")
def illness(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Set or correct the illness."""
    card = today.card_of(booking_id) or abort(404)
    form = forms.IllnessForm.of(card.child, card.rules)
    if not form.validate_on_submit():
        return today.card_with(booking_id, illness_form=form), 422
    outcome = rooming.change_illness(
        booking_id, form.illness.data, roles.by(), acts.act_key(), clock.now, onset=form.began
    )
    known = onset.shown(card.child.onset) or forms.UNKNOWN
    undo = acts.Undo("staff.illness", {"illness": card.child.booking.illness, "onset": known})
    if outcome.code == "unseated":
        why = _why(outcome)
        sentence = _("病気を変えました。席は残しています。%(why)s 部屋を決めてください。", why=why)
    elif outcome.code == "early":
        sentence = _("病気を変えました。席は残しています。%(why)s", why=_why(outcome))
    elif outcome.code == "moved":
        room = today.room_words(booking_id, outcome.values["to"])
        sentence = _("病気を変え、%(room)sへ移しました。", room=room)
    else:
        sentence = _("病気を変えました。部屋は同じです。")
    return acts.answer(outcome, sentence, booking_id, undo)


def _why(outcome: Outcome) -> str:
    """Why the place that is kept needs a decision."""
    code, first = Code(outcome.values["code"]), outcome.values.get("first")
    return explain(Refusal(code, {"first": first} if first else {}))[0]


@bp.post("/staff/<facility_code>/bookings/<booking_id>/move")
def move(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Put a child into a room by hand."""
    room = request.form.get("room", "")
    outcome = rooming.move(
        booking_id, room, roles.by(), acts.act_key(), clock.now,
        pin=request.form.get("pin", "yes") == "yes",
    )  # fmt: skip
    came_from = outcome.values.get("from")
    undo = acts.Undo("staff.move", {"room": came_from, "pin": "no"}) if came_from else None
    words = today.room_words(booking_id, room)
    return acts.answer(outcome, _("%(room)sへ移しました。", room=words), booking_id, undo)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/pin")
def pin(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Keep a child in its room whatever comes, or let it move again."""
    pinned = request.form.get("pinned", "yes") == "yes"
    outcome = rooming.pin(booking_id, pinned, roles.by(), acts.act_key(), clock.now)
    undo = acts.Undo("staff.pin", {"pinned": "no" if pinned else "yes"})
    done = _("部屋を固定しました。") if pinned else _("部屋の固定をはずしました。")
    return acts.answer(outcome, done, booking_id, undo)
