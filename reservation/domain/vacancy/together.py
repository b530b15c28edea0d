"""Places for brothers and sisters of whom both are to have one, or none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from reservation.domain.states import State
from reservation.domain.vacancy.fitting import Answer, Fits, FitsAfterMove, No, fits
from reservation.domain.values import Booking, Day, Wish


def fits_all(
    day: Day, wishes: Iterable[Wish], now: datetime, *, list_first: bool = True
) -> tuple[Answer, ...]:
    """The answer to each wish on the day with those before it in their places, moves included.

    All get a place only if none of the answers is a No. Who is refused takes no place from the
    next, so that each reason is the child's own.
    """
    found: list[Answer] = []
    for wish in wishes:
        answer = fits(day, wish, now, list_first=list_first)
        found.append(answer)
        if not isinstance(answer, No):
            day = _seated(day, wish, answer)
    return tuple(found)


def places(answers: Iterable[Answer]) -> tuple[Fits | FitsAfterMove, ...] | None:
    """The places of all, or None where one of them has none: never half of a pair."""
    found = tuple(answers)
    kept = tuple(one for one in found if not isinstance(one, No))
    return kept if len(kept) == len(found) else None


def _seated(day: Day, wish: Wish, answer: Fits | FitsAfterMove) -> Day:
    for move in answer.moves if isinstance(answer, FitsAfterMove) else ():
        moved = day.booking(move.booking_id)
        assert moved is not None  # the seating moves whom the day holds
        day = day.with_booking(moved.change(room=move.to))
    own = day.booking(wish.booking_id) if wish.booking_id else None
    taken = (own or _newcomer(day, wish)).change(
        state=State.CONFIRMED, room=answer.room, ends_at=None, round_id=None
    )
    return day.with_booking(taken)


def _newcomer(day: Day, wish: Wish) -> Booking:
    return Booking(
        id=f"together-{wish.child.id}",
        facility_id=day.facility_id,
        child_id=wish.child.id,
        care_day=day.date,
        state=State.CONFIRMED,
        complaint=wish.complaint,
        illness=wish.illness,
        birthday=wish.child.birthday,
        asked_at=wish.asked_at,
        family_id=wish.child.family_id,
        isolated=wish.isolated,
    )
