"""An offer: opened from the mail, answered by a button only, late answers told kindly."""

from secrets import token_urlsafe

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain.refusals import Code
from reservation.domain.states import State
from reservation.reads.my_bookings import BookingPage
from reservation.services import offers as service
from reservation.web.parents import bp
from reservation.web.parents.acts import act_key, say_reused
from reservation.web.parents.hold import own_page, say_no
from reservation.web.parents.session import me

LATE = {Code.OFFER_ENDED: "ended", Code.ALREADY_GONE: "gone"}


@bp.get("/my/offers/<booking_id>")
def offer(booking_id: str) -> ResponseReturnValue:
    """The question, and until when it may be answered."""
    page = own_page(booking_id)
    if page.booked.state is State.OFFERED:
        return _question(page)
    if page.booked.state is State.WAITING:
        return render_template(
            "parents/offer_over.html", booked=page.booked, why=_why(page), by=page.by_another
        )
    return redirect(url_for("parents.booking", booking_id=booking_id), 303)


@bp.post("/my/offers/<booking_id>/yes")
def say_yes(booking_id: str) -> ResponseReturnValue:
    """Take the place."""
    outcome = service.say_yes(booking_id, me().by, act_key("yes"), clock.now)
    late = next((LATE[one.code] for one in outcome.refusals if one.code in LATE), None)
    if late:
        say_reused(outcome)
        return redirect(url_for("parents.offer", booking_id=booking_id, late=late), 303)
    say_no(outcome)
    return redirect(url_for("parents.booking", booking_id=booking_id), 303)


@bp.post("/my/offers/<booking_id>/no")
def say_not_this_time(booking_id: str) -> ResponseReturnValue:
    """Let it go by; the rank stays."""
    outcome = service.say_no(booking_id, me().by, act_key("no"), clock.now)
    if outcome.has(Code.OFFER_ENDED):
        return redirect(url_for("parents.offer", booking_id=booking_id, late="ended"), 303)
    say_reused(outcome)
    flash(_("今回は見送りました。順番はそのままです。"), "yes")
    return redirect(url_for("parents.booking", booking_id=booking_id), 303)


def _why(page: BookingPage) -> str:
    """'ended' when the time was over, 'passed' when the family let it go by, 'gone' when another
    took it."""
    entry = page.booked.booking
    if entry.state is State.WAITING and page.log and page.log[-1].action == "no":
        return "passed"
    over = entry.state is State.OFFERED or entry.passed_at is not None
    return request.args.get("late") or ("ended" if over else "gone")


def _question(page: BookingPage) -> str:
    booked = page.booked
    began = booked.offer_began or clock.now()
    ends = booked.booking.ends_at or clock.now()
    # Another place of the child on this day ends by a yes, and the page says so before.
    others = [*page.others, *(o for one in page.siblings for o in own_page(one.id).others)]
    ending = [one for one in others if one.state in (State.CONFIRMED, State.REQUESTED)]
    return render_template(
        "parents/offer.html",
        booked=booked,
        ends=ends,
        seconds=int((ends - began).total_seconds()),
        ending=ending,
        siblings=page.siblings,
        token=token_urlsafe(),
    )
