"""`/vacancy.json`: the board as bytes, for pages that poll and for programs (docs/vacancy.md)."""

from flask import Response, abort, request

from reservation import clock
from reservation.reads import vacancy_bytes
from reservation.web import town
from reservation.web.public import bp


@bp.get("/vacancy.json", endpoint="vacancy")
@bp.get("/m/<town>/vacancy.json", endpoint="vacancy")
def show() -> Response:
    """The bytes that hold now; 304 for who has them already."""
    house = town.asked()
    if house is None:
        abort(404)
    now = clock.now()
    state = vacancy_bytes.state(house, now)
    response = Response(state.body, mimetype="application/json")
    if request.if_none_match.contains(state.tag):
        response = Response(status=304)
    response.set_etag(state.tag)
    response.headers["Cache-Control"] = "public, max-age=1"
    # Pages show it as the time of their data: a device's own clock may be wrong.
    response.headers["Reservation-Now"] = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    return response
