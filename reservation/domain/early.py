"""When requests for a day open, and who may ask before all others."""

from __future__ import annotations

from datetime import date, datetime

from reservation.domain import dates
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.clocks import Clock


def instant(rules: RuleBook, clock: Clock, day: date) -> datetime:
    """The instant (aware, UTC) of a clock of this care day."""
    return dates.at(dates.open_day_before(rules, day, clock.days_before), clock.at)


def predictable_opens_at(rules: RuleBook, day: date) -> datetime | None:
    """When requests for illnesses whose course is known open, some open days before all others
    (Animo: for Monday on Thursday, not Friday); None where there is no such rule."""
    earlier, opens = rules.booking.predictable_earlier, rules.booking.opens
    if not earlier:
        return None
    return dates.at(dates.open_day_before(rules, day, opens.days_before + earlier), opens.at)


def opens_for(
    rules: RuleBook, day: date, illness: str | None = None, *, returning: bool = False
) -> datetime:
    """When requests for this day open for a child with this illness, ``returning`` or not from
    the open day before: the earliest of what the rule book gives it."""
    found = [instant(rules, rules.booking.opens, day)]
    known_course = predictable_opens_at(rules, day)
    if known_course is not None and illness in rules.booking.predictable:
        found.append(known_course)
    if returning:
        found.append(instant(rules, rules.chain.returning_opens, day))
    return min(found)
