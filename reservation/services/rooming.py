"""Which illness a child has, and in which room it sits: both re-seat by the same function."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import select, update

from reservation.clock import Now
from reservation.domain import doctor_form, illnesses, morning, queue, states, vacancy, waiting
from reservation.domain.doctor_form import Paper
from reservation.domain.refusals import Code, Refusal
from reservation.domain.states import ON_THE_LIST, State
from reservation.domain.values import Booking, Complaint, holds_place
from reservation.services import acts, children, desk, episodes, facts, offers, outbox, work
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome, refused
from reservation.services.work import Work
from reservation.store.tables.bookings import BookingRow, Episode
from reservation.store.tables.records import Task

PROMISED = frozenset({State.REQUESTED, State.CONFIRMED})
"""In which the family relies on the place and is told when room or form are open again."""


def change_illness(
    booking_id: str,
    illness: str,
    by: By,
    key: Key | None,
    now: Now,
    *,
    onset: date | None = None,
) -> Outcome:
    """Set or correct the illness, and re-seat: 'kept' (same room), 'moved' (another room), or
    'unseated': no room takes the child now, it keeps its place and staff get a task.

    ``onset`` is the day on which the illness began, where it has been said. When too few days will
    have passed: 'early', the place is kept with a task for staff; who only waits is refused with
    TOO_EARLY. Never a silent loss (answers.md §2). An entry of the list stays in it; an open offer
    that no longer fits is withdrawn. Raises ValueError for a code that is not in the catalogue.
    """
    if illness not in illnesses.CATALOGUE:
        raise ValueError(f"not in the catalogue of illnesses: {illness!r}")

    def step(task: Work, booking: Booking) -> Outcome:
        if booking.state not in states.OPEN:
            raise states.NotPossible("change_illness", booking.state)
        early = _too_early(task, booking, illness, onset)
        if early is not None and booking.state in ON_THE_LIST:
            return refused(early, booking_id=booking.id)
        outcome = reseat(task, booking, illness, newest_form(task, booking))
        if onset is not None:
            children.keep_onset(task.db, booking.id, onset)
        if early is None or outcome.code == "unseated":
            return outcome
        _ask_staff(task, booking, early)
        return Outcome("early", booking.id, values={"code": early.code.value, **early.values})

    return acts.on_one(booking_id, by, key, now, step)


def _too_early(task: Work, booking: Booking, illness: str, onset: date | None) -> Refusal | None:
    """Whether the days since onset, said now or before, are too few for this illness."""
    rules, day = task.day(booking).rules, booking.care_day
    if not morning.asks_onset(rules, illness, booking.birthday, day):
        return None
    if onset is None:
        said = select(Episode.onset).join(BookingRow, BookingRow.episode_id == Episode.id)
        onset = task.db.scalar(said.where(BookingRow.id == booking.id))
    return morning.too_early(rules, illness, booking.birthday, day, onset)


def move(
    booking_id: str, room: str, by: By, key: Key | None, now: Now, *, pin: bool = True
) -> Outcome:
    """Put a child into a room by hand: 'moved', with ``pin`` it stays there whatever comes.

    Others who may move make room. Refused with ILLNESS_MIX (or STAFF, LIST_FIRST) where that
    cannot be, NOT_POSSIBLE for an unknown room or a booking without a place.
    """

    def step(task: Work, booking: Booking) -> Outcome:
        day = task.day(booking)
        if not holds_place(booking, task.at) or day.rules.room(room) is None:
            raise states.NotPossible("move", booking.state)
        answer = vacancy.move(day, booking, room, task.at)
        if isinstance(answer, vacancy.No):
            return refused(*answer.reasons, booking_id=booking.id)
        if isinstance(answer, vacancy.FitsAfterMove):
            work.move(task, answer.moves)
        after = booking.change(room=room, pinned=pin)
        desk.change(task, booking, after, "move", room)
        _settled(task, booking.id)
        return Outcome("moved", booking.id, values={"from": booking.room, "to": room})

    return acts.on_one(booking_id, by, key, now, step)


def pin(booking_id: str, pinned: bool, by: By, key: Key | None, now: Now) -> Outcome:
    """Keep a child in the room it has whatever comes ('pinned'), or let it move again ('loose').

    Pinning is refused with ILLNESS_MIX, STAFF or LIST_FIRST where the child cannot stay; who no
    longer needs to stay may make room for others, so the list is asked. NOT_POSSIBLE without a
    place or a room.
    """

    def step(task: Work, booking: Booking) -> Outcome:
        if not holds_place(booking, task.at) or booking.room is None:
            raise states.NotPossible("pin", booking.state)
        if pinned:
            answer = vacancy.move(task.day(booking), booking, booking.room, task.at)
            if isinstance(answer, vacancy.No):
                return refused(*answer.reasons, booking_id=booking.id)
            if isinstance(answer, vacancy.FitsAfterMove):
                work.move(task, answer.moves)
        desk.change(task, booking, booking.change(pinned=pinned), "pin" if pinned else "unpin")
        task.mark((booking.facility_id, booking.care_day), freed=not pinned)
        return Outcome("pinned" if pinned else "loose", booking.id)

    return acts.on_one(booking_id, by, key, now, step)


def newest_form(task: Work, booking: Booking) -> Paper | None:
    """A step: the doctor's form that counts for this booking's child; unasked where the rules
    know no form."""
    if task.day(booking).rules.doctor_form.needed == "never" and not booking.isolated:
        return None
    found = select(facts.newest_form(booking.child_id, booking.facility_id))
    return facts.paper_of(task.db.execute(found).scalar_one())


def reseat(task: Work, booking: Booking, illness: str, form: Paper | None) -> Outcome:
    """A step: another illness, or another form, and the room that follows from it."""
    rules = task.day(booking).rules
    apart = doctor_form.keeps_apart(rules, form, illness, booking.care_day)
    after = _with(task, booking.change(isolated=apart), illness)
    if booking.state not in ON_THE_LIST:
        after = after.change(conditions=doctor_form.settled(rules, after, form, task.at))
    outcome = _seated(task, booking, after)
    asks = _asks_for_form(after) and not _asks_for_form(booking)
    if booking.state in PROMISED and (asks or outcome.code == "unseated"):
        work.announce(task, after, "changed", work.owner(task, booking.id))
    episodes.name(task.db, booking.id, illness)
    return outcome


def _asks_for_form(booking: Booking) -> bool:
    return any(one.code == doctor_form.CODE and one.is_open for one in booking.conditions)


def _seated(task: Work, booking: Booking, after: Booking) -> Outcome:
    illness = after.illness
    note = f"{booking.illness} → {illness}"
    if booking.state in ON_THE_LIST:
        desk.change(task, booking, after, "change_illness", note=note)
        if booking.state is State.OFFERED and not _still_fits(task, after):
            offers.withdraw(task, after)
        return Outcome("kept", booking.id)
    answer = vacancy.reseat(task.day(booking), booking, illness, task.at, isolated=after.isolated)
    if isinstance(answer, vacancy.No):
        desk.change(task, booking, after, "change_illness", note=note)
        _ask_staff(task, after, answer.reasons[0])
        return Outcome("unseated", booking.id, values={"code": answer.reasons[0].code.value})
    if isinstance(answer, vacancy.FitsAfterMove):
        work.move(task, answer.moves)
    stays = answer.room == booking.room
    desk.change(
        task, booking, after.change(room=answer.room, pinned=booking.pinned and stays),
        "change_illness", note=note,
    )  # fmt: skip
    _settled(task, booking.id)
    task.mark((booking.facility_id, booking.care_day), freed=True)
    values = {"from": booking.room, "to": answer.room}
    return Outcome("kept" if stays else "moved", booking.id, values=values)


def _with(task: Work, booking: Booking, illness: str) -> Booking:
    """The booking with its new illness; a diagnosis closes the condition that asked for one."""
    told = not illnesses.undiagnosed(illness)
    conditions = tuple(
        replace(c, closed_at=task.at) if told and c.is_open and c.code == "diagnosis" else c
        for c in booking.conditions
    )
    complaint = Complaint.DIAGNOSED if told else booking.complaint
    return booking.change(illness=illness, complaint=complaint, conditions=conditions)


def _still_fits(task: Work, entry: Booking) -> bool:
    day = task.day(entry)
    return not isinstance(waiting.place(day, queue.party(day, entry), task.at), Refusal)


def _ask_staff(task: Work, booking: Booking, why: Refusal) -> None:
    """The task 'reseat': the place is kept, and somebody must find the room."""
    _settled(task, booking.id)
    outbox.add_task(
        task.db, "reseat", booking.facility_id, task.at, booking_id=booking.id,
        family_id=work.owner(task, booking.id), care_day=booking.care_day,
        about=Code(why.code).value,
    )  # fmt: skip


def _settled(task: Work, booking_id: str) -> None:
    """An older task 'reseat' of this booking has found its answer."""
    task.db.execute(
        update(Task)
        .where(Task.booking_id == booking_id, Task.kind == "reseat", Task.done_at.is_(None))
        .values(done_at=task.at, done_by=task.by.id, result="done")
        .execution_options(synchronize_session=False)
    )
