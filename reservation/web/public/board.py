"""`/`: where is there a place for this child? No form that posts, no cookie, no session."""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, make_response, render_template, request, url_for

from reservation import clock, i18n
from reservation.i18n import text_of
from reservation.reads import board as boards
from reservation.reads import municipalities
from reservation.reads.board import Board, RoomCard
from reservation.reads.looks import Look
from reservation.reads.municipalities import House
from reservation.reads.once import Once
from reservation.web import front, town
from reservation.web.public import board_view, bp, choices
from reservation.web.public.board_view import BoardView
from reservation.web.public.choices import Asked

MINUTE = timedelta(minutes=1)
LOOKS = 3
"""A page costs more than the bytes and is brought up to date by them as soon as it is open: it may
be handed out this many times as long, four times with the one in the making."""
pages = Once(500)
_KNOWN = frozenset({"complaint", "told", "age", "day", "lang", "m"})
"""What an address may say; a page whose links carry something else is made for its reader only."""


@bp.get("/", endpoint="board")
@bp.get("/m/<town>/", endpoint="board")
def show() -> Response:
    """The board of the municipality of this address; where it names none, the list of them."""
    look = front.look()
    if look is None:
        return _towns()
    asked = choices.asked(request.args)
    if not _KNOWN.issuperset(request.args) or len(request.full_path) > front.LONGEST:
        return _public(_body(look.house, asked))
    now = clock.now()
    tag = _tag(look, now)
    response = _public(pages.get(tag, lambda: _body(look.house, asked)))
    response.set_etag(tag)
    # The page shows the time of its data.
    return front.keep(response, look, now.replace(second=0, microsecond=0) + MINUTE, LOOKS)


def _body(house: House, asked: Asked) -> bytes:
    choice = asked.choice
    if choice is None:
        form = _form(asked, boards.ages(house.id, clock.now()))
        return render_template("public/choose_diagnosis.html", form=form).encode()
    found = boards.board(house, choice, asked.day, clock.now())
    view = BoardView(found, asked, house, _here(asked), _form(asked, found.ages))
    return render_template(
        "public/board.html", view=view, book=lambda room: book_url(house, asked, found, room)
    ).encode()


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


def _tag(look: Look, now: datetime) -> str:
    """Changes with what the board says, in which language, for which address, and each minute."""
    parts = (look.tag, now.strftime("%H:%M"), i18n.language(), request.full_path, request.host)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def _public(body: str | bytes) -> Response:
    """An answer that anybody may keep for a second."""
    response = make_response(body)
    response.headers["Cache-Control"] = "public, max-age=1, stale-while-revalidate=1"
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response
