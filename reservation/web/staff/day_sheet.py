"""The day sheet: A4, black on white, to work with when there is no network."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from reservation import clock
from reservation.reads import day_sheet as reads
from reservation.services import looks
from reservation.store.rulebooks import NoRuleBook
from reservation.web import roles
from reservation.web.desk_acts import day_of
from reservation.web.staff import bp

EMPTY_LINES = 3
"""Lines to write on by hand, below the children."""


@bp.get("/staff/<facility_code>/day/<date>/sheet")
def day_sheet(facility_code: str, date: str) -> ResponseReturnValue:
    """The sheet of a day, as it stands now."""
    try:
        day = day_of(date)
        sheet = reads.day_sheet(roles.facility_id(), day, clock.now())
    except NoRuleBook:
        abort(404)
    looks.note("day_sheet", roles.by(), clock.now, day=day)
    return render_template("staff/day_sheet.html", sheet=sheet, empty_lines=EMPTY_LINES)
