"""Standing in a list: with the terms, and the day of onset where the rules of that day count it."""

from secrets import token_urlsafe
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired

from reservation import clock
from reservation.domain import illnesses, morning
from reservation.domain.values import Terms
from reservation.reads import my_book
from reservation.reads.my_book import Room
from reservation.services import bookings
from reservation.services.children import Wanted
from reservation.web import onset, terms
from reservation.web.fields import options
from reservation.web.parents import asking as wishes
from reservation.web.parents import bp
from reservation.web.parents.acts import act_key, answer, fields_of
from reservation.web.parents.session import me


class OnsetForm(FlaskForm):
    """When the illness began."""

    onset = SelectField(_l("症状が出た日"), [InputRequired(_l("症状が出た日を選んでください"))])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.onset.choices = options(onset.days())


@bp.post("/my/book/join")
def join_list() -> ResponseReturnValue:
    """Stand in the waiting list; where the days since onset count, they are asked for first."""
    wanted, said = wishes.wanted(request.form), terms.sent(request.form)
    outcome = bookings.join(wanted, me().by, act_key("join"), clock.now, said)
    return _ask(wanted, said) if outcome.code == "asks_onset" else answer(outcome, wanted)


def asks_onset(wanted: Wanted, room: Room) -> bool:
    """Whether the day of onset will be asked before this child may wait here."""
    children = my_book.askers(me().family_id, clock.now())
    birthday = next((one.birthday for one in children if one.id == wanted.child_id), None)
    illness = illnesses.illness_for(room.rules, wanted.complaint, wanted.told)
    return morning.asks_onset(room.rules, illness, birthday, wanted.care_day)


def _ask(wanted: Wanted, said: Terms) -> ResponseReturnValue:
    """The question alone, with what has been said so far; from the board nothing was asked yet."""
    room = my_book.room(wanted.facility_id, wanted.care_day) or abort(404)
    form = OnsetForm() if "onset" in request.form else OnsetForm(formdata=None)
    if "onset" in request.form:
        form.validate()
    page = render_template(
        "parents/onset.html",
        room=room,
        wanted=wanted,
        form=form,
        fields=fields_of(wanted),
        offered=terms.offered(room.rules, wanted.care_day, said),
        token=token_urlsafe(),
    )
    return page, 422
