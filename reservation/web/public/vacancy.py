"""`/vacancy.json`: the board as bytes, for pages that poll and for programs (docs/vacancy.md)."""

from flask import Response, abort

from reservation.web import front
from reservation.web.public import bp


@bp.get("/vacancy.json", endpoint="vacancy")
@bp.get("/m/<town>/vacancy.json", endpoint="vacancy")
def show() -> Response:
    """The bytes that hold now; 304 for who has them already."""
    look = front.look()
    if look is None:
        abort(404)
    state = look.state
    response = Response(state.body, mimetype="application/json")
    response.set_etag(state.tag)
    response.headers["Cache-Control"] = "public, max-age=1, stale-while-revalidate=1"
    # Pages show it as the time of their data: a device's own clock may be wrong.
    response.headers[front.TIME] = front.told(look.seen)
    return front.keep(response, look, state.fresh_until)
