"""/dev/messages: what the demo would have sent, readable without a mail server."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from reservation import settings
from reservation.reads import outgoing
from reservation.web import access
from reservation.web.dev import bp


@access.check("dev")
def only_in_the_demo() -> ResponseReturnValue | None:
    """A second lock: the blueprint is not even registered outside the demo."""
    if settings.current().mode != "demo":
        abort(404)
    return None


@bp.get("/dev/messages")
def messages() -> ResponseReturnValue:
    """The last fifty messages, newest first, with links that work."""
    base_url = settings.current().base_url
    return render_template("dev/messages.html", messages=outgoing.latest(base_url))
