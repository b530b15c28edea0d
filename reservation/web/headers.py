"""Headers of every answer: nothing from elsewhere, nothing inline, nothing personal kept."""

from flask import Flask, Response, request

from reservation.settings import Settings
from reservation.web import access

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
_ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def init_app(app: Flask) -> None:
    """Add the headers to every answer."""
    settings: Settings = app.extensions["settings"]

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        if settings.https and request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        # Whatever is not declared public is somebody's, error pages included.
        if access.kind_of_request() != "public":
            response.headers["Cache-Control"] = "no-store"
        return response
