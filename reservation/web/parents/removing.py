"""Taking one child out of the family."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.reads import my_bookings, my_family
from reservation.reads.my_bookings import Booked
from reservation.services import leaving
from reservation.web.parents import bp
from reservation.web.parents.family_forms import LeaveForm
from reservation.web.parents.session import me


@bp.get("/my/children/<child_id>/remove")
def removing(child_id: str) -> ResponseReturnValue:
    """What is erased and what stays; what is still open comes first."""
    return _page(child_id, LeaveForm(formdata=None))


@bp.post("/my/children/<child_id>/remove")
def remove(child_id: str) -> ResponseReturnValue:
    """Erase the child."""
    form = LeaveForm()
    blocked = bool(_in_the_way(child_id))
    if not blocked and not form.validate_on_submit():
        return _page(child_id, form), 422
    if blocked or leaving.remove_child(child_id, me().by, clock.now).code == "has_bookings":
        # The page itself says which, and where each is given back.
        return redirect(url_for("parents.removing", child_id=child_id), 303)
    flash(_("お子さまの登録を消しました。"), "yes")
    return redirect(url_for("parents.family"), 303)


def _page(child_id: str, form: LeaveForm) -> str:
    family = my_family.family(me().guardian_id, me().family_id, clock.now())
    child = family.child(child_id) or abort(404)
    way = _in_the_way(child_id)
    return render_template("parents/remove_child.html", form=form, child=child, in_the_way=way)


def _in_the_way(child_id: str) -> list[Booked]:
    """What of this child is still open."""
    open_ones = my_bookings.open_ones(me().family_id, clock.now())
    return [one for one in open_ones if one.booking.child_id == child_id]
