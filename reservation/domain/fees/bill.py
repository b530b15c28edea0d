"""The bill of a day, line by line, from the times at the door and what staff have added.

Times are local minutes since the midnight that begins the care day; begun seconds do not count,
so a child that is fetched in the minute of closing costs nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from reservation.domain import dates
from reservation.domain.fees.tariff import Payer, lives
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.fields import Text
from reservation.domain.rulebook.money import Surcharge

MOST = 20
"""How many of one item, at most."""


@dataclass(frozen=True, slots=True)
class Stay:
    """When the child came and went (aware instants) on its care day."""

    day: date
    arrived: datetime
    left: datetime

    @property
    def minutes(self) -> int:
        """How long the child stayed; never less than nothing."""
        return max(0, self.went_at - self.came_at)

    @property
    def came_at(self) -> int:
        """Local minute of the arrival."""
        return _minute(self.arrived, self.day)

    @property
    def went_at(self) -> int:
        """Local minute of the leaving; above 1440 on the next day."""
        return _minute(self.left, self.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What staff have added by hand. ``taxi`` is the cost in yen, ``correction`` any amount."""

    items: Mapping[str, int] = field(default_factory=dict)
    """Code of the rule book's items → how many."""
    taxi: int | None = None
    correction: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: its code, yen (reductions are negative), and what explains it.

    Codes: 'day', 'class', 'expired' (no yen), 'promise', 'before', 'after', 'item', 'taxi',
    'correction', 'late_cancel'. ``name`` is a text of the rule book; ``count`` is
    how many, or how many begun steps; ``minutes`` are those the line is about; ``hours`` up to
    which the amount counts.
    """

    code: str
    amount: int
    name: Text = field(default_factory=dict)
    count: int = 1
    minutes: int = 0
    hours: int = 0
    at: str = ""
    """The rule book's local time of a surcharge, '18:00'."""


@dataclass(frozen=True, slots=True)
class Bill:
    """The lines of a day. The total is their sum and nothing else."""

    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """Yen; never negative."""
        return sum(line.amount for line in self.lines)


def bill(
    rules: RuleBook, payer: Payer, stay: Stay, promised: int | None, extras: Extras | None = None
) -> Bill:
    """The bill of a day in care. The day itself never costs more than was ``promised``."""
    extras = extras or Extras()
    lines = (
        *_day(rules, payer, stay, promised),
        *_surcharges(rules, stay),
        *_items(rules, extras.items),
        *_taxi(rules, extras.taxi),
    )
    return Bill((*lines, *_correction(extras.correction, sum(line.amount for line in lines))))


def late_cancelled(rules: RuleBook) -> Bill:
    """The bill of a booking that was cancelled after the cut-off: the fee, or no line."""
    fee = rules.cancelling.late_fee
    return Bill((Line(code="late_cancel", amount=fee),) if fee else ())


def _day(rules: RuleBook, payer: Payer, stay: Stay, promised: int | None) -> Iterator[Line]:
    where, fees = lives(rules, payer), rules.fees
    full = fees.amount(where, "", stay.minutes)
    rate = fees.rate(where, "", stay.minutes)
    yield Line(
        code="day",
        amount=full,
        name=rate.name if rate else {},
        minutes=stay.minutes,
        hours=rate.hours or 0 if rate else 0,
    )
    due = fees.amount(where, payer.fee_class, stay.minutes)
    if due != full:
        known = fees.class_of(payer.fee_class)
        yield Line(code="class", amount=due - full, name=known.name if known else {})
    if gone := fees.class_of(payer.expired):
        yield Line(code="expired", amount=0, name=gone.name)
    if promised is not None and due > promised:
        yield Line(code="promise", amount=promised - due)


def _surcharges(rules: RuleBook, stay: Stay) -> Iterator[Line]:
    for one in rules.fees.surcharges:
        minutes = _beyond(one, stay)
        if minutes > 0 and one.amount:
            count = 1 if one.minutes is None else -(-minutes // one.minutes)
            at = f"{one.at.hour}:{one.at.minute:02}"
            yield Line(
                code=one.edge, amount=one.amount * count, count=count, minutes=minutes, at=at
            )


def _beyond(one: Surcharge, stay: Stay) -> int:
    at = _of_day(one.at)
    return at - stay.came_at if one.edge == "before" else stay.went_at - at


def _items(rules: RuleBook, added: Mapping[str, int]) -> Iterator[Line]:
    for item in rules.fees.items:
        count = added.get(item.code, 1 if item.added == "always" else 0)
        if count > 0:
            yield Line(code="item", amount=item.amount * count, name=item.name, count=count)


def _taxi(rules: RuleBook, cost: int | None) -> Iterator[Line]:
    if rules.fees.taxi and cost:
        cap = rules.fees.taxi_cap
        yield Line(code="taxi", amount=cost if cap is None else min(cost, cap))


def _correction(amount: int, before: int) -> Iterator[Line]:
    """Never below zero: an item taken away again may leave a correction too large."""
    if kept := max(amount, -before):
        yield Line(code="correction", amount=kept)


def _minute(at: datetime, day: date) -> int:
    local = dates.local(at)
    return (local.date() - day).days * 24 * 60 + local.hour * 60 + local.minute


def _of_day(at: time) -> int:
    return at.hour * 60 + at.minute
