"""Places, rooms and staff of a day: what they are, what a change would do, and the change."""

from __future__ import annotations

from datetime import date as Date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug import Response

from reservation import clock, i18n
from reservation.domain.words import N_
from reservation.reads import capacity as reads
from reservation.reads.capacity import CapacityDay, Outlook
from reservation.services import capacity as days
from reservation.store.rulebooks import NoRuleBook
from reservation.web import roles
from reservation.web.desk_acts import day_of, say_reused
from reservation.web.staff import acts, bp
from reservation.web.staff.capacity_form import CapacityForm

LIMITS = {
    "opened": N_("受け入れる人数の設定"),
    "rooms": N_("開いている部屋の定員の合計"),
    "am": N_("午前の職員で見られる人数"),
    "pm": N_("午後の職員で見られる人数"),
}
"""What a day's capacity is the smallest of, by code of domain.capacity.limits."""


@bp.get("/staff/<facility_code>/capacity/<date>")
def capacity(facility_code: str, date: str) -> ResponseReturnValue:
    """A day's capacity in words and as a form."""
    page = of_day(day_of(date))
    return _page(page, CapacityForm.of(page.day))


@bp.post("/staff/<facility_code>/capacity/<date>")
def set_capacity(facility_code: str, date: str) -> ResponseReturnValue:
    """Show what the settings would do, or save them.

    Where fewer children fit than are booked, the page says whom it concerns first and asks again.
    """
    page = of_day(day_of(date))
    form = CapacityForm.of(page.day)
    if not form.validate() or _is_over(page, form):
        return _page(page, form), 422
    settings = form.settings(page.day)
    before, after = reads.outlook(page, page.day), reads.outlook(page, settings.on(page.day))
    pressed = request.form.get("do", "save")
    if pressed == "look" or (pressed != "sure" and len(after.misfits) > len(before.misfits)):
        return _page(page, form, after)
    outcome = days.set_day(
        roles.facility_id(), page.day.date, settings, roles.by(), acts.act_key(), clock.now
    )
    say_reused(outcome)
    flash(_("%(day)s の人員・定員を保存しました。", day=i18n.day(page.day.date)), "yes")
    return _to(facility_code, page.day.date)


def of_day(day: Date) -> CapacityDay:
    """The day of this page's facility; 404 where no rule book counts."""
    try:
        return reads.of_day(roles.facility_id(), day, clock.now())
    except NoRuleBook:
        abort(404)


def _is_over(page: CapacityDay, form: CapacityForm) -> bool:
    if page.day.date >= clock.today():
        return False
    form.form_errors.append(_("過ぎた日の人員・定員は変えられません。"))
    return True


def _to(facility_code: str, day: Date) -> Response:
    address = url_for("staff.capacity", facility_code=facility_code, date=day.isoformat())
    return redirect(address, 303)


def _page(page: CapacityDay, form: CapacityForm, would: Outlook | None = None) -> str:
    return render_template(
        "staff/capacity.html",
        page=page,
        day=page.day,
        today=clock.today(),
        form=form,
        outlook=reads.outlook(page, page.day),
        would=would,
        limit_words={code: _(words) for code, words in LIMITS.items()},
        key=acts.new_key(),
    )
