"""Several days of one illness: how many a child may have, how many at once, who comes first, and
which days fall when one of them is cancelled (domain.md §3.6)."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from reservation.domain import dates
from reservation.domain.refusals import Code, Refusal
from reservation.domain.states import State
from reservation.domain.values import Booking, Child

if TYPE_CHECKING:
    from reservation.domain.rulebook import RuleBook

GAP = timedelta(days=7)
"""Care days no further apart than this belong to one illness."""

Days = tuple[tuple[str, date], ...]
"""Illness and care day of the places a child has, or has had, at a facility (``Child.days``)."""

FALLS = frozenset({State.REQUESTED, State.CONFIRMED})
"""What a cancelled day takes with it. A hold is being typed at this moment and an entry of the
list is a wish of its own: both stay."""


def run(days: Iterable[date], day: date) -> tuple[date, ...]:
    """The care days of one illness around this day, itself among them, in order."""
    ordered = sorted({*days, day})
    at = ordered.index(day)
    first, last = at, at
    while first > 0 and ordered[first] - ordered[first - 1] <= GAP:
        first -= 1
    while last + 1 < len(ordered) and ordered[last + 1] - ordered[last] <= GAP:
        last += 1
    return tuple(ordered[first : last + 1])


def goes_on(
    rules: RuleBook, days: Days, unnamed: Container[str], illness: str, day: date, *, named: bool
) -> str:
    """The illness of the episode that a day with this illness belongs to.

    Its own, where the child has had it within a week. Else, until a doctor has named two
    different ones, a place on the open day before or after is the same illness: a fever that
    turns out to be influenza goes on, and so does an influenza that is called a fever the next
    day. ``unnamed`` are the illnesses of ``days`` that no doctor has named; ``named`` says whether
    this one is.
    """
    if any(code == illness and abs(one - day) <= GAP for code, one in days):
        return illness
    beside = (dates.open_day_before(rules, day, 1), dates.next_open_day(rules, day))
    found = (c for c, one in days if one in beside and (c in unnamed or not named))
    return next(found, illness)


def renamed(days: Days, frm: str, to: str) -> Days:
    """The days of an episode under the illness it has by now."""
    return tuple((to if code == frm else code, one) for code, one in days)


def asks(rules: RuleBook) -> bool:
    """Whether any rule wants to know which days a child has had here (``Child.days``)."""
    chain = rules.chain
    by_illness = any(rule.most_days for rule in rules.illnesses.table.values())
    return bool(by_illness or chain.most_days or chain.at_most_at_once or chain.returning_days)


def takes_others(rules: RuleBook) -> bool:
    """Whether a cancelled day can take others with it."""
    return rules.chain.model in ("cascade", "conditional")


def most_days(rules: RuleBook, illness: str) -> int:
    """How many days this illness may be used for; 0 for no limit."""
    rule = rules.illnesses.table.get(illness)
    own = rule.most_days if rule else None
    return rules.chain.most_days if own is None else own


def too_many(rules: RuleBook, child: Child, illness: str, day: date) -> Refusal | None:
    """Whether the day lies beyond what one illness may be used for, counted from its first day.

    Both ends count: seven calendar days from a Monday end on Sunday (Sumida). A day before those
    the child has lengthens the run just so.
    """
    most = most_days(rules, illness)
    if not most:
        return None
    days = _run_of(child, illness, day)
    first, last = days[0], days[-1]
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    by_open = rules.chain.counted == "open"
    if sum(not by_open or dates.is_open_day(rules, one) for one in span) <= most:
        return None
    return Refusal(Code.TOO_MANY_DAYS, {"days": most, "first": first})


def at_once(
    rules: RuleBook, child: Child, illness: str, day: date, now: datetime
) -> Refusal | None:
    """Whether more days would be booked at once than the facility takes.

    Days of one illness are booked in blocks of ``at_once``; the next block can be asked for from
    the morning of the last day before it (Oguchi: three days, further ones from day 3 on). The
    refusal names that instant in ``at``.
    """
    most = rules.chain.at_most_at_once
    days = _run_of(child, illness, day)
    if not most or len(days) <= most:
        return None
    last_of_block = days[(len(days) - 1) // most * most - 1]
    opens = dates.at(last_of_block, rules.chain.further_from)
    return Refusal(Code.TOO_MANY_AT_ONCE, {"days": most, "at": opens}) if now < opens else None


def returns(rules: RuleBook, child: Child, illness: str, day: date) -> bool:
    """Whether the child has a place on the open day before with this illness, and this day is
    still among the first ``returning_days`` in a row (Hiyoko: through the third)."""
    mine = {one for code, one in child.days if code == illness}
    in_a_row, before = 1, dates.open_day_before(rules, day, 1)
    while before in mine and in_a_row <= rules.chain.returning_days:
        in_a_row, before = in_a_row + 1, dates.open_day_before(rules, before, 1)
    return 1 < in_a_row <= rules.chain.returning_days


def falling(
    rules: RuleBook, cancelled: Booking, later: Iterable[Booking], *, to_nursery: bool
) -> tuple[Booking, ...]:
    """The later bookings of the same illness that end with a cancelled one, by care day.

    CASCADE (Nishiwaki): all of them. CONDITIONAL (Oguchi): all if the child goes to nursery that
    day, none if it rests at home. Otherwise none.
    """
    model = rules.chain.model
    lost = model == "cascade" or (model == "conditional" and to_nursery)
    if not lost or cancelled.state not in FALLS:
        return ()
    same = (b for b in later if b.state in FALLS and b.care_day > cancelled.care_day)
    return tuple(sorted(same, key=lambda booking: booking.care_day))


def _run_of(child: Child, illness: str, day: date) -> tuple[date, ...]:
    return run((one for code, one in child.days if code == illness), day)
