"""Real rooms, opened from their files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.domain.rulebook import RuleBook, documents
from reservation.services import facilities
from reservation.services.outcomes import Outcome
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from tests.town import MUNICIPALITY, OPERATOR, Household, Town

ROOMS = Path(__file__).parent / "rooms"
WEDNESDAY = date(2026, 12, 2)
"""The usual care day of the cases: an ordinary week, the day before is open everywhere."""


def rules(name: str) -> RuleBook:
    """The rule book of a room."""
    return documents.read((ROOMS / f"{name}.yaml").read_text("utf-8"))


@pytest.fixture
def open_room(context: Flask, clock: Any) -> Callable[[str, str], Room]:
    """``open_room("ofa", "2026-12-01 18:00")``: the room alone in a town, at that moment."""

    def open_(name: str, at: str) -> Room:
        clock.set(at)
        town = Town(facilities.put_municipality(MUNICIPALITY, OPERATOR, application_clock.now))
        town.rules(rules(name))
        return Room(name, town, clock)

    return open_


def _codes(outcome: Outcome) -> str:
    return " ".join(sorted(refusal.code.value for refusal in outcome.refusals))


class Room:
    """One room of a case, with the clock beside it."""

    def __init__(self, code: str, town: Town, clock: Any) -> None:
        self.code, self.town, self.clock = code, town, clock
        self.id = town.facilities[code]
        self._families = 0

    def family(self, months: int = 30, **child: Any) -> Household:
        """One more family with a registered child of that age."""
        self._families += 1
        return self.town.family(f"子{self._families}", months, **child)

    def asks(
        self, at: str, day: date = WEDNESDAY, illness: str = "URI", who: Household | None = None
    ) -> Outcome:
        """A (new) family asks for a place at this moment."""
        self.clock.set(at)
        return (who or self.family()).holds(illness, day, self.code)

    def answers(self, at: str, day: date = WEDNESDAY) -> str:
        """'held', or the codes of all refusals."""
        outcome = self.asks(at, day)
        return _codes(outcome) if outcome.is_refused else outcome.code

    def takes(self, illness: str, months: int = 30, **child: Any) -> str:
        """The same for an illness and an age, now; what is held is also confirmed."""
        family = self.family(months, **child)
        outcome = family.holds(illness, WEDNESDAY, self.code)
        if outcome.booking_id is None:
            return _codes(outcome)
        return family.confirms(outcome.booking_id).code

    def row(self, booking_id: str) -> BookingRow:
        """The booking as it is stored."""
        with read() as db:
            return db.execute(select(BookingRow).where(BookingRow.id == booking_id)).scalar_one()
