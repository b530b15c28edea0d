"""On which terms a family waits: said by it, and kept by the clock.

A place that is taken for a family ends the child's other bookings of that day, at any facility.
Their days are locked with the family first (others.lock), so this is no part of the act that
frees the place but a transaction of its own, by the next sweep; newcomers stand behind the list
meanwhile, and no round starts past such a family (waiting.next_turn).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from reservation.clock import Now
from reservation.domain import queue, waiting
from reservation.domain.states import State
from reservation.domain.values import Booking, Terms
from reservation.domain.waiting import Taking
from reservation.services import acts, giving, keys, offers, others, skips, work
from reservation.services.audit import CLOCK, By
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome
from reservation.services.work import Work
from reservation.store import days
from reservation.store.days import DayKey
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow


def set_terms(booking_id: str, terms: Terms, by: By, key: Key | None, now: Now) -> Outcome:
    """Say on which terms one waits; what the rule book does not offer is left out.

    'noted'. Refused with NOT_POSSIBLE for a booking that is on no list any more. Raises NotFound
    for what is not one's own.
    """

    def step(task: Work, booking: Booking) -> Outcome:
        day = task.day(booking)
        fitting = waiting.allowed(day.rules, booking.care_day, terms, task.at)
        for one in queue.party(day, booking):
            work.take(task, one, "set_terms", changes={"terms": fitting})
        return Outcome("noted", booking.id)

    return acts.on_one(booking_id, by, key, now, step)


def due(now: Now) -> int:
    """A job: take the places that families have asked to be taken for them.

    Safe in several processes at once. Returns how many places were taken.
    """
    with read() as db:
        at = now()
        rows = db.execute(
            select(BookingRow.facility_id, BookingRow.care_day)
            .where(BookingRow.state == State.WAITING.value, BookingRow.takes_until > at)
            .distinct()
        )
        keys_due = sorted((row.facility_id, row.care_day) for row in rows)
    return sum(_take_on(key, now) for key in keys_due)


def _take_on(key: DayKey, now: Now) -> int:
    """Take places on one day for as long as the list's next turn is such a family's."""
    taken = 0
    while (entry := _next(key, now())) is not None and _take(key, entry, now):
        taken += 1
    return taken


def _next(key: DayKey, at: datetime) -> Booking | None:
    with read() as db:
        turn = waiting.next_turn(days.load(db, *key), at)
    return turn.entry if isinstance(turn, Taking) else None


def _take(key: DayKey, entry: Booking, now: Now) -> bool:
    def act() -> bool:
        with write() as db:
            ref = work.reference(db, entry.id, CLOCK)
            task = others.lock(db, ref, CLOCK, now)
            offers.settle(task)
            turn = waiting.next_turn(task.days[key], task.at)
            mine = isinstance(turn, Taking) and turn.entry.id == entry.id
            if isinstance(turn, Taking) and mine:
                _take_step(task, key, turn)
            offers.tidy(task)
            return mine

    return keys.once(act)


def _take_step(task: Work, key: DayKey, turn: Taking) -> None:
    """The places are the family's; who was passed over is kept as with a round. A child that is
    cared for elsewhere by now waits no more."""
    everybody = [b for day in task.days.values() for b in day.bookings]
    cared_for = {b.child_id for b in everybody if b.state is State.CHECKED_IN}
    if gone := [one for one in turn.entries if one.child_id in cared_for]:
        for one in gone:
            work.take(task, one, "supersede")
        return
    if turn.skipped:
        skips.keep(task, key, turn.skipped)
    giving.give(task, turn.entries, turn.fits, "take", params={"for_you": True})
