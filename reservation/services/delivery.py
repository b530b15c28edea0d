"""The outbox is emptied: claim, look again, write, send, record. At least once, one Message-ID.

Safe in several processes: a row is claimed by a conditional update, and whoever is slow or dead
loses the claim after CLAIM. Texts are made and servers talked to outside any transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from reservation import channels, logs, messages, settings
from reservation.channels import Ways
from reservation.channels.letter import Letter, Rejected, Result, Retry, Sent
from reservation.clock import Now
from reservation.services import letters, unreachable
from reservation.services.letters import Envelope
from reservation.store.db import read, write
from reservation.store.tables.records import SITE, Outbox

BATCH = 100
CLAIM = timedelta(minutes=3)
"""Longer than the slowest conversation with a server (nine answers of channels.mail.SECONDS)."""

WAITS = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 1800, 3600, 3600, 3600))
"""Between attempts. Together less than four hours: then a row is dead (reliability.md §1)."""

KEPT = timedelta(days=30)

URGENT = ("code", "change_mail", "offer")
"""Kinds that somebody waits for; they go first."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Not sent, because it is not true or not useful any more."""

    reason: str


End = Result | Dropped


def deliver(now: Now) -> int:
    """A job: send what is due, oldest first, codes and offers before all. Returns how many rows
    came to their end. Stops early when the server is away; the next tick goes on."""
    with read() as db:
        due = _due(db, now())
    ended = 0
    with channels.ways(settings.current()) as ways:
        for row_id in due:
            one = _claim(row_id, now)
            if one is None:
                continue
            end, message = _attempt(one, ways, now)
            ended += _record(one, end, message, now)
            if isinstance(end, Retry) and end.away:
                break
    return ended


def prune(now: Now) -> int:
    """A job: delete rows that ended more than thirty days ago. Returns how many went.

    What was dropped by a restore or by somebody who left has no end of its own: it counts from
    when it was due.
    """
    with write() as db:
        ended = func.coalesce(Outbox.ended_at, Outbox.due_at)
        gone: Any = db.execute(
            delete(Outbox).where(
                Outbox.status.in_(["sent", "dropped", "dead"]), ended < now() - KEPT
            )
        )
        return int(gone.rowcount)


def _is_due(at: datetime) -> Any:
    """Queued and due, or claimed by somebody who never came back."""
    return or_(
        (Outbox.status == "queued") & (Outbox.due_at <= at),
        (Outbox.status == "sending") & (Outbox.claimed_until <= at),
    )


def _due(db: Session, at: datetime) -> list[str]:
    urgent = case((Outbox.kind.in_(URGENT), 0), else_=1)
    rows = select(Outbox.id).where(_is_due(at)).order_by(urgent, Outbox.due_at, Outbox.id)
    return list(db.scalars(rows.limit(BATCH)))


def _claim(row_id: str, now: Now) -> Envelope | None:
    """Take a row for this attempt; None when somebody else was first."""
    with write() as db:
        at = now()
        row = db.execute(
            update(Outbox)
            .where(Outbox.id == row_id, _is_due(at))
            .values(status="sending", claimed_until=at + CLAIM, attempts=Outbox.attempts + 1)
            .returning(
                Outbox.id, Outbox.kind, Outbox.channel, Outbox.address, Outbox.language,
                Outbox.params, Outbox.facility_id, Outbox.booking_id, Outbox.guardian_id,
                Outbox.created_at, Outbox.useful_until, Outbox.attempts,
            )
            .execution_options(synchronize_session=False)
        ).one_or_none()  # fmt: skip
        return Envelope(**row._mapping) if row is not None else None


def _attempt(one: Envelope, ways: Ways, now: Now) -> tuple[End, messages.Message | None]:
    """Look whether it is still true, write it, send it. A mistake of ours is a Retry too: the
    other letters must go out."""
    try:
        with read() as db:
            reason = letters.why_not(db, one, now())
            if reason is not None:
                return Dropped(reason), None
            facts = letters.facts(db, one, now(), settings.current().base_url)
        message = messages.render(one.kind, one.language, facts)
        letter = Letter(one.id, one.kind, one.address, one.created_at, message)
        return ways.send(one.channel, letter), message
    except Exception as error:
        logs.get().error("message", kind=one.kind, attempt=one.attempts, **logs.fault(error))
        return Retry(type(error).__name__), None


def _record(one: Envelope, end: End, message: messages.Message | None, now: Now) -> int:
    """Write down what came of it, unless the claim was lost meanwhile. 1 when the row ended."""
    with write() as db:
        at = now()
        values = _values(one, end, at)
        if message is not None and settings.current().mode == "demo":
            text = message.text.replace(settings.current().base_url, SITE)
            values["shown"] = f"{message.subject}\n\n{text}"
        kept: Any = db.execute(
            update(Outbox)
            .where(Outbox.id == one.id, Outbox.status == "sending", Outbox.attempts == one.attempts)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if kept.rowcount:
            _follow(db, one, end, values["status"], at)
    logs.get().info(
        "message", kind=one.kind, channel=one.channel, attempt=one.attempts,
        booking=one.booking_id, state=values["status"], reason=values["error"],
    )  # fmt: skip
    return int(kept.rowcount and values["status"] != "queued")


def _values(one: Envelope, end: End, at: datetime) -> dict[str, Any]:
    """The row after this attempt."""
    reason = None if isinstance(end, Sent) else end.reason[:200]
    due_at = _next_try(one, at) if isinstance(end, Retry) else None
    if due_at is not None:
        return {"status": "queued", "due_at": due_at, "claimed_until": None, "error": reason}
    status = "sent" if isinstance(end, Sent) else "dropped" if isinstance(end, Dropped) else "dead"
    return {
        "status": status,
        "ended_at": at,
        "claimed_until": None,
        "params": None,
        "error": reason,
    }


def _next_try(one: Envelope, at: datetime) -> datetime | None:
    """When to try again; None when it was tried often enough. What somebody waits for is tried
    every two minutes until its end, and at its end it is dropped."""
    if one.kind in URGENT and one.useful_until is not None:
        return min(at + WAITS[min(one.attempts, 2) - 1], one.useful_until)
    if one.attempts > len(WAITS):
        return None
    return at + WAITS[one.attempts - 1]


def _follow(db: Session, one: Envelope, end: End, status: str, at: datetime) -> None:
    """What an end means for the address and for the staff."""
    if isinstance(end, Rejected):
        unreachable.mark(db, one.address, at)
    if status == "sent":
        unreachable.clear(db, one.address)
    if status == "dead":
        unreachable.give_to_staff(db, one, at)
