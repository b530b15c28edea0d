"""Families that never lived: drawn from the names, the same ones for the same random numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from reservation.demo import mixture, names
from reservation.services import telephones
from reservation.store.tables.people import ChildRow, Consent, Family, Guardian, Registration

Rows = dict[type[Any], list[dict[str, Any]]]
TABLES = (Family, Guardian, ChildRow, Registration, Consent)
"""In the order in which they may be inserted."""


@dataclass(frozen=True, slots=True)
class Kid:
    """A child of the demo, and the guardian who books."""

    child_id: str
    family_id: str
    guardian_id: str
    birthday: date
    facility: str
    """Code of the room the family asks first."""
    by_telephone: bool = False


@dataclass(slots=True)
class Place:
    """The municipality the families live in."""

    municipality_id: str
    code: str
    consent_version: str
    facilities: dict[str, int]
    """Code of each facility and its places: large rooms are nearest to more families."""
    mail_domain: str = "example.org"
    """Addresses are unique in an installation: each municipality has a domain of its own."""


@dataclass(slots=True)
class Crowd:
    """The drawn families, and the rows that make them."""

    kids: list[Kid] = field(default_factory=list)
    rows: Rows = field(default_factory=lambda: {table: [] for table in TABLES})

    def store(self, db: Session) -> None:
        """A step: insert all rows."""
        for table in TABLES:
            if self.rows[table]:
                db.execute(insert(table), self.rows[table])


def identity(rng: Random) -> str:
    """An id as new_id makes them, but drawn."""
    return f"{rng.getrandbits(128):032x}"


def draw(place: Place, families: int, anchor: date, at: datetime, rng: Random) -> Crowd:
    """So many families, with children of the ages that come; registered before ``at``."""
    crowd = Crowd()
    for number in range(families):
        family(crowd, place, number, anchor, at - timedelta(days=rng.randint(0, 300)), rng)
    return crowd


def family(
    crowd: Crowd, place: Place, number: int, anchor: date, at: datetime, rng: Random
) -> list[Kid]:
    """One family with one to three children; every twelfth has no mail and telephones."""
    surname = rng.choice(names.FAMILY_NAMES)
    outside = rng.random() < 0.04
    family_id = identity(rng)
    both = 2 if rng.random() < 0.45 else 1
    guardians = [
        _guardian(crowd, place, family_id, surname, number, which, at, rng) for which in range(both)
    ]
    postcode, town = rng.choice(names.TOWNS)
    crowd.rows[Family].append(
        {
            "id": family_id,
            "municipality_id": place.municipality_id,
            "residence": "131148" if outside else place.code,
            "postcode": None if outside else postcode,
            "address": None if outside else f"{town}{rng.randint(1, 5)}丁目(見本)",
            "on_leave": False,
            "created_at": at,
        }
    )
    crowd.rows[Consent].append(
        {
            "id": identity(rng),
            "family_id": family_id,
            "guardian_id": guardians[0],
            "version": place.consent_version,
            "at": at,
        }
    )
    room = mixture.draw(place.facilities, rng)
    telephones_only = number % 12 == 11
    count = rng.choices((1, 2, 3), (62, 33, 5))[0]
    kids = []
    for _ in range(count):
        born = anchor - timedelta(days=_age_in_days(rng))
        child_id = child(crowd, place, family_id, surname, born, at, rng)
        kids.append(Kid(child_id, family_id, guardians[0], born, room, telephones_only))
    crowd.kids += kids
    return kids


def _age_in_days(rng: Random) -> int:
    years = mixture.draw(mixture.AGES, rng)
    return years * 365 + rng.randint(250 if years == 0 else 0, 360)


def _guardian(
    crowd: Crowd,
    place: Place,
    family_id: str,
    surname: tuple[str, str],
    number: int,
    which: int,
    at: datetime,
    rng: Random,
) -> str:
    given = rng.choice((names.MOTHERS, names.FATHERS)[which])
    has_mail = number % 12 != 11
    row = {
        "id": identity(rng),
        "family_id": family_id,
        "mail": f"kazoku{number + 1}{'ab'[which]}@{place.mail_domain}" if has_mail else None,
        "name": f"{surname[0]} {given[0]}",
        "kana": f"{surname[1]} {given[1]}",
        "relation": ("mother", "father")[which],
        "language": "en" if has_mail and rng.random() < 0.03 else "ja",
        "created_at": at,
        **telephones.columns(f"090-0000-{rng.randint(0, 9999):04d}"),
    }
    crowd.rows[Guardian].append(row)
    return str(row["id"])


def child(
    crowd: Crowd,
    place: Place,
    family_id: str,
    surname: tuple[str, str],
    born: date,
    at: datetime,
    rng: Random,
    *,
    given: tuple[str, str] | None = None,
    status: str = "approved",
) -> str:
    """One child with its registration; the given name is drawn unless it is named."""
    given = given or rng.choice(names.CHILDREN)
    child_id = identity(rng)
    crowd.rows[ChildRow].append(
        {
            "id": child_id,
            "family_id": family_id,
            "name": f"{surname[0]} {given[0]}",
            "kana": f"{surname[1]} {given[1]}",
            "birthday": born,
            "nursery": rng.choice(names.NURSERIES),
            "nursery_in": place.code,
            "allergies": rng.choice(names.ALLERGIES) if rng.random() < 0.14 else None,
            "medical_care": rng.choice(names.CARE) if rng.random() < 0.09 else None,
            "family_doctor": rng.choice(names.DOCTORS),
            "created_at": at,
        }
    )
    decided = at + timedelta(hours=26)
    crowd.rows[Registration].append(
        {
            "id": identity(rng),
            "child_id": child_id,
            "municipality_id": place.municipality_id,
            "status": status,
            "number": f"S{len(crowd.rows[Registration]) + 1:05d}" if status == "approved" else None,
            "valid_from": at.date(),
            "asked_at": at,
            "decided_at": decided if status == "approved" else None,
        }
    )
    return child_id
