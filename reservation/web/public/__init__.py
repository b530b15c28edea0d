"""Pages for everyone. Each stands under `/` and under `/m/<code>/` (answers.md §4)."""

from typing import Any

from flask import Blueprint, current_app, g

from reservation.web import access

bp = access.guard(Blueprint("public", __name__), "public")


@bp.url_value_preprocessor
def _take_town(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """`/m/<town>/…` names the municipality once; views do not repeat it."""
    g.town = values.pop("town", "") if values else ""


@bp.url_defaults
def _keep_town(endpoint: str, values: dict[str, Any]) -> None:
    if g.get("town") and current_app.url_map.is_endpoint_expecting(endpoint, "town"):
        values.setdefault("town", g.town)


from reservation.web.public import board, facility, health, metrics, texts, vacancy  # noqa: E402 -- views join their blueprint

__all__ = ["board", "bp", "facility", "health", "metrics", "texts", "vacancy"]
