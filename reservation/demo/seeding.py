"""Three months of history, today and tomorrow: the same every time, moved to the day of the start.

What is settled stands in the installation's facts: the anchor (the day of the first start) and
the last care day that was filled. A later start only adds the days that are missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import delete, func, or_, select, update

from reservation.clock import Now
from reservation.demo import history, people, scene, town
from reservation.demo.need import Room
from reservation.demo.people import Kid
from reservation.demo.stage import Stage
from reservation.domain import dates
from reservation.domain.states import OPEN, State
from reservation.services import delivery, snapshots
from reservation.store.db import insert_ignore, read, write
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import ChildRow, Family, Guardian
from reservation.store.tables.records import Audit, Installation, Outbox, Task

SEED = 20260115
FAMILIES = 420
PAST = timedelta(days=92)
FILLED = "demo_filled"
ANCHOR = "demo_anchor"
CAST = "demo_cast"
TOLD_LATELY = timedelta(hours=20)
"""Messages younger than this are really written, for the page that shows them."""


class TooEarly(Exception):
    """The clock stands before the newest act in the database: the story would run backwards."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a seeding did: its first and last care day; None when nothing was missing."""

    first: date
    last: date


def fill(now: Now, seed: int = SEED) -> Filled | None:
    """Seed the demo, or add what has come since. Needs an application context of mode demo.

    Raises TooEarly when the newest audit row lies after ``now``.
    """
    at = now()
    filled = _fact(FILLED)
    if filled is None:
        return _first(at, seed)
    with read() as db:
        newest = db.scalar(select(func.max(Audit.at)))
    if newest is not None and newest > at:
        raise TooEarly(newest)
    return _later(at, date.fromisoformat(filled), seed)


def is_missing(now: Now) -> bool:
    """Whether ``fill`` will have something to do."""
    filled = _fact(FILLED)
    return filled is None or dates.local(now()).date() >= date.fromisoformat(filled)


def is_half_made() -> bool:
    """Whether an earlier seeding was broken off."""
    return _fact(FILLED) is None and town.is_loaded()


def _first(at: datetime, seed: int) -> Filled:
    rng = Random(seed)
    today = dates.local(at).date()
    start = dates.at(today - PAST - timedelta(days=30), time(9))
    town.load(lambda: start)
    rooms = town.rooms()
    place = town.place(rooms)
    crowd = people.draw(place, FAMILIES, today, start, rng)
    cast = scene.cast(crowd, place, today, start, rng)
    with write() as db:
        crowd.store(db)
    season = _season(rooms, crowd.kids, today)
    season.planned = scene.past(cast, today)
    tomorrow = next_day(rooms, today)
    for day in _span(today - PAST, today):
        _play(rooms, season, day, at, seed)
    _play(rooms, season, tomorrow, at, seed, cast)
    _settle(at)
    _keep(ANCHOR, today.isoformat())
    _keep(CAST, json.dumps({part: kid.child_id for part, kid in cast.kids.items()}))
    _keep(FILLED, tomorrow.isoformat())
    return Filled(today - PAST, tomorrow)


def _later(at: datetime, filled: date, seed: int) -> Filled | None:
    today = dates.local(at).date()
    if today < filled:
        return None
    rooms, kids = town.rooms(), _kids()
    parts = json.loads(_fact(CAST) or "{}")
    cast = scene.Cast({part: kids[one] for part, one in parts.items() if one in kids})
    own = {kid.child_id for kid in cast.kids.values()}
    season = _season(rooms, [kid for kid in kids.values() if kid.child_id not in own], today)
    for day in _unfinished(today):
        _resume(rooms, kids, day, at, seed)
    tomorrow = next_day(rooms, today)
    for day in _span(filled + timedelta(days=1), tomorrow):
        _play(rooms, season, day, at, seed, cast if day == tomorrow else None)
    _settle(at)
    _keep(FILLED, tomorrow.isoformat())
    return Filled(filled + timedelta(days=1), tomorrow)


def next_day(rooms: dict[str, Room], today: date) -> date:
    """The next open day: on a Friday it is Monday."""
    return min(dates.next_open_day(room.rules, today) for room in rooms.values())


def _play(
    rooms: dict[str, Room],
    season: history.Season,
    day: date,
    at: datetime,
    seed: int,
    cast: scene.Cast | None = None,
) -> None:
    """One care day from the first question to the last pick-up, or to ``at``."""
    rng = Random(f"{seed}:{day}")
    if not any(dates.is_open_day(room.rules, day) for room in rooms.values()):
        return
    with write() as db:
        stage = Stage(db, rooms, day, at, rng)
        leave_out = frozenset({scene.SEEDS}) if cast else frozenset()
        needs = season.needs(day, rng, leave_out=leave_out)
        history.play(stage, scene.thinned(needs) if cast else needs)
        if cast:
            scene.play(stage, cast)
        stage.run()
        _freeze(stage, at)


def _resume(
    rooms: dict[str, Room], kids: dict[str, Kid], day: date, at: datetime, seed: int
) -> None:
    """The rest of a day that a former start left open."""
    with write() as db:
        stage = Stage(db, rooms, day, at, Random(f"{seed}:{day}:rest"))
        stage.know(kids)
        began = dates.at(day, time(6))
        standing = [b for one in stage.task.days.values() for b in one.bookings]
        for booking in sorted(standing, key=lambda one: (one.child_id, one.asked_at)):
            if booking.state in (State.CONFIRMED, State.REQUESTED, State.CHECKED_IN):
                stage.at(began, stage.plan, booking.id)
        stage.run()
        _freeze(stage, at)


def _freeze(stage: Stage, at: datetime) -> None:
    for room in stage.rooms.values():
        hour = snapshots.frozen_at(room.rules, stage.day)
        if hour is not None and hour <= at:
            snapshots.freeze_day(stage.task.db, room.facility_id, stage.day, hour)


def _settle(at: datetime) -> None:
    """Old messages have been sent and old tasks done; the latest are written for real."""
    with write() as db:
        lately = at - TOLD_LATELY
        db.execute(delete(Outbox).where(Outbox.due_at < at - delivery.KEPT))
        db.execute(
            update(Outbox)
            .where(Outbox.status == "queued", Outbox.due_at < lately)
            .values(status="sent", ended_at=Outbox.due_at, attempts=1, params=None)
        )
        db.execute(
            update(Task)
            .where(
                Task.done_at.is_(None),
                or_(Task.care_day < dates.local(at).date(), Task.created_at < lately),
            )
            .values(done_at=Task.created_at, result="done")
        )
    while delivery.deliver(lambda: at):
        pass


def _season(rooms: dict[str, Room], kids: list[Kid], today: date) -> history.Season:
    """The influenza week is the last but one before today."""
    monday = today - timedelta(days=today.weekday() + 14)
    return history.Season(kids, rooms, (monday, monday + timedelta(days=6)))


def _span(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _unfinished(today: date) -> list[date]:
    with read() as db:
        return list(
            db.scalars(
                select(BookingRow.care_day)
                .where(
                    BookingRow.care_day <= today,
                    BookingRow.state.in_([state.value for state in sorted(OPEN)]),
                )
                .distinct()
                .order_by(BookingRow.care_day)
            )
        )


def _kids() -> dict[str, Kid]:
    """The children as they stand in the database, whoever entered them."""
    with read() as db:
        rows = db.execute(
            select(ChildRow.id, ChildRow.family_id, ChildRow.birthday, func.min(Guardian.id),
                   func.max(Guardian.mail))
            .join(Family, Family.id == ChildRow.family_id)
            .join(Guardian, Guardian.family_id == Family.id)
            .where(ChildRow.left_at.is_(None))
            .group_by(ChildRow.id, ChildRow.family_id, ChildRow.birthday)
            .order_by(ChildRow.id)
        ).all()  # fmt: skip
        codes = ("seeds", "rabbit", "rabbit", "tamura", "kohitsuji", "fifth")
        return {
            row[0]: Kid(row[0], row[1], row[3], row[2], codes[number % 6], row[4] is None)
            for number, row in enumerate(rows)
        }


def _fact(name: str) -> str | None:
    with read() as db:
        return db.scalar(select(Installation.value).where(Installation.name == name))


def _keep(name: str, value: str) -> None:
    with write() as db:
        if not insert_ignore(db, Installation, {"name": name, "value": value}):
            db.execute(update(Installation).where(Installation.name == name).values(value=value))
