"""A form whose token has expired: nothing typed is lost, one tap sends it again."""

from urllib.parse import urlsplit

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from reservation.web import errors
from reservation.web.parents import bp, door

TOKENS = ("csrf_token",)


@bp.errorhandler(CSRFError)
@door.errorhandler(CSRFError)
def again(_error: CSRFError) -> ResponseReturnValue:
    """The same fields once more with a fresh token; not for forms that come from elsewhere."""
    if not _from_here():
        return errors.page(400)
    sent = [(name, text) for name, text in request.form.items(multi=True) if name not in TOKENS]
    return make_response(render_template("parents/resend.html", sent=sent), 400)


def _from_here() -> bool:
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(origin).netloc == request.host
