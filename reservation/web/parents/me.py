"""My page, my devices."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.reads import my_devices
from reservation.services import devices as device_acts
from reservation.web.parents import bp
from reservation.web.parents.session import finish, me


@bp.get("/my")
def home() -> ResponseReturnValue:
    """What comes next, with its deadline and its buttons."""
    return render_template("parents/home.html")


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
