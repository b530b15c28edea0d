"""A choice of language by `?lang=` stays with the reader.

Public pages set no cookie: there the choice travels in the links. On the first page behind a
sign-in it is kept in a cookie.
"""

from typing import Any

from flask import Flask, Response, has_request_context, request

from reservation import i18n
from reservation.web import access

_YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Let links carry the choice, and signed-in pages keep it."""

    @app.url_defaults
    def carry(endpoint: str, values: dict[str, Any]) -> None:
        if has_request_context() and endpoint != "static" and _asked():
            values.setdefault("lang", _asked())

    @app.after_request
    def keep(response: Response) -> Response:
        if _asked() and access.kind_of_request() not in (None, "public", "api"):
            response.set_cookie(
                i18n.COOKIE,
                _asked(),
                max_age=_YEAR,
                secure=app.config["SESSION_COOKIE_SECURE"],
                httponly=True,
                samesite="Lax",
            )
        return response


def _asked() -> str:
    """The language named in the address, if it is on offer."""
    asked = request.args.get("lang", "")
    return asked if asked in i18n.shipped() else ""
