"""The week: capacity and load of each day on one screen."""

from datetime import timedelta

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from reservation import clock
from reservation.domain.words import N_
from reservation.reads import week as weeks
from reservation.web import roles
from reservation.web.desk_acts import day_of
from reservation.web.staff import bp, frame


@bp.get("/staff/<facility_code>/week")
@bp.get("/staff/<facility_code>/week/<date>")
def week(facility_code: str, date: str = "") -> ResponseReturnValue:
    """The week of a day, or the one that is now."""
    today = clock.today()
    first = weeks.monday(day_of(date) if date else today)
    days = weeks.week(roles.facility_id(), first, clock.now())
    if not days:
        abort(404)
    return render_template(
        "staff/week.html",
        days=days,
        today=today,
        first=first,
        last=first + timedelta(days=weeks.DAYS - 1),
        before=first - timedelta(days=weeks.DAYS),
        after=first + timedelta(days=weeks.DAYS),
    )


frame.tab("staff.week", N_("人員・定員"), "c")
