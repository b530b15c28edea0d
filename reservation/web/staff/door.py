"""Buttons of the door."""

from __future__ import annotations

import re

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.services import door
from reservation.web import rest, roles
from reservation.web.staff import acts, bp, forms

TEMPERATURE = re.compile(r"(3[4-9]|4[0-2])(\.\d)?")


@bp.post("/staff/<facility_code>/bookings/<booking_id>/check-in")
def check_in(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """The child is here; a temperature that is none is left out."""
    measured = TEMPERATURE.fullmatch(request.form.get("temperature", "").strip())
    temperature = measured.group() if measured else None
    outcome = door.check_in(
        booking_id, roles.by(), acts.act_key(), clock.now, temperature=temperature
    )
    undo = acts.Undo("staff.undo_check_in", {})
    return acts.answer(outcome, _("来室を記録しました。"), booking_id, undo)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/undo-check-in")
def undo_check_in(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Not here after all."""
    outcome = door.undo_check_in(booking_id, roles.by(), acts.act_key(), clock.now)
    return acts.answer(outcome, _("来室を取り消しました。"), booking_id)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/check-out")
def check_out(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Fetched."""
    outcome = door.check_out(booking_id, roles.by(), acts.act_key(), clock.now)
    undo = acts.Undo("staff.undo_check_out", {})
    return acts.answer(outcome, _("お迎えを記録しました。"), booking_id, undo)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/undo-check-out")
def undo_check_out(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Still here after all."""
    outcome = door.undo_check_out(booking_id, roles.by(), acts.act_key(), clock.now)
    return acts.answer(outcome, _("お迎えを取り消しました。"), booking_id)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/refuse")
def refuse(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Sent home at the door."""
    reason, note = forms.reason()
    outcome = door.refuse(booking_id, reason, note, roles.by(), acts.act_key(), clock.now)
    return acts.answer(outcome, _("当日受入不可として記録しました。"), booking_id)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/no-show")
def no_show(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Nobody came."""
    told = rest.read(request.form).told
    outcome = door.no_show(booking_id, roles.by(), acts.act_key(), clock.now, told)
    return acts.answer(outcome, _("来なかったと記録しました。"), booking_id)
