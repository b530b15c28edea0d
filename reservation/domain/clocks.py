"""Every deadline of a facility, as instants (aware, UTC), from its rule book and the care day.

A span is open from its start on and over at its end: start <= now < end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from reservation.domain import dates, early
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.calls import LadderStep
from reservation.domain.values import Booking

MIDNIGHT = time(0, 0)
NOON = time(12, 0)
HALF_AN_HOUR = timedelta(minutes=30)


LAST_GRADE = 6
"""The last school grade that any room takes."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """What an offer made now looks like: until when, and to how many families at once."""

    ends_at: datetime
    at_once: int


def opens_at(rules: RuleBook, day: date) -> datetime:
    """When requests for this care day open: n open days before, at a time (domain.md 3.4)."""
    return early.instant(rules, rules.booking.opens, day)


def closes_at(rules: RuleBook, day: date) -> datetime:
    """When requests for this care day close, apart from the same-day window."""
    return early.instant(rules, rules.booking.closes, day)


def older_opens_at(rules: RuleBook, day: date, grade: int) -> datetime | None:
    """When a child of this school grade may ask, where the rule book lets younger ones choose
    first; None for those who need not wait."""
    first = rules.ages.older_grade
    if first is None or grade < first or not dates.is_open_day(rules, day):
        return None
    return early.instant(rules, rules.ages.older_opens, day)


def same_day_window(rules: RuleBook, day: date) -> tuple[datetime, datetime] | None:
    """From when until when same-day requests are taken; None where the rule book has none."""
    first, last = rules.booking.same_day_from, rules.booking.same_day_until
    if first is None or last is None:
        return None
    return dates.at(day, first), dates.at(day, last)


def _spans(
    rules: RuleBook, day: date, opens: datetime | None = None
) -> list[tuple[datetime, datetime]]:
    """When this care day can be asked for: the span from ``opens`` (the ordinary opening unless
    named) to the closing time, and the same-day window."""
    window = same_day_window(rules, day)
    ordinary = (opens or opens_at(rules, day), closes_at(rules, day))
    return [ordinary, window] if window else [ordinary]


def may_ask(
    rules: RuleBook,
    day: date,
    now: datetime,
    illness: str | None = None,
    *,
    returning: bool = False,
) -> Refusal | None:
    """Why a request for this day cannot be made now; None when it can.

    NOT_YET_OPEN and TOO_LATE name the instant in ``at``. The same-day window opens again what
    the closing time has closed. Without an illness, as on the board, the ordinary opening counts.
    """
    if not dates.is_open_day(rules, day):
        return Refusal(Code.CLOSED)
    spans = _spans(rules, day, early.opens_for(rules, day, illness, returning=returning))
    if any(start <= now < end for start, end in spans):
        return None
    opening = min((start for start, _ in spans if now < start), default=None)
    if opening is not None:
        return Refusal(Code.NOT_YET_OPEN, {"at": opening})
    return Refusal(Code.TOO_LATE, {"at": max(end for _, end in spans)})


def bookable_days(rules: RuleBook, now: datetime, horizon: int = 7) -> tuple[date, ...]:
    """The open days, from today on, that can be asked for now or from within ``horizon`` days on.

    Days far ahead are among them where booking opens early; none is beyond ninety days.
    """
    today = dates.local(now).date()
    until = now + timedelta(days=horizon)
    found: list[date] = []
    for day in (today + timedelta(days=n) for n in range(dates.FAR + 1)):
        if not dates.is_open_day(rules, day):
            continue
        spans = _spans(rules, day)
        if all(start > until for start, _ in spans):
            break
        if any(now < end and start <= until for start, end in spans):
            found.append(day)
    return tuple(found)


def hold_end(rules: RuleBook, now: datetime) -> datetime:
    """The end of a hold that begins now."""
    return now + timedelta(minutes=rules.booking.hold_minutes)


def extended_end(rules: RuleBook, ends_at: datetime) -> datetime:
    """The end of a hold after its one extension."""
    return ends_at + timedelta(minutes=rules.booking.extension_minutes)


def cancel_until(rules: RuleBook, day: date) -> datetime:
    """The cut-off: from this instant on a cancellation is late."""
    return early.instant(rules, rules.cancelling.until, day)


def _opening(rules: RuleBook, day: date) -> datetime:
    """When the facility opens its door; midnight at the start of a day on which it does not."""
    hours = dates.hours(rules, day)
    return dates.at(day, hours.opens if hours else MIDNIGHT)


def stop_at(rules: RuleBook, day: date) -> datetime:
    """When the waiting list of the day ends: some minutes before opening.

    On a day on which the facility is closed, before midnight at its start.
    """
    return _opening(rules, day) - timedelta(minutes=rules.waiting.stop_before_opening)


def hours_before_opening(rules: RuleBook, day: date, now: datetime) -> int:
    """Whole hours until the facility opens on that day, rounded down; negative afterwards."""
    return math.floor((_opening(rules, day) - now) / timedelta(hours=1))


def review_due(rules: RuleBook, day: date, now: datetime) -> datetime:
    """Until when staff should have decided a request made now: the evening before, and for later
    requests the morning of the day (answers.md §1.4)."""
    evening = dates.at(day - timedelta(days=1), rules.booking.review_due_evening)
    return evening if now < evening else dates.at(day, rules.booking.review_due_morning)


def offer_end(rules: RuleBook, day: date, now: datetime) -> Ladder | None:
    """The ladder step that an offer made now falls on; None when none may be made.

    No offer ends in quiet hours or after the stop time, and none is made that would leave the
    family too little time (answers.md §1.7).
    """
    stop = stop_at(rules, day)
    if now >= stop or _is_quiet(rules, now):
        return None
    is_morning = dates.local(now).date() == day
    steps = rules.waiting.morning if is_morning else rules.waiting.evening
    step = _step(steps, dates.local(now).time())
    if step is None:
        return None
    ends_at = min(now + timedelta(minutes=step.minutes), stop)
    if rules.waiting.quiet_from != rules.waiting.quiet_until:
        ends_at = min(ends_at, _next_at(now, rules.waiting.quiet_from))
    least = timedelta(minutes=min(step.minutes, rules.waiting.smallest_minutes))
    return Ladder(ends_at, step.at_once) if ends_at - now >= least else None


def is_night(rules: RuleBook, day: date, now: datetime) -> bool:
    """Whether these are the quiet hours of the night before the care day."""
    return now >= dates.at(day - timedelta(days=1), NOON) and _is_quiet(rules, now)


def night_offer_end(rules: RuleBook, day: date, now: datetime) -> Ladder | None:
    """What an offer looks like to a family that may be woken: in the quiet hours of the night
    before the care day, one at a time; None at any other time and where nobody is woken."""
    if not is_night(rules, day, now) or not rules.waiting.wake_minutes:
        return None
    return _short(now, rules.waiting.wake_minutes, stop_at(rules, day))


def second_chance_end(rules: RuleBook, day: date, now: datetime) -> Ladder | None:
    """What an offer looks like to a family that can come within the hour: from the stop time on;
    None before it, and once second chances are over."""
    if now < stop_at(rules, day):
        return None
    return _short(now, rules.waiting.second_chance_minutes, list_ends_at(rules, day, near=True))


def list_ends_at(rules: RuleBook, day: date, *, near: bool) -> datetime:
    """When an entry is told that no place came free: at the stop time, or where the rule book has
    second chances and the family is near, at their end."""
    stop, until = stop_at(rules, day), rules.waiting.second_chance_until
    return max(stop, dates.at(day, until)) if near and until is not None else stop


def taking_times(rules: RuleBook, day: date, now: datetime) -> tuple[datetime, ...]:
    """Until when a family may let a place be taken for it: some hours of the evening before,
    every half hour of the morning, and the stop time. Only what is still to come."""
    stop = stop_at(rules, day)
    evening = [dates.at(day - timedelta(days=1), time(hour)) for hour in (20, 21, 22, 23)]
    first = dates.at(day, time(5))
    morning = [first + n * HALF_AN_HOUR for n in range(max(0, (stop - first) // HALF_AN_HOUR) + 1)]
    return tuple(sorted({one for one in (*evening, *morning, stop) if now < one <= stop}))


def _short(now: datetime, minutes: int, latest: datetime) -> Ladder | None:
    """An offer to one family of so many minutes; None when less than half of them are left."""
    ends_at = min(now + timedelta(minutes=minutes), latest)
    return Ladder(ends_at, 1) if 2 * (ends_at - now) >= timedelta(minutes=minutes) else None


def next_offer_time(rules: RuleBook, day: date, now: datetime) -> datetime | None:
    """When the next offer may be made: now, when a ladder opens again, or never (None).

    A ladder opens at the end of the quiet hours or as the care day begins.
    """
    morning = rules.waiting.quiet_until
    edges = {now, _next_at(now, morning), dates.at(day, MIDNIGHT), dates.at(day, morning)}
    possible = sorted(edge for edge in edges if edge >= now)
    return next((edge for edge in possible if offer_end(rules, day, edge) is not None), None)


def evening_reminder_at(rules: RuleBook, day: date) -> datetime:
    """When a family is reminded the evening before."""
    return dates.at(day - timedelta(days=1), rules.reminders.evening_at)


def cutoff_reminder_at(rules: RuleBook, booking: Booking) -> datetime | None:
    """When a family is reminded that cancelling ends soon; None where the rule book says no."""
    if booking.cancel_until is None or rules.reminders.before_cutoff_minutes == 0:
        return None
    return booking.cancel_until - timedelta(minutes=rules.reminders.before_cutoff_minutes)


@dataclass(frozen=True, slots=True)
class Reconfirming:
    """The morning's question whether the child comes: asked at, staff told at, answered until."""

    at: datetime
    half: datetime
    until: datetime

    def ends(self, asked_at: datetime) -> datetime:
        """Until when a family asked at this instant has time: at least half of the span."""
        return max(self.until, asked_at + (self.until - self.half))


def reconfirming(rules: RuleBook, day: date) -> Reconfirming | None:
    """The question's times; None where nobody is asked, or no time is left to answer."""
    said = rules.reminders
    at, until = dates.at(day, said.reconfirm_at), dates.at(day, said.reconfirm_until)
    if said.reconfirm == "off" or until <= at:
        return None
    return Reconfirming(at, at + (until - at) / 2, until)


def next_change(rules: RuleBook, day: date, now: datetime) -> datetime | None:
    """The next instant at which the clock alone changes what the board says of this day."""
    window = same_day_window(rules, day) or ()
    edges = [opens_at(rules, day), closes_at(rules, day), stop_at(rules, day), *window]
    edges.append(early.predictable_opens_at(rules, day) or edges[0])
    edges.append(older_opens_at(rules, day, LAST_GRADE) or edges[0])
    if rules.chain.returning_days:
        edges.append(early.opens_for(rules, day, returning=True))
    return min((edge for edge in edges if edge > now), default=None)


def _step(steps: tuple[LadderStep, ...], moment: time) -> LadderStep | None:
    """The first step that is not over; after the last one its minutes still count."""
    for step in steps:
        if step.until is None or moment < step.until:
            return step
    return steps[-1] if steps else None


def _is_quiet(rules: RuleBook, now: datetime) -> bool:
    """Whether it is night; where both ends are the same time there is none."""
    start, end = rules.waiting.quiet_from, rules.waiting.quiet_until
    moment = dates.local(now).time()
    if start <= end:
        return start <= moment < end
    return moment >= start or moment < end


def _next_at(now: datetime, moment: time) -> datetime:
    """The next instant, from now on, at which Tokyo's clocks show this time."""
    today = dates.local(now).date()
    instant = dates.at(today, moment)
    return instant if instant >= now else dates.at(today + timedelta(days=1), moment)
