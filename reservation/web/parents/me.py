"""My page: what comes next; what was; the devices."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain import families
from reservation.domain.states import ON_THE_LIST, State
from reservation.reads import my_bookings, my_devices
from reservation.services import devices as device_acts
from reservation.web.parents import bp
from reservation.web.parents.family import page as family_page
from reservation.web.parents.session import finish, me

PER_PAGE = 20


@bp.get("/my")
def home() -> ResponseReturnValue:
    """What comes next, with its deadline and its buttons."""
    now = clock.now()
    found = my_bookings.open_ones(me().family_id, now)
    places = [one for one in found if one.state not in ON_THE_LIST and one.state is not State.HELD]
    return render_template(
        "parents/home.html",
        offers=[one for one in found if one.state is State.OFFERED],
        held=[one for one in found if one.state is State.HELD],
        next=places[0] if places else None,
        later=places[1:],
        waiting=[one for one in found if one.state is State.WAITING],
        ended=my_bookings.ended_ones(me().family_id, now),
        family=family_page(),
        missing_words=families.MISSING,
    )


@bp.get("/my/history")
def history() -> ResponseReturnValue:
    """All that was, a page at a time."""
    number = request.args.get("page", "1")
    page = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    found = my_bookings.ended_ones(me().family_id, clock.now(), PER_PAGE + 1, (page - 1) * PER_PAGE)
    return render_template(
        "parents/history.html",
        ended=found[:PER_PAGE],
        newer=page - 1,
        older=page + 1 if len(found) > PER_PAGE else 0,
    )


@bp.get("/my/devices")
def devices() -> ResponseReturnValue:
    """Where this guardian is signed in."""
    lines = my_devices.devices(me().guardian_id, me().device_id, clock.now())
    return render_template("parents/devices.html", devices=lines)


@bp.post("/my/devices/<device_id>/end")
def end_device(device_id: str) -> ResponseReturnValue:
    """Sign a device out; this one too, and then the reader is outside."""
    device_acts.end(device_id, me().owner, me().by, clock.now)
    if device_id == me().device_id:
        response = finish(redirect(url_for("door.ask"), 303))
        flash(_("ログアウトしました。"), "yes")
        return response
    flash(_("その端末をログアウトしました。"), "yes")
    return redirect(url_for("parents.devices"), 303)
