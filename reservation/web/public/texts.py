"""Privacy notice, accessibility statement, imprint."""

from flask import Response, abort, make_response, render_template

from reservation.web import town
from reservation.web.public import bp


@bp.get("/privacy", endpoint="privacy")
@bp.get("/m/<town>/privacy", endpoint="privacy")
def privacy() -> Response:
    """What is kept of whom, why, for how long, and who may ask."""
    return _page("public/privacy.html")


@bp.get("/accessibility", endpoint="accessibility")
@bp.get("/m/<town>/accessibility", endpoint="accessibility")
def accessibility() -> Response:
    """How far the pages keep to JIS X 8341-3, and whom to tell where they do not."""
    return _page("public/accessibility.html")


@bp.get("/imprint", endpoint="imprint")
@bp.get("/m/<town>/imprint", endpoint="imprint")
def imprint() -> Response:
    """Who runs this, and how to reach them."""
    return _page("public/imprint.html")


def _page(template: str) -> Response:
    house = town.certain() if town.named() else town.asked()
    if house is None and town.named():
        abort(404)
    response = make_response(render_template(template, house_rules=house))
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response
