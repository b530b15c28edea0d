"""Pages of families: the way in (`door`, for everyone) and what lies behind it (`bp`)."""

from flask import Blueprint, Response, g

from reservation import clock
from reservation.web import access, house

bp = access.guard(Blueprint("parents", __name__), "parents")
door = access.guard(Blueprint("door", __name__), "public")


@bp.context_processor
def _frame() -> dict[str, object]:
    viewer = g.get("viewer")
    home = house.of(viewer.municipality_id) if viewer else house.asked()
    return {"viewer": viewer, "municipality": house.shown(home), "now": clock.now()}


@door.context_processor
def _porch() -> dict[str, object]:
    return {"municipality": house.shown(house.asked()), "now": clock.now()}


@door.after_request
def _keep_nothing(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


from reservation.web.parents import account, family, me, resend, session, sign_in  # noqa: E402 -- views join

__all__ = ["account", "bp", "door", "family", "me", "resend", "session", "sign_in"]
