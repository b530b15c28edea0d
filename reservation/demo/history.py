"""Who is ill on which day, and when the families ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from reservation.demo import mixture
from reservation.demo.chances import MINUTE
from reservation.demo.need import Need, Room
from reservation.demo.people import Kid
from reservation.demo.stage import Stage
from reservation.domain import clocks, dates
from reservation.domain.rulebook import RuleBook

RESTS = timedelta(days=12)
"""So long a child stays well after an illness."""


@dataclass(frozen=True, slots=True)
class Illness:
    """One child's illness and its last day."""

    kid: Kid
    code: str
    last: date


@dataclass(slots=True)
class Season:
    """Who is ill now, and who was lately."""

    kids: list[Kid]
    rooms: dict[str, Room]
    influenza: tuple[date, date]
    """First and last day of the influenza week."""
    ill: list[Illness] = field(default_factory=list)
    well_from: dict[str, date] = field(default_factory=dict)
    planned: list[tuple[date, Illness]] = field(default_factory=list)
    """Illnesses that are no accident, with their first days."""

    def needs(
        self, day: date, rng: Random, *, leave_out: frozenset[str] = frozenset()
    ) -> list[Need]:
        """The children who need a place on that day; rooms in ``leave_out`` are not asked."""
        flu = self.influenza[0] <= day <= self.influenza[1]
        places = sum(room.rules.places.official_capacity for room in self.rooms.values())
        planned = [one for first, one in self.planned if first <= day]
        self.planned = [one for one in self.planned if one[0] > day]
        self.ill = [one for one in (*self.ill, *planned) if one.last >= day]
        for _ in range(mixture.demand(day, places, flu, rng) - len(self.ill)):
            self._falls_ill(day, flu, rng)
        return [need for one in self.ill if (need := self._need(one, rng, leave_out)).rooms]

    def _falls_ill(self, day: date, flu: bool, rng: Random) -> None:
        kid = rng.choice(self.kids)
        if self.well_from.get(kid.child_id, day) > day:
            return
        days = mixture.draw(mixture.DAYS_ILL, rng)
        one = Illness(kid, mixture.illness(day, flu, rng), day + timedelta(days=days - 1))
        self.well_from[kid.child_id] = one.last + RESTS
        self.ill.append(one)

    def _need(self, one: Illness, rng: Random, leave_out: frozenset[str]) -> Need:
        complaint, told = mixture.complaint(one.code, rng)
        places = {c: r.rules.places.official_capacity for c, r in self.rooms.items()}
        second = mixture.draw(places, rng)
        rooms = [one.kid.facility]
        if second != one.kid.facility and rng.random() < 0.55:
            rooms.append(second)
        left = tuple(code for code in rooms if code not in leave_out)
        return Need(one.kid, complaint, told, left, patient=rng.random() < 0.6)


def asks_at(rules: RuleBook, day: date, rng: Random) -> datetime:
    """When a family asks: at the opening, over the day before, in its evening, or at dawn."""
    before = dates.open_day_before(rules, day, 1)
    opens, lot = clocks.opens_at(rules, day), rng.random()
    if lot < 0.2:
        return opens + rng.expovariate(1 / 6) * MINUTE
    if lot < 0.4:
        when = dates.at(before, time(8, 45)) + rng.expovariate(1 / 10) * MINUTE
    elif lot < 0.65:
        when = dates.at(before, time(9, 0)) + rng.uniform(0, 540) * MINUTE
    elif lot < 0.88:
        when = dates.at(before, time(18, 0)) + rng.uniform(0, 270) * MINUTE
    else:
        when = dates.at(day, time(5, 50)) + rng.uniform(0, 65) * MINUTE
    return max(when, opens)


def play(stage: Stage, needs: list[Need]) -> None:
    """Put the families' first questions on the stage."""
    for need in needs:
        room = stage.rooms.get(need.rooms[0])
        if room is not None:
            stage.at(asks_at(room.rules, stage.day, stage.rng), stage.ask, need)
