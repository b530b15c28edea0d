"""Photos of the doctor's form at the desk: opened one by one, each look kept; asked for again."""

from __future__ import annotations

from flask import Response, abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain.photos import TYPES
from reservation.services import looks, photos
from reservation.store.photos import Gone
from reservation.web import roles
from reservation.web.staff import acts, bp, today

_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""A file from outside is shown and does nothing."""


@bp.get("/staff/<facility_code>/bookings/<booking_id>/photos/<photo_id>")
def photo(facility_code: str, booking_id: str, photo_id: str) -> ResponseReturnValue:
    """One photo as it was sent; 410 where the file is gone."""
    card = today.card_of(booking_id) or abort(404)
    try:
        found = photos.opened(booking_id, photo_id, roles.by())
    except Gone:
        abort(410)
    child = card.child.booking
    looks.note("photo", roles.by(), clock.now, child_id=child.child_id, day=child.care_day)
    shown = "attachment" if found.kind == "pdf" else "inline"
    headers = {
        "Content-Disposition": f'{shown}; filename="form.{found.kind}"',
        "Content-Security-Policy": _POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(found.content, mimetype=TYPES[found.kind], headers=headers)


@bp.post("/staff/<facility_code>/bookings/<booking_id>/photos/again")
def ask_photo_again(facility_code: str, booking_id: str) -> ResponseReturnValue:
    """「読めません」: the family sends it again."""
    outcome = photos.unreadable(booking_id, roles.by(), acts.act_key(), clock.now)
    sentence = _("ご家族に、写真をもう一度お願いしました。")
    return acts.answer(outcome, sentence, booking_id)
