"""A form whose token has expired: nothing typed is lost, one tap sends it again."""

from urllib.parse import urlsplit

from flask import Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError

from reservation.web import errors

LEFT_OUT = frozenset({"csrf_token", "password"})
"""Not handed back: the token that has expired, and what stands in no page's source."""


def again(_error: CSRFError) -> Response:
    """The same fields once more with a fresh token; not for forms that come from elsewhere, nor
    with a file, which no page can hand back."""
    if not _from_here() or request.files:
        return errors.page(400)
    sent = [(name, text) for name, text in request.form.items(multi=True) if name not in LEFT_OUT]
    return make_response(render_template("errors/resend.html", sent=sent), 400)


def _from_here() -> bool:
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(origin).netloc == request.host
