"""Changes of a rule book that wait until a second person approves or rejects them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import dates
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.changes import diff
from reservation.domain.rulebook.changing import is_dangerous
from reservation.domain.rulebook.defaults import Followed
from reservation.services import audit, facilities, keys
from reservation.services.audit import By
from reservation.services.facilities import DoesNotFit
from reservation.services.keys import Key
from reservation.services.outcomes import NotFound, Outcome, refused
from reservation.store import followed
from reservation.store.db import write
from reservation.store.tables.places import DefaultsProposalRow, Facility, ProposalRow
from reservation.store.types import new_id

_Row = TypeVar("_Row", ProposalRow, DefaultsProposalRow)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the deciding person has the role for it: a facility, or a municipality."""

    facility_id: str | None = None
    municipality_id: str | None = None


def asks_second(db: Session, facility_id: str, book: RuleBook) -> bool:
    """A step: whether this change of the newest rule book needs a second person.

    The rule counts as it stands before the change: nobody switches it off alone.
    """
    newest = followed.books(db, facility_id)[0].book
    found = (is_dangerous(change.setting) for change in diff(newest, book))
    return newest.changing.second_person and any(found)


def propose(
    db: Session, facility_id: str, changed: Followed, seen: int, by: By, at: datetime
) -> str:
    """A step: keep the change until a second person decides. Returns the proposal's id."""
    newest, identity = followed.books(db, facility_id)[0].book, new_id()
    row = {
        "id": identity, "facility_id": facility_id, "seen": seen, "state": "waiting",
        "document": changed.book.model_dump(mode="json"), "follows": list(changed.follows),
        "proposed_at": at, "proposed_by": by.id, "ends_at": newest.changing.ends_at(at),
    }  # fmt: skip
    db.execute(insert(ProposalRow), [row])
    _record(db, by, at, "propose_rules", identity, facility_id)
    return identity


def approve(proposal_id: str, place: Place, by: By, key: Key | None, now: Now) -> Outcome:
    """Let the proposed rule book count; 'changed' with the new version.

    NOT_POSSIBLE for one's own proposal, and for one that is decided, past its end or its first
    day, or overtaken by another change. Raises NotFound for a proposal of another place.
    """

    def act(db: Session, row: ProposalRow, at: datetime) -> Outcome:
        book = RuleBook.model_validate(row.document)
        if row.proposed_by == by.id or book.valid_from < dates.local(at).date():
            return refused(Refusal(Code.NOT_POSSIBLE))
        _decide(db, row, "approved", by, at)
        version = facilities.add_version(db, row.facility_id, book, by, at, row.follows)
        return Outcome("changed", values={"version": version})

    try:
        return decision(lambda db: _locked(db, proposal_id, place), key, now, act)
    except DoesNotFit:
        return refused(Refusal(Code.NOT_POSSIBLE))


def reject(proposal_id: str, place: Place, by: By, key: Key | None, now: Now) -> Outcome:
    """Let the proposal go; also the way to take back one's own. 'rejected', or NOT_POSSIBLE."""

    def act(db: Session, row: ProposalRow, at: datetime) -> Outcome:
        _decide(db, row, "rejected", by, at)
        return Outcome("rejected")

    return decision(lambda db: _locked(db, proposal_id, place), key, now, act)


def decision(
    locked: Callable[[Session], tuple[_Row, int]], key: Key | None, now: Now,
    act: Callable[[Session, _Row, datetime], Outcome],
) -> Outcome:  # fmt: skip
    """An act on one waiting change: find it with its place ``locked`` and the version that counts
    there, and act where it still waits."""

    def once() -> Outcome:
        with write() as db:
            row, version = locked(db)
            at = now()
            if (past := keys.find(db, key)) is not None:
                return past
            waits = row.state == "waiting" and row.seen == version and at < row.ends_at
            outcome = act(db, row, at) if waits else refused(Refusal(Code.NOT_POSSIBLE))
            return keys.keep(db, key, outcome, at)

    return keys.once(once)


def _locked(db: Session, proposal_id: str, place: Place) -> tuple[ProposalRow, int]:
    """A step: the proposal and its facility's version, with the facility locked."""
    here = db.execute(
        select(Facility.id, Facility.municipality_id, Facility.rules_version)
        .join(ProposalRow, ProposalRow.facility_id == Facility.id)
        .where(ProposalRow.id == proposal_id)
        .with_for_update(of=Facility)
    ).one_or_none()
    mine = here and (here.id == place.facility_id or here.municipality_id == place.municipality_id)
    if here is None or not mine:
        raise NotFound(proposal_id)
    row = db.execute(select(ProposalRow).where(ProposalRow.id == proposal_id)).scalar_one()
    return row, here.rules_version


def decided(
    db: Session, row: ProposalRow | DefaultsProposalRow, state: str, by: By, at: datetime
) -> None:
    """A step: it waits no more."""
    table, changed = type(row), {"state": state, "decided_at": at, "decided_by": by.id}
    db.execute(update(table).where(table.id == row.id).values(changed))


def _decide(db: Session, row: ProposalRow, state: str, by: By, at: datetime) -> None:
    decided(db, row, state, by, at)
    _record(db, by, at, f"{state}_rules", row.id, row.facility_id)


def _record(
    db: Session, by: By, at: datetime, action: str, proposal_id: str, facility_id: str
) -> None:
    audit.record(db, by, at, action, "rule_proposal", proposal_id, facility_id=facility_id)
