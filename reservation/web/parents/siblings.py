"""Both or none: a place for a brother or sister beside a held one, or beside one in the list."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_urlsafe

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain.refusals import NO_PLACE, Refusal
from reservation.domain.states import State
from reservation.reads import my_book
from reservation.reads.my_book import Asker
from reservation.reads.my_bookings import Booked, BookingPage
from reservation.services import siblings
from reservation.services.outcomes import Outcome
from reservation.web import onset, refusals
from reservation.web.parents import bp
from reservation.web.parents.acts import act_key, say_reused
from reservation.web.parents.hold import own_page, say_no
from reservation.web.parents.session import me
from reservation.web.parents.sibling_forms import AddForm

ADDS = frozenset({State.HELD, State.WAITING})


@bp.get("/my/bookings/<booking_id>/sibling")
def sibling(booking_id: str) -> ResponseReturnValue:
    """Which child, and how it is: one button asks for its place."""
    page = own_page(booking_id)
    others = _others(page)
    if page.booked.state not in ADDS or not others:
        return redirect(url_for("parents.booking", booking_id=booking_id), 303)
    return _page(page.booked, AddForm.of(page.booked, others, formdata=None), others)


@bp.post("/my/bookings/<booking_id>/sibling")
def add_sibling(booking_id: str) -> ResponseReturnValue:
    """Ask for the place; where there is none, why, and what can be done for both."""
    page = own_page(booking_id)
    booked, others = page.booked, _others(page)
    form = AddForm.of(booked, others)
    if not form.validate_on_submit():
        return _page(booked, form, others), 422
    outcome = siblings.add(
        booking_id, form.wanted(booked.booking), me().by, act_key("sibling"), clock.now
    )
    say_reused(outcome)
    if outcome.code == "asks_onset":
        form.onset.errors = [_("症状が出た日を選んでください")]
        return _page(booked, form, others), 422
    if outcome.is_refused:
        return _page(booked, form, others, outcome.refusals), 422
    return _to(booking_id, outcome)


@bp.post("/my/bookings/<booking_id>/sibling/wait")
def wait_for_both(booking_id: str) -> ResponseReturnValue:
    """Let the held place go, and stand in the list with both."""
    page = own_page(booking_id)
    booked, others = page.booked, _others(page)
    form = AddForm.of(booked, others)
    if not form.validate_on_submit():
        return _page(booked, form, others), 422
    if _misses_onset(form, booked, others):
        return _page(booked, form, others, waits=True), 422
    wanted = form.wanted(booked.booking)
    key = act_key("wait_for_both")
    outcome = siblings.wait(booking_id, wanted, me().by, key, clock.now, onset=form.own_began)
    say_no(outcome)
    return _to(outcome.booking_id or booking_id, outcome)


@bp.post("/my/bookings/<booking_id>/part")
def part(booking_id: str) -> ResponseReturnValue:
    """One child alone is enough."""
    outcome = siblings.part(booking_id, me().by, act_key("part"), clock.now)
    say_no(outcome)
    if outcome.code == "parted":
        flash(_("1人ずつにしました。席と順番はそのままです。"), "yes")
    return redirect(url_for("parents.booking", booking_id=booking_id), 303)


def _to(booking_id: str, outcome: Outcome) -> ResponseReturnValue:
    page = "parents.check" if outcome.code == "held" else "parents.booking"
    return redirect(url_for(page, booking_id=booking_id), 303)


def _others(page: BookingPage) -> list[Asker]:
    """The children of the family that are not asked for yet."""
    asked = {one.booking.child_id for one in (page.booked, *page.siblings)}
    children = my_book.askers(me().family_id, clock.now())
    return [one for one in children if one.id not in asked]


def _misses_onset(form: AddForm, booked: Booked, others: list[Asker]) -> bool:
    """Whether who is to wait must say a day and has not; says so beside its field."""
    needed = {form.onset: form.asks_onset(booked, others), form.own_onset: booked.asks_onset}
    for field, asks in needed.items():
        if asks and onset.read(field.data) is None:
            field.errors = [_("症状が出た日を選んでください")]
    return bool(form.errors)


def _page(
    booked: Booked,
    form: AddForm,
    others: list[Asker],
    reasons: Sequence[Refusal] = (),
    *,
    waits: bool = False,
) -> str:
    """The question, or the answer to it with what can be done for both."""
    no_place = bool(reasons) and all(one.code in NO_PLACE for one in reasons)
    alone = booked.state is State.HELD and booked.booking.together is None
    listed = alone and booked.rules.waiting.mode != "none"
    chosen = next((one for one in others if one.id == form.child.data), None)
    asks = chosen is not None and bool(form.sign.data) and form.asks_onset(booked, others)
    return render_template(
        "parents/sibling.html",
        booked=booked,
        form=form,
        chosen=chosen,
        reasons=[refusals.explain(one) for one in reasons],
        waits=waits or (no_place and listed),
        asks_onset=asks,
        token=token_urlsafe(),
    )
