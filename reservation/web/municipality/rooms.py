"""All rooms of a day on one screen."""

from datetime import date, timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reservation import clock
from reservation.domain.words import N_
from reservation.reads import office
from reservation.web import roles
from reservation.web.desk_acts import day_of
from reservation.web.municipality import bp
from reservation.web.municipality.frame import tab


@bp.get("/")
def home() -> ResponseReturnValue:
    """To the only town of this person, or to the list of places."""
    towns = [post for post in roles.me().person.posts if post.facility_id is None]
    if len(towns) == 1:
        return redirect(roles.place_of(towns[0]), 303)
    return redirect(url_for("staff.home"), 303)


@bp.get("/<municipality_code>/")
def rooms(municipality_code: str) -> ResponseReturnValue:
    """Every room of today, or of the day named in the address."""
    day = _day(request.args.get("date"))
    found = office.rooms_on(roles.here().municipality_id, day, clock.now)
    return render_template(
        "municipality/rooms.html",
        day=day,
        today=clock.today(),
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        rooms=found,
    )


tab("municipality.rooms", N_("きょうの全施設"))


def _day(text: str | None) -> date:
    return day_of(text) if text else clock.today()
