"""Changes of rule books that wait for a second person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from reservation.domain import dates
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.preview import Preview, preview
from reservation.reads import rule_books
from reservation.store import rulebooks
from reservation.store.db import read
from reservation.store.tables.access import Account
from reservation.store.tables.places import Facility, ProposalRow


@dataclass(frozen=True, slots=True)
class Proposal:
    """One that can still be approved. Instants are aware UTC; ``who`` may be ''."""

    id: str
    facility: Mapping[str, str]
    """The facility's short name by language."""
    book: RuleBook
    seen: Preview
    who: str
    proposed_by: str
    proposed_at: datetime
    ends_at: datetime


def waiting(
    now: datetime, *, facility_id: str | None = None, municipality_id: str | None = None
) -> tuple[Proposal, ...]:
    """What waits at a facility, or at any of a municipality; the oldest first.

    What has ended, is overtaken by another change or should have begun already is not among it.
    """
    where = (
        Facility.id == facility_id if facility_id else Facility.municipality_id == municipality_id
    )
    question = (
        select(ProposalRow, Account.name)
        .join(Facility, Facility.id == ProposalRow.facility_id)
        .outerjoin(Account, Account.id == ProposalRow.proposed_by)
        .where(
            where, ProposalRow.state == "waiting", ProposalRow.ends_at > now,
            ProposalRow.seen == Facility.rules_version,
        )
        .order_by(ProposalRow.proposed_at)
    )  # fmt: skip
    with read() as db:
        rows = db.execute(question).all()
        shelves = rulebooks.shelves(db, {row.facility_id for row, _ in rows})
    found = (_proposal(row, who or "", shelves[row.facility_id].books[0], now) for row, who in rows)
    return tuple(one for one in found if one.book.valid_from >= dates.local(now).date())


def _proposal(row: ProposalRow, who: str, newest: RuleBook, now: datetime) -> Proposal:
    book = RuleBook.model_validate(row.document)
    days = rule_books.coming(row.facility_id, book.valid_from)
    return Proposal(
        row.id, newest.about.short_name, book, preview(newest, book, days, now), who,
        row.proposed_by, row.proposed_at, row.ends_at,
    )  # fmt: skip
