"""What a municipality says for its rooms, and what another word of it would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.defaults import Defaults, Followed, rederived
from reservation.domain.rulebook.mistakes import BrokenRuleBook
from reservation.domain.rulebook.preview import Preview, preview
from reservation.reads import rule_books
from reservation.store import followed
from reservation.store.db import read
from reservation.store.tables.places import Facility, Municipality


@dataclass(frozen=True, slots=True)
class Effect:
    """What would become of one room: previews of its new versions, or why it would have none."""

    code: str
    previews: tuple[Preview, ...] = ()
    broken: BrokenRuleBook | None = None


def of_town(municipality_code: str) -> tuple[Defaults, ...]:
    """What the municipality says, one document per first day, newest day first."""
    with read() as db:
        town = db.scalar(select(Municipality.id).where(Municipality.code == municipality_code))
        return followed.defaults(db, town) if town else ()


def books(facility_id: str) -> tuple[Followed, ...]:
    """The rule books of a facility with what they follow, newest day first."""
    with read() as db:
        return followed.books(db, facility_id)


def effects(municipality_code: str, said: Defaults, now: datetime) -> tuple[Effect, ...]:
    """What ``said`` would change, room by room in their order; nothing is stored."""
    towns = [one for one in of_town(municipality_code) if one.valid_from != said.valid_from]
    with read() as db:
        rooms = db.execute(
            select(Facility.id, Facility.code)
            .join(Municipality, Municipality.id == Facility.municipality_id)
            .where(Municipality.code == municipality_code)
            .order_by(Facility.position, Facility.code)
        ).all()
    return tuple(_effect(room.id, room.code, [*towns, said], said, now) for room in rooms)


def _effect(
    facility_id: str, code: str, towns: list[Defaults], said: Defaults, now: datetime
) -> Effect:
    shelf = books(facility_id)
    try:
        changed = rederived(shelf, towns, said.valid_from)
    except BrokenRuleBook as broken:
        return Effect(code, broken=broken)
    previews = []
    for one in changed:
        before = _before(shelf, one.book)
        days = rule_books.coming(facility_id, one.book.valid_from)
        previews.append(preview(before, one.book, days, now))
    return Effect(code, tuple(previews))


def _before(shelf: tuple[Followed, ...], book: RuleBook) -> RuleBook:
    return next(one.book for one in shelf if one.book.valid_from <= book.valid_from)
