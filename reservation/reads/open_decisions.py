"""What staff must decide or telephone now, the nearest deadline first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain import doctor_form
from reservation.domain.states import State
from reservation.domain.values import Condition
from reservation.reads.children_of_day import Carer, DayChild
from reservation.store.tables.records import Audit, Task
from reservation.store.types import AnyRow

HOUR = timedelta(hours=1)
NOT_SHOWN = frozenset({"review_late"})
"""Tasks that say what the request itself says already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line of 「いま決めること」. ``kind`` is 'request', 'condition', or a task's kind."""

    kind: str
    id: str
    """For the anchor: the booking's id, or the task's."""
    child: DayChild | None
    carers: tuple[Carer, ...]
    since: datetime
    """When it began to wait; among equal deadlines the longest wait stands first."""
    due_at: datetime | None
    seconds: int
    """The whole length of the time given, for the bar."""
    task_id: str = ""
    about: str = ""
    condition: str = ""
    tries: tuple[datetime, ...] = ()


def tasks(db: Session, facility_id: str) -> list[AnyRow]:
    """A step: the open tasks of a facility."""
    return list(
        db.execute(
            select(Task.__table__)
            .where(
                Task.facility_id == facility_id,
                Task.done_at.is_(None),
                Task.kind.not_in(sorted(NOT_SHOWN)),
            )
            .order_by(Task.created_at, Task.id)
        ).all()
    )


def tries(db: Session, found: Iterable[AnyRow]) -> dict[str, tuple[datetime, ...]]:
    """A step: when somebody called in vain, by task."""
    rows = db.execute(
        select(Audit.entity_id, Audit.at)
        .where(
            Audit.entity == "task",
            Audit.action == "no_answer",
            Audit.entity_id.in_([task.id for task in found]),
        )
        .order_by(Audit.seq)
    )
    tried: dict[str, tuple[datetime, ...]] = {}
    for row in rows:
        tried[row.entity_id] = (*tried.get(row.entity_id, ()), row.at)
    return tried


def decisions(
    children: Iterable[DayChild],
    open_tasks: Iterable[AnyRow],
    tried: Mapping[str, tuple[datetime, ...]],
    carers: Mapping[str, tuple[Carer, ...]],
    now: datetime,
) -> tuple[Decision, ...]:
    """All of it in the order of need: by deadline, then by who has waited longest; what has no
    deadline last."""
    known = {child.id: child for child in children}
    found = [_request(c, carers) for c in known.values() if c.state is State.REQUESTED]
    for child in known.values():
        found += [_condition(child, c, carers, now) for c in _red(child, now)]
    for task in open_tasks:
        one = known.get(task.booking_id or "")
        if _stands(task, one, now):
            found.append(_task(task, one, tried, carers))
    return tuple(sorted(found, key=_need))


def _need(one: Decision) -> tuple[bool, float, datetime, str]:
    due = one.due_at.timestamp() if one.due_at else 0.0
    return one.due_at is None, due, one.since, one.id


def _red(child: DayChild, now: datetime) -> list[Condition]:
    """Conditions whose time has passed: they end nothing, and staff decide (answers.md §1.5)."""
    if child.state not in (State.CONFIRMED, State.CHECKED_IN):
        return []
    return [c for c in child.open_conditions if c.due_at is not None and c.due_at <= now]


def _stands(task: AnyRow, child: DayChild | None, now: datetime) -> bool:
    """An offer that is over needs no call any more, nor does a child that has been here or gone;
    nor does anybody read the form of a booking that is over."""
    if task.kind == "call_coming":
        return child is not None and child.state is State.CONFIRMED
    if task.kind == "photo":
        return child is not None and child.state in doctor_form.SENDS
    if task.kind != "call_offer":
        return True
    offered = child is not None and child.state is State.OFFERED
    return offered and (task.due_at is None or now < task.due_at)


def _request(child: DayChild, carers: Mapping[str, tuple[Carer, ...]]) -> Decision:
    due = child.review_due
    return Decision(
        kind="request",
        id=child.id,
        child=child,
        carers=carers.get(child.family_id, ()),
        since=child.created_at,
        due_at=due,
        seconds=_seconds(child.created_at, due),
    )


def _condition(
    child: DayChild, which: Condition, carers: Mapping[str, tuple[Carer, ...]], now: datetime
) -> Decision:
    return Decision(
        kind="condition",
        id=f"{child.id}-{which.code}",
        child=child,
        carers=carers.get(child.family_id, ()),
        since=child.created_at,
        due_at=which.due_at,
        seconds=_seconds(now - HOUR, now),
        condition=which.code,
    )


def _task(
    task: AnyRow,
    child: DayChild | None,
    tried: Mapping[str, tuple[datetime, ...]],
    carers: Mapping[str, tuple[Carer, ...]],
) -> Decision:
    return Decision(
        kind=task.kind,
        id=task.id,
        child=child,
        carers=carers.get(task.family_id or "", ()),
        since=task.created_at,
        due_at=task.due_at,
        seconds=_seconds(task.created_at, task.due_at),
        task_id=task.id,
        about=task.about,
        tries=tried.get(task.id, ()),
    )


def _seconds(start: datetime, end: datetime | None) -> int:
    return max(1, int((end - start).total_seconds())) if end else 1
