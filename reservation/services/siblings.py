"""Brothers and sisters who want both places or none: one act for all of them, or nothing.

They share a mark (``booking.together``) from the first second to the decision, always in the same
state. When one of them goes another way (cancelled, closed, a place elsewhere) the others go on by
themselves, and the mark ends in the same transaction (pairs.split).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from reservation.clock import Now
from reservation.domain import clocks, queue, states
from reservation.domain.refusals import Code, Refusal
from reservation.domain.states import State
from reservation.domain.values import Booking, Complaint
from reservation.services import (
    acts,
    bookings,
    holds,
    keys,
    offers,
    others,
    promises,
    refusing,
    work,
)
from reservation.services.audit import By
from reservation.services.bookings import CheckPage
from reservation.services.children import Wanted
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome, refused
from reservation.services.work import Work
from reservation.store.db import write
from reservation.store.types import new_id

WHOSE = "whose"
"""In an outcome's values: the booking of each refusal, in their order."""


class Neither(Exception):
    """One of them cannot be had: what was written for the other must not stay."""


def add(booking_id: str, wanted: Wanted, by: By, key: Key | None, now: Now) -> Outcome:
    """Ask for a brother or sister together with a child that is held or waits: 'held' or
    'waiting' with the sibling's booking, both linked; the first then holds its place as long.

    Refused with the sibling's reasons; the first child's booking stays as it was. NOT_POSSIBLE
    where the first is no longer held and does not wait, for the same child, or for another room
    or day. 'asks_onset' as bookings.join. Raises NotFound for what is not one's own.
    """

    def step(task: Work, first: Booking) -> Outcome:
        there = (first.facility_id, first.care_day) == (wanted.facility_id, wanted.care_day)
        stands = first.state is State.WAITING or holds.is_held(first, task.at)
        if not there or not stands or first.child_id == wanted.child_id:
            raise states.NotPossible("pair", first.state)
        if first.state is State.WAITING:
            outcome = bookings.join_step(task, wanted, terms=first.terms)
        else:
            outcome = holds.hold_step(task, wanted, beside=len(queue.party(task.day(first), first)))
        if outcome.code in ("held", "waiting"):
            _pair(task, first, str(outcome.booking_id))
        return outcome

    return acts.on_one(booking_id, by, key, now, step, rivals=True)


def _pair(task: Work, first: Booking, other_id: str) -> None:
    """A step: both, and whom the first was linked with before, share one mark from now on."""
    day = task.day(first)
    other = day.booking(other_id)
    if (
        other is None
        or other.state is not first.state
        or other.together not in (None, first.together)
    ):
        raise states.NotPossible("pair", first.state)
    mark = first.together or new_id()
    ends_at = clocks.hold_end(day.rules, task.at) if first.state is State.HELD else None
    for one in (*queue.party(day, first), other):
        changes = {"together": mark, "ends_at": ends_at, "terms": first.terms}
        work.take(task, one, "pair", changes=changes)


def wait(
    booking_id: str,
    wanted: Wanted,
    by: By,
    key: Key | None,
    now: Now,
    *,
    onset: date | None = None,
) -> Outcome:
    """Let a held place go and stand in the list with the brother or sister instead: 'waiting'.
    ``onset`` is the first child's, where the days since the illness began count.

    Both in one act, or nothing: refused with the reasons of the sibling or of the first child, who
    keeps the place then. NOT_POSSIBLE when the hold has ended. Raises NotFound for what is not
    one's own.
    """

    def step(task: Work, first: Booking) -> Outcome:
        there = (first.facility_id, first.care_day) == (wanted.facility_id, wanted.care_day)
        alone = queue.party(task.day(first), first) == (first,)
        if not there or not alone or not holds.is_held(first, task.at):
            raise states.NotPossible("release", first.state)
        other = bookings.join_step(task, wanted)
        if other.code != "waiting":
            return other
        work.take(task, first, "release", changes={"ends_at": None})
        mine = bookings.join_step(task, _wanted_of(first, onset))
        if mine.code != "waiting":
            raise Neither
        entry = task.day(first).booking(str(mine.booking_id))
        assert entry is not None  # it has just been put there
        _pair(task, entry, str(other.booking_id))
        return mine

    try:
        return acts.on_one(booking_id, by, key, now, step, rivals=True)
    except Neither:
        return refused(Refusal(Code.NOT_POSSIBLE), booking_id=booking_id)


def _wanted_of(booking: Booking, onset: date | None) -> Wanted:
    told = booking.illness if booking.complaint is Complaint.DIAGNOSED else None
    return Wanted(
        child_id=booking.child_id,
        facility_id=booking.facility_id,
        care_day=booking.care_day,
        complaint=booking.complaint,
        told=told,
        onset=onset,
    )


def confirm(
    booking_id: str, said: Mapping[str, CheckPage], by: By, key: Key | None, now: Now
) -> Outcome:
    """Turn the holds of siblings into bookings, all of them or none: 'confirmed', or 'requested'
    where staff decide about one of them.

    ``said`` is the check page of each by its booking; NOT_POSSIBLE when they are not those that
    are held together now. Refused with HOLD_ENDED from the holds' last instant on, and with
    TOO_EARLY and FEVER, ``values[WHOSE]`` naming the booking of each. Raises NotFound for what is
    not one's own.
    """

    def act() -> Outcome:
        with write() as db:
            ref = work.reference(db, booking_id, by)
            task = others.lock(db, ref, by, now)
            if (past := keys.find(db, key)) is not None:
                return past
            booking = task.days[(ref.facility_id, ref.care_day)].booking(booking_id)
            if booking is None or not holds.is_held(booking, task.at):
                outcome = refused(Refusal(Code.HOLD_ENDED), booking_id=booking_id)
            else:
                outcome = _confirm(task, booking, said)
            return offers.close(task, key, outcome)

    return keys.once(act)


def _confirm(task: Work, booking: Booking, said: Mapping[str, CheckPage]) -> Outcome:
    day = task.day(booking)
    party = queue.party(day, booking)
    if {one.id for one in party} != set(said):
        return refused(Refusal(Code.NOT_POSSIBLE), booking_id=booking.id)
    no = [(one, bookings.not_well_enough(task, one, said[one.id])) for one in party]
    reasons = [(one, why) for one, why in no if why is not None]
    if reasons:
        for one, why in reasons:
            refusing.record(task, one, why.code)
        whose = {WHOSE: [one.id for one, _why in reasons]}
        return Outcome("refused", booking.id, tuple(why for _one, why in reasons), whose)
    made = [promises.make(task.db, day.rules, one, task.at) for one in party]
    promised = promises.alike(made, day.rules, day.date, task.at)
    for one, promise in zip(party, promised, strict=True):
        bookings.book_step(task, one, said[one.id], promise)
    return Outcome("requested" if promised[0].review else "confirmed", booking.id)


def part(booking_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """One child alone is enough: 'parted', each goes on by itself with its place or its rank.

    Harmless for who is linked with nobody. Refused with NOT_POSSIBLE once all is decided.
    """

    def step(task: Work, booking: Booking) -> Outcome:
        states.step(booking.state, "part", by.actor)
        for one in queue.party(task.day(booking), booking) if booking.together else ():
            work.take(task, one, "part", changes={"together": None})
        return Outcome("parted", booking.id)

    return acts.on_one(booking_id, by, key, now, step)
