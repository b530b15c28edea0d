"""The morning's question whether the child comes: opened from the mail, answered by a button."""

from secrets import token_urlsafe

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain.states import State
from reservation.reads import my_bookings
from reservation.services import reconfirming
from reservation.web import rest
from reservation.web.parents import bp
from reservation.web.parents.acts import act_key, say_fell, say_reused
from reservation.web.parents.hold import own, say_no
from reservation.web.parents.session import me


@bp.get("/my/coming/<booking_id>")
def coming(booking_id: str) -> ResponseReturnValue:
    """The question; who was not asked, or has no place any more, reads the booking's page."""
    booked = own(booking_id)
    if booked.state is not State.CONFIRMED or not booked.asked_coming:
        return redirect(url_for("parents.booking", booking_id=booking_id), 303)
    until = booked.booking.cancel_until
    late = until is not None and clock.now() >= until
    return render_template(
        "parents/coming.html",
        booked=booked,
        late=late,
        later=my_bookings.later_days(booking_id),
        rest_fields=rest.fields,
        token=token_urlsafe(),
    )


@bp.post("/my/coming/<booking_id>/yes")
def say_coming(booking_id: str) -> ResponseReturnValue:
    """The child comes."""
    outcome = reconfirming.answer(booking_id, True, me().by, act_key("coming"), clock.now)
    say_reused(outcome)
    say_no(outcome)
    if outcome.code == "coming":
        flash(_("「行きます」とお返事しました。お待ちしています。"), "yes")
    return redirect(url_for("parents.booking", booking_id=booking_id), 303)


@bp.post("/my/coming/<booking_id>/no")
def say_not_coming(booking_id: str) -> ResponseReturnValue:
    """The child does not come: the place goes to the next family."""
    said = rest.read(request.form)
    outcome = reconfirming.answer(
        booking_id, False, me().by, act_key("not_coming"), clock.now, said
    )
    say_reused(outcome)
    say_no(outcome)
    if outcome.is_refused:
        return redirect(url_for("parents.coming", booking_id=booking_id), 303)
    say_fell(outcome)
    return redirect(url_for("parents.booking", booking_id=booking_id), 303)
