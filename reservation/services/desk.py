"""What staff decide about a booking: accept, decline, close a condition, cancel, override, offer.

The engine advises and staff decide; every decision keeps its reason, is audited, and calls the
waiting list up in the same transaction where it frees a place.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from reservation.clock import Now
from reservation.domain import clocks, doctor_form, queue, states, waiting
from reservation.domain.refusals import STAFF_CODES, Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import State
from reservation.domain.values import Booking
from reservation.services import (
    acts,
    audit,
    children,
    holds,
    keys,
    offers,
    others,
    photos,
    promises,
    refusing,
    work,
)
from reservation.services.audit import By
from reservation.services.children import Wanted
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome, refused
from reservation.services.work import Work
from reservation.store import booking_rows
from reservation.store.db import write

OVERRIDE = "OVERRIDE"
"""The reason stored with a place given although the rules say no; the words stand in the note."""
NOTHING = {"ends_at": None, "round_id": None}


def accept(booking_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Accept a request: 'confirmed', with that of the siblings who want both places or none.
    Ends each child's other requests of that day.

    A late decision is as good as one in time; only a request that has ended meanwhile is
    NOT_POSSIBLE.
    """

    def step(task: Work, booking: Booking) -> Outcome:
        states.step(booking.state, "accept", by.actor)
        for one in queue.party(task.day(booking), booking):
            others.supersede(task, one)
            work.take(task, one, "accept")
        return Outcome("confirmed", booking.id)

    return acts.on_one(booking_id, by, key, now, step, rivals=True)


def decline(booking_id: str, reason: Code, note: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Decline a request or an entry of the list: 'declined', with a reason of STAFF_CODES. A
    request goes with that of the siblings who want both places or none; of the list, the others
    stay and wait by themselves.

    ``note`` is read by the family. Counts as a refusal of the wish. Raises ValueError for a reason
    that staff cannot choose.
    """
    _must_be_ours(reason)

    def step(task: Work, booking: Booking) -> Outcome:
        if booking.state is State.OFFERED:
            booking = work.take(task, booking, "withdraw", changes=NOTHING, tell=False)
        asked = booking.state is State.REQUESTED
        for one in queue.party(task.day(booking), booking) if asked else (booking,):
            work.take(task, one, "decline", reason=reason.value, note=note or None)
            refusing.record(task, one, reason)
        return Outcome("declined", booking.id, values={"reason": reason.value})

    return acts.on_one(booking_id, by, key, now, step)


def close(booking_id: str, reason: Code, note: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Cancel for the facility, whatever open state the booking is in: 'cancelled'.

    Counts as a refusal of the wish. Raises ValueError for a reason that staff cannot choose.
    """
    _must_be_ours(reason)

    def step(task: Work, booking: Booking) -> Outcome:
        work.take(task, booking, "close", reason=reason.value, note=note or None, changes=NOTHING)
        refusing.record(task, booking, reason)
        return Outcome("cancelled", booking.id, values={"reason": reason.value})

    return acts.on_one(booking_id, by, key, now, step)


def close_condition(
    booking_id: str, condition: str, by: By, key: Key | None, now: Now, *, reopen: bool = False
) -> Outcome:
    """Note that what was still to come is there: 'closed'; with ``reopen`` that it is not.

    NOT_POSSIBLE for a condition that the booking does not carry.
    """

    def step(task: Work, booking: Booking) -> Outcome:
        if not any(c.code == condition and c.is_open != reopen for c in booking.conditions):
            raise states.NotPossible("close_condition", booking.state)
        at = None if reopen else task.at
        after = booking.change(
            conditions=tuple(
                replace(c, closed_at=at) if c.code == condition else c for c in booking.conditions
            )
        )
        change(task, booking, after, "open_condition" if reopen else "close_condition", condition)
        if condition == doctor_form.CODE:
            photos.seen(task.db, booking.id, by, task.at)
        return Outcome("opened" if reopen else "closed", booking.id)

    return acts.on_one(booking_id, by, key, now, step)


def change(
    task: Work, before: Booking, after: Booking, action: str, code: str = "", note: str = ""
) -> None:
    """A step: store a booking that changed without changing its state, with its audit row."""
    booking_rows.save_booking(task.db, after, was=before.state)
    audit.record(
        task.db, task.by, task.at, action, "booking", before.id,
        facility_id=before.facility_id, care_day=before.care_day, frm=before.state,
        to=after.state, on_behalf_of=work.owner(task, before.id), note=note or None,
        detail={"code": code} if code else {},
    )  # fmt: skip
    task.put(after)
    task.mark((before.facility_id, before.care_day))


def override(booking_id: str, room: str, note: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Give a waiting child a place in this room although the rules say no: 'confirmed'.

    ``note`` says why and is kept. The child is pinned to the room. NOT_POSSIBLE for an unknown
    room, ALREADY_BOOKED when the child is in care elsewhere. Raises ValueError without a reason.
    """
    _must_say_why(note)

    def step(task: Work, booking: Booking) -> Outcome:
        if booking.state is State.OFFERED:
            booking = work.take(task, booking, "withdraw", changes=NOTHING, tell=False)
        states.step(booking.state, "override", by.actor)
        rules = task.day(booking).rules
        if (no := _cannot_override(task, booking.child_id, booking, rules, room)) is not None:
            return no
        promise = promises.make(task.db, rules, booking, task.at)
        others.supersede(task, booking)
        changes = {
            **NOTHING,
            "room": room,
            "pinned": True,
            "cancel_until": promise.cancel_until,
            "conditions": promise.conditions,
        }
        work.take(
            task, booking, "override", reason=OVERRIDE, note=note, changes=changes, row=promise.row
        )
        return Outcome("confirmed", booking.id)

    return acts.on_one(booking_id, by, key, now, step, rivals=True)


def override_wish(
    wanted: Wanted, room: str, note: str, by: By, key: Key | None, now: Now
) -> Outcome:
    """The same for a child that stands in no list: whom the rules have just refused."""
    _must_say_why(note)

    def act() -> Outcome:
        with write() as db:
            where = {(wanted.facility_id, wanted.care_day)}
            where.update(others.keys_of(db, wanted.child_id, wanted.care_day))
            task = work.lock(db, where, by, now)
            if (past := keys.find(db, key)) is not None:
                return past
            others.lapse_elsewhere(db, wanted.child_id, wanted.care_day, task.at)
            outcome = _override_wish(task, wanted, room, note)
            offers.tidy(task)
            return keys.keep(db, key, outcome, task.at)

    return keys.once(act)


def _override_wish(task: Work, wanted: Wanted, room: str, note: str) -> Outcome:
    seen = holds.look_again(task, wanted)
    if (no := _cannot_override(task, wanted.child_id, None, seen.day.rules, room)) is not None:
        return no
    children.open_wish(task.db, seen.who, seen.wish, "telephone", task.by, task.at)
    # Before the new one is written: a child has one place a day.
    others.end_all(task, wanted.child_id, wanted.care_day, states.OPEN - {State.CHECKED_IN})
    booking = holds.new_booking(
        task, wanted, seen, State.CONFIRMED, "override", room=room, reason=OVERRIDE, note=note
    )
    pinned = booking.change(pinned=True)
    booking_rows.save_booking(task.db, pinned, was=booking.state)
    task.put(pinned)
    work.announce(task, pinned, "confirmed", seen.who.family_id)
    return Outcome("confirmed", booking.id)


def _cannot_override(
    task: Work, child_id: str, booking: Booking | None, rules: RuleBook, room: str
) -> Outcome | None:
    booking_id = booking.id if booking else None
    if rules.room(room) is None:
        return refused(Refusal(Code.NOT_POSSIBLE), booking_id=booking_id)
    for day in task.days.values():
        for other in day.bookings:
            here = booking is None and day.facility_id == task.by.facility_id
            taken = other.state is State.CHECKED_IN or (
                here and other.state in states.HOLDS_A_PLACE
            )
            if other.child_id == child_id and other.id != booking_id and taken:
                values = {"facility_id": other.facility_id}
                return refused(Refusal(Code.ALREADY_BOOKED, values), booking_id=booking_id)
    return None


def offer(booking_id: str, minutes: int, by: By, key: Key | None, now: Now) -> Outcome:
    """Offer a free place by hand to whoever staff choose: 'offered', until now and ``minutes``.

    Never past the end of the list. Refused with the reason when there is no place for the child or
    its family may have no more, with TOO_LATE after the list has ended.
    """

    def step(task: Work, booking: Booking) -> Outcome:
        states.step(booking.state, "offer", by.actor)
        day = task.day(booking)
        stop = clocks.stop_at(day.rules, day.date)
        if task.at >= stop:
            return refused(Refusal(Code.TOO_LATE, {"at": stop}), booking_id=booking.id)
        party = queue.party(day, booking)
        answer = waiting.place(day, party, task.at)
        if isinstance(answer, Refusal):
            return refused(answer, booking_id=booking.id)
        ends_at = min(task.at + timedelta(minutes=minutes), stop)
        where = (booking.facility_id, booking.care_day)
        offers.start_round(task, where, waiting.Offering(party, len(party), ends_at), by)
        return Outcome("offered", booking.id, values={"until": ends_at})

    return acts.on_one(booking_id, by, key, now, step)


def withdraw(booking_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Take an offer back: 'waiting', the rank stays; asked again when something new is freed."""

    def step(task: Work, booking: Booking) -> Outcome:
        offers.withdraw(task, booking, passed_at=task.at)
        return Outcome("waiting", booking.id)

    return acts.on_one(booking_id, by, key, now, step)


def _must_be_ours(reason: Code) -> None:
    if reason not in STAFF_CODES:
        raise ValueError(f"no reason that staff give: {reason}")


def _must_say_why(note: str) -> None:
    if not note.strip():
        raise ValueError("an override needs its reason in words")
