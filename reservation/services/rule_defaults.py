"""Officers change what their municipality says for its rooms; some changes ask a second officer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import dates
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import defaults
from reservation.domain.rulebook.changes import diff
from reservation.domain.rulebook.changing import is_dangerous
from reservation.domain.rulebook.defaults import Defaults, Followed
from reservation.domain.rulebook.mistakes import BrokenRuleBook
from reservation.services import audit, facilities, keys, rule_proposals
from reservation.services.audit import By
from reservation.services.facilities import DoesNotFit
from reservation.services.keys import Key
from reservation.services.outcomes import NotFound, Outcome, refused
from reservation.store import followed
from reservation.store.db import write
from reservation.store.tables.places import DefaultsProposalRow, Facility, Municipality
from reservation.store.types import new_id


def change(
    municipality_id: str, said: Defaults, seen: int, by: By, key: Key | None, now: Now
) -> Outcome:
    """Let what the municipality says count from ``said.valid_from`` on; 'changed' with the codes
    of the rooms that follow.

    Where the municipality wants two people for such a change, it is 'proposed' and waits.
    ``seen`` is the version that the officer looked at: when somebody else was faster, the day has
    passed (Asia/Tokyo), or a room would have no rules, nothing changes (NOT_POSSIBLE). No booking
    is ended. Raises NotFound for an unknown municipality.
    """

    def act() -> Outcome:
        with write() as db:
            version = _locked(db, municipality_id)
            at = now()
            if (past := keys.find(db, key)) is not None:
                return past
            if version != seen or said.valid_from < dates.local(at).date():
                return keys.keep(db, key, refused(Refusal(Code.NOT_POSSIBLE)), at)
            if asks_second(db, municipality_id, said):
                propose(db, municipality_id, said, seen, by, at)
                return keys.keep(db, key, Outcome("proposed"), at)
            rooms = facilities.add_defaults(db, municipality_id, said, by, at)
            return keys.keep(db, key, Outcome("changed", values={"rooms": list(rooms)}), at)

    return _if_it_fits(lambda: keys.once(act))


def asks_second(db: Session, municipality_id: str, said: Defaults) -> bool:
    """A step: whether this change needs a second officer: the municipality says so for what is
    dangerous, or a room that it changes there does.

    The rule counts as it stands before the change: nobody switches it off alone.
    """
    towns = followed.defaults(db, municipality_id)
    before = defaults.values_on(towns, said.valid_from)
    words = defaults.changed_words(before, said.values)
    if not any(is_dangerous(one.setting) for one in words):
        return False
    newest = towns[0].values if towns else {}
    if newest.get("changing.second_person"):
        return True
    plan = [*(one for one in towns if one.valid_from != said.valid_from), said]
    rooms = select(Facility.id).where(Facility.municipality_id == municipality_id)
    shelves = [followed.books(db, one) for one in db.scalars(rooms).all()]
    return any(_room_asks(shelf, plan, said) for shelf in shelves)


def _room_asks(shelf: Sequence[Followed], plan: Sequence[Defaults], said: Defaults) -> bool:
    if not shelf or not shelf[0].book.changing.second_person:
        return False
    for one in defaults.rederived(shelf, plan, said.valid_from):
        before = defaults.in_force(shelf, one.book.valid_from)
        if before and any(is_dangerous(each.setting) for each in diff(before, one.book)):
            return True
    return False


def propose(
    db: Session, municipality_id: str, said: Defaults, seen: int, by: By, at: datetime
) -> str:
    """A step: keep the change until a second officer decides. Returns the proposal's id."""
    identity, towns = new_id(), followed.defaults(db, municipality_id)
    newest = defaults.as_room(towns[0].values if towns else {}, said.valid_from)
    row = {
        "id": identity, "municipality_id": municipality_id, "seen": seen, "state": "waiting",
        "valid_from": said.valid_from, "said": said.values, "proposed_at": at,
        "proposed_by": by.id, "ends_at": newest.changing.ends_at(at),
    }  # fmt: skip
    db.execute(insert(DefaultsProposalRow), [row])
    _record(db, by, at, "propose_rules", identity)
    return identity


def approve(proposal_id: str, municipality_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Let the proposed words count; 'changed'.

    NOT_POSSIBLE for one's own proposal, and for one that is decided, past its end or its first
    day, or overtaken. Raises NotFound for a proposal of another municipality.
    """

    def act(db: Session, row: DefaultsProposalRow, at: datetime) -> Outcome:
        if row.proposed_by == by.id or row.valid_from < dates.local(at).date():
            return refused(Refusal(Code.NOT_POSSIBLE))
        _decide(db, row, "approved", by, at)
        said = Defaults(row.valid_from, row.said)
        rooms = facilities.add_defaults(db, municipality_id, said, by, at)
        return Outcome("changed", values={"rooms": list(rooms)})

    locked = partial(_waiting, proposal_id=proposal_id, municipality_id=municipality_id)
    return _if_it_fits(lambda: rule_proposals.decision(locked, key, now, act))


def reject(proposal_id: str, municipality_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Let the proposal go; also the way to take back one's own. 'rejected', or NOT_POSSIBLE."""

    def act(db: Session, row: DefaultsProposalRow, at: datetime) -> Outcome:
        _decide(db, row, "rejected", by, at)
        return Outcome("rejected")

    locked = partial(_waiting, proposal_id=proposal_id, municipality_id=municipality_id)
    return rule_proposals.decision(locked, key, now, act)


def _waiting(
    db: Session, *, proposal_id: str, municipality_id: str
) -> tuple[DefaultsProposalRow, int]:
    """A step: the proposal and what has been said how often, with the municipality locked."""
    version = _locked(db, municipality_id)
    row = db.get(DefaultsProposalRow, proposal_id)
    if row is None or row.municipality_id != municipality_id:
        raise NotFound(proposal_id)
    return row, version


def _locked(db: Session, municipality_id: str) -> int:
    town = select(Municipality.id).where(Municipality.id == municipality_id)
    if db.scalar(town.with_for_update()) is None:
        raise NotFound(municipality_id)
    return facilities.defaults_version(db, municipality_id)


def _if_it_fits(act: Callable[[], Outcome]) -> Outcome:
    try:
        return act()
    except (DoesNotFit, BrokenRuleBook):
        return refused(Refusal(Code.NOT_POSSIBLE))


def _decide(db: Session, row: DefaultsProposalRow, state: str, by: By, at: datetime) -> None:
    rule_proposals.decided(db, row, state, by, at)
    _record(db, by, at, f"{state}_rules", row.id)


def _record(db: Session, by: By, at: datetime, action: str, proposal_id: str) -> None:
    audit.record(db, by, at, action, "town_proposal", proposal_id)
