"""What a family has proved for lower fees: for the desk that enters it, and for the family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain import dates
from reservation.domain.exemptions import last_day
from reservation.domain.rulebook.fields import Text
from reservation.domain.rulebook.money import FeeClass
from reservation.reads.registrations import Office
from reservation.store import exemptions, fee_classes
from reservation.store.db import read
from reservation.store.tables.places import Facility


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One proof: its class by name ({} where it ended what was before), its care days, when and
    by whom it was seen, and whether it is the one that counts today, or would if it had not
    run out."""

    name: Text
    valid_from: date
    last: date | None
    seen_on: date
    seen_by: str
    is_newest: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class Proofs:
    """The classes that can be chosen, and what was seen, the last seen first."""

    classes: tuple[FeeClass, ...]
    seen: tuple[Seen, ...]


def of_office(family_id: str, office: Office, today: date) -> Proofs:
    """For the place that registers the family's child."""
    with read() as db:
        return of_family(db, family_id, town_of(db, office), today)


def town_of(db: Session, office: Office) -> str:
    """A step: the municipality in which this place registers."""
    town = select(Facility.municipality_id).where(Facility.id == office.facility_id)
    return office.municipality_id or db.scalars(town).one()


def of_family(db: Session, family_id: str, municipality_id: str, today: date) -> Proofs:
    """A step: the same for a municipality."""
    rows = exemptions.history(db, family_id, municipality_id)
    classes = fee_classes.of(db, municipality_id, today)
    newest = exemptions.counting([(proof, at) for proof, at, _ in rows], today)
    found = []
    for proof, at, name in rows:
        known = classes.get(proof.fee_class)
        last = last_day(known, proof)
        found.append(
            Seen(
                name=known.name if known else {"ja": proof.fee_class} if proof.fee_class else {},
                valid_from=proof.valid_from, last=last, seen_on=dates.local(at).date(),
                seen_by=name, is_newest=proof is newest, is_over=last is not None and last < today,
            )
        )  # fmt: skip
    return Proofs(tuple(classes.values()), tuple(found))
