"""A family's own board, where one tap holds a place; the refusal with its reasons; the need."""

from datetime import date
from secrets import token_urlsafe
from typing import Any

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain.refusals import NO_PLACE
from reservation.reads import my_book, my_bookings
from reservation.reads.my_book import Asker
from reservation.reads.my_bookings import Booked
from reservation.services import bookings, families, holds
from reservation.services.children import Wanted
from reservation.services.outcomes import from_json
from reservation.web import refusals, terms, town
from reservation.web.parents import asking as wishes
from reservation.web.parents import bp, waiting
from reservation.web.parents.acts import REFUSED, act_key, answer, say_reused
from reservation.web.parents.asking import Asking
from reservation.web.parents.child_forms import FirstChildForm
from reservation.web.parents.session import me
from reservation.web.public import board_view, choices
from reservation.web.public.board_view import BoardView


@bp.get("/my/book")
def book() -> ResponseReturnValue:
    """The rooms for this family's child; with `?room=` the one that was chosen on the board."""
    children = my_book.askers(me().family_id, clock.now())
    if not children:
        return _first_page(FirstChildForm(formdata=None))
    found = wishes.asking(children)
    if found is None:
        return render_template("parents/which_child.html", children=_choices(children))
    board = found.board()
    if board is None:
        return render_template("parents/which_diagnosis.html", form=_ask(found), asking=found)
    view = BoardView(board, found.asked, found.house, found.here, _ask(found))
    chosen = [room for room in board.rooms if room.code == request.args.get("room")]
    return render_template(
        "parents/book.html",
        view=view,
        asking=found,
        chosen=chosen,
        own=_own(found, board.day),
        token=token_urlsafe(),
    )


@bp.post("/my/book")
def hold() -> ResponseReturnValue:
    """One tap: hold a place for the minutes of the form."""
    return _hold(wishes.wanted(request.form))


@bp.post("/my/need")
def need() -> ResponseReturnValue:
    """「この日に預け先が必要です」: counted, and nothing more."""
    wanted = wishes.wanted(request.form)
    say_reused(bookings.need(wanted, me().by, act_key("need"), clock.now))
    flash(
        _(
            "お知らせいただき、ありがとうございます。足りない席の数として数えました。予約ではありません。"
        ),
        "yes",
    )
    return redirect(_board_of(wanted), 303)


@bp.post("/my/book/first")
def first_child() -> ResponseReturnValue:
    """A first-timer: the child, and at once the hold of what was chosen before signing in."""
    form = FirstChildForm()
    if not form.validate_on_submit():
        return _first_page(form), 422
    if not request.form.get("facility"):
        families.add_child(form.facts(), me().by, act_key("add_child"), clock.now)
        return redirect(url_for("parents.book"), 303)
    wanted = wishes.wanted(request.form, child_id="-")
    home = wishes.house()
    made = families.first_child(
        form.facts(), wanted.facility_id, home.consent_version, me().by, act_key("first"), clock.now
    )
    return _hold(wishes.wanted(request.form, child_id=str(made.values["child_id"])))


@bp.get("/my/book/refused")
def refused() -> ResponseReturnValue:
    """Every reason, what to do next, and who may be telephoned."""
    kept = session.get(REFUSED)
    if kept is None:
        return redirect(url_for("parents.book"), 303)
    wanted = wishes.wanted(kept["fields"])
    room = my_book.room(wanted.facility_id, wanted.care_day) or abort(404)
    outcome = from_json(kept["outcome"])
    joins = all(one.code in NO_PLACE for one in outcome.refusals)
    joins = joins and room.rules.waiting.mode != "none"
    return render_template(
        "parents/refused.html",
        room=room,
        wanted=wanted,
        fields=kept["fields"],
        reasons=[refusals.explain(one) for one in outcome.refusals],
        codes={one.code.value for one in outcome.refusals},
        asks_work=any("rule" in one.values for one in outcome.refusals),
        offered=terms.offered(room.rules, wanted.care_day),
        joins=joins,
        onset_form=_onset_form(wanted, room) if joins else None,
        board=_board_of(wanted),
        token=token_urlsafe(),
    )


def _onset_form(wanted: Wanted, room: my_book.Room) -> waiting.OnsetForm | None:
    return waiting.OnsetForm(formdata=None) if waiting.asks_onset(wanted, room) else None


def _own(found: Asking, day: date | None) -> dict[str, Booked]:
    """By facility: what this child has open on that day already."""
    mine = my_bookings.open_ones(me().family_id, clock.now())
    return {
        one.booking.facility_id: one
        for one in mine
        if one.day == day and one.booking.child_id == found.child.id
    }


def _hold(wanted: Wanted) -> ResponseReturnValue:
    return answer(holds.hold(wanted, me().by, act_key("hold"), clock.now), wanted)


def _board_of(wanted: Wanted) -> str:
    """The family's board with the same choice."""
    children = my_book.askers(me().family_id, clock.now())
    numbers = {one.id: n for n, one in enumerate(children, 1)}
    room = my_book.room(wanted.facility_id, wanted.care_day)
    house = town.of(room.municipality_id) if room else None
    return url_for(
        "parents.book",
        complaint=wanted.complaint.value,
        told=choices.number(wanted.told) if wanted.told else None,
        day=wanted.care_day.isoformat(),
        child=numbers.get(wanted.child_id) if len(children) > 1 else None,
        m=house.code if house else None,
    )


def _ask(found: Asking) -> board_view.Ask:
    form = board_view.ask_form(found.asked, url_for("parents.book", lang=None))
    more = {"m": found.house.code}
    if len(found.children) > 1:
        more["child"] = str(found.children.index(found.child) + 1)
    form.hidden.update(more)
    return form


def _choices(children: list[Asker]) -> list[tuple[str, Asker]]:
    """(address, child) to choose between."""
    kept: dict[str, Any] = dict(request.args.items())
    return [
        (url_for("parents.book", **{**kept, "child": n}), one) for n, one in enumerate(children, 1)
    ]


def _first_page(form: FirstChildForm) -> str:
    """The form of a first-timer, with the room they chose before signing in."""
    house = wishes.house()
    asked = choices.asked(request.values)
    facility_id = request.form.get("facility", "")
    code = request.args.get("room", "")
    if code and not facility_id and asked.choice is not None:
        facility_id = my_book.facility_id(house.id, code) or ""
    room = my_book.room(facility_id, asked.day) if facility_id and asked.day else None
    fields = wishes.sent_fields("", facility_id, asked.day, asked) if room and asked.day else {}
    return render_template(
        "parents/first_child.html",
        form=form,
        room=room,
        day=asked.day,
        fields={name: text for name, text in fields.items() if name != "child"},
        consent=house,
        token=token_urlsafe(),
    )
