"""One act's hold on some days: lock, read the clock, take steps, and leave the days in order.

Acts open a Work inside their transaction. Everything that changes a booking's state goes through
``take``, so that the table of steps is asked, the audit row written and the family told each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from reservation.clock import Now
from reservation.domain import dates, states
from reservation.domain.states import ENDED, Actor, Step
from reservation.domain.values import Booking, Day
from reservation.services import audit, outbox
from reservation.services.audit import By
from reservation.services.outcomes import NotFound
from reservation.store import beside, booking_rows, days, rulebooks
from reservation.store.days import DayKey
from reservation.store.db import lock_row
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import Family
from reservation.store.tables.places import Facility
from reservation.store.together import New, write_all
from reservation.store.types import AnyRow


@dataclass(slots=True)
class Work:
    """Locked days, the instant read after locking, and what has changed so far."""

    db: Session
    by: By
    at: datetime
    days: dict[DayKey, Day]
    changed: dict[DayKey, bool] = field(default_factory=dict)
    """Days to touch, and whether something on them was freed."""
    owners: dict[str, str] = field(default_factory=dict)
    """The family of each booking met so far."""

    def day(self, booking: Booking) -> Day:
        """The locked day this booking belongs to."""
        return self.days[(booking.facility_id, booking.care_day)]

    def put(self, booking: Booking) -> None:
        """Let the day hold this booking as it is now."""
        key = (booking.facility_id, booking.care_day)
        self.days[key] = self.days[key].with_booking(booking)

    def mark(self, key: DayKey, *, freed: bool = False) -> None:
        """Remember that this day has changed."""
        self.changed[key] = self.changed.get(key, False) or freed
        if freed:
            self.days[key] = self.days[key].change(freed_at=self.at)


def lock(
    db: Session, keys: Iterable[DayKey], by: By, now: Now, *, family_id: str | None = None
) -> Work:
    """A step: lock the family if named, then the days in order; only then read the clock.

    Raises NotFound for a facility that is not there.
    """
    if family_id is not None:
        lock_row(db, Family, family_id)
    try:
        locked = days.load_all(db, keys, lock=True)
    except rulebooks.NoRuleBook as error:
        raise NotFound(str(error)) from None
    return Work(db, by, now(), locked)


def reference(db: Session, booking_id: str, by: By) -> AnyRow:
    """A step: where a booking belongs, for locking. Raises NotFound for what is not one's own."""
    row = db.execute(
        select(
            BookingRow.id,
            BookingRow.facility_id,
            BookingRow.care_day,
            BookingRow.child_id,
            BookingRow.family_id,
            BookingRow.state,
            BookingRow.review_due,
            BookingRow.confirmed_at,
            BookingRow.ended_at,
            BookingRow.residence,
            BookingRow.together,
            Facility.rules_version,
        )
        .join(Facility, Facility.id == BookingRow.facility_id)
        .where(BookingRow.id == booking_id)
    ).one_or_none()
    foreign = row is None or (
        (by.actor is Actor.FAMILY and row.family_id != by.family_id)
        or (by.actor is Actor.STAFF and row.facility_id != by.facility_id)
    )
    if row is None or foreign:
        raise NotFound(booking_id)
    return row


def take(
    work: Work,
    booking: Booking,
    action: str,
    *,
    by: By | None = None,
    reason: str | None = None,
    note: str | None = None,
    changes: Mapping[str, Any] | None = None,
    row: Mapping[str, Any] | None = None,
    tell: bool = True,
    params: Mapping[str, Any] | None = None,
) -> Booking:
    """A step: one line of the table of steps, with row, audit, message and day version.

    ``changes`` are fields of the domain's booking, ``row`` other columns. Raises
    states.NotPossible when the table lists no such step for this state and actor.
    """
    who = by or work.by
    line = states.step(booking.state, action, who.actor)
    after = booking.change(state=line.to, **(changes or {}))
    if line.to not in states.HOLDS_A_PLACE:
        after = after.change(room=None, pinned=False)
    family_id = owner(work, booking.id)
    written = audit.row(
        who, work.at, action, "booking", booking.id,
        facility_id=booking.facility_id, care_day=booking.care_day,
        frm=booking.state, to=line.to, on_behalf_of=family_id, reason=reason, note=note,
        detail=held_until(after),
    )  # fmt: skip
    columns = {**_ending(work, line, who, reason, note), **(row or {})}
    booking_rows.save_booking(work.db, after, columns, was=booking.state, rows=[written])
    work.put(after)
    work.mark((booking.facility_id, booking.care_day), freed=line.frees)
    if tell and line.tells:
        announce(work, after, line.tells, family_id, params)
    return after


def held_until(booking: Booking) -> dict[str, str] | None:
    """What the audit keeps of a hold, so that its day can be played again (I13)."""
    if booking.state is not states.State.HELD or booking.ends_at is None:
        return None
    return {"until": booking.ends_at.isoformat()}


def announce(
    work: Work, booking: Booking, kind: str, family_id: str, params: Mapping[str, Any] | None = None
) -> None:
    """A step: queue the message of a step to the family, once per step taken."""
    ends = booking.ends_at if kind == "offer" else None
    outbox.tell_family(
        work.db,
        _note(work, booking, kind, family_id, params, ends),
        family_id,
        work.at,
        facility_id=booking.facility_id,
        booking_id=booking.id,
        care_day=booking.care_day,
    )


def tell_others(work: Work, booking: Booking, kind: str) -> None:
    """A step: tell the family's other guardians what one of them has answered. Nobody telephones
    for it; what was said on the telephone all guardians read, for staff do not know by whom."""
    family_id = owner(work, booking.id)
    outbox.tell_family(
        work.db,
        _note(work, booking, kind, family_id),
        family_id,
        work.at,
        facility_id=booking.facility_id,
        booking_id=booking.id,
        care_day=booking.care_day,
        or_call=False,
        but=work.by.id,
    )


def _note(
    work: Work,
    booking: Booking,
    kind: str,
    family_id: str,
    params: Mapping[str, Any] | None = None,
    ends: datetime | None = None,
) -> outbox.Note:
    """The message of this act; its family's guardians read which of them acted."""
    own = {"guardian": work.by.id} if work.by.family_id == family_id else {}
    said = {**(params or {}), **own}
    event = f"{kind}:{booking.id}:{work.at.isoformat()}"
    return outbox.Note(kind, event, work.at, ends, said or None)


def look_beside(work: Work) -> None:
    """A step: on the changed days, what the waiting families have besides, as it is by now."""
    for key in sorted(work.changed):
        work.days[key] = beside.fill(work.db, work.days[key])


def move(work: Work, moves: Iterable[Any]) -> None:
    """A step: write the room moves that a FitsAfterMove asks for."""
    for one in moves:
        day = next(d for d in work.days.values() if d.booking(one.booking_id) is not None)
        booking = day.booking(one.booking_id)
        assert booking is not None  # the line above found it
        moved = booking.change(room=one.to)
        written = audit.row(
            work.by, work.at, "move", "booking", booking.id,
            facility_id=booking.facility_id, care_day=booking.care_day,
            frm=booking.state, to=booking.state, detail={"from": one.frm, "to": one.to},
        )  # fmt: skip
        booking_rows.save_booking(work.db, moved, was=booking.state, rows=[written])
        work.put(moved)
        work.mark((booking.facility_id, booking.care_day))


def finish(work: Work, rows: Sequence[New] = ()) -> None:
    """A step: raise the version of every changed day, and write the act's last rows with it. The
    last thing an act does."""
    for key in sorted(work.changed):
        freed_at = work.at if work.changed[key] else None
        days.touch(work.db, key, freed_at=freed_at, rows=rows)
        rows = ()
    if rows:
        write_all(work.db, rows)


def owner(work: Work, booking_id: str) -> str:
    """A step: the family of a booking, read once per act."""
    if booking_id not in work.owners:
        work.owners[booking_id] = work.db.execute(
            select(BookingRow.family_id).where(BookingRow.id == booking_id)
        ).scalar_one()
    return work.owners[booking_id]


def _ending(
    work: Work, line: Step, who: By, reason: str | None, note: str | None
) -> dict[str, Any]:
    """The columns that a step into another state always fills."""
    row: dict[str, Any] = {}
    if line.to in ENDED:
        row |= {"ended_at": work.at, "ended_by": who.actor.value}
        row |= {"reason": reason, "reason_note": note}
    elif line.frm in ENDED:
        row |= {"ended_at": None, "ended_by": None}
    had_it = (states.State.CONFIRMED, states.State.CHECKED_IN)
    if line.to is states.State.CONFIRMED and line.frm not in had_it:
        row["confirmed_at"] = work.at
    return row


def is_care_day(booking: Booking, at: datetime) -> bool:
    """Whether it is already the care day itself, in Tokyo."""
    return dates.local(at).date() >= booking.care_day


def set_columns(db: Session, booking_id: str, values: Mapping[str, Any]) -> None:
    """A step: set columns that no rule looks at (reminders sent, answers of the check page)."""
    db.execute(
        update(BookingRow)
        .where(BookingRow.id == booking_id)
        .values(dict(values))
        .execution_options(synchronize_session=False)
    )
