"""Who needs a place, and the rooms that may give one."""

from __future__ import annotations

from dataclasses import dataclass

from reservation.demo.people import Kid
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import Complaint


@dataclass(frozen=True, slots=True)
class Room:
    """A facility of the demo: its rules, and the account in whose name its staff act."""

    code: str
    facility_id: str
    rules: RuleBook
    account_id: str


@dataclass(frozen=True, slots=True)
class Need:
    """A child that is ill on this day, and the rooms its family asks, best first."""

    kid: Kid
    complaint: Complaint
    told: str | None
    rooms: tuple[str, ...]
    patient: bool = True
    """Whether the family stands in a list when there is no place."""
