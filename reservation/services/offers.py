"""The waiting list is called up: offers go out, are answered, lapse, and pass to the next.

A round reserves its place, not the families it asks (answers.md §1.1). ``call_up`` is the step
that every act which frees a place takes; the sweep only catches what the clock alone has freed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import limits, queue, waiting
from reservation.domain.refusals import Code, Refusal
from reservation.domain.states import ON_THE_LIST, Actor, State
from reservation.domain.values import Booking
from reservation.services import facts, giving, keys, others, outbox, pairs, skips, unreached, work
from reservation.services.audit import CLOCK, By
from reservation.services.facts import Facts
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome, refused
from reservation.services.work import Work
from reservation.store.days import DayKey
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow, RoundRow
from reservation.store.together import New
from reservation.store.types import new_id


def settle(task: Work) -> None:
    """A step: end what is past on the locked days, so that rows and rules agree."""
    for key in sorted(task.days):
        for booking in task.days[key].bookings:
            if booking.ends_at is None or task.at < booking.ends_at:
                continue
            if booking.state is State.HELD:
                work.take(task, booking, "lapse", by=CLOCK, changes={"ends_at": None})
            elif booking.state is State.OFFERED:
                lapse(task, booking)
        pairs.split(task, key)
        close_rounds(task, key)


def lapse(task: Work, booking: Booking) -> Booking:
    """A step: no answer in time. The first time keeps the rank, the next ends the entry; whom the
    night's mail did not reach keeps the rank, and it counts for nothing."""
    if unreached.was(task, booking):
        return unreached.note(task, booking)
    action = waiting.lapse(task.day(booking), booking, task.at)
    changes = {
        "ends_at": None,
        "round_id": None,
        "passed_at": booking.ends_at,
        "lapses": booking.lapses + 1,
    }
    return work.take(task, booking, action, by=CLOCK, changes=changes)


def close_rounds(task: Work, key: DayKey) -> None:
    """A step: close rounds of a day that are over or that nobody is asked in any more."""
    day = task.days[key]
    asked = {b.round_id for b in day.bookings if b.state is State.OFFERED}
    over = [r for r in day.rounds if r.id not in asked or not r.is_open(task.at)]
    if not over:
        return
    task.db.execute(
        update(RoundRow)
        .where(RoundRow.id.in_([r.id for r in over]))
        .values(closed_at=task.at)
        .execution_options(synchronize_session=False)
    )
    task.days[key] = day.change(rounds=tuple(r for r in day.rounds if r not in over))
    task.mark(key)


def recall(task: Work) -> None:
    """A step: an offer whose place is no more (staff closed a room, or used it otherwise, or take
    fewer) is withdrawn before anybody answers. The family is told, the rank stays, and it is no
    lapse: what comes free later is offered again."""
    for key in sorted(task.days):
        for entry in waiting.without_place(task.days[key], task.at):
            withdraw(task, entry, by=CLOCK)


def withdraw(
    task: Work, booking: Booking, *, by: By | None = None, passed_at: datetime | None = None
) -> None:
    """A step: an open offer is taken back, of siblings who want both places or none both, and the
    family told; a call about it is no longer to be made. With ``passed_at`` the same place is not
    offered to it again."""
    day = task.day(booking)
    for one in queue.party(day, day.booking(booking.id) or booking):
        if one.state is State.OFFERED:  # else it was withdrawn with the one before it
            over = {"ends_at": None, "round_id": None, "passed_at": passed_at or one.passed_at}
            work.take(task, one, "withdraw", by=by, changes=over)
            outbox.end_calls(task.db, one.id, task.at)


def call_up(task: Work) -> int:
    """A step: make every offer that may be made now on the locked days. Returns how many.

    Whom a place does not suit is kept when it comes free, else by the sweep: joining the list
    must not cost more for it.
    """
    made = 0
    for key in sorted(task.days):
        while (offering := waiting.next_offers(task.days[key], task.at)) is not None:
            start_round(task, key, offering)
            made += len(offering.entries)
        if task.by is CLOCK or task.changed.get(key):
            skips.note(task, key)
    return made


def start_round(task: Work, key: DayKey, offering: waiting.Offering, by: By = CLOCK) -> None:
    """A step: a round with its place, and an offer to each of its families."""
    facility_id, day = key
    round_id = new_id()
    row = {
        "id": round_id,
        "facility_id": facility_id,
        "care_day": day,
        "places": offering.places,
        "started_at": task.at,
        "ends_at": offering.ends_at,
        "skipped": skips.kept(offering.skipped),
    }
    task.db.execute(insert(RoundRow), [row])
    rounds = (*task.days[key].rounds, waiting.as_round(round_id, offering))
    task.days[key] = task.days[key].change(rounds=rounds)
    for entry in offering.entries:
        changes = {"ends_at": offering.ends_at, "round_id": round_id}
        in_vain = by is CLOCK and unreached.cannot_be(task, entry)
        asked = work.take(task, entry, "offer", by=by, changes=changes, tell=not in_vain)
        if in_vain:
            unreached.note(task, asked)
            close_rounds(task, key)


def tidy(task: Work, rows: Sequence[New] = ()) -> None:
    """A step, the last of every act: settle, take back what no place stands behind, call up, and
    raise the days' versions; the act's last ``rows`` are written with them."""
    settle(task)
    work.look_beside(task)
    recall(task)
    call_up(task)
    work.finish(task, rows)


def close(task: Work, key: Key | None, outcome: Outcome) -> Outcome:
    """A step: tidy, and keep the outcome with the key of its form."""
    tidy(task, keys.rows(key, outcome, task.at))
    return outcome


def say_yes(booking_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Take an offered place.

    Confirmed at once, or requested where staff decide. Ends the child's other bookings and
    entries of that day in the same transaction. Refused with OFFER_ENDED after its end (the rank
    stays), ALREADY_GONE when the place is no more, and with the limit that the family has reached
    meanwhile: the place goes to the next. Raises NotFound for what is not one's own.
    """

    def act() -> Outcome:
        with write() as db:
            ref = work.reference(db, booking_id, by)
            task = others.lock(db, ref, by, now)
            found = facts.of_booking(db, ref, task.at, key)
            if found.past is not None:
                return found.past
            outcome = yes_step(task, (ref.facility_id, ref.care_day), booking_id, found)
            return close(task, key, outcome)

    return keys.once(act)


def yes_step(task: Work, where: DayKey, booking_id: str, found: Facts | None = None) -> Outcome:
    """A step: the offered place is taken if the offer stands and the place is still there."""
    booking = task.days[where].booking(booking_id)
    if booking is None:
        return refused(Refusal(Code.NOT_POSSIBLE), booking_id=booking_id)
    if booking.state is not State.OFFERED or booking.ends_at is None or task.at >= booking.ends_at:
        ended = Code.OFFER_ENDED if booking.state in (State.OFFERED, State.WAITING) else None
        return refused(Refusal(ended or Code.NOT_POSSIBLE), booking_id=booking_id)
    linked = queue.party(task.day(booking), booking)
    party = (booking, *(one for one in linked if one.id != booking.id))
    places = waiting.seats(task.day(booking), party, task.at)
    if isinstance(places, Refusal):
        # Staff say it to the family on the telephone; a guardian's page does not reach the other.
        for one in party:
            _lose(task, one, tell=task.by.actor is Actor.FAMILY)
        return refused(Refusal(Code.ALREADY_GONE), booking_id=booking_id)
    if (no := limits.barred(task.day(booking), party, task.at)) is not None:
        # The act's end takes the offer back and asks the next family (recall, call_up).
        return refused(no, booking_id=booking_id)
    first, *more = giving.give(task, party, places, "yes", found=found)
    for one in more:
        outbox.end_calls(task.db, one.id, task.at)
    _tell_round(task, booking)
    return Outcome(first.state.value, booking_id)


def _tell_round(task: Work, winner: Booking) -> None:
    """Whom the round asked besides the winner reads "already gone" and keeps the rank, as soon
    as its last place is taken."""
    day = task.day(winner)
    mates = [b for b in day.bookings if b.state is State.OFFERED and b.round_id == winner.round_id]
    for mate in mates:
        if isinstance(waiting.seats(day, (mate,), task.at), Refusal):
            _lose(task, mate)


def _lose(task: Work, booking: Booking, *, tell: bool = True) -> None:
    """A step: the offered place is another's; a call about it is no longer to be made."""
    changes = {"ends_at": None, "round_id": None}
    work.take(task, booking, "taken", by=CLOCK, changes=changes, tell=tell)
    outbox.end_calls(task.db, booking.id, task.at)


def say_no(booking_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Let an offer go by: the rank stays, and the next family is asked in the same transaction.

    Never ends the entry (answers.md §1.7). Refused with OFFER_ENDED when it has lapsed already.
    """

    def act() -> Outcome:
        with write() as db:
            ref = work.reference(db, booking_id, by)
            task = work.lock(db, [(ref.facility_id, ref.care_day)], by, now)
            if (past := keys.find(db, key)) is not None:
                return past
            task.owners[booking_id] = ref.family_id
            outcome = no_step(task, (ref.facility_id, ref.care_day), booking_id)
            return close(task, key, outcome)

    return keys.once(act)


def no_step(task: Work, where: DayKey, booking_id: str) -> Outcome:
    """A step: the offer is let go by if it still stands; the entry keeps its rank."""
    booking = task.days[where].booking(booking_id)
    stands = booking is not None and booking.state is State.OFFERED
    if booking is None or not stands or booking.ends_at is None or task.at >= booking.ends_at:
        return refused(Refusal(Code.OFFER_ENDED), booking_id=booking_id)
    changes = {"ends_at": None, "round_id": None, "passed_at": task.at}
    for one in queue.party(task.day(booking), booking):
        work.tell_others(task, work.take(task, one, "no", changes=changes), "passed")
    return Outcome("passed", booking_id)


def sweep(now: Now) -> int:
    """A job: lapse holds and offers that are over, call up the lists, end them at their stop.

    Safe in several processes at once: each day is locked, and looked at again under the lock.
    Returns how many days changed.
    """
    with read() as db:
        due = _due_days(db, now())
    return sum(_sweep_day(key, now) for key in due)


def _sweep_day(key: DayKey, now: Now) -> int:
    def act() -> int:
        with write() as db:
            task = work.lock(db, [key], CLOCK, now)
            settle(task)
            recall(task)
            call_up(task)
            _end_list(task, key)
            work.finish(task)
            return len(task.changed)

    return keys.once(act)


def _end_list(task: Work, key: DayKey) -> None:
    """At the stop time everybody who still waits is told that no place came free."""
    day = task.days[key]
    if not waiting.list_has_ended(day, task.at):
        return
    for entry in queue.queue(day):
        if waiting.is_over(day, entry, task.at):
            work.take(task, entry, "end_list", by=CLOCK)


def _due_days(db: Session, at: datetime) -> list[DayKey]:
    """Days on which time alone may have changed something, oldest first."""
    past = select(BookingRow.facility_id, BookingRow.care_day).where(
        BookingRow.state.in_([State.HELD.value, State.OFFERED.value]), BookingRow.ends_at <= at
    )
    listed = select(BookingRow.facility_id, BookingRow.care_day).where(
        BookingRow.state.in_([state.value for state in sorted(ON_THE_LIST)])
    )
    rows = db.execute(past.union(listed)).all()
    return sorted({(row.facility_id, row.care_day) for row in rows}, key=lambda k: (k[1], k[0]))
