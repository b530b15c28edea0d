"""Booking of sick-child day care for Japanese municipalities."""

from importlib.metadata import version as _version

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from reservation import clock, failpoints, i18n, logs, settings
from reservation import web as _web
from reservation.settings import Settings
from reservation.store import db, migrations

__version__ = _version("reservation")


def create_app(settings: Settings | None = None) -> Flask:
    """The application: settings → clock → store → languages → web. Never starts a scheduler.

    Raises SettingsError for settings that cannot be used.
    """
    settings = settings or _load()
    app = Flask(__name__)
    app.extensions["settings"] = settings
    app.config.update(_config(settings))
    logs.set_up(settings.log_level)
    if settings.now:
        clock.set_offset_from(settings.now)
    db.init_app(app, settings)
    migrations.init_app(app)
    i18n.init_app(app)
    _web.register(app)
    failpoints.arm(settings.failpoints)
    if settings.proxy_hops:
        # Outermost: what stands in front of the pages must know host and scheme as well.
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _load() -> Settings:
    return settings.load()


def _config(settings: Settings) -> dict[str, object]:
    # A cookie named __Host- is refused by browsers unless it is secure and bound to this host.
    prefix = "__Host-" if settings.https else ""
    return {
        "SECRET_KEY": settings.secret_key,
        "TESTING": settings.mode == "test",
        "TRUSTED_HOSTS": settings.hosts,
        "SESSION_COOKIE_NAME": f"{prefix}session",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # Bound to the session, so that a form left open overnight still works.
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        # A little more than the photo: what is a little too large is told so on the page.
        "PHOTO_LENGTH": (settings.photo_mb + 1) * 1024 * 1024,
        "PREFERRED_URL_SCHEME": "https" if settings.https else "http",
    }
