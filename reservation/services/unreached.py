"""A family that wished to be woken and could not be: nobody is at the desk to telephone.

It is no lapse, for nobody asked the family. The rank stays, the place goes on, and the family is
not woken again: whatever is free in the morning it is offered in its turn, and then staff telephone
(outbox.tell_family, unreachable.give_to_staff). Whoever has no address that works is passed at
once; whose mail has not been sent by the end of the offer, at that end.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import exists, select

from reservation.domain import clocks
from reservation.domain.values import Booking
from reservation.services import outbox, work
from reservation.services.audit import CLOCK
from reservation.services.work import Work
from reservation.store.tables.bookings import RoundRow
from reservation.store.tables.records import Outbox


def cannot_be(task: Work, entry: Booking) -> bool:
    """A step: whether it is night and no guardian of this entry can be written to."""
    if not clocks.is_night(task.day(entry).rules, entry.care_day, task.at):
        return False
    return not outbox.reachable(task.db, work.owner(task, entry.id))


def was(task: Work, booking: Booking) -> bool:
    """A step: whether this offer went out at night and none of its mails has been sent."""
    if not booking.terms.wakes:
        return False  # only who wishes it is asked at night
    sent = exists().where(
        Outbox.booking_id == booking.id,
        Outbox.kind == "offer",
        Outbox.created_at >= RoundRow.started_at,
        Outbox.status == "sent",
    )
    row = task.db.execute(
        select(RoundRow.started_at, sent.label("sent")).where(RoundRow.id == booking.round_id)
    ).one()
    rules = task.day(booking).rules
    return not row.sent and clocks.is_night(rules, booking.care_day, row.started_at)


def note(task: Work, booking: Booking) -> Booking:
    """A step: the offer is over for this family; waking it, which it may wish anew, is over too."""
    terms = replace(booking.terms, wakes=False)
    changes = {"ends_at": None, "round_id": None, "terms": terms}
    return work.take(task, booking, "unreached", by=CLOCK, changes=changes)
