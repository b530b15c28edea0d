"""Ten defects that others have shipped. A drill that does not find them proves nothing.

Each is a change of one or two names of the running program, made by the storm's own entry modules
when `RESERVATION_TEST_PLANT` names it. The product has no such code and no such setting.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from reservation import settings
from reservation.channels.letter import Sent
from reservation.domain import queue
from reservation.domain.states import State
from reservation.services import (
    acts,
    audit,
    bookings,
    capacity,
    delivery,
    facts,
    holds,
    keys,
    offers,
    outbox,
    work,
)  # fmt: skip
from reservation.store import booking_rows, days, leader
from reservation.store import db as store
from reservation.store.tables.records import Outbox

NAME = "RESERVATION_TEST_PLANT"


def _swap(module: Any, name: str, new: Any) -> None:
    """Put something else under a name that is there: a plant must not wither unnoticed."""
    if not hasattr(module, name):
        raise AttributeError(f"{module} has no {name} any more")
    setattr(module, name, new)


def no_lock() -> None:
    """The day is read without its lock."""

    def lock(db: Any, key: Any) -> Any:
        if days._head(db, key) is None:
            wanted = {"facility_id": key[0], "day": key[1]}
            db.connection().execute(days._new_day(db.get_bind().dialect.name), wanted)
        return days._head(db, key)

    _swap(days, "_lock", lock)
    _look_slowly()


def _look_slowly() -> None:
    """Everybody looks for a moment before anybody writes, as on a slower machine."""
    real = holds.look

    def look(*args: Any, **named: Any) -> Any:
        seen = real(*args, **named)
        threading.Event().wait(0.01)
        return seen

    _swap(holds, "look", look)


def deferred_begin() -> None:
    """SQLite begins as its driver does: read first, then ask for the lock."""

    @contextmanager
    def no_turn() -> Iterator[None]:
        yield

    real = store._options
    _swap(store, "_in_turn", no_turn)
    _swap(store, "_options", lambda kind: real("read"))


def late_confirm() -> None:
    """A hold counts as long as nobody has swept it."""
    held = State.HELD
    _swap(holds, "is_held", lambda booking, at: booking is not None and booking.state is held)


def mail_after_commit() -> None:
    """Messages are written in a transaction of their own, after the act's."""
    waiting: threading.local = threading.local()
    real_put, real_write = outbox.put, store.write

    def put(db: Any, *args: Any, **named: Any) -> int:
        if not hasattr(waiting, "notes"):
            waiting.notes = []
        waiting.notes.append((args, named))
        return 1

    @contextmanager
    def write() -> Iterator[Any]:
        waiting.notes = []
        with real_write() as db:
            yield db
        notes, waiting.notes = waiting.notes, []
        if notes:
            with real_write() as db:
                for args, named in notes:
                    real_put(db, *args, **named)

    _swap(outbox, "put", put)
    for module in (bookings, holds, offers, acts, capacity):
        _swap(module, "write", write)


def no_idempotency() -> None:
    """A form that comes again is a new one."""
    _swap(keys, "find", lambda db, key: None)
    _swap(facts, "replay", lambda row, key: None)
    _swap(keys, "keep", lambda db, key, outcome, at: outcome)
    _swap(keys, "rows", lambda key, outcome, at: [])


def no_index() -> None:
    """Nothing but a look keeps a child from holding two places: no index, no lock on the family."""
    real = work.lock
    _swap(work, "lock", lambda db, wanted, by, now, family_id=None: real(db, wanted, by, now))
    _look_slowly()


def silent_expiry() -> None:
    """A hold that lapses leaves no audit row."""
    real_record, real_save = audit.record, booking_rows.save_booking

    def record(db: Any, by: Any, at: datetime, action: str, *args: Any, **named: Any) -> None:
        if action != "lapse":
            real_record(db, by, at, action, *args, **named)

    def save(db: Any, booking: Any, columns: Any = None, *, was: Any, rows: Any = ()) -> None:
        kept = [one for one in rows if one.row.get("action") != "lapse"]
        real_save(db, booking, columns, was=was, rows=kept)

    _swap(audit, "record", record)
    _swap(booking_rows, "save_booking", save)


def last_in_first_out() -> None:
    """The list is asked from its end."""
    real = queue.queue
    _swap(queue, "queue", lambda day: tuple(reversed(real(day))))


def no_claim() -> None:
    """Both schedulers lead, and send whatever they find due."""
    for kind in (leader._FileLock, leader._AdvisoryLeader):
        _swap(kind, "take", lambda self: True)
        _swap(kind, "still", lambda self: True)
    real = delivery._claim

    def claim(row_id: str, now: Callable[[], datetime]) -> Any:
        found = real(row_id, now)
        if found is not None:
            return found
        with store.read() as db:
            row = db.get(Outbox, row_id)
            return row and _envelope(row)

    _swap(delivery, "_claim", claim)


def _envelope(row: Outbox) -> Any:
    names = delivery.Envelope.__dataclass_fields__
    return delivery.Envelope(**{name: getattr(row, name) for name in names})


def sent_before_sending() -> None:
    """A message is marked as sent, and then sent."""
    real = delivery._attempt

    def attempt(one: Any, ways: Any, now: Any) -> Any:
        delivery._record(one, Sent(), None, now)
        return real(one, ways, now)

    _swap(delivery, "_attempt", attempt)


PLANTS: dict[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (
        no_lock, deferred_begin, late_confirm, mail_after_commit, no_idempotency, no_index,
        silent_expiry, last_in_first_out, no_claim, sent_before_sending,
    )
}  # fmt: skip
ON = {"deferred_begin": "sqlite"}
"""Defects that only one database can show; the others are planted over PostgreSQL."""


def apply() -> None:
    """Plant what the environment names; nothing, when it names nothing.

    Raises RuntimeError in production and KeyError for an unknown name.
    """
    name = os.environ.get(NAME, "")
    if not name:
        return
    if settings.load().mode == "production":
        raise RuntimeError(f"{NAME} is refused in production")
    PLANTS[name]()
