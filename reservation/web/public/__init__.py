"""Pages for everyone."""

from flask import Blueprint

from reservation.web import access

bp = access.guard(Blueprint("public", __name__), "public")

from reservation.web.public import health  # noqa: E402 -- views join their blueprint

__all__ = ["bp", "health"]
