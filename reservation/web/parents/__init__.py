"""Pages of families: the way in (`door`, for everyone) and what lies behind it (`bp`)."""

from flask import Blueprint, Response, g

from reservation import clock
from reservation.reads.municipalities import House
from reservation.web import access, town

bp = access.guard(Blueprint("parents", __name__), "parents")
door = access.guard(Blueprint("door", __name__), "public")


def _shown(home: House | None) -> dict[str, str] | None:
    return town.shown(home) if home else None


@bp.context_processor
def _frame() -> dict[str, object]:
    viewer = g.get("viewer")
    home = town.of(viewer.municipality_id) if viewer else town.asked()
    return {"viewer": viewer, "municipality": _shown(home), "now": clock.now()}


@door.context_processor
def _porch() -> dict[str, object]:
    return {"municipality": _shown(town.asked()), "now": clock.now()}


@door.after_request
def _keep_nothing(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


from reservation.web.parents import (  # noqa: E402 -- views join their blueprint
    account,
    book,
    bookings,
    bringing,
    chance_words,
    coming,
    family,
    hold,
    log_words,
    me,
    offers,
    photos,
    removing,
    session,
    siblings,
    sign_in,
    terms,
    waiting,
    words,
)

__all__ = [
    "account", "book", "bookings", "bp", "bringing", "chance_words", "coming", "door", "family",
    "hold", "log_words", "me", "offers", "photos", "removing", "session", "siblings", "sign_in",
    "terms", "waiting", "words",
]  # fmt: skip
