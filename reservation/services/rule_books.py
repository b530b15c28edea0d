"""A manager changes the rule book of the own facility; some changes ask a second person."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from reservation.clock import Now
from reservation.domain import dates
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.defaults import Followed
from reservation.services import facilities, keys, rule_proposals
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import NotFound, Outcome, refused
from reservation.store.db import write
from reservation.store.tables.places import Facility


def change(
    facility_id: str, book: RuleBook, seen: int, by: By, key: Key | None, now: Now,
    follows: Collection[str] = (),
) -> Outcome:  # fmt: skip
    """Let ``book`` count from its ``valid_from`` on; 'changed' with the new version.

    Where the rule book wants two people for such a change, it is 'proposed' and waits.

    ``follows`` names the units that come from the municipality. ``seen`` is the version that the
    manager looked at: when somebody else was faster, or the day has passed (Asia/Tokyo), nothing
    changes (NOT_POSSIBLE). Bookings stay; those that no longer fit are staff's to settle
    (answers.md §5). Raises NotFound for a facility that is not one's own.
    """

    def act() -> Outcome:
        with write() as db:
            stored = db.execute(
                select(Facility.code, Facility.rules_version)
                .where(Facility.id == facility_id)
                .with_for_update()
            ).one_or_none()
            if stored is None or by.facility_id != facility_id or stored.code != book.code:
                raise NotFound(facility_id)
            at = now()
            if (past := keys.find(db, key)) is not None:
                return past
            if stored.rules_version != seen or book.valid_from < dates.local(at).date():
                return keys.keep(db, key, refused(Refusal(Code.NOT_POSSIBLE)), at)
            changed = Followed(book, tuple(follows))
            if rule_proposals.asks_second(db, facility_id, book):
                rule_proposals.propose(db, facility_id, changed, seen, by, at)
                return keys.keep(db, key, Outcome("proposed"), at)
            version = facilities.add_version(db, facility_id, book, by, at, follows)
            return keys.keep(db, key, Outcome("changed", values={"version": version}), at)

    return keys.once(act)
