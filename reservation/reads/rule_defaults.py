"""What a municipality says for its rooms, who said it when, and what another word would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from reservation.domain import dates
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.changes import Change
from reservation.domain.rulebook.defaults import (
    Defaults,
    Followed,
    as_room,
    changed_words,
    in_force,
    rederived,
    values_on,
)
from reservation.domain.rulebook.mistakes import BrokenRuleBook
from reservation.domain.rulebook.preview import Preview, preview
from reservation.reads import rule_books
from reservation.reads.rule_books import Version
from reservation.store import followed
from reservation.store.db import read
from reservation.store.tables.access import Account
from reservation.store.tables.places import (
    DefaultsProposalRow,
    Facility,
    Municipality,
    RuleDefaultsRow,
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What would become of one room: previews of its new versions, or why it would have none."""

    code: str
    name: Mapping[str, str]
    """The room's short name by language."""
    previews: tuple[Preview, ...] = ()
    broken: BrokenRuleBook | None = None


@dataclass(frozen=True, slots=True)
class Editing:
    """What the municipality says by its newest document, which the form changes, and all versions,
    newest first. ``version`` says how often it has said something; a change may count from
    ``earliest`` on, as with a room's rule book."""

    values: Mapping[str, Any]
    version: int
    earliest: date
    versions: tuple[Version, ...]

    @property
    def book(self) -> RuleBook:
        """A room with nothing of its own that follows in all of it."""
        return as_room(self.values, self.earliest)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of the words that can still be approved. Instants are aware UTC."""

    id: str
    said: Defaults
    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]
    who: str
    proposed_by: str
    proposed_at: datetime
    ends_at: datetime

    @property
    def seen(self) -> tuple[Preview, ...]:
        """The previews of all rooms."""
        return tuple(seen for one in self.effects for seen in one.previews)


def editing(municipality_id: str, today: date) -> Editing:
    """What a municipality says, ready to be changed."""
    question = (
        select(RuleDefaultsRow, Account.name)
        .outerjoin(Account, Account.id == RuleDefaultsRow.created_by)
        .where(RuleDefaultsRow.municipality_id == municipality_id)
        .order_by(RuleDefaultsRow.version)
    )
    with read() as db:
        rows = db.execute(question).all()
        towns = followed.defaults(db, municipality_id)
    said = [Defaults(row.valid_from, row.said) for row, _ in rows]
    versions = tuple(
        Version(
            row.version, row.valid_from, row.created_at, who or "",
            changed_words(values_on(said[:n], row.valid_from), row.said), True,
        )
        for n, (row, who) in enumerate(rows)
    )  # fmt: skip
    newest = towns[0] if towns else Defaults(today, {})
    earliest = max(today, newest.valid_from)
    return Editing(newest.values, len(rows), earliest, tuple(reversed(versions)))


def waiting(municipality_id: str, now: datetime) -> tuple[Proposal, ...]:
    """Changes that wait for a second officer, the oldest first; none that has ended, is overtaken
    or should have begun already."""
    today = dates.local(now).date()
    said_so_often = select(func.count()).where(RuleDefaultsRow.municipality_id == municipality_id)
    question = (
        select(DefaultsProposalRow, Account.name, Municipality.code)
        .join(Municipality, Municipality.id == DefaultsProposalRow.municipality_id)
        .outerjoin(Account, Account.id == DefaultsProposalRow.proposed_by)
        .where(
            DefaultsProposalRow.municipality_id == municipality_id,
            DefaultsProposalRow.state == "waiting", DefaultsProposalRow.ends_at > now,
            DefaultsProposalRow.seen == said_so_often.scalar_subquery(),
            DefaultsProposalRow.valid_from >= today,
        )
        .order_by(DefaultsProposalRow.proposed_at)
    )  # fmt: skip
    with read() as db:
        rows = db.execute(question).all()
    return tuple(_proposal(row, who or "", code, now) for row, who, code in rows)


def _proposal(row: DefaultsProposalRow, who: str, code: str, now: datetime) -> Proposal:
    said = Defaults(row.valid_from, row.said)
    before = values_on(of_town(code), said.valid_from)
    return Proposal(
        row.id, said, changed_words(before, said.values), effects(code, said, now), who,
        row.proposed_by, row.proposed_at, row.ends_at,
    )  # fmt: skip


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
    name = shelf[0].book.about.short_name if shelf else {}
    try:
        changed = rederived(shelf, towns, said.valid_from)
    except BrokenRuleBook as broken:
        return Effect(code, name, broken=broken)
    previews = []
    for one in changed:
        before = in_force(shelf, one.book.valid_from)
        assert before is not None  # rederived makes none before the first
        days = rule_books.coming(facility_id, one.book.valid_from)
        previews.append(preview(before, one.book, days, now))
    return Effect(code, name, tuple(previews))
