"""fits: is there a place for this child, in which room, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from reservation.domain import dates, gates
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rooms import Move
from reservation.domain.vacancy.occupancy import Guest, Occupancy, guest, newcomer
from reservation.domain.values import Booking, Day, Wish, holds_place


@dataclass(frozen=True, slots=True)
class Fits:
    """There is a place, in this room."""

    room: str


@dataclass(frozen=True, slots=True)
class FitsAfterMove:
    """There is a place in this room after these moves, which belong to the same transaction."""

    room: str
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class No:
    """There is no place, for these reasons."""

    reasons: tuple[Refusal, ...]


Answer = Fits | FitsAfterMove | No


def fits(day: Day, wish: Wish, now: datetime, *, list_first: bool = True) -> Answer:
    """Whether the child gets a place now; room and moves are over all who hold a place.

    Against it count all who hold a place at ``now``, every family that an open round asks, and
    (``list_first``, until the stop time) all who wait longer and would fit (answers.md §1.1,
    §1.3). Who already holds a place with the same illness keeps it whatever has changed since.
    Refused with CLOSED, one of NO_PLACE; LIST_FIRST where only offers and the list are in the way.
    """
    if (known := _known(day, wish, now)) is not None:
        return known
    state = Occupancy(day, now, wish.booking_id)
    return answer(state, newcomer(day, wish), state.ahead(wish) if list_first else ())


def _known(day: Day, wish: Wish, now: datetime) -> Answer | None:
    """The answer that no look at the other guests can change: on a closed day, or for a child
    that holds a place already."""
    if is_closed(day):
        return No((Refusal(Code.CLOSED),))
    own = day.booking(wish.booking_id) if wish.booking_id else None
    if own is not None and holds_place(own, now):
        return _stay(day, own, wish.illness, now)
    return None


def fits_and_left(day: Day, wish: Wish, now: datetime) -> tuple[Answer, int]:
    """``fits`` and ``places_left`` of one look at the day; no places are counted for a No."""
    found = _known(day, wish, now)
    if found is not None:
        return found, places_left(day, wish, now)
    state = Occupancy(day, now, wish.booking_id)
    ahead = state.ahead(wish)
    found = answer(state, newcomer(day, wish), ahead)
    return found, 0 if isinstance(found, No) else left(state, _alike(day, wish), ahead)


def answer(state: Occupancy, asking: Guest, ahead: tuple[Guest, ...]) -> Answer:
    """The answer for a guest behind those who are ``ahead`` of it."""
    code = stops(state, [asking], ahead)
    return No((Refusal(code),)) if code else _seated(state, asking)


def stops(state: Occupancy, together: list[Guest], ahead: tuple[Guest, ...]) -> Code | None:
    """Why the last of these guests cannot join the others, behind those who are ``ahead``."""
    code = state.obstacle(together, together[-1])
    if code is None and state.reserved([*ahead, *together], together[-1]) is not None:
        code = Code.LIST_FIRST
    return code


def places_left(day: Day, wish: Wish, now: datetime, most: int = 9) -> int:
    """How many children like this one would get a place one after another, at most ``most``."""
    if is_closed(day):
        return 0
    state = Occupancy(day, now, wish.booking_id)
    return left(state, _alike(day, wish, most), state.ahead(wish))


def _alike(day: Day, wish: Wish, most: int = 9) -> list[Guest]:
    anyone = replace(wish, booking_id=None)
    return [newcomer(day, anyone, n) for n in range(most)]


def left(state: Occupancy, alike: list[Guest], ahead: tuple[Guest, ...]) -> int:
    """How many of these guests, all alike, fit together behind those who are ``ahead``."""
    for n, joining in enumerate(alike):
        if state.reserved([*ahead, *alike[: n + 1]], joining) is not None:
            return n
    return len(alike)


def reseat(
    day: Day, booking: Booking, illness: str, now: datetime, *, isolated: bool | None = None
) -> Answer:
    """A place for a booking whose illness is now another: same room, another room, or none.
    ``isolated`` says that a doctor's form keeps the child apart, or no longer does.

    Only rooms count, since nobody joins, and illness caps that the child did not come under
    before. A No is a task for staff, never the end of the booking: NEVER_ILLNESS, ILLNESS_MIX,
    SICK_CAP, STAFF, or LIST_FIRST where only an open offer is in the way.
    """
    never = gates.illness(day.rules, illness)
    return No((never,)) if never else _stay(day, booking, illness, now, isolated)


def move(day: Day, booking: Booking, room: str, now: datetime) -> Answer:
    """Whether staff can put a booking that holds a place into this room, and who moves for it.

    Only rooms count, since nobody joins. No: ILLNESS_MIX where the room does not take the child
    or holds others who cannot leave, STAFF, or LIST_FIRST where only an open offer is in the way.
    """
    state = Occupancy(day, now, booking.id)
    return _moved(state, replace(guest(day, booking), room=room, fixed=True))


def is_closed(day: Day) -> bool:
    """Whether staff or the rule book have closed the day."""
    return day.closed is not None or not dates.is_open_day(day.rules, day.date)


def _stay(
    day: Day, booking: Booking, illness: str, now: datetime, isolated: bool | None = None
) -> Answer:
    state = Occupancy(day, now, booking.id)
    stays, was = guest(day, booking, illness=illness, isolated=isolated), guest(day, booking)
    newly = tuple(n for n in stays.counts if n not in was.counts)
    if booking.room is not None and was.cohort == stays.cohort and not newly:
        return Fits(booking.room)
    return _moved(state, stays, newly)


def _moved(state: Occupancy, stays: Guest, counts: tuple[int, ...] = ()) -> Answer:
    """The answer for a guest who is there already: no heads are counted, nobody waits before."""
    code = state.obstacle([stays], None, counts)
    if code is None and state.reserved([stays], None, counts) is not None:
        code = Code.LIST_FIRST
    return No((Refusal(code),)) if code else _seated(state, stays)


def _seated(state: Occupancy, asking: Guest) -> Answer:
    seating = state.seating([asking])
    assert seating is not None  # obstacle() found one
    others = tuple(move for move in seating.moves if move.booking_id != asking.id)
    room = seating.rooms[asking.id]
    return FitsAfterMove(room, others) if others else Fits(room)
