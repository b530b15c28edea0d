"""Who sits where now, and who no longer fits a day that has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from reservation.domain import capacity, gates, rooms
from reservation.domain.rooms import Move
from reservation.domain.states import State
from reservation.domain.vacancy.fitting import is_closed
from reservation.domain.vacancy.occupancy import Guest, Occupancy, guest, holders
from reservation.domain.values import Booking, Day

if TYPE_CHECKING:
    from reservation.domain.rulebook.places import Room


@dataclass(frozen=True, slots=True)
class RoomUse:
    """A room with the bookings in it; ``cohort`` is None while it is empty or mixed."""

    room: Room
    children: tuple[Booking, ...]
    cohort: str | None
    closed: bool


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """All who hold a place, by room. ``unseated`` have none; ``misfits`` break a rule where they
    are; ``moves`` are what a seating of all the others would ask of staff."""

    rooms: tuple[RoomUse, ...]
    unseated: tuple[Booking, ...]
    misfits: tuple[Booking, ...]
    moves: tuple[Move, ...]


def misfits(day: Day, now: datetime) -> tuple[Booking, ...]:
    """Bookings that hold a place which the day as it is now would not give them, newest first.

    Who is here or put in a room by hand stays before the others, then who asked first. Nobody is
    dropped: these become tasks for staff (answers.md §5).
    """
    held = holders(day, now)
    if is_closed(day):
        return tuple(reversed(held))
    kept = {g.id for g in _kept(day, now)}
    return tuple(b for b in reversed(held) if b.id not in kept)


def plan(day: Day, now: datetime) -> RoomPlan:
    """The rooms as they are stored, with a proposal for who has none."""
    held = holders(day, now)
    seats = [g.seat for g in _kept(day, now)]
    seating = rooms.seat(seats, capacity.open_rooms(day), capacity.isolation_limit(day))
    assert seating is not None  # only who fits is kept
    known = {room.id for room in day.rules.places.rooms}
    where = {b.id: b.room if b.room in known else seating.rooms.get(b.id) for b in held}
    return RoomPlan(
        tuple(
            _use(day, room, tuple(b for b in held if where[b.id] == room.id))
            for room in day.rules.places.rooms
        ),
        tuple(b for b in held if where[b.id] is None),
        misfits(day, now),
        seating.moves,
    )


def _use(day: Day, room: Room, children: tuple[Booking, ...]) -> RoomUse:
    cohorts = {guest(day, b).cohort for b in children}
    cohort = cohorts.pop() if len(cohorts) == 1 else None
    return RoomUse(room, children, cohort, room.id in day.closed_rooms)


def _kept(day: Day, now: datetime) -> list[Guest]:
    """Those who fit together, taken in order; the gates of illness and age count too."""
    first = sorted(holders(day, now), key=lambda b: (b.state is not State.CHECKED_IN, not b.pinned))
    empty = Occupancy(day.change(bookings=(), rounds=()), now)
    kept: list[Guest] = []
    for booking in first:
        never = gates.illness(day.rules, booking.illness)
        age = gates.age_of(day.rules, booking.birthday, day.date)
        asking = guest(day, booking)
        if never or age or empty.obstacle([*kept, asking], asking) is not None:
            continue
        kept.append(asking)
    return kept
