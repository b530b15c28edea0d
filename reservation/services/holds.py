"""Holding a place for the minutes of the form, and what is written when there is none.

A refusal in the rush looks first and locks no day row (architecture.md §5.9); only who may get a
place queues for the lock, and there everything is looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import clocks, gates, limits, queue, vacancy
from reservation.domain.limits import SoFar
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import Actor, State
from reservation.domain.values import PLAIN, Booking, Day, Terms, Wish
from reservation.services import audit, children, facts, keys, offers, others, promises, work
from reservation.services.audit import By
from reservation.services.children import Known, Wanted
from reservation.services.episodes import tell_episode, with_episode
from reservation.services.facts import Facts, Own
from reservation.services.keys import Key
from reservation.services.outcomes import NotFound, Outcome, refused
from reservation.services.promises import Promise
from reservation.services.work import Work
from reservation.store import booking_rows, days, rulebooks
from reservation.store.db import read, write
from reservation.store.tables.bookings import RefusalRow
from reservation.store.together import New, write_all
from reservation.store.types import new_id


@dataclass(frozen=True, slots=True)
class Asked:
    """What a look at the day found: who asks, for what, and every reason against it."""

    who: Known
    wish: Wish
    day: Day
    reasons: tuple[Refusal, ...]
    fit: vacancy.Fits | vacancy.FitsAfterMove | None
    entry: Booking | None
    """The child's own entry on this list, if it stands there."""
    facts: Facts
    episode: str | None
    """The episode that the day would belong to; None for a new one."""


def hold(wanted: Wanted, by: By, key: Key | None, now: Now) -> Outcome:
    """Hold a place for the minutes of the form.

    'held' with the booking, or 'refused' with every reason at once; a refusal is recorded with
    the child's wish. A hold this family already has here is answered again. Raises NotFound for a
    child or facility that is not there, or not the family's.
    """

    def act() -> Outcome:
        with read() as db:
            at = now()
            found = ask(db, wanted, at, key)
            if found.past is not None:
                return found.past
            seen = look(wanted, by, at, found, load_day(db, wanted, found))
        if seen.reasons:
            return _refuse(wanted, seen, by, key, now)
        return _hold(wanted, seen.who.family_id, by, key, now)

    # From the look on: a refusal locks nothing, and its key may have been kept meanwhile.
    return keys.once(act)


def ask(db: Session, wanted: Wanted, at: datetime, key: Key | None = None) -> Facts:
    """A step: what is known of who asks, and what came of this form before."""
    return facts.ask(db, wanted.child_id, wanted.facility_id, wanted.care_day, at, key)


def look(wanted: Wanted, by: By, at: datetime, found: Facts, day: Day) -> Asked:
    """What the rules say to this wish at this instant, from what is known of child and day."""
    rules = day.rules
    who = children.of(found, rules, by)
    mine = (b for b in day.bookings if b.child_id == wanted.child_id)
    entry = next((b for b in mine if b.state is State.WAITING), None)
    asked_at = entry.asked_at if entry else wanted.asked_at or at
    wish = children.wish_for(who, wanted, rules, asked_at, booking_id=entry.id if entry else None)
    wish, episode = with_episode(wish, rules, found, wanted.onset)
    by_staff = by.actor is Actor.STAFF
    gate = gates.check_on(day, wish, at, municipality=who.municipality_code, by_staff=by_staff)
    answer = vacancy.fits(day, wish, at)
    if isinstance(answer, vacancy.No):
        reasons = (*gate, *(r for r in answer.reasons if r.code not in {g.code for g in gate}))
        return Asked(who, wish, day, reasons, None, entry, found, episode)
    return Asked(who, wish, day, tuple(gate), answer, entry, found, episode)


def load_day(db: Session, wanted: Wanted, found: Facts) -> Day:
    """A step: the wanted day, without its lock. Raises NotFound where no rules are in force."""
    try:
        return days.behind(db, (wanted.facility_id, wanted.care_day), found.day)
    except rulebooks.NoRuleBook:
        raise NotFound(wanted.facility_id) from None


def _refuse(wanted: Wanted, seen: Asked, by: By, key: Key | None, now: Now) -> Outcome:
    with write() as db:
        return refuse(db, seen.who, seen.wish, wanted.facility_id, seen.reasons, by, now(), key=key)


def refuse(
    db: Session,
    who: Known,
    wish: Wish,
    facility_id: str,
    reasons: tuple[Refusal, ...],
    by: By,
    at: datetime,
    *,
    key: Key | None = None,
) -> Outcome:
    """A step: record the wish and the refusal with all its reasons; touches no day row. With
    ``key`` the outcome is kept beside them."""
    outcome = refused(*reasons)
    opened = children.wish_row(who, wish, "refused", by, at)
    no = New(
        RefusalRow,
        {
            "id": new_id(),
            "facility_id": facility_id,
            "wish_id": opened.row["id"],
            "care_day": wish.care_day,
            "code": reasons[0].code.value,
            "codes": list(dict.fromkeys(r.code.value for r in reasons)),
            "illness": wish.illness,
            "age_months": opened.row["age_months"],
            "channel": by.channel.value,
            "at": at,
        },
    )
    write_all(db, [opened, no, *keys.rows(key, outcome, at)])
    return outcome


def _hold(wanted: Wanted, family_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    with write() as db:
        task = work.lock(db, [(wanted.facility_id, wanted.care_day)], by, now, family_id=family_id)
        found = ask(db, wanted, task.at, key)
        if found.past is not None:
            return found.past
        outcome = hold_step(task, wanted, found)
        work.finish(task, keys.rows(key, outcome, task.at))
        return outcome


def hold_step(
    task: Work, wanted: Wanted, found: Facts | None = None, *, beside: int = 0
) -> Outcome:
    """A step: the same look, now under the lock, and the hold if it still fits. So many holds
    ``beside`` it are of siblings who want their places together: they do not count."""
    found = found or ask(task.db, wanted, task.at)
    seen = look_again(task, wanted, found)
    own = found.own
    if own is not None and own.is_over(task.at):
        others.lapse_elsewhere(task.db, wanted.child_id, wanted.care_day, task.at)
        own = None
    if own is not None and own.facility_id == wanted.facility_id and own.state is State.HELD:
        return Outcome("held", own.id, values={"until": own.ends_at})
    so_far = replace(found.so_far, holds=found.so_far.holds - beside)
    reasons = _own_limits(task, seen.day.rules, so_far, own) + seen.reasons
    if reasons:
        return refuse(task.db, seen.who, seen.wish, wanted.facility_id, reasons, task.by, task.at)
    assert seen.fit is not None  # without a fit there is a reason
    if isinstance(seen.fit, vacancy.FitsAfterMove):
        work.move(task, seen.fit.moves)
    booking = new_booking(task, wanted, seen, State.HELD, "hold", room=seen.fit.room)
    return Outcome("held", booking.id, values={"until": booking.ends_at})


def look_again(task: Work, wanted: Wanted, found: Facts | None = None) -> Asked:
    """A step: the look at a day that the act has locked."""
    found = found or ask(task.db, wanted, task.at)
    day = task.days[(wanted.facility_id, wanted.care_day)]
    return look(wanted, task.by, task.at, found, day)


def _own_limits(task: Work, rules: RuleBook, so_far: SoFar, own: Own | None) -> tuple[Refusal, ...]:
    """What the family has elsewhere or already, which the day does not know."""
    if own is not None:
        return (Refusal(Code.ALREADY_BOOKED, {"facility_id": own.facility_id}),)
    if task.by.actor is not Actor.FAMILY:
        return ()
    too_many = limits.holding(rules, so_far)
    return (too_many,) if too_many else ()


def new_booking(
    task: Work,
    wanted: Wanted,
    seen: Asked,
    state: State,
    action: str,
    *,
    room: str | None = None,
    asked_at: datetime | None = None,
    reason: str | None = None,
    note: str | None = None,
    terms: Terms = PLAIN,
) -> Booking:
    """A step: a new booking in its first state, with wish, episode and audit row."""
    promise = promises.of(seen.day.rules, seen.who, seen.wish, task.at)
    booking = Booking(
        id=new_id(),
        facility_id=wanted.facility_id,
        child_id=wanted.child_id,
        care_day=wanted.care_day,
        state=state,
        complaint=wanted.complaint,
        illness=seen.wish.illness,
        birthday=seen.who.child.birthday,
        asked_at=asked_at or task.at,
        ends_at=clocks.hold_end(seen.day.rules, task.at) if state is State.HELD else None,
        room=room,
        conditions=() if state is State.WAITING else promise.conditions,
        cancel_until=promise.cancel_until,
        terms=terms,
        family_id=seen.who.family_id,
        isolated=seen.wish.isolated,
    )
    written = audit.row(
        task.by, task.at, action, "booking", booking.id, facility_id=booking.facility_id,
        care_day=booking.care_day, frm=None, to=state, on_behalf_of=seen.who.family_id,
        reason=reason, note=note, detail=work.held_until(booking),
    )  # fmt: skip
    write_all(task.db, [*_rows(task, wanted, seen, booking, promise, action), written])
    tell_episode(task.db, seen.facts, seen.episode, booking, wanted.onset)
    task.owners[booking.id] = seen.who.family_id
    task.put(booking)
    task.mark((booking.facility_id, booking.care_day))
    if state is State.WAITING:
        work.look_beside(task)
    return booking


def _rows(
    task: Work, wanted: Wanted, seen: Asked, booking: Booking, promise: Promise, action: str
) -> list[New]:
    """A new booking's row, after those of its wish and, for a new illness, its episode."""
    wish = children.wish_row(seen.who, seen.wish, action[:10], task.by, task.at)
    new = [] if seen.episode else [children.episode_row(wanted, seen.wish.illness, task.at)]
    beside = {
        "family_id": seen.who.family_id,
        "wish_id": wish.row["id"],
        "episode_id": seen.episode or new[0].row["id"],
        "channel": task.by.channel.value,
        "created_at": task.at,
        "confirmed_at": task.at if booking.state is State.CONFIRMED else None,
        "price": promise.row["price"],
        "residence": promise.row["residence"],
    }
    if booking.state is State.WAITING:
        listed = task.day(booking).with_booking(booking)
        beside["joined_rank"] = queue.rank(listed, booking.id)
    return [wish, *new, booking_rows.new_row(booking, beside)]


def extend(booking_id: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Extend a hold once, by the rule book's minutes. Refused when it has ended or was extended."""

    def act() -> Outcome:
        with write() as db:
            ref = work.reference(db, booking_id, by)
            task = work.lock(db, [(ref.facility_id, ref.care_day)], by, now)
            task.owners[booking_id] = ref.family_id
            if (past := keys.find(db, key)) is not None:
                return past
            booking = task.days[(ref.facility_id, ref.care_day)].booking(booking_id)
            if not is_held(booking, task.at):
                outcome = refused(Refusal(Code.HOLD_ENDED), booking_id=booking_id)
            elif booking is None or booking.extended or booking.ends_at is None:
                outcome = refused(Refusal(Code.NOT_POSSIBLE), booking_id=booking_id)
            else:
                ends_at = clocks.extended_end(task.day(booking).rules, booking.ends_at)
                for one in queue.party(task.day(booking), booking):
                    work.take(task, one, "extend", changes={"ends_at": ends_at, "extended": True})
                outcome = Outcome("held", booking_id, values={"until": ends_at})
            return offers.close(task, key, outcome)

    return keys.once(act)


def is_held(booking: Booking | None, at: datetime) -> bool:
    """Whether this hold has not ended; at its end instant it has."""
    return (
        booking is not None
        and booking.state is State.HELD
        and booking.ends_at is not None
        and at < booking.ends_at
    )
