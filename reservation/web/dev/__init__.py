"""Pages that exist only in the demo: elsewhere their addresses are unknown."""

from flask import Blueprint

from reservation.web import access

bp = access.guard(Blueprint("dev", __name__), "dev")

from reservation.web.dev import messages  # noqa: E402 -- views join their blueprint

__all__ = ["bp", "messages"]
