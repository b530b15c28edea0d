"""Buttons of decisions: accept, decline, conditions, offers, cancelling, telephone tasks."""

from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain import certificates, conditions
from reservation.services import bookings, desk
from reservation.services import tasks as telephone_tasks
from reservation.web import rest, roles
from reservation.web.staff import acts, bp, forms, shown_papers, today, words

OFFER_MINUTES = (5, 10, 15, 30, 60)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/accept")
def accept(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Accept a request."""
    outcome = desk.accept(booking_id, roles.by(), acts.act_key(), clock.now)
    return acts.answer(outcome, _("予約を確定しました。"), booking_id)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/decline")
def decline(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Decline a request or an entry of the list."""
    reason, note = forms.reason()
    outcome = desk.decline(booking_id, reason, note, roles.by(), acts.act_key(), clock.now)
    return acts.answer(outcome, _("お断りし、ご家族にお知らせしました。"), booking_id)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/condition")
def condition(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """What was still to come is there, or (undone) is not."""
    code, reopen = request.form.get("code", ""), request.form.get("reopen", "") == "yes"
    if code not in conditions.WORDS:
        abort(400)
    if code in certificates.OF_CONDITION:
        return abort(400) if reopen else shown_papers.seen_at(booking_id, code)
    key = acts.act_key()
    outcome = desk.close_condition(booking_id, code, roles.by(), key, clock.now, reopen=reopen)
    what = words.condition_name(code)
    if reopen:
        return acts.answer(outcome, _("%(what)sを、まだに戻しました。", what=what), booking_id)
    undo = acts.Undo("staff.condition", {"code": code, "reopen": "yes"})
    return acts.answer(outcome, _("%(what)sがそろいました。", what=what), booking_id, undo)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/close")
def close(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Cancel for the facility."""
    reason, note = forms.reason()
    outcome = desk.close(booking_id, reason, note, roles.by(), acts.act_key(), clock.now)
    sentence = _("施設の都合で取り消し、ご家族にお知らせしました。")
    return acts.answer(outcome, sentence, booking_id)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/cancel")
def cancel(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Cancel because the family asked for it."""
    said = rest.read(request.form)
    outcome = bookings.cancel(booking_id, roles.by(), acts.act_key(), clock.now, said)
    return acts.answer(outcome, _("ご家族の申し出で取り消しました。"), booking_id)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/offer")
def offer(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Offer a free place by hand."""
    minutes = request.form.get("minutes", 30, type=int)
    if minutes not in OFFER_MINUTES:
        abort(400)
    outcome = desk.offer(booking_id, minutes, roles.by(), acts.act_key(), clock.now)
    return acts.answer(outcome, _("空きをご案内しました。"), booking_id)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/withdraw")
def withdraw(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Take an offer back."""
    outcome = desk.withdraw(booking_id, roles.by(), acts.act_key(), clock.now)
    return acts.answer(outcome, _("ご案内を取り下げました。"), booking_id)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/override")
def override(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """Give a place although the rules say no."""
    form = forms.OverrideForm.of(today.open_rooms(booking_id))
    if not form.validate_on_submit():
        return today.card_with(booking_id, override_form=form), 422
    outcome = desk.override(
        booking_id, form.room.data, form.note.data, roles.by(), acts.act_key(), clock.now
    )
    return acts.answer(outcome, _("規則によらず受け入れました。"), booking_id)


@bp.post("/staff/<facility_code>/tasks/<task_id>")
def task(facility_code: str, task_id: str) -> ResponseReturnValue:
    """What came of a telephone call."""
    said = request.form.get("answer", "done")
    if said not in telephone_tasks.ANSWERS:
        abort(400)
    outcome = telephone_tasks.answer(task_id, said, roles.by(), acts.act_key(), clock.now)
    sentence = {
        "confirmed": _("「来る」と記録し、予約を確定しました。"),
        "requested": _("「来る」と記録しました。確認待ちです。"),
        "passed": _("「来ない」と記録し、次の方にご案内します。"),
        "no_answer": _("「出ない」と記録しました。"),
    }.get(outcome.code, _("済みにしました。"))
    return acts.answer(outcome, sentence, outcome.booking_id or "")
