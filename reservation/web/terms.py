"""On which terms a family waits: what a room lets it choose, and what a form has sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask import abort

from reservation import clock
from reservation.domain import clocks
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import PLAIN, Terms


@dataclass(frozen=True)
class Offered:
    """What a room's rule book lets a family choose, and what it has chosen. ``times`` are
    instants until which a place may be taken for it; empty where none is."""

    terms: Terms
    wakes: bool
    times: tuple[datetime, ...]
    near_until: datetime | None
    examined: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to choose."""
        return not (self.wakes or self.times or self.near_until or self.examined)


def offered(rules: RuleBook, day: date, terms: Terms = PLAIN) -> Offered:
    """What may be chosen now for this care day."""
    listed = rules.waiting
    by_clock = listed.mode == "automatic"
    takes = by_clock and listed.takes_for_family
    near = by_clock and listed.second_chance_until is not None
    return Offered(
        terms=terms,
        wakes=by_clock and listed.wake_minutes > 0,
        times=clocks.taking_times(rules, day, clock.now()) if takes else (),
        near_until=clocks.list_ends_at(rules, day, near=True) if near else None,
        examined=listed.mode != "none" and listed.examined_first,
    )


def sent(form: Mapping[str, str]) -> Terms:
    """The terms of a form; 400 for a time that no form of ours sends."""
    until = form.get("takes_until", "")
    return Terms(
        wakes="wakes" in form,
        takes_until=_instant(until) if until else None,
        near="near" in form,
        examined="examined" in form,
    )


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        abort(400)
    return found if found.tzinfo is not None else abort(400)
