"""Around every act of the desk: its key, where it leads back to, and what is said afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from secrets import token_urlsafe
from typing import Any

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.services import keys
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome
from reservation.web import roles
from reservation.web.desk_acts import day_of, say_reused
from reservation.web.refusals import explain_at_desk

NO_CONTENT = frozenset({"csrf_token", "key"})
DONE = "done"


@dataclass(frozen=True)
class Undo:
    """The button 「元に戻す」: the endpoint of the opposite act and the fields of its form."""

    endpoint: str
    fields: Mapping[str, str]


def act_key() -> Key:
    """The key of this request's form. A form without a token (written by hand) counts by itself."""
    content = {n: v for n, v in request.form.items(multi=True) if n not in NO_CONTENT}
    token = request.form.get("key", "") or token_urlsafe()
    scope = f"{roles.me().account_id}:{request.endpoint}"
    return keys.key(scope, token, {**content, **(request.view_args or {})})


def new_key() -> str:
    """A token for a form that is being made."""
    return token_urlsafe(12)


def answer(
    outcome: Outcome, sentence: str, booking_id: str = "", undo: Undo | None = None
) -> ResponseReturnValue:
    """303 back to where the button was, with what became of it.

    A refusal says why and changes nothing. ``sentence`` names no child: the page puts the name in.
    """
    say_reused(outcome)
    if outcome.is_refused:
        flash(_("できませんでした。") + explain_at_desk(outcome.refusals), "few")
    else:
        session[DONE] = {
            "booking": booking_id,
            "text": sentence,
            "at": clock.now().isoformat(),
            "undo": undo and {"endpoint": undo.endpoint, "fields": dict(undo.fields)},
        }
    return redirect(back(booking_id), 303)


def take_done(on: date, card: str) -> dict[str, Any] | None:
    """What has just been done, shown once; with the address of its undoing, which leads back to
    this page."""
    found: dict[str, Any] | None = session.pop(DONE, None)
    if found is None:
        return None
    undo = found["undo"]
    if undo:
        undo["url"] = url_for(
            undo["endpoint"], facility_code=roles.here().code, booking_id=found["booking"],
            on=on, card=card or None,
        )  # fmt: skip
    return found | {"at": clock.read(found["at"])}


def back(booking_id: str = "") -> str:
    """The page the form was on, which its address names by ?on= and ?card=, at the child."""
    code, card, on = roles.here().code, request.args.get("card"), request.args.get("on")
    anchor = f"b-{booking_id}" if booking_id else None
    if card:
        return url_for("staff.booking", facility_code=code, booking_id=card, _anchor=anchor)
    if on and on != str(clock.today()):
        return url_for("staff.day", facility_code=code, day=day_of(on), _anchor=anchor)
    return url_for("staff.today", facility_code=code, _anchor=anchor)
