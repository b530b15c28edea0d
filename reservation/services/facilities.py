"""Municipalities, facilities and their rule books: added, and changed from a care day on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain.rulebook import RuleBook, defaults
from reservation.domain.rulebook.defaults import Defaults
from reservation.domain.rulebook.mistakes import BrokenRuleBook
from reservation.services import audit
from reservation.services.audit import By
from reservation.services.outcomes import NotFound
from reservation.store import days, followed, months
from reservation.store.db import write
from reservation.store.tables.places import (
    DayRow,
    Facility,
    Municipality,
    RuleBookRow,
    RuleDefaultsRow,
)
from reservation.store.types import new_id


def put_municipality(document: Mapping[str, Any], by: By, now: Now) -> str:
    """Add a municipality, or change the one with this code. Returns its id.

    ``document`` has code, name, telephone, telephone_hours, consent_version, consent_text, and
    may have host and office.
    """
    with write() as db:
        at = now()
        known = db.scalar(select(Municipality.id).where(Municipality.code == document["code"]))
        identity = known or new_id()
        values = {
            "host": None,
            "telephone_hours": {},
            "office": {},
            **document,
        }
        if known:
            db.execute(update(Municipality).where(Municipality.id == known).values(**values))
        else:
            db.execute(insert(Municipality), [{"id": identity, **values}])
        audit.record(db, by, at, "put", "municipality", identity)
        return identity


class DoesNotFit(ValueError):
    """A room's rule book would be none with what its municipality says."""

    def __init__(self, code: str, broken: BrokenRuleBook) -> None:
        """``code`` is the facility's."""
        super().__init__(code)
        self.code, self.broken = code, broken


def put_rule_book(
    municipality_code: str, book: RuleBook, by: By, now: Now, follows: Collection[str] = ()
) -> str:
    """Let a rule book count from its ``valid_from`` on; an unknown code is a new facility.

    ``follows`` names the units that come from the municipality. Versions are added, never
    overwritten; no booking is ended or changed (answers.md §5). Days from then on get a new
    version, so that boards look again. Returns the facility's id. Raises NotFound for an unknown
    municipality, DoesNotFit where it would be no rule book with what the municipality plans.
    """
    with write() as db:
        at = now()
        municipality_id = db.scalar(
            select(Municipality.id).where(Municipality.code == municipality_code)
        )
        if municipality_id is None:
            raise NotFound(municipality_code)
        facility_id = _facility(db, municipality_id, book.code)
        add_version(db, facility_id, book, by, at, follows)
        return facility_id


def put_defaults(municipality_code: str, said: Defaults, by: By, now: Now) -> tuple[str, ...]:
    """Let what a municipality says for its rooms count from ``valid_from`` on.

    Rooms that follow get new versions of their rule books. Returns the codes of those that
    changed. Raises NotFound for an unknown municipality; DoesNotFit, and nothing is stored, where
    a room's rule book would be none.
    """
    with write() as db:
        at = now()
        question = select(Municipality.id).where(Municipality.code == municipality_code)
        town = db.scalar(question.with_for_update())
        if town is None:
            raise NotFound(municipality_code)
        return add_defaults(db, town, said, by, at)


def defaults_version(db: Session, town: str) -> int:
    """A step: how often this municipality has said something for its rooms."""
    said = select(func.count()).where(RuleDefaultsRow.municipality_id == town)
    return db.execute(said).scalar_one()


def add_defaults(db: Session, town: str, said: Defaults, by: By, at: datetime) -> tuple[str, ...]:
    """A step under the municipality's lock: one more version of what it says, and of the rule
    books that follow. Returns the codes of the rooms that changed. Raises DoesNotFit."""
    version = 1 + defaults_version(db, town)
    row = {"id": new_id(), "municipality_id": town, "version": version, "said": said.values,
           "valid_from": said.valid_from, "created_at": at, "created_by": by.id}  # fmt: skip
    db.execute(insert(RuleDefaultsRow), [row])
    audit.record(
        db, by, at, "put_rule_defaults", "municipality", town,
        detail={"version": version, "valid_from": said.valid_from.isoformat()},
    )  # fmt: skip
    rooms = select(Facility.id, Facility.code).where(Facility.municipality_id == town)
    return tuple(
        code
        for facility, code in db.execute(rooms.order_by(Facility.id)).all()
        if _follow(db, facility, code, said.valid_from, by, at, version)
    )


def _follow(
    db: Session, facility_id: str, code: str, since: date, by: By, at: datetime,
    town_version: int | None = None,
) -> bool:  # fmt: skip
    """A step: the versions that make a room follow its municipality; whether there were any.

    ``town_version`` is the word of the municipality that asks for them; None where the room
    itself changed, and what is planned follows.
    """
    locked = select(Facility.municipality_id).where(Facility.id == facility_id).with_for_update()
    towns = followed.defaults(db, db.execute(locked).scalar_one())
    try:
        changed = defaults.rederived(followed.books(db, facility_id), towns, since)
    except BrokenRuleBook as broken:
        raise DoesNotFit(code, broken) from broken
    for one in changed:
        _store(db, facility_id, one.book, by, at, one.follows, town_version)
    return bool(changed)


def add_version(
    db: Session, facility_id: str, book: RuleBook, by: By, at: datetime,
    follows: Collection[str] = (),
) -> int:  # fmt: skip
    """A step: one more version of a facility's rule book; days from its date on are touched.

    Where the municipality plans something that this rule book follows, that day's version comes
    with it. Returns the version's number. Raises DoesNotFit.
    """
    version = _store(db, facility_id, book, by, at, follows)
    if follows:
        _follow(db, facility_id, book.code, book.valid_from, by, at)
    return version


def _store(
    db: Session, facility_id: str, book: RuleBook, by: By, at: datetime,
    follows: Collection[str], town_version: int | None = None,
) -> int:  # fmt: skip
    version = int(
        db.execute(
            update(Facility)
            .where(Facility.id == facility_id)
            .values(rules_version=Facility.rules_version + 1)
            .returning(Facility.rules_version)
            .execution_options(synchronize_session=False)
        ).scalar_one()
    )
    db.execute(
        insert(RuleBookRow),
        [
            {
                "id": new_id(),
                "facility_id": facility_id,
                "version": version,
                "valid_from": book.valid_from,
                "document": book.model_dump(mode="json"),
                "created_at": at,
                "created_by": by.id,
                "follows": list(follows) or None,
                "town_version": town_version,
            }
        ],
    )
    audit.record(
        db, by, at, "put_rule_book", "facility", facility_id, facility_id=facility_id,
        detail={"version": version, "valid_from": book.valid_from.isoformat()},
    )  # fmt: skip
    months.mark_since(db, facility_id, book.valid_from, at)
    coming = select(DayRow.date).where(
        DayRow.facility_id == facility_id, DayRow.date >= book.valid_from
    )
    for day in sorted(db.scalars(coming)):
        days.touch(db, (facility_id, day))
    return version


def _facility(db: Session, municipality_id: str, code: str) -> str:
    known = db.scalar(
        select(Facility.id).where(
            Facility.municipality_id == municipality_id, Facility.code == code
        )
    )
    if known is not None:
        return known
    place = db.scalar(select(func.count()).where(Facility.municipality_id == municipality_id))
    identity = new_id()
    db.execute(
        insert(Facility),
        [
            {
                "id": identity,
                "municipality_id": municipality_id,
                "code": code,
                "position": place or 0,
                "rules_version": 0,
            }
        ],
    )
    return identity
