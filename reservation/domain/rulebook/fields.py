"""How a setting is written down: a pydantic field with Japanese label, unit and source.

The console's form, the JSON Schema and docs/rule-book.md are made from these labels.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of the rule book. Unknown names are mistakes, values never change in place."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


def setting(
    label: str,
    default: Any = ...,
    *,
    why: str = "",
    unit: str = "",
    **limits: Any,
) -> Any:
    """A labelled setting. ``label`` and ``why`` are Japanese msgids (mark them with N_);
    ``unit`` is a msgid too. Limits are pydantic's (ge, le, min_length …)."""
    extra = {"unit": unit} if unit else {}
    if callable(default) and default is not ...:
        return Field(
            default_factory=default, title=label, description=why, json_schema_extra=extra, **limits
        )
    return Field(default, title=label, description=why, json_schema_extra=extra, **limits)
