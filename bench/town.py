"""A town for benches: many rooms, many families that are signed in, and what became of them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from flask import session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf
from sqlalchemy import delete, func, insert, select, update

from bench.stage import Stage
from reservation import clock
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import HOLDS_A_PLACE
from reservation.services import facilities
from reservation.store.db import read, write
from reservation.store.tables.access import Device
from reservation.store.tables.bookings import (
    BookingRow,
    Episode,
    RefusalRow,
    RoundRow,
    WishRow,
    literals,
)
from reservation.store.tables.people import ChildRow, Family, Guardian, Registration
from reservation.store.tables.places import DayRow
from reservation.store.tables.records import Audit, KeyRow, Outbox
from tests import town
from tests.domain import build

NOW = "2026-11-23T18:00+09:00"
"""The evening before the first care day of tests/town.py."""
DAYS = tuple(town.CARE_DAY + timedelta(days=n) for n in range(3))
"""The care days that may be booked at NOW."""
Where = tuple[str, date]


@dataclass(frozen=True)
class Home:
    """A family with one child and a signed-in browser."""

    family_id: str
    guardian_id: str
    child_id: str
    cookies: str


@dataclass
class Town:
    """Rooms by name, families, and the token that every form of theirs carries."""

    stage: Stage
    rooms: dict[str, str] = field(default_factory=dict)
    homes: list[Home] = field(default_factory=list)
    csrf: str = ""

    def form(self, home: Home, where: Where, complaint: str = "fever") -> dict[str, str]:
        """The fields of the button that holds a place."""
        return {
            "csrf_token": self.csrf,
            "key": secrets.token_urlsafe(),
            "child": home.child_id,
            "facility": where[0],
            "day": where[1].isoformat(),
            "complaint": complaint,
        }


def found(stage: Stage, rooms: dict[str, dict[str, Any]], families: int) -> Town:
    """A town with these rooms (name → sections of the rule book) and so many families."""
    made = Town(stage)
    with stage.app.app_context():
        town_id = facilities.put_municipality(town.MUNICIPALITY, town.OPERATOR, clock.now)
        for name, sections in rooms.items():
            made.rooms[name] = facilities.put_rule_book(
                build.SUGINAMI, _book(name, sections), town.OPERATOR, clock.now
            )
        _settle(made, town_id, families)
    return made


def places(count: int) -> dict[str, Any]:
    """A rule book's sections for one room of so many places."""
    return {"capacity": count, "rooms": build.rooms(general=count)}


def clear(made: Town) -> None:
    """Forget everything that families did, so that the next run finds the same town."""
    tables = (KeyRow, Outbox, RefusalRow, BookingRow, RoundRow, Episode, WishRow, Audit)
    with made.stage.app.app_context(), write() as db:
        for table in tables:
            db.execute(delete(table))
        db.execute(update(DayRow).values(freed_at=None))


def open_days(made: Town, wanted: Sequence[date] = DAYS) -> None:
    """Make every room's day rows, as a morning before this one would have."""
    rows = [
        {"facility_id": room, "date": day, "version": 0, "closed_rooms": []}
        for room in made.rooms.values()
        for day in wanted
    ]
    with made.stage.app.app_context(), write() as db:
        db.execute(insert(DayRow), rows)


def taken(made: Town) -> dict[Where, int]:
    """How many places are taken on each facility-day, as stored."""
    counted = (
        select(BookingRow.facility_id, BookingRow.care_day, func.count())
        .where(BookingRow.state.in_(literals(HOLDS_A_PLACE)))
        .group_by(BookingRow.facility_id, BookingRow.care_day)
    )
    with made.stage.app.app_context(), read() as db:
        return {(row[0], row[1]): row[2] for row in db.execute(counted)}


def _book(name: str, sections: dict[str, Any]) -> RuleBook:
    about = {"name": {"ja": name}, "short_name": {"ja": name}, "telephone": "03-0000-0000"}
    return town.book(name, about=about, **sections)


def _settle(made: Town, town_id: str, families: int) -> None:
    at = clock.now()
    made.csrf, session_cookie = _session(made)
    rows: dict[Any, list[dict[str, Any]]] = {
        one: [] for one in (Family, Guardian, ChildRow, Registration, Device)
    }
    for number in range(families):
        family, guardian, child = (f"{kind}{number:031d}" for kind in "fgc")
        token = secrets.token_urlsafe(32)
        cookies = f"device={token}; session={quote(session_cookie)}"
        made.homes.append(Home(family, guardian, child, cookies))
        for table, row in _rows(family, guardian, child, number, town_id, at):
            rows[table].append(row)
        rows[Device].append(
            {"id": f"d{number:031d}", "token_hash": hashlib.sha256(token.encode()).hexdigest(),
             "guardian_id": guardian, "label": "bench", "created_at": at, "seen_at": at,
             "ends_at": at + timedelta(days=90)}
        )  # fmt: skip
    with write() as db:
        for table, many in rows.items():
            db.execute(insert(table), many)


def _rows(
    family: str, guardian: str, child: str, number: int, town_id: str, at: Any
) -> Iterator[tuple[Any, dict[str, Any]]]:
    yield Family, {"id": family, "municipality_id": town_id, "residence": build.SUGINAMI,
                   "on_leave": False, "created_at": at}  # fmt: skip
    yield Guardian, {"id": guardian, "family_id": family, "mail": f"{number}@example.org",
                     "name": "ベンチの母", "language": "ja", "created_at": at}  # fmt: skip
    yield ChildRow, {"id": child, "family_id": family, "name": "ベンチ", "kana": "ベンチ",
                     "birthday": build.aged(20 + number % 40), "created_at": at}  # fmt: skip
    yield Registration, {"id": f"r{number:031d}", "child_id": child, "status": "approved",
                         "municipality_id": town_id, "valid_from": date(2026, 4, 1),
                         "asked_at": at}  # fmt: skip


def _session(made: Town) -> tuple[str, str]:
    """The token of a session's forms and the session's cookie: one serves every family, since
    who somebody is stands in the device's cookie."""
    with made.stage.app.test_request_context():
        token = generate_csrf()
        signer = SecureCookieSessionInterface().get_signing_serializer(made.stage.app)
        assert signer is not None  # the stage has a secret key
        return token, signer.dumps(dict(session))
