"""`/`: where is there a place for this child? No form that posts, no cookie, no session."""

import hashlib
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, make_response, render_template, request, url_for

from reservation import clock, i18n
from reservation.i18n import text_of
from reservation.reads import board as boards
from reservation.reads import municipalities, vacancy_bytes
from reservation.reads.board import Board, Choice, RoomCard
from reservation.reads.municipalities import House
from reservation.web import town
from reservation.web.public import board_view, bp, choices
from reservation.web.public.board_view import BoardView
from reservation.web.public.choices import Asked

KEPT, LONGEST = 500, 300
"""How many pages a process keeps, and how long an address may be that is worth it."""
_bodies: dict[str, str] = {}


@bp.get("/", endpoint="board")
@bp.get("/m/<town>/", endpoint="board")
def show() -> Response:
    """The board of the municipality of this address; where it names none, the list of them."""
    house = town.asked()
    if house is None:
        return _towns()
    asked = choices.asked(request.args)
    choice = asked.choice
    if choice is None:
        ages = boards.ages(house.id, clock.now())
        return _public(render_template("public/choose_diagnosis.html", form=_form(asked, ages)))
    tag = _tag(house)
    if request.if_none_match.contains(tag):
        return _public("", tag, 304)
    body = _bodies.get(tag) or _keep(tag, _body(house, asked, choice))
    return _public(body, tag)


def _body(house: House, asked: Asked, choice: Choice) -> str:
    found = boards.board(house, choice, asked.day, clock.now())
    view = BoardView(found, asked, house, _here(asked), _form(asked, found.ages))
    return render_template(
        "public/board.html", view=view, book=lambda room: book_url(house, asked, found, room)
    )


def _keep(tag: str, body: str) -> str:
    """Everybody who asks the same between two changes is handed the same page."""
    if len(_bodies) >= KEPT:
        _bodies.clear()
    if len(request.full_path) <= LONGEST:
        _bodies[tag] = body
    return body


def book_url(house: House, asked: Asked, found: Board, room: RoomCard | None) -> str:
    """Where a family goes on with this choice, after signing in; see web.parents."""
    query: dict[str, str] = {**asked.query(), "day": found.day.isoformat() if found.day else ""}
    query |= {"room": room.code} if room else {"need": "1"}
    query |= {"m": house.code} if town.named() else {}
    query |= {"lang": request.args["lang"]} if request.args.get("lang") else {}
    return f"/my/book?{urlencode(query)}"


def _here(asked: Asked) -> board_view.Here:
    def here(**changes: str) -> str:
        day = {"day": asked.day.isoformat()} if asked.day else {}
        values: dict[str, Any] = {**asked.query(), **day, **changes}
        return url_for("public.board", **values)

    return here


def _form(asked: Asked, ages: tuple[tuple[int, int], ...]) -> board_view.Ask:
    return board_view.ask_form(asked, url_for("public.board", lang=None), ages)


def _towns() -> Response:
    if town.named():
        abort(404)
    found = [house for house, _host in municipalities.every()]
    found.sort(key=lambda house: text_of(house.name).text)
    return _public(render_template("public/towns.html", towns=found))


def _tag(house: House) -> str:
    """Changes with what the board says, in which language, for which address, and each minute:
    the page shows the time of its data."""
    now = clock.now()
    parts: tuple[Any, ...] = (
        house,
        vacancy_bytes.state(house, now).tag,
        now.replace(second=0, microsecond=0),
        i18n.language(),
        request.full_path,
        request.host,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def _public(body: str, tag: str = "", status: int = 200) -> Response:
    """An answer that anybody may keep for a second."""
    response = make_response(body, status)
    response.headers["Cache-Control"] = "public, max-age=1"
    response.headers["Vary"] = "Accept-Language, Cookie"
    if tag:
        response.set_etag(tag)
    return response
