"""Taking a call: look while the caller is on the line, then enter it, with one button each."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain import kana
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import Channel
from reservation.domain.words import N_
from reservation.reads import callers, my_book
from reservation.reads.callers import Asking, Caller, Taken
from reservation.services import desk, looks
from reservation.services import telephone as calls
from reservation.services.children import Wanted
from reservation.services.outcomes import Outcome
from reservation.services.telephone import Call, NewChild
from reservation.web import onset, roles, terms, town
from reservation.web.refusals import explain_at_desk
from reservation.web.staff import acts, bp, forms, frame, today
from reservation.web.staff.call_forms import CallForm, NewChildForm

frame.tab("staff.telephone", N_("電話受付"), "t")


@bp.get("/staff/<facility_code>/telephone")
def telephone(facility_code: str) -> str:
    """The four fields, and what came of the call before."""
    booking_id = request.args.get("taken", "")
    taken = callers.taken(roles.facility_id(), booking_id) if booking_id else None
    return _page(_form(), taken=taken, offered=_offered(taken))


@bp.post("/staff/<facility_code>/telephone/look")
def look(facility_code: str) -> ResponseReturnValue:
    """What every room could say to this child. Performs nothing."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    found = callers.find(roles.facility_id(), _town(), form.who.data, clock.now())
    wanted = request.form.get("child_id", "")
    chosen = [one for one in found if one.child_id == wanted] or found
    child = chosen[0] if len(chosen) == 1 else None
    if child is not None:
        looks.note("telephone", roles.by(Channel.TELEPHONE), clock.now, child_id=child.child_id)
    new = None if found else _new_child(form)
    return _page(form, found=found, child=child, new=new)


@bp.post("/staff/<facility_code>/telephone/take")
def take(facility_code: str) -> ResponseReturnValue:
    """Enter the call of a known child."""
    form = _form(known=True)
    child = callers.caller(
        roles.facility_id(), _town(), request.form.get("child_id", ""), clock.now()
    )
    if not form.validate_on_submit():
        return _page(form, child=child), 422
    if child is None:
        abort(404)
    if form.misses_onset(_rules(form), child.birthday):
        return _page(form, child=child), 422
    call = _call(form, child.child_id)
    outcome = calls.take_call(call, roles.by(Channel.TELEPHONE), acts.act_key(), clock.now)
    return _answer(outcome)


@bp.post("/staff/<facility_code>/telephone/new")
def take_new(facility_code: str) -> ResponseReturnValue:
    """Enter the call of a child nobody knew; the claim code is shown once."""
    form, new = _form(known=True), NewChildForm()
    # Both are looked at, so that every mistake is told at once.
    if not all([form.validate_on_submit(), new.validate_on_submit()]):
        return _page(form, new=new), 422
    assert new.birthday.data is not None  # the form asks for it
    if form.misses_onset(_rules(form), new.birthday.data):
        return _page(form, new=new), 422
    child = NewChild(
        name=new.name.data,
        kana=new.reading.data,
        birthday=new.birthday.data,
        telephone=new.telephone.data,
    )
    by = roles.by(Channel.TELEPHONE)
    outcome, code = calls.take_new(child, _call(form, ""), by, acts.act_key(), clock.now)
    if code:
        words = _(
            "引き換え番号は %(code)s です(14日間)。ご家族がネットで登録するときに使います。",
            code=code,
        )
        flash(words + _("この番号は、もう一度は出せません。"), "yes")
    return _answer(outcome)


@bp.post("/staff/<facility_code>/telephone/override")
def override_call(facility_code: str) -> ResponseReturnValue:
    """Give a place to a child whom the rules refuse, with a reason."""
    form = _form(known=True)
    child = callers.caller(
        roles.facility_id(), _town(), request.form.get("child_id", ""), clock.now()
    )
    form.validate_on_submit()
    if form.day.errors or form.sign.errors:
        return _page(form, child=child), 422
    if child is None:
        abort(404)
    override = forms.OverrideForm.of(today.rooms_on(form.asked.day))
    if not override.validate_on_submit():
        return _page(form, child=child, override_form=override), 422
    outcome = desk.override_wish(
        _call(form, child.child_id).wanted, override.room.data, override.note.data,
        roles.by(Channel.TELEPHONE), acts.act_key(), clock.now,
    )  # fmt: skip
    return _answer(outcome)


def _form(*, known: bool = False) -> CallForm:
    return CallForm.of(callers.open_days(roles.facility_id(), clock.now()), known=known)


def _call(form: CallForm, child_id: str) -> Call:
    asked = form.asked
    wanted = Wanted(
        child_id=child_id,
        facility_id=roles.facility_id(),
        care_day=asked.day,
        complaint=asked.complaint,
        told=asked.told,
        asked_at=asked.asked_at,
        onset=onset.read(form.onset.data),
    )
    return Call(wanted=wanted, call_back=form.call_back.data or "", why=form.why.data or "")


def _answer(outcome: Outcome) -> ResponseReturnValue:
    code = roles.here().code
    if outcome.is_refused:
        flash(_("お預かりできません。") + explain_at_desk(outcome.refusals), "no")
        return redirect(url_for("staff.telephone", facility_code=code), 303)
    address = url_for("staff.telephone", facility_code=code, taken=outcome.booking_id)
    return redirect(address, 303)


def _offered(taken: Taken | None) -> terms.Offered | None:
    """On which terms the caller may wait; None for who does not wait."""
    if taken is None or taken.rank is None:
        return None
    booking = taken.child.booking
    return terms.offered(taken.rules, booking.care_day, booking.terms)


def _rules(form: CallForm) -> RuleBook:
    room = my_book.room(roles.facility_id(), form.asked.day)
    return room.rules if room else abort(404)


def _town() -> str:
    return roles.here().municipality_id


def _new_child(form: CallForm) -> NewChildForm:
    """The form for a child nobody knows, with what has been typed already."""
    reading = kana.katakana(form.who.data or "")
    known = {"reading": reading} if kana.is_reading(reading) else {}
    return NewChildForm(formdata=None, telephone=form.call_back.data, **known)


def _page(form: CallForm, **more: Any) -> str:
    child: Caller | None = more.get("child")
    new = more.get("new")
    wrong = form.errors.keys() - {"onset"}  # that stands with the room's answer
    rooms = _rooms(form, child) if child is not None and not wrong else ()
    if child is not None and not wrong:
        more.setdefault("override_form", forms.OverrideForm.of(today.rooms_on(form.asked.day)))
    return render_template(
        "staff/telephone.html",
        form=form,
        rooms=rooms,
        has_errors=bool(form.errors or (new is not None and new.errors)),
        asks_onset=new is not None and not wrong and form.asks_onset(_rules(form), None),
        recent=callers.calls_of(roles.facility_id(), clock.now()),
        **{"found": None, "new": None, "taken": None, **more},
    )


def _rooms(form: CallForm, child: Caller) -> tuple[callers.RoomAnswer, ...]:
    asked = form.asked
    house = town.of(_town())
    asking = Asking(
        own=roles.facility_id(),
        municipality_id=_town(),
        municipality_code=house.code if house else "",
        child_id=child.child_id,
        day=asked.day,
        complaint=asked.complaint,
        told=asked.told,
        asked_at=asked.asked_at or clock.now(),
    )
    return callers.answers(asking, clock.now())
