"""A small town for tests: two rooms, two families, the people who work there, and a stranger.

tests/conftest.py names this module as a plugin, so every test may ask for its fixtures. Facilities
take their rules from tests/domain/build.py; ``make_town(capacity=1)`` changes the first one's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from reservation import clock as application_clock
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import Complaint, Terms
from reservation.services import audit, bookings, facilities, holds, offers, taking
from reservation.services.audit import By
from reservation.services.bookings import CheckPage
from reservation.services.children import Wanted
from reservation.services.outcomes import Outcome
from reservation.store.db import read, write
from reservation.store.tables.access import Account, Role
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow, Family, Guardian, Registration
from reservation.store.types import new_id
from tests.domain import build

SUGINAMI = build.SUGINAMI
CARE_DAY = date(2026, 11, 24)
"""Tuesday after a holiday Monday: booked on Friday the 20th, or the evening before."""
EVENING = "2026-11-23 18:00"
MUNICIPALITY = {
    "code": SUGINAMI,
    "name": {"ja": "杉並区", "en": "Suginami City"},
    "telephone": "03-0000-0000",
    "telephone_hours": {"ja": "平日 8:30〜17:00"},
    "consent_version": "1",
    "consent_text": {"ja": "同意文"},
}
OPERATOR = By(audit.Actor.STAFF, None, audit.Channel.DESK)


@dataclass
class Household:
    """A family of a test with one child, and what it does, in words."""

    town: Town
    family_id: str
    guardian_id: str
    mail: str
    child_id: str
    name: str

    @property
    def by(self) -> By:
        """The guardian acting."""
        return audit.guardian(self.guardian_id, self.family_id)

    def wants(self, illness: str = "URI", day: date = CARE_DAY, at: str = "seeds") -> Wanted:
        """This child, with a diagnosis, at a facility by its code."""
        return Wanted(
            child_id=self.child_id,
            facility_id=self.town.facilities[at],
            care_day=day,
            complaint=Complaint.DIAGNOSED,
            told=illness,
        )

    def holds(self, illness: str = "URI", day: date = CARE_DAY, at: str = "seeds") -> Outcome:
        """Hold a place."""
        return holds.hold(self.wants(illness, day, at), self.by, None, application_clock.now)

    def books(self, illness: str = "URI", day: date = CARE_DAY, at: str = "seeds") -> str:
        """Hold and confirm; the booking's id."""
        held = self.holds(illness, day, at)
        assert held.booking_id is not None, held
        self.confirms(held.booking_id)
        return held.booking_id

    def confirms(self, booking_id: str) -> Outcome:
        """Confirm a hold."""
        return bookings.confirm(
            booking_id, CheckPage(brings="mother"), self.by, None, application_clock.now
        )

    def cancels(self, booking_id: str) -> Outcome:
        """Cancel, or leave the list."""
        return bookings.cancel(booking_id, self.by, None, application_clock.now)

    def waits(self, illness: str = "URI", day: date = CARE_DAY, at: str = "seeds") -> str:
        """Join the list, a second after whoever asked before; the entry's id."""
        application_clock.fix(application_clock.now() + timedelta(seconds=1))
        joined = bookings.join(self.wants(illness, day, at), self.by, None, application_clock.now)
        assert joined.booking_id is not None, joined
        return joined.booking_id

    def waits_with(self, terms: Terms, at: str = "seeds") -> str:
        """Join the list on these terms; the entry's id."""
        entry = self.waits(at=at)
        self.sets(entry, terms)
        return entry

    def sets(self, booking_id: str, terms: Terms) -> Outcome:
        """Change on which terms it waits."""
        return taking.set_terms(booking_id, terms, self.by, None, application_clock.now)

    def says_yes(self, booking_id: str) -> Outcome:
        """Take an offer."""
        return offers.say_yes(booking_id, self.by, None, application_clock.now)

    def says_no(self, booking_id: str) -> Outcome:
        """Let an offer go by."""
        return offers.say_no(booking_id, self.by, None, application_clock.now)


@dataclass
class Worker:
    """Somebody with a staff account and one role."""

    account_id: str
    mail: str
    facility_id: str | None = None

    @property
    def by(self) -> By:
        """This person acting at their facility."""
        assert self.facility_id is not None
        return audit.staff(self.account_id, self.facility_id)


@dataclass
class Town:
    """The municipality of a test."""

    municipality_id: str
    facilities: dict[str, str] = field(default_factory=dict)

    def family(self, name: str, months: int = 30, **child: Any) -> Household:
        """A family with one approved child of that age on the care day."""
        at = application_clock.now()
        family, guardian, boy = new_id(), new_id(), new_id()
        mail = f"{family[:8]}@example.org"
        rows: list[tuple[Any, dict[str, Any]]] = [
            (Family, {"id": family, "municipality_id": self.municipality_id,
                      "residence": SUGINAMI, "on_leave": False, "created_at": at}),
            (Guardian, {"id": guardian, "family_id": family, "mail": mail, "kana": "ハハ",
                        "name": f"{name}の母", "language": "ja", "created_at": at}),
            (ChildRow, {"id": boy, "family_id": family, "name": name, "kana": name,
                        "birthday": build.aged(months), "created_at": at, **child}),
            (Registration, {"id": new_id(), "child_id": boy, "status": "approved",
                            "municipality_id": self.municipality_id,
                            "valid_from": date(2026, 4, 1), "asked_at": at}),
        ]  # fmt: skip
        with write() as db:
            for table, row in rows:
                db.execute(insert(table), [row])
        return Household(self, family, guardian, mail, boy, name)

    def second_guardian(self, family: Household) -> Household:
        """Another guardian of the family, with a mail address of their own."""
        guardian = new_id()
        mail = f"{guardian[:8]}@example.org"
        with write() as db:
            db.execute(insert(Guardian), [{"id": guardian, "family_id": family.family_id,
                "mail": mail, "kana": "チチ", "name": f"{family.name}の父", "language": "ja",
                "relation": "father", "created_at": application_clock.now()}])  # fmt: skip
        return replace(family, guardian_id=guardian, mail=mail)

    def worker(self, role: str, facility: str | None = None) -> Worker:
        """A person with a role at a facility (by code) or at the municipality."""
        account = new_id()
        facility_id = self.facilities[facility] if facility else None
        place = {"facility_id": facility_id} if facility else {
            "municipality_id": self.municipality_id
        }  # fmt: skip
        with write() as db:
            db.execute(insert(Account), [{"id": account, "mail": f"{account[:8]}@example.org",
                "name": role, "created_at": application_clock.now()}])  # fmt: skip
            db.execute(
                insert(Role), [{"id": new_id(), "account_id": account, "role": role, **place}]
            )
        return Worker(account, f"{account[:8]}@example.org", facility_id)

    def state(self, booking_id: str) -> str:
        """The state a booking is in, as stored."""
        with read() as db:
            return db.execute(
                select(BookingRow.state).where(BookingRow.id == booking_id)
            ).scalar_one()

    def rules(self, book: RuleBook) -> str:
        """Let this rule book count; a new code is a new facility."""
        facility_id = facilities.put_rule_book(SUGINAMI, book, OPERATOR, application_clock.now)
        self.facilities[book.code] = facility_id
        return facility_id


def book(code: str = "seeds", **sections: Any) -> RuleBook:
    """A rule book whose booking opens three open days before, so that tests need not wait."""
    booking = {"opens": {"days_before": 3, "at": "08:45"}} | sections.pop("booking", {})
    return build.rulebook(code=code, booking=booking, **sections)


@pytest.fixture
def make_town(context: Flask, clock: Any) -> Callable[..., Town]:
    """``make_town(capacity=1)``: a town at 18:00 of the evening before the care day."""

    def make(**sections: Any) -> Town:
        clock.set(EVENING)
        town = Town(facilities.put_municipality(MUNICIPALITY, OPERATOR, application_clock.now))
        town.rules(book("seeds", **sections))
        town.rules(book("rabbit", about={"name": {"ja": "ラビットルーム"},
            "short_name": {"ja": "ラビット"}, "telephone": "03-0000-0002"}))  # fmt: skip
        return town

    return make


@pytest.fixture
def town(make_town: Callable[..., Town]) -> Town:
    """The town with the usual rules: しーず has six places, ラビット too."""
    return make_town()


@pytest.fixture
def sakura(town: Town) -> Household:
    """The family everything is about."""
    return town.family("さくら")


@pytest.fixture
def hana(town: Town) -> Household:
    """The family that waits behind her."""
    return town.family("はな")


@pytest.fixture
def stranger(town: Town) -> Household:
    """Another family, who must see nothing."""
    return town.family("たにん")


@pytest.fixture
def nurse(town: Town) -> Worker:
    """Staff of しーず."""
    return town.worker("staff", "seeds")


@pytest.fixture
def manager(town: Town) -> Worker:
    """The manager of しーず."""
    return town.worker("manager", "seeds")


@pytest.fixture
def officer(town: Town) -> Worker:
    """An officer of the municipality."""
    return town.worker("officer")
