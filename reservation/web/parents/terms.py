"""On which terms a family waits: chosen when it joins the list, changed on the entry's page."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.services import taking
from reservation.web import terms
from reservation.web.parents import bp
from reservation.web.parents.acts import act_key, say_reused
from reservation.web.parents.hold import say_no
from reservation.web.parents.session import me


@bp.post("/my/bookings/<booking_id>/terms")
def set_terms(booking_id: str) -> ResponseReturnValue:
    """Change them."""
    outcome = taking.set_terms(
        booking_id, terms.sent(request.form), me().by, act_key("terms"), clock.now
    )
    say_reused(outcome)
    say_no(outcome)
    if outcome.code == "noted":
        flash(_("お知らせのしかたを変えました。"), "yes")
    return redirect(url_for("parents.booking", booking_id=booking_id), 303)
