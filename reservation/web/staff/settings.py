"""The person's own settings: the list of keys, and single letters on or off."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.services import accounts
from reservation.web import roles
from reservation.web.staff import bp


@bp.get("/staff/<facility_code>/settings")
def settings(facility_code: str) -> str:
    """The keys of the staff screens, and the switch."""
    return render_template("staff/settings.html", on=roles.me().person.single_keys)


@bp.post("/staff/<facility_code>/settings")
def set_keys(facility_code: str) -> ResponseReturnValue:
    """Switch single letters on or off (WCAG 2.1.4)."""
    wanted = request.form.get("single_keys") == "on"
    accounts.set_keys(roles.me().account_id, wanted, clock.now)
    flash(_("キーの設定を変えました。"), "yes")
    return redirect(url_for("staff.settings", facility_code=facility_code), 303)
