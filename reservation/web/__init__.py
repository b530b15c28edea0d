"""Floor 4: HTTP only. A view parses, calls one act or one read, and answers."""

from flask import Flask
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError

from reservation import clock
from reservation.settings import Settings
from reservation.web import (
    access,
    errors,
    front,
    headers,
    language,
    marks_of_files,
    request_log,
    resend,
    sending,
    sent,
    town,
)
from reservation.web.dev import bp as dev
from reservation.web.municipality import bp as municipality
from reservation.web.parents import bp as parents
from reservation.web.parents import door
from reservation.web.public import bp as public
from reservation.web.staff import bp as staff
from reservation.web.staff import desk_door

csrf = CSRFProtect()
BLUEPRINTS = (public, door, parents, desk_door, staff, municipality)


def register(app: Flask) -> None:
    """Give the application its pages, and refuse to start when one of them has no guard."""
    settings: Settings = app.extensions["settings"]
    csrf.init_app(app)
    app.context_processor(
        lambda: {
            "demo": settings.mode == "demo",
            "server_now": clock.now,
            "time_machine": clock.now() if settings.now else None,
        }
    )
    front.init_app(app)
    sending.init_app(app)
    request_log.init_app(app)
    sent.init_app(app)
    language.init_app(app)
    headers.init_app(app)
    marks_of_files.init_app(app)
    errors.init_app(app)
    app.register_error_handler(CSRFError, resend.again)
    town.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if settings.mode == "demo":
        app.register_blueprint(dev)
    access.require_guards(app)
