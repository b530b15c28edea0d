"""The check page of a held place: confirm, extend once, or let it go."""

from secrets import token_urlsafe

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain import check_page
from reservation.domain.states import State
from reservation.reads import my_bookings, my_family
from reservation.reads.my_bookings import Booked, BookingPage
from reservation.services import bookings, holds, siblings
from reservation.services.outcomes import Outcome
from reservation.web import onset, refusals
from reservation.web.parents import asking, bp
from reservation.web.parents.acts import act_key, say_reused
from reservation.web.parents.check_forms import CheckForm, SiblingForm
from reservation.web.parents.session import me

Siblings = list[tuple[Booked, SiblingForm]]
"""The bookings that are held with the one of the page, each with its own questions."""
SAID = "said"
KEPT_SIGNS = 300
"""Of a remark, in the session, in case the hold ends while it is typed."""


@bp.get("/my/hold/<booking_id>")
def check(booking_id: str) -> ResponseReturnValue:
    """The form while the place is held; afterwards the way to hold it again."""
    page = own_page(booking_id)
    booked = page.booked
    if booked.state is State.HELD:
        form = CheckForm(booked, formdata=None, data=_begun(booked))
        return _check_page(booked, form, _begun_siblings(page))
    if booked.state in (State.EXPIRED, State.CANCELLED) and booked.confirmed_at is None:
        return _over_page(booked)
    return redirect(url_for("parents.booking", booking_id=booking_id), 303)


@bp.post("/my/hold/<booking_id>")
def confirm(booking_id: str) -> ResponseReturnValue:
    """Book, for siblings both. When the hold has ended meanwhile, what was typed waits for the
    next one."""
    page = own_page(booking_id)
    booked, form = page.booked, CheckForm(page.booked)
    more = [(one, SiblingForm(one, n)) for n, one in enumerate(page.siblings, 1)]
    # Each is looked at, so that every mistake is told at once.
    right = [each.validate_on_submit() for each in (form, *(f for _one, f in more))]
    if not all(right):
        if booked.state is not State.HELD:
            return redirect(url_for("parents.check", booking_id=booking_id), 303)
        return _check_page(booked, form, more), 422
    outcome = _confirm(booked, form, more)
    say_reused(outcome)
    if outcome.is_refused:
        if _explained(outcome, booked, form, more):
            return _check_page(booked, form, more), 422
        _keep(booked, form)
        return redirect(url_for("parents.check", booking_id=booking_id), 303)
    session.pop(SAID, None)
    return redirect(url_for("parents.booking", booking_id=booking_id), 303)


def _confirm(booked: Booked, form: CheckForm, more: Siblings) -> Outcome:
    key = act_key("confirm")
    if not more:
        return bookings.confirm(booked.id, form.said(), me().by, key, clock.now)
    said = {booked.id: form.said(), **{one.id: each.said(form) for one, each in more}}
    return siblings.confirm(booked.id, said, me().by, key, clock.now)


def _explained(outcome: Outcome, booked: Booked, form: CheckForm, more: Siblings) -> bool:
    """Each reason beside the field of the child it is about; False where no field is to blame."""
    whose = outcome.values.get(siblings.WHOSE, [booked.id] * len(outcome.refusals))
    of = {booked.id: form, **{one.id: each for one, each in more}}
    told = zip(whose, outcome.refusals, strict=True)
    found = [of[one].explain([why]) for one, why in told if one in of]
    return any(found)


@bp.post("/my/hold/<booking_id>/extend")
def extend(booking_id: str) -> ResponseReturnValue:
    """A few minutes more, once."""
    outcome = holds.extend(booking_id, me().by, act_key("extend"), clock.now)
    say_no(outcome)
    return redirect(url_for("parents.check", booking_id=booking_id), 303)


@bp.post("/my/hold/<booking_id>/release")
def release(booking_id: str) -> ResponseReturnValue:
    """Let the place go."""
    alone = "alone" in request.form
    bookings.release(booking_id, me().by, act_key("release"), clock.now, alone=alone)
    flash(_("席を放しました。"), "yes")
    return redirect(url_for("parents.home"), 303)


def own_page(booking_id: str) -> BookingPage:
    """A booking of the reader's family with its history; 404 for any other."""
    found = my_bookings.page(booking_id, me().family_id, me().guardian_id, clock.now())
    return found or abort(404)


def own(booking_id: str) -> Booked:
    """The same without its history."""
    return own_page(booking_id).booked


def say_no(outcome: Outcome) -> None:
    """A refusal in one sentence above the page that follows."""
    say_reused(outcome)
    for one in outcome.refusals:
        flash(" ".join(refusals.explain(one)), "few")


def _begun_siblings(page: BookingPage) -> Siblings:
    return [
        (one, SiblingForm(one, n, formdata=None, data={"onset": onset.shown(one.onset)}))
        for n, one in enumerate(page.siblings, 1)
    ]


def _check_page(booked: Booked, form: CheckForm, more: Siblings) -> str:
    rules = booked.rules.booking
    minutes = rules.hold_minutes + (rules.extension_minutes if booked.booking.extended else 0)
    return render_template(
        "parents/check.html",
        booked=booked,
        form=form,
        parts=[(booked, form), *more],
        asking=asking.of_booking(booked.booking) or abort(404),
        seconds=minutes * 60,
        token=token_urlsafe(),
    )


def _over_page(booked: Booked) -> str:
    found = asking.of_booking(booked.booking) or abort(404)
    return render_template(
        "parents/hold_over.html", booked=booked, asking=found, token=token_urlsafe()
    )


def _begun(booked: Booked) -> dict[str, str | None]:
    """What the form shows at first: what was typed for this child before, else the usual."""
    kept = session.get(SAID, {})
    if kept.get("child") == booked.booking.child_id:
        return dict(kept["fields"])
    relation = my_family.relation(me().guardian_id)
    pauses = booked.rules.opening.pauses
    arrives = check_page.usual(booked.hours, pauses) if booked.hours else ""
    began = onset.shown(booked.onset)
    return {"brings": relation or "mother", "arrives_at": arrives, "onset": began}


def _keep(booked: Booked, form: CheckForm) -> None:
    fields = {name: getattr(form, name).data for name in ("brings", "arrives_at", "temperature")}
    fields |= {"since": form.since.data, "remark": (form.remark.data or "")[:KEPT_SIGNS]}
    fields["onset"] = form.onset.data if form.onset else None
    session[SAID] = {"child": booked.booking.child_id, "fields": fields}
