"""A family's acts on its bookings: confirm, release, cancel, wait, leave, need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from reservation.clock import Now
from reservation.domain import clocks, dates, limits, morning, queue, states, waiting
from reservation.domain.refusals import NO_PLACE, Code, Refusal
from reservation.domain.states import Actor, State
from reservation.domain.values import PLAIN, Booking, Terms
from reservation.services import (
    acts,
    children,
    facts,
    holds,
    keys,
    offers,
    others,
    promises,
    refusing,
    several_days,
    work,
)
from reservation.services.audit import By
from reservation.services.children import Wanted
from reservation.services.facts import Facts
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome, refused
from reservation.services.promises import Promise
from reservation.services.several_days import Rest
from reservation.services.work import Work
from reservation.store.db import write


@dataclass(frozen=True, slots=True)
class CheckPage:
    """What the family says on the check page; all but ``brings`` may be left open."""

    brings: str = ""
    arrives_at: str = ""
    temperature: str | None = None
    since: str | None = None
    remark: str | None = None
    onset: date | None = None
    """The day on which the illness began; kept with the episode, not with the day."""

    def row(self) -> dict[str, Any]:
        """As columns of the booking."""
        return {
            "brings": self.brings,
            "arrives_at": self.arrives_at,
            "temperature": self.temperature,
            "since": self.since,
            "remark": self.remark,
        }


def confirm(booking_id: str, said: CheckPage, by: By, key: Key | None, now: Now) -> Outcome:
    """Turn a hold into a booking: 'confirmed', or 'requested' where staff decide.

    Refused with HOLD_ENDED from the hold's last instant on, even before any job has swept it. A
    confirmed place ends the child's other requests of that day in the same transaction. Raises
    NotFound for what is not one's own.
    """

    def act() -> Outcome:
        with write() as db:
            ref = work.reference(db, booking_id, by)
            task = others.lock(db, ref, by, now)
            found = facts.of_booking(db, ref, task.at, key)
            if found.past is not None:
                return found.past
            booking = task.days[(ref.facility_id, ref.care_day)].booking(booking_id)
            if booking is None or not holds.is_held(booking, task.at):
                outcome = refused(Refusal(Code.HOLD_ENDED), booking_id=booking_id)
            else:
                outcome = confirm_step(task, booking, said, found)
            return offers.close(task, key, outcome)

    return keys.once(act)


def confirm_step(
    task: Work, booking: Booking, said: CheckPage, found: Facts | None = None
) -> Outcome:
    """A step: the hold becomes CONFIRMED, or REQUESTED where the rule book asks staff.

    TOO_EARLY by the day of onset and FEVER by the day's temperature leave the place held. Of
    siblings who want both places or none no page about one of them confirms: NOT_POSSIBLE.
    """
    if booking.together is not None:
        return refused(Refusal(Code.NOT_POSSIBLE), booking_id=booking.id)
    if (no := not_well_enough(task, booking, said)) is not None:
        refusing.record(task, booking, no.code)
        return refused(no, booking_id=booking.id)
    promise = promises.make(task.db, task.day(booking).rules, booking, task.at, found)
    return book_step(task, booking, said, promise)


def book_step(task: Work, booking: Booking, said: CheckPage, promise: Promise) -> Outcome:
    """A step: the hold is the booking that was promised, and what the check page said is kept."""
    if not promise.review:
        others.supersede(task, booking)
    changes = {
        "ends_at": None,
        "conditions": promise.conditions,
        "cancel_until": promise.cancel_until,
    }
    action = "submit" if promise.review else "confirm"
    after = work.take(task, booking, action, changes=changes, row={**promise.row, **said.row()})
    if said.onset is not None:
        children.keep_onset(task.db, booking.id, said.onset)
    return Outcome(after.state.value, booking.id)


def not_well_enough(task: Work, booking: Booking, said: CheckPage) -> Refusal | None:
    """What the check page says that rules out the care day, or None."""
    rules, day = task.day(booking).rules, booking.care_day
    early = morning.too_early(rules, booking.illness, booking.birthday, day, said.onset)
    degrees = float(said.temperature) if said.temperature else None
    return early or morning.too_hot(rules, degrees, day, task.at)


def release(booking_id: str, by: By, key: Key | None, now: Now, *, alone: bool = False) -> Outcome:
    """Let a held place go before its end, and that of the siblings held with it; with ``alone``
    they keep theirs, and are a pair no more. Harmless when the hold has ended already."""

    def step(task: Work, booking: Booking) -> Outcome:
        held = queue.party(task.day(booking), booking) if not alone else (booking,)
        for one in held if booking.state is State.HELD else ():
            work.take(task, one, "release", changes={"ends_at": None})
        return Outcome("released", booking.id)

    return acts.on_one(booking_id, by, key, now, step)


def cancel(booking_id: str, by: By, key: Key | None, now: Now, rest: Rest | None = None) -> Outcome:
    """Cancel a requested or confirmed booking, or leave the waiting list.

    After the cut-off it still frees a place and is marked ``late``; on the care day it is marked
    ``same_day`` (answers.md §1.9). Where the rule book takes late cancellations by telephone only,
    a family is refused with TELEPHONE_ONLY, and with NOT_POSSIBLE when the care day is over.

    Later days of the same illness fall with it where the rule book says so (domain/chain.py), each
    as a cancellation of its own that calls up its own list; ``rest`` is what was said about them.
    NOT_POSSIBLE when they are not (any more) those the reader was told, or nobody has said whether
    the child goes to nursery: nothing is cancelled then.
    """
    found = several_days.Falling(rest)
    return acts.on_one(
        booking_id, by, key, now, lambda task, booking: cancel_step(task, booking, found),
        also=found.keys,
    )  # fmt: skip


def cancel_step(task: Work, booking: Booking, found: several_days.Falling | None = None) -> Outcome:
    """A step: cancel or leave, and what of it is counted (late, same day, hours before)."""
    if booking.state in states.ON_THE_LIST:
        work.take(task, booking, "leave", changes={"ends_at": None, "round_id": None})
        return Outcome("left", booking.id)
    if task.by.actor is Actor.FAMILY and dates.local(task.at).date() > booking.care_day:
        # Who never came is for staff to say: a day that is over is not given back.
        raise states.NotPossible("cancel", booking.state)
    late = counted(task, booking)["late"]
    rules = task.day(booking).rules
    by_page = rules.cancelling.afterwards == "page" or task.by.actor is not Actor.FAMILY
    if late and not by_page:
        return refused(Refusal(Code.TELEPHONE_ONLY), booking_id=booking.id)
    return give_up(task, booking, found.of(task, booking) if found else ())


def give_up(task: Work, booking: Booking, falling: tuple[Booking, ...] = ()) -> Outcome:
    """A step: the family gives its place up, at whatever hour, and with it the later days that
    fall; each is counted by its own hour."""
    for one in (booking, *falling):
        work.take(task, one, "cancel", row=counted(task, one))
    how = counted(task, booking)
    values = {"late": how["late"], "same_day": how["same_day"], **fell(falling)}
    return Outcome("cancelled", booking.id, values=values)


def fall(task: Work, falling: tuple[Booking, ...]) -> None:
    """A step: the later days go with a day that was not used, without a word from the family."""
    for one in falling:
        how = counted(task, one) | {"late": False}
        work.take(task, one, "fall", row=how, reason=Code.CHAIN.value)


def fell(falling: tuple[Booking, ...]) -> dict[str, list[str]]:
    """The later days that have gone, as an outcome says them; empty where none has."""
    days = [one.care_day.isoformat() for one in falling]
    return {"fell": days} if days else {}


def counted(task: Work, booking: Booking) -> dict[str, Any]:
    """What is counted of a place that is given back now: late, on the day, hours before."""
    rules = task.day(booking).rules
    return {
        "late": booking.cancel_until is not None and task.at >= booking.cancel_until,
        "same_day": work.is_care_day(booking, task.at),
        "lead_hours": clocks.hours_before_opening(rules, booking.care_day, task.at),
    }


def join(wanted: Wanted, by: By, key: Key | None, now: Now, terms: Terms = PLAIN) -> Outcome:
    """Stand in the waiting list of a facility for a day: 'waiting' with the rank.

    ``terms`` are those on which the family waits. Refused when the child may not come at all, when
    the facility keeps no list, or when the child has a place on that day. Who stands there already
    reads the rank again. 'asks_onset' and nothing done where the days since the illness began
    count and nobody has said when that was.
    """

    def act() -> Outcome:
        with write() as db:
            task = work.lock(db, [(wanted.facility_id, wanted.care_day)], by, now)
            found = holds.ask(db, wanted, task.at, key)
            if found.past is not None:
                return found.past
            outcome = join_step(task, wanted, found, terms)
            return offers.close(task, key, outcome)

    return keys.once(act)


def join_step(
    task: Work, wanted: Wanted, found: Facts | None = None, terms: Terms = PLAIN
) -> Outcome:
    """A step: a new entry at the end of the list, or the one that is there."""
    seen = holds.look_again(task, wanted, found)
    stands = [b for b in seen.day.bookings if b.child_id == wanted.child_id]
    if (entry := next((b for b in stands if b.state in states.ON_THE_LIST), None)) is not None:
        return _waiting(task, entry)
    reasons = tuple(r for r in seen.reasons if r.code not in NO_PLACE)
    if seen.day.rules.waiting.mode == "none":
        reasons = (*reasons, Refusal(Code.NO_LIST))
    too_many = limits.booking(seen.day.rules, seen.facts.so_far)
    if too_many and task.by.actor is Actor.FAMILY:
        reasons = (too_many, *reasons)
    own = seen.facts.own
    if own is not None and own.facility_id == wanted.facility_id:
        reasons = (Refusal(Code.ALREADY_BOOKED, {"facility_id": own.facility_id}), *reasons)
    if reasons:
        return holds.refuse(
            task.db, seen.who, seen.wish, wanted.facility_id, reasons, task.by, task.at
        )
    if _misses_onset(task, seen):
        return Outcome("asks_onset")
    fitting = waiting.allowed(seen.day.rules, wanted.care_day, terms, task.at)
    entry = holds.new_booking(task, wanted, seen, State.WAITING, "join", terms=fitting)
    work.announce(task, entry, "waiting", seen.who.family_id)
    return _waiting(task, entry)


def _misses_onset(task: Work, seen: holds.Asked) -> bool:
    wish = seen.wish
    known = wish.onset is not None or task.by.actor is not Actor.FAMILY
    return not known and morning.asks_onset(
        seen.day.rules, wish.illness, wish.child.birthday, wish.care_day
    )


def _waiting(task: Work, entry: Booking) -> Outcome:
    rank = queue.rank(task.day(entry), entry.id)
    return Outcome("waiting", entry.id, values={"rank": rank})


def need(wanted: Wanted, by: By, key: Key | None, now: Now) -> Outcome:
    """「この日に預け先が必要です」: open the child's wish where every room says no.

    Counts as demand and asks for nothing (answers.md §3). ``wanted.facility_id`` is any facility
    of the board the family looked at.
    """

    def act() -> Outcome:
        with write() as db:
            at = now()
            found = holds.ask(db, wanted, at, key)
            if found.past is not None:
                return found.past
            day = holds.load_day(db, wanted, found)
            who = children.of(found, day.rules, by)
            wish = children.wish_for(who, wanted, day.rules, at)
            children.open_wish(db, who, wish, "need", by, at)
            return keys.keep(db, key, Outcome("noted"), at)

    return keys.once(act)
