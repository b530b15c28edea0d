"""Today, or any day by its date, with one child's card beside it where asked for."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

from flask import abort, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug import Response

from reservation import clock
from reservation.domain.states import ON_THE_LIST
from reservation.domain.words import N_
from reservation.reads import today as days
from reservation.reads.child_card import Card
from reservation.reads.today import Today
from reservation.services import looks
from reservation.web import roles, terms
from reservation.web.desk_acts import day_of
from reservation.web.staff import acts, bp, frame, words
from reservation.web.staff.bill_form import BillForm, bill_form
from reservation.web.staff.forms import IllnessForm, OverrideForm
from reservation.web.staff.paper_form import PHASES, REST, PaperForm

frame.tab("staff.today", N_("きょう"), "1")


@bp.get("/staff/<facility_code>/")
def today(facility_code: str) -> str:
    """The day it is."""
    return show(days.first_day(roles.facility_id(), clock.today()))


@bp.get("/staff/<facility_code>/day/<day>")
def day(facility_code: str, day: str) -> str:
    """Any day."""
    return show(day_of(day))


@bp.get("/staff/<facility_code>/bookings/<booking_id>")
def booking(facility_code: str, booking_id: str) -> str:
    """The booking's day with its card open; who opened it is kept."""
    page = read(_day_of(booking_id), booking_id)
    if page.card is not None:
        child = page.card.child.booking.child_id
        looks.note("card", roles.by(), clock.now, child_id=child, day=page.day)
    return _shown(page, booking_id)


@bp.get("/staff/<facility_code>/day/<day>/board")
def board(facility_code: str, day: str) -> Response:
    """The part of the page that moves by itself; 304 while nothing that it shows has changed."""
    card = request.args.get("card", "")
    page = read(day_of(day), card)
    response = make_response(render_template("staff/_board.html", **_context(page, {})))
    response.set_etag(_mark(page))
    response.headers["Reservation-Now"] = clock.now().isoformat()
    return response.make_conditional(request)


def show(day: date, card: str = "", forms: dict[str, Any] | None = None) -> str:
    """The whole page."""
    return _shown(read(day, card), card, forms)


def card_with(booking_id: str, **forms: Any) -> str:
    """The booking's card with a form that came back with errors."""
    return show(_day_of(booking_id), booking_id, forms)


def bill_form_of(booking_id: str) -> BillForm:
    """The form of a booking's bill; 404 for one that is not here."""
    card = card_of(booking_id)
    return bill_form(card) if card is not None else abort(404)


def card_of(booking_id: str) -> Card | None:
    """The card of a booking; 404 for one that is not here."""
    return read(_day_of(booking_id), booking_id).card


def open_rooms(booking_id: str) -> list[tuple[str, str]]:
    """The rooms that are open on the booking's day, to choose from."""
    return rooms_on(_day_of(booking_id))


def rooms_on(day: date) -> list[tuple[str, str]]:
    """The rooms that are open on a day, to choose from."""
    rooms = days.rooms_on(roles.facility_id(), day)
    return [(room, words.i18n_text(label)) for room, label, is_open in rooms if is_open]


def room_words(booking_id: str, room_id: str) -> str:
    """The name of a room on the booking's day."""
    rooms = days.rooms_on(roles.facility_id(), _day_of(booking_id))
    return next((words.i18n_text(label) for room, label, _open in rooms if room == room_id), "")


def read(day: date, card: str) -> Today:
    """The day of this facility; 404 for a day without rules and a card that is not here."""
    try:
        return days.today(roles.facility_id(), day, clock.now(), card)
    except LookupError:
        abort(404)


def _shown(page: Today, card: str, forms: dict[str, Any] | None = None) -> str:
    context = _context(page, forms or {})
    return render_template("staff/today.html", done=acts.take_done(page.day, card), **context)


def _day_of(booking_id: str) -> date:
    found = days.day_of(roles.facility_id(), booking_id)
    return found or abort(404)


def _context(page: Today, forms: dict[str, Any]) -> dict[str, Any]:
    card = page.card
    if card is not None:
        rooms = [(room, words.i18n_text(label)) for room, label in card.every_room]
        forms.setdefault("illness_form", IllnessForm.of(card.child, card.rules, shown=True))
        forms.setdefault("override_form", OverrideForm.of(rooms))
        forms.setdefault("bill_form", bill_form(card))
        if card.child.state in ON_THE_LIST:
            forms["offered"] = terms.offered(card.rules, page.day, card.child.booking.terms)
        forms.setdefault("paper_form", PaperForm.of(card.rules, card.child.booking.illness))
    return {
        "page": page,
        "day_before": page.day - timedelta(days=1),
        "day_after": page.day + timedelta(days=1),
        "reasons": words.reasons(),
        "rest_words": REST,
        "phase_words": PHASES,
        "is_past": page.day < clock.today(),
        "night_words": _night(page.day),
        "status_parts": _status(page),
        **forms,
    }


def _night(day: date) -> str:
    """The night before a care day, as it is called today."""
    today = clock.today()
    if day == today:
        return _("きのうの夜")
    return _("今夜") if day == today + timedelta(days=1) else _("前の日の夜")


def _status(page: Today) -> list[str]:
    work = page.clockwork
    time = words.clock_seconds(work.ran_at) if work.ran_at else ""
    state = _("異常(%(names)s)", names=_("、").join(work.failed)) if work.failed else _("正常")
    return [
        _("定期処理 %(time)s %(state)s", time=time, state=state)
        if time
        else _("定期処理 まだ動いていません"),
        _("未送信 %(n)s", n=work.unsent),
        _("更新 %(time)s", time=words.clock_seconds(clock.now())),
    ]


def _mark(page: Today) -> str:
    """Changes with whatever the board shows, and with the minute, which deadlines count down."""
    minute = int(clock.now().timestamp()) // 60
    shown = repr(
        (
            page.version,
            page.decisions,
            page.rooms,
            page.moves,
            page.waiting,
            page.over,
            page.card,
            page.night,
        )
    )
    return hashlib.sha256(f"{minute}{shown}".encode()).hexdigest()[:20]
