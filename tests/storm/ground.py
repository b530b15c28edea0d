"""The town of the storm: facilities, families with signed-in browsers, managers, and the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Flask
from sqlalchemy import insert

from reservation import clock
from reservation.domain import dates
from reservation.services import devices, facilities
from reservation.services.devices import Owner
from reservation.store.db import write
from reservation.store.tables.access import Account, Role
from reservation.store.tables.people import ChildRow, Family, Guardian, Registration
from reservation.store.types import new_id
from tests.domain import build
from tests.town import MUNICIPALITY, OPERATOR, book

START = "2026-06-08T11:59:40+09:00"
"""A Monday; the clock of all processes runs on from here."""
REAL = f"{START}@{START}"
"""The setting that lets the clock of this process show the real time again."""
OPENING = clock.read("2026-06-08T12:00:00+09:00")
"""When booking opens at the late facility: the storm is under way by then."""
DAYS = tuple(date(2026, 6, n) for n in (9, 10, 11, 12, 15, 16))
ROOMS = ("storm-1", "storm-2", "storm-3", "storm-4", "storm-5")
LATE = "storm-late"
PLACES = 4
LASTS = timedelta(days=1)


@dataclass(frozen=True)
class House:
    """A family with one child, and the cookie of its browser."""

    family_id: str
    guardian_id: str
    child_id: str
    device: str


@dataclass(frozen=True)
class Place:
    """A facility, and the cookie of its manager's browser."""

    id: str
    code: str
    desk: str


@dataclass(frozen=True)
class Ground:
    """All that the clients know."""

    houses: tuple[House, ...]
    places: tuple[Place, ...]
    late: Place


def lay(app: Flask, families: int) -> Ground:
    """Write the town into an empty database."""
    with app.app_context():
        town = facilities.put_municipality(MUNICIPALITY, OPERATOR, clock.now)
        places = [_place(town, code, {"days_before": 20, "at": "08:45"}) for code in ROOMS]
        late = _place(town, LATE, {"days_before": 1, "at": "12:00"})
        return Ground(tuple(_houses(town, families)), tuple(places), late)


def _place(town: str, code: str, opens: dict[str, object]) -> Place:
    rules = book(
        code,
        about={"name": {"ja": code}, "short_name": {"ja": code}, "telephone": "03-0000-0000"},
        capacity=PLACES,
        booking={"opens": opens},
    )
    at = clock.now()
    facility_id = facilities.put_rule_book(str(MUNICIPALITY["code"]), rules, OPERATOR, clock.now)
    account = new_id()
    with write() as db:
        db.execute(
            insert(Account),
            [{"id": account, "mail": f"{code}@example.org", "name": code, "created_at": at}],
        )
        role = {"id": new_id(), "account_id": account, "role": "manager"}
        db.execute(insert(Role), [{**role, "facility_id": facility_id}])
        token = devices.open_device(db, Owner(account_id=account), "storm", at, LASTS)
    return Place(facility_id, code, token)


def _houses(town: str, families: int) -> list[House]:
    at = clock.now()
    made = []
    with write() as db:
        for number in range(families):
            family, guardian, child = new_id(), new_id(), new_id()
            db.execute(insert(Family), [{"id": family, "municipality_id": town,
                "residence": build.SUGINAMI, "on_leave": False, "created_at": at}])  # fmt: skip
            db.execute(insert(Guardian), [{"id": guardian, "family_id": family, "language": "ja",
                "mail": f"f{number}@example.org", "name": "母", "created_at": at}])  # fmt: skip
            db.execute(insert(ChildRow), [{"id": child, "family_id": family, "name": f"子{number}",
                "kana": f"コ{number}", "birthday": build.aged(30, DAYS[0]),
                "created_at": at}])  # fmt: skip
            db.execute(insert(Registration), [{"id": new_id(), "child_id": child,
                "status": "approved", "municipality_id": town, "valid_from": date(2026, 4, 1),
                "asked_at": at}])  # fmt: skip
            token = devices.open_device(db, Owner(guardian_id=guardian), "storm", at, LASTS)
            made.append(House(family, guardian, child, token))
    return made


def care_days(place: Place) -> tuple[date, ...]:
    """The days that clients ask a facility for."""
    return DAYS[:1] if place.code == LATE else DAYS


def tomorrow_of(instant: datetime) -> date:
    """The day after, in Tokyo."""
    return dates.local(instant).date() + timedelta(days=1)
