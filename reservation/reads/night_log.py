"""The night line by line: who was asked, how and until when, what they said, who was skipped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from reservation.domain import states
from reservation.domain.states import ON_THE_LIST, State
from reservation.store.days import DayKey
from reservation.store.tables.bookings import RoundRow
from reservation.store.tables.records import Outbox, Task
from reservation.store.types import AnyRow

SKIP = "skip"
TURNS = frozenset({"offer", "take", "take_for_review"})
"""Steps by which the list goes on to the next family that a place suits."""
Span = tuple[datetime, datetime]

TOLD = frozenset(
    (step.action, step.to.value)
    for step in states.STEPS
    if step.frm in ON_THE_LIST or step.to in ON_THE_LIST or (step.frees and step.frm != State.HELD)
)
"""What the log tells: every step of the list, and whatever gives it a place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that happened to one booking, or to several at once and alike.

    ``action`` and ``to`` are those of the table of steps, or SKIP with a refusal's ``code``.
    """

    at: datetime
    bookings: tuple[str, ...]
    action: str
    to: str = ""
    actor: str = "clock"
    channel: str = "clock"
    code: str = ""
    until: datetime | None = None
    """The end of an offer."""
    asked_by: str = ""
    """How an offer reached the family: 'mail', 'telephone', or '' where neither is kept."""


def lines(db: Session, key: DayKey, span: Span, rows: Sequence[AnyRow]) -> tuple[Line, ...]:
    """A step: the log of a day's list between two instants, both included. Two statements.

    ``rows`` are the audit rows of the day's bookings in the order of commits.
    """
    rounds = _rounds(db, key, span)
    asked = _asked(db, {row.entity_id for row in rows if row.action == "offer"})
    ends = {one.started_at: one.ends_at for one in rounds if one.places}
    found = [_step(row, ends, asked) for row in rows if (row.action, row.to) in TOLD]
    for skip in reversed(_skips(rounds)):
        found.insert(_before_turn(found, skip.at), skip)
    return tuple(_together(found))


def _before_turn(found: Sequence[Line], at: datetime) -> int:
    """Where a skip of this instant belongs: before the turn that went past, else at the end."""
    after = (n for n, line in enumerate(found) if line.at > at)
    turns = (n for n, line in enumerate(found) if line.at == at and line.action in TURNS)
    return next(turns, next(after, len(found)))


def _step(row: AnyRow, ends: dict[datetime, datetime], asked: dict[Any, str]) -> Line:
    offer = row.action == "offer"
    return Line(
        at=row.at,
        bookings=(row.entity_id,),
        action=row.action,
        to=row.to or "",
        actor=row.actor,
        channel=row.channel,
        until=ends.get(row.at) if offer else None,
        asked_by=asked.get((row.entity_id, row.at), "") if offer else "",
    )


def _skips(rounds: Iterable[AnyRow]) -> list[Line]:
    """A line for each reason of each entry; again only when it has changed."""
    found: list[Line] = []
    known: dict[str, str] = {}
    for one in rounds:
        for skipped in one.skipped:
            if known.get(skipped["booking"]) != skipped["code"]:
                known[skipped["booking"]] = skipped["code"]
                found.append(
                    Line(
                        at=one.started_at,
                        bookings=(skipped["booking"],),
                        action=SKIP,
                        code=skipped["code"],
                    )
                )
    return found


def _together(found: Iterable[Line]) -> list[Line]:
    """What happened to several alike at one instant as one line."""
    merged: list[Line] = []
    for line in found:
        last = merged[-1] if merged else None
        if last is not None and replace(last, bookings=line.bookings) == line:
            merged[-1] = replace(last, bookings=(*last.bookings, *line.bookings))
        else:
            merged.append(line)
    return merged


def _rounds(db: Session, key: DayKey, span: Span) -> Sequence[AnyRow]:
    return db.execute(
        select(RoundRow.started_at, RoundRow.ends_at, RoundRow.places, RoundRow.skipped)
        .where(
            RoundRow.facility_id == key[0],
            RoundRow.care_day == key[1],
            RoundRow.started_at.between(*span),
        )
        .order_by(RoundRow.started_at, RoundRow.places.desc(), RoundRow.id)
    ).all()


def _asked(db: Session, bookings: set[str]) -> dict[tuple[str, datetime], str]:
    """By which way each offer of these bookings went out, by booking and instant."""
    mails = select(Outbox.booking_id, Outbox.created_at, literal("mail").label("way")).where(
        Outbox.booking_id.in_(bookings), Outbox.kind == "offer"
    )
    calls = select(Task.booking_id, Task.created_at, literal("telephone")).where(
        Task.booking_id.in_(bookings), Task.kind == "call_offer"
    )
    ways = db.execute(union_all(mails, calls))
    return {(row.booking_id, row.created_at): row.way for row in ways}
