"""Municipalities by name: those of the installation, and those with an agreement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain.rulebook.fields import Text
from reservation.store import rulebooks
from reservation.store.tables.places import Facility, Municipality


def of(db: Session, today: date) -> Mapping[str, Text]:
    """A step: code → name, the installation's own first. A town with an agreement has the name
    that a rule book in force gives it."""
    own = db.execute(select(Municipality.code, Municipality.name).order_by(Municipality.code))
    found: dict[str, Text] = {row.code: row.name for row in own}
    rows = db.execute(select(Facility.id, Facility.rules_version).order_by(Facility.position))
    for row in rows.all():
        shelf = rulebooks.of_version(db, row.id, row.rules_version)
        rules = next((book for book in shelf.books if book.valid_from <= today), None)
        for town in rules.fees.partner_towns if rules else ():
            found.setdefault(town.code, town.name)
    return found
