"""The door: who came, who went, who was sent home, who did not come."""

from __future__ import annotations

from datetime import date
from typing import Any

from reservation.clock import Now
from reservation.domain import dates, states
from reservation.domain.refusals import STAFF_CODES, Code
from reservation.domain.values import Booking
from reservation.services import acts, bills, bookings, refusing, work
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome
from reservation.services.several_days import UNASKED, Falling, Rest
from reservation.services.work import Work


def check_in(
    booking_id: str, by: By, key: Key | None, now: Now, *, temperature: str | None = None
) -> Outcome:
    """The child is here: 'checked_in'. On the care day only."""

    def step(task: Work, booking: Booking) -> Outcome:
        _today(task, booking, "check_in")
        row: dict[str, Any] = {"checked_in_at": task.at}
        if temperature:
            row["temperature"] = temperature
        after = work.take(task, booking, "check_in", row=row)
        return Outcome(after.state.value, booking.id)

    return acts.on_one(booking_id, by, key, now, step)


def undo_check_in(booking_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """It was another child: back to 'confirmed'."""

    def step(task: Work, booking: Booking) -> Outcome:
        after = work.take(task, booking, "undo_check_in", row={"checked_in_at": None})
        return Outcome(after.state.value, booking.id)

    return acts.on_one(booking_id, by, key, now, step)


def check_out(booking_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """The child has been fetched: 'completed'. The room stays on record, the bill is made."""

    def step(task: Work, booking: Booking) -> Outcome:
        row = {"checked_out_at": task.at, "room": booking.room, "pinned": booking.pinned}
        after = work.take(task, booking, "check_out", row=row)
        bills.make(task, after)
        return Outcome(after.state.value, booking.id)

    return acts.on_one(booking_id, by, key, now, step)


def undo_check_out(booking_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """It was another child: back to 'checked_in', in the same room."""

    def step(task: Work, booking: Booking) -> Outcome:
        _today(task, booking, "undo_check_out")
        after = work.take(task, booking, "undo_check_out", row={"checked_out_at": None})
        bills.drop(task, after)
        return Outcome(after.state.value, booking.id)

    return acts.on_one(booking_id, by, key, now, step, ended=True)


def refuse(booking_id: str, reason: Code, note: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Sent home at the door with a reason of STAFF_CODES: 'refused_at_door'.

    Frees the place for the list and counts as a refusal. On the care day only. Raises ValueError
    for a reason that staff cannot choose.
    """
    if reason not in STAFF_CODES:
        raise ValueError(f"no reason that staff give: {reason}")

    def step(task: Work, booking: Booking) -> Outcome:
        _today(task, booking, "refuse")
        after = work.take(task, booking, "refuse", reason=reason.value, note=note or None)
        refusing.record(task, booking, reason)
        return Outcome(after.state.value, booking.id, values={"reason": reason.value})

    return acts.on_one(booking_id, by, key, now, step)


def no_show(
    booking_id: str, by: By, key: Key | None, now: Now, told: tuple[date, ...] | None = None
) -> Outcome:
    """Nobody came and nobody called: 'no_show'. Frees the place; on the care day only.

    Where a day takes the later ones of the illness with it, a day that was not used does too;
    where that hangs on whether the child went to nursery they stay. ``told`` are the days that
    the page named: NOT_POSSIBLE when others would fall.
    """
    found = Falling(Rest(told, UNASKED.to_nursery))

    def step(task: Work, booking: Booking) -> Outcome:
        _today(task, booking, "no_show")
        falling = found.of(task, booking)
        after = work.take(task, booking, "no_show")
        bookings.fall(task, falling)
        return Outcome(after.state.value, booking.id, values=bookings.fell(falling))

    return acts.on_one(booking_id, by, key, now, step, also=found.keys)


def _today(task: Work, booking: Booking, action: str) -> None:
    if dates.local(task.at).date() != booking.care_day:
        raise states.NotPossible(action, booking.state)
