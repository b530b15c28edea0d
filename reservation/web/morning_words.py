"""What must hold in the morning, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _

from reservation.domain.morning import Statement


def filled(sentence: str, one: Statement) -> str:
    """A sentence about a statement, with its values; a vaccine is a word of the domain."""
    values = {name: _(said) if name == "vaccine" else said for name, said in one.values.items()}
    return _(sentence, **values)
