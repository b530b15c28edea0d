"""Closing a day with bookings on it: who is told, then all at once; and opening it again."""

from __future__ import annotations

import hashlib

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from reservation import clock, i18n
from reservation.domain import states
from reservation.reads.capacity import CapacityDay
from reservation.services import capacity as days
from reservation.web import roles
from reservation.web.desk_acts import day_of, say_reused
from reservation.web.staff import acts, bp
from reservation.web.staff.capacity import of_day


class ClosingForm(FlaskForm):
    """Why the day is closed, in words that families read."""

    reason = StringField(
        _l("休む理由"),
        [
            DataRequired(_l("休む理由を入力してください")),
            Length(max=100, message=_l("休む理由は、100文字までで入力してください")),
        ],
        filters=[lambda text: " ".join(text.split()) if text else text],
    )


@bp.get("/staff/<facility_code>/day/<date>/close")
def closing(facility_code: str, date: str) -> ResponseReturnValue:
    """Who would be told, and by which way."""
    return _page(of_day(day_of(date)), ClosingForm())


@bp.post("/staff/<facility_code>/day/<date>/close")
def close_day(facility_code: str, date: str) -> ResponseReturnValue:
    """Close the day and tell everybody; shown again where the list has changed meanwhile."""
    page = of_day(day_of(date))
    form = ClosingForm()
    checked = form.validate()
    if page.day.date < clock.today():
        form.form_errors.append(_("過ぎた日は休室にできません。"))
        checked = False
    if not checked:
        return _page(page, form), 422
    if page.day.closed is None and request.form.get("seen") != mark(page):
        return _page(page, form, changed=True)
    outcome = days.close(
        roles.facility_id(), page.day.date, form.reason.data or "", roles.by(), acts.act_key(),
        clock.now,
    )  # fmt: skip
    say_reused(outcome)
    flash(
        _(
            "%(day)s を休室にし、%(n)s件を取り消して、ご家族にお知らせしています。",
            day=i18n.day(page.day.date), n=outcome.values.get("told", 0),
        ),
        "yes",
    )  # fmt: skip
    return _to(facility_code, date)


@bp.post("/staff/<facility_code>/day/<date>/reopen")
def reopen_day(facility_code: str, date: str) -> ResponseReturnValue:
    """Open a day again that staff had closed; what was ended stays ended."""
    page = of_day(day_of(date))
    outcome = days.reopen(roles.facility_id(), page.day.date, roles.by(), acts.act_key(), clock.now)
    say_reused(outcome)
    flash(_("%(day)s の休室を取りやめました。", day=i18n.day(page.day.date)), "yes")
    return _to(facility_code, date)


def mark(page: CapacityDay) -> str:
    """Changes with whom a closure would end: what the page showed."""
    ids = sorted(one.booking.id for one in page.ending())
    return hashlib.sha256(" ".join(ids).encode()).hexdigest()[:16]


def _to(facility_code: str, date: str) -> Response:
    return redirect(url_for("staff.capacity", facility_code=facility_code, date=date), 303)


def _page(page: CapacityDay, form: ClosingForm, *, changed: bool = False) -> str:
    return render_template(
        "staff/closing.html",
        page=page,
        day=page.day,
        today=clock.today(),
        form=form,
        changed=changed,
        state_words=states.WORDS,
        seen=mark(page),
        key=acts.new_key(),
    )
