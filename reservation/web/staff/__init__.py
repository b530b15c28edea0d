"""Pages of a facility's staff: the way in (`desk_door`, for everyone) and the desk (`bp`)."""

from flask import Blueprint, Response, g
from flask.blueprints import BlueprintSetupState

from reservation import clock
from reservation.services import passwords
from reservation.web import access, rest

bp = access.guard(Blueprint("staff", __name__), "staff")
desk_door = access.guard(Blueprint("desk_door", __name__), "public")


@desk_door.record
def _price(state: BlueprintSetupState) -> None:
    # Tests sign in hundreds of times; only there a password is cheap to guess.
    passwords.set_up(cheap=state.app.extensions["settings"].mode == "test")


@desk_door.after_request
def _keep_nothing(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.context_processor
def _frame() -> dict[str, object]:
    made = {"new_key": acts.new_key, "rest_fields": rest.fields}
    return {**frame.of_desk(g.get("post")), "now": clock.now(), **made}


from reservation.web.staff import (  # noqa: E402 -- views join their blueprint
    acts,
    bills,
    capacity,
    closing,
    day_sheet,
    decisions,
    door,
    frame,
    night_words,
    papers,
    password,
    people,
    photos,
    registrations,
    rooms,
    settings,
    shown_papers,
    sign_in,
    telephone,
    terms,
    today,
    week,
)
from reservation.web.staff.rulebook import pages  # noqa: E402 -- views join their blueprint

__all__ = [
    "acts", "bills", "bp", "capacity", "closing", "day_sheet", "decisions", "desk_door", "door",
    "frame", "night_words", "pages", "papers", "password", "people", "photos", "registrations",
    "rooms", "settings", "shown_papers", "sign_in", "telephone", "terms", "today", "week",
]  # fmt: skip
