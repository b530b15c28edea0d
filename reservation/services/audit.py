"""Who acts, and the row that every change leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from reservation.domain.states import Actor
from reservation.domain.values import Channel
from reservation.store.tables.records import Audit
from reservation.store.together import New, write_all


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: ``id`` is the guardian or the staff account. A family may only touch what is its
    own (``family_id``), staff only what is their facility's (``facility_id``)."""

    actor: Actor
    id: str | None = None
    channel: Channel = Channel.WEB
    family_id: str | None = None
    facility_id: str | None = None


CLOCK = By(Actor.CLOCK, channel=Channel.CLOCK)


def guardian(guardian_id: str, family_id: str) -> By:
    """A guardian acting for their own family."""
    return By(Actor.FAMILY, guardian_id, Channel.WEB, family_id=family_id)


def staff(account_id: str, facility_id: str, channel: Channel = Channel.DESK) -> By:
    """Staff acting at their own facility."""
    return By(Actor.STAFF, account_id, channel, facility_id=facility_id)


def account(account_id: str | None) -> By:
    """A staff account acting outside any facility: for itself, for the office, or (None) on the
    command line."""
    return By(Actor.STAFF, account_id, Channel.DESK)


def record(
    db: Session,
    by: By,
    at: datetime,
    action: str,
    entity: str,
    entity_id: str,
    *,
    facility_id: str | None = None,
    care_day: date | None = None,
    frm: str | None = None,
    to: str | None = None,
    on_behalf_of: str | None = None,
    reason: str | None = None,
    note: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """A step: write one audit row. ``detail`` holds codes and numbers only, never a name."""
    write_all(
        db,
        [
            row(
                by, at, action, entity, entity_id, facility_id=facility_id, care_day=care_day,
                frm=frm, to=to, on_behalf_of=on_behalf_of, reason=reason, note=note, detail=detail,
            )
        ],
    )  # fmt: skip


def row(
    by: By,
    at: datetime,
    action: str,
    entity: str,
    entity_id: str,
    *,
    detail: Mapping[str, Any] | None = None,
    **columns: Any,
) -> New:
    """The same row, for a step that inserts it together with others."""
    return New(
        Audit,
        {
            "entity": entity,
            "entity_id": entity_id,
            "action": action,
            "actor": by.actor.value,
            "actor_id": by.id,
            "channel": by.channel.value,
            "detail": dict(detail or {}),
            "at": at,
            **columns,
        },
    )
