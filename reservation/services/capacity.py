"""What staff set for a day: places opened, rooms, staff on duty; and closing it, or opening again.

Nothing here ends a booking by itself: lowering a day below what is booked is shown and drops
nobody; only ``close`` ends bookings, all of the day's or none, and tells every family.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import update

from reservation.clock import Now
from reservation.domain import capacity, vacancy
from reservation.domain.states import OPEN, State
from reservation.domain.values import Day, Duty
from reservation.services import audit, keys, offers, work
from reservation.services.audit import By
from reservation.services.keys import Key
from reservation.services.outcomes import Outcome
from reservation.services.work import Work
from reservation.store.db import write
from reservation.store.tables.places import DayRow


@dataclass(frozen=True, slots=True)
class Settings:
    """A day as staff set it; None means that the rule book's default counts."""

    effective_capacity: int | None = None
    closed_rooms: frozenset[str] = frozenset()
    room_uses: Mapping[str, str] = field(default_factory=dict)
    """Rooms that are used for something else that day: 'general', 'infectious' or 'either'."""
    am_workers: int | None = None
    am_nurses: int | None = None
    pm_workers: int | None = None
    pm_nurses: int | None = None

    def on(self, day: Day) -> Day:
        """The day as it would be with these settings."""
        halves = (("am", self.am_workers, self.am_nurses), ("pm", self.pm_workers, self.pm_nurses))
        duty = tuple(
            Duty(half, workers or 0, nurses or 0)
            for half, workers, nurses in halves
            if workers is not None or nurses is not None
        )
        return day.change(
            effective_capacity=self.effective_capacity,
            closed_rooms=self.closed_rooms,
            room_uses=self.room_uses,
            duty=duty,
        )

    def row(self) -> dict[str, Any]:
        """As columns of the day."""
        return {
            "effective_capacity": self.effective_capacity,
            "closed_rooms": sorted(self.closed_rooms),
            "room_uses": dict(sorted(self.room_uses.items())) or None,
            "am_workers": self.am_workers,
            "am_nurses": self.am_nurses,
            "pm_workers": self.pm_workers,
            "pm_nurses": self.pm_nurses,
        }


def set_day(
    facility_id: str, day: date, to: Settings, by: By, key: Key | None, now: Now
) -> Outcome:
    """Set places, rooms and staff of a day.

    Raising any of them calls up the waiting list in the same transaction. Lowering below what is
    booked drops nobody: the answer's ``misfits`` counts who no longer fits, for staff to decide.
    """

    def act() -> Outcome:
        with write() as db:
            task = work.lock(db, [(facility_id, day)], by, now)
            if (past := keys.find(db, key)) is not None:
                return past
            before = task.days[(facility_id, day)]
            after = to.on(before)
            _store(task, (facility_id, day), to.row())
            more = _gives_more(before, after)
            task.days[(facility_id, day)] = after
            task.mark((facility_id, day), freed=more)
            _record(task, facility_id, day, "set_day", to.row())
            offers.tidy(task)
            left = len(vacancy.misfits(task.days[(facility_id, day)], task.at))
            outcome = Outcome("set", values={"misfits": left})
            return keys.keep(db, key, outcome, task.at)

    return keys.once(act)


def close(facility_id: str, day: date, reason: str, by: By, key: Key | None, now: Now) -> Outcome:
    """Close a day with everything on it: every open booking ends, every family is told.

    All or none, in one transaction; children already in care stay. ``reason`` are the words that
    families read. Answers 'closed' with the number told.
    """

    def act() -> Outcome:
        with write() as db:
            task = work.lock(db, [(facility_id, day)], by, now)
            if (past := keys.find(db, key)) is not None:
                return past
            where = (facility_id, day)
            _store(task, where, {"closed": reason})
            task.days[where] = task.days[where].change(closed=reason)
            task.mark(where)
            _record(task, facility_id, day, "close_day", {})
            ending = [b for b in task.days[where].bookings if b.state in OPEN - {State.CHECKED_IN}]
            for booking in ending:
                work.take(
                    task, booking, "close", reason="CLOSED", note=reason,
                    changes={"ends_at": None, "round_id": None}, params={"reason": reason},
                )  # fmt: skip
            offers.tidy(task)
            return keys.keep(db, key, Outcome("closed", values={"told": len(ending)}), task.at)

    return keys.once(act)


def reopen(facility_id: str, day: date, by: By, key: Key | None, now: Now) -> Outcome:
    """Open a closed day again. Bookings that were ended stay ended; families may book anew."""

    def act() -> Outcome:
        with write() as db:
            task = work.lock(db, [(facility_id, day)], by, now)
            if (past := keys.find(db, key)) is not None:
                return past
            where = (facility_id, day)
            _store(task, where, {"closed": None})
            task.days[where] = task.days[where].change(closed=None)
            task.mark(where, freed=True)
            _record(task, facility_id, day, "reopen_day", {})
            offers.tidy(task)
            return keys.keep(db, key, Outcome("reopened"), task.at)

    return keys.once(act)


def _gives_more(before: Day, after: Day) -> bool:
    """Whether a place may have come free: more children, a room opened or used otherwise."""
    return (
        capacity.capacity(after) > capacity.capacity(before)
        or not before.closed_rooms <= after.closed_rooms
        or before.room_uses != after.room_uses
    )


def _store(task: Work, where: tuple[str, date], values: Mapping[str, Any]) -> None:
    task.db.execute(
        update(DayRow)
        .where(DayRow.facility_id == where[0], DayRow.date == where[1])
        .values(dict(values))
        .execution_options(synchronize_session=False)
    )


def _record(task: Work, facility_id: str, day: date, action: str, row: Mapping[str, Any]) -> None:
    audit.record(
        task.db, task.by, task.at, action, "day", f"{facility_id}:{day.isoformat()}",
        facility_id=facility_id, care_day=day, detail=row,
    )  # fmt: skip
