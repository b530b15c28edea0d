"""Pages of the municipality's office: all rooms on one screen, figures, registrations."""

from flask import Blueprint, g

from reservation import clock
from reservation.web import access

bp = access.guard(Blueprint("municipality", __name__, url_prefix="/municipality"), "municipality")


@bp.context_processor
def _frame() -> dict[str, object]:
    return {**frame.of_office(g.get("post")), "now": clock.now()}


from reservation.web.municipality import defaults, figures, frame, proposals, registrations, rooms  # noqa: E402 -- views join their blueprint

__all__ = ["bp", "defaults", "figures", "frame", "proposals", "registrations", "rooms"]
