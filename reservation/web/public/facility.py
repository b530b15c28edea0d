"""The page of one facility: everything a family asks before it books."""

from flask import Response, abort, make_response, render_template, url_for

from reservation import clock
from reservation.reads import facility_page
from reservation.web import town
from reservation.web.public import bp
from reservation.web.public.facility_view import FacilityView


@bp.get("/facilities/<code>", endpoint="facility")
@bp.get("/m/<town>/facilities/<code>", endpoint="facility")
def show(code: str) -> Response:
    """Hours, address, fee, illnesses, rooms, clocks in words, what to bring."""
    house = town.certain()
    found = facility_page.facility_page(house, code, clock.now()) if house else None
    if found is None:
        abort(404)
    view = FacilityView(found, url_for("public.board"))
    response = make_response(render_template("public/facility.html", view=view))
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response
