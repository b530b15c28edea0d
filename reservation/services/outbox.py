"""Messages are written with the fact they tell, and sent afterwards (delivery.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from reservation.store.db import insert_ignore
from reservation.store.tables.people import Guardian
from reservation.store.tables.records import Outbox, Task
from reservation.store.types import AnyRow, new_id


@dataclass(frozen=True, slots=True)
class Note:
    """What to tell: a kind of message and the event it belongs to (its dedupe key)."""

    kind: str
    event: str
    due_at: datetime
    useful_until: datetime | None = None
    params: Mapping[str, Any] | None = None


def put(
    db: Session,
    note: Note,
    address: str,
    at: datetime,
    *,
    language: str = "ja",
    guardian_id: str | None = None,
    facility_id: str | None = None,
    booking_id: str | None = None,
) -> int:
    """A step: queue one message to one address; 0 when this event told it already."""
    return insert_ignore(
        db,
        Outbox,
        {
            "id": new_id(),
            "dedupe": f"{note.event}:{guardian_id or address}"[:120],
            "kind": note.kind,
            "channel": "mail",
            "facility_id": facility_id,
            "booking_id": booking_id,
            "guardian_id": guardian_id,
            "address": address,
            "language": language,
            "params": json.dumps(note.params, ensure_ascii=False) if note.params else None,
            "created_at": at,
            "due_at": note.due_at,
            "useful_until": note.useful_until,
            "status": "queued",
            "attempts": 0,
        },
    )


def tell_family(
    db: Session,
    note: Note,
    family_id: str,
    at: datetime,
    *,
    facility_id: str | None,
    booking_id: str | None,
    care_day: date | None,
    or_call: bool = True,
    but: str | None = None,
) -> int:
    """A step: tell every guardian with a working address, ``but`` one if named; without any, staff
    must telephone.

    An offer becomes the task 'call_offer' with the offer's end, other news 'call_news'; with
    ``or_call=False`` (reminders) nobody is telephoned. News of the municipality (no facility) has
    nobody to give the task to: the caller looks at the answer, how many addresses were told.
    """
    told = 0
    for row in (one for one in reachable(db, family_id) if one.id != but):
        put(
            db,
            note,
            row.mail,
            at,
            language=row.language,
            guardian_id=row.id,
            facility_id=facility_id,
            booking_id=booking_id,
        )
        told += 1
    if not told and or_call and facility_id is not None:
        kind = "call_offer" if note.kind == "offer" else "call_news"
        add_task(
            db, kind, facility_id, at, booking_id=booking_id, family_id=family_id,
            care_day=care_day, about=note.kind, due_at=note.useful_until,
        )  # fmt: skip
    return told


def reachable(db: Session, family_id: str) -> Sequence[AnyRow]:
    """A step: the guardians of a family with a working address: id, mail and language."""
    return db.execute(
        select(Guardian.id, Guardian.mail, Guardian.language).where(
            Guardian.family_id == family_id,
            Guardian.mail.is_not(None),
            Guardian.mail_failed_at.is_(None),
        )
    ).all()


def add_task(
    db: Session,
    kind: str,
    facility_id: str,
    at: datetime,
    *,
    booking_id: str | None = None,
    family_id: str | None = None,
    care_day: date | None = None,
    about: str = "",
    due_at: datetime | None = None,
) -> None:
    """A step: give the staff of a facility something to do, with a clock time if it has one."""
    db.execute(
        insert(Task),
        [
            {
                "id": new_id(),
                "facility_id": facility_id,
                "kind": kind,
                "care_day": care_day,
                "booking_id": booking_id,
                "family_id": family_id,
                "about": about,
                "created_at": at,
                "due_at": due_at,
            }
        ],
    )


def end_calls(db: Session, booking_id: str, at: datetime) -> None:
    """A step: the offer that staff were to make by telephone is gone; its open task ends so."""
    db.execute(
        update(Task)
        .where(Task.booking_id == booking_id, Task.kind == "call_offer", Task.done_at.is_(None))
        .values(done_at=at, result="gone")
        .execution_options(synchronize_session=False)
    )
