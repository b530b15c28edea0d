"""What counts against a newcomer: who holds a place, what is offered, who waits before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import combinations, product
from typing import NamedTuple

from reservation.domain import capacity, chain, dates, illnesses, limits, queue, rooms
from reservation.domain.refusals import Code
from reservation.domain.states import State
from reservation.domain.values import Booking, Day, Wish, holds_place

_LAST = "~"
"""Behind every id: who has none yet."""


@dataclass(frozen=True, slots=True)
class Guest:
    """A child as seating and capacity see it: cohort, age in months, the room it has, and the
    illness caps it counts for (capacity.counted)."""

    id: str
    cohort: str
    months: int
    room: str | None = None
    fixed: bool = False
    counts: tuple[int, ...] = ()

    @property
    def seat(self) -> rooms.Seat:
        """The same for the seating."""
        return rooms.Seat(self.id, self.cohort, self.room, self.fixed)


def guest(
    day: Day, booking: Booking, *, illness: str | None = None, isolated: bool | None = None
) -> Guest:
    """A booking as a guest. Who is here already or was put there by hand is fixed to the room;
    with another ``illness``, or ``isolated`` otherwise than stored, nobody is."""
    code = illness or booking.illness
    apart = booking.isolated if isolated is None else isolated
    same = (code, apart) == (booking.illness, booking.isolated)
    return Guest(
        booking.id,
        illnesses.cohort(day.rules, code, booking.id, booking.family_id, isolated=apart),
        dates.age_months(booking.birthday, day.date),
        booking.room,
        (booking.state is State.CHECKED_IN or booking.pinned) and same,
        capacity.counted(day.rules, code, apart),
    )


def newcomer(day: Day, wish: Wish, number: int = 0) -> Guest:
    """A wish as a guest; ``number`` tells identical newcomers apart, who are no siblings."""
    name = wish.booking_id or f"newcomer-{number}"
    months = dates.age_months(wish.child.birthday, day.date)
    family = "" if number else wish.child.family_id
    cohort = illnesses.cohort(day.rules, wish.illness, name, family, isolated=wish.isolated)
    counts = capacity.counted(day.rules, wish.illness, wish.isolated)
    return Guest(name, cohort, months, counts=counts)


def holders(day: Day, now: datetime) -> tuple[Booking, ...]:
    """All who hold a place at this instant, first who asked first."""
    held = (b for b in day.bookings if holds_place(b, now))
    return tuple(sorted(held, key=lambda b: (b.asked_at, b.id)))


class Occupancy:
    """A day at one instant, to be asked many times."""

    def __init__(self, day: Day, now: datetime, leave_out: str | None = None) -> None:
        self.day = day
        self.now = now
        self.rooms = capacity.open_rooms(day)
        self.isolation = capacity.isolation_limit(day)
        self.holders = tuple(guest(day, b) for b in holders(day, now) if b.id != leave_out)
        self.offered = self._offered(leave_out)

    def _offered(self, leave_out: str | None) -> tuple[tuple[Guest, ...], ...]:
        """Every way in which the open rounds may end: who of the asked takes the places.

        Of the asker's own round one place is the asker's.
        """
        rounds = []
        for each in self.day.rounds:
            if not each.is_open(self.now):
                continue
            asked = [
                b for b in self.day.bookings if b.state is State.OFFERED and b.round_id == each.id
            ]
            others = [guest(self.day, b) for b in asked if b.id != leave_out]
            left = min(each.places - (len(asked) - len(others)), len(others))
            ways = combinations(others, left)
            alike = {
                tuple(sorted((g.cohort, g.months, g.counts) for g in way)): way for way in ways
            }
            rounds.append(list(alike.values()))
        return tuple(tuple(g for way in ways for g in way) for ways in product(*rounds))

    def seating(self, guests: Iterable[Guest]) -> rooms.Seating | None:
        """Rooms for all who hold a place and these guests."""
        seats = [g.seat for g in (*self.holders, *guests)]
        return rooms.seat(seats, self.rooms, self.isolation)

    def obstacle(
        self,
        guests: Sequence[Guest],
        joining: Guest | None = None,
        counts: tuple[int, ...] = (),
    ) -> Code | None:
        """Why these guests cannot join those who hold a place, or None.

        The heads, points and caps count only for someone ``joining``; without, only rooms do and
        the illness caps in ``counts``, which a child comes under whose illness is now another.
        """
        together = (*self.holders, *guests)
        if joining is not None:
            code = capacity.over(self.day, [g.months for g in together], joining.months)
            if code is not None:
                return code
            counts = joining.counts
        if capacity.too_many_sick(self.day.rules, [g.counts for g in together], counts):
            return Code.SICK_CAP
        if self._can_sit(together, self.isolation):
            return None
        if self.isolation is not None and self._can_sit(together, None):
            return Code.STAFF
        return Code.ILLNESS_MIX

    def reserved(
        self,
        guests: Sequence[Guest],
        joining: Guest | None = None,
        counts: tuple[int, ...] = (),
    ) -> Code | None:
        """The same with every way in which the open rounds may end."""
        codes = (self.obstacle((*way, *guests), joining, counts) for way in self.offered)
        return next((code for code in codes if code is not None), None)

    def ahead(self, wish: Wish | None = None) -> tuple[Guest, ...]:
        """Those who wait longer than this wish and would get a place before it, in order;
        without a wish the whole list. Nobody where the list does not rule now.

        Who does not fit blocks nobody; the family's own entry does not stand before itself.
        """
        seated: list[Guest] = []
        parties = queue.parties(self.day) if queue.list_rules(self.day, self.now) else ()
        for party in parties:
            before = all(self._stands_before(one, wish) for one in party)
            if before and limits.barred(self.day, party, self.now) is None:
                seated = self._joined(seated, [guest(self.day, one) for one in party])
        return tuple(seated)

    def _stands_before(self, entry: Booking, wish: Wish | None) -> bool:
        """Whether this entry may be asked, and stands before the wish."""
        return queue.may_be_asked(self.day, entry) and _before(self.day, entry, wish)

    def _joined(self, seated: list[Guest], party: list[Guest]) -> list[Guest]:
        """Those who are seated, and all of this party where each gets a place, else none of it."""
        together = list(seated)
        for one in party:
            together.append(one)
            if self.reserved(together, one) is not None:
                return seated
        return together

    def _can_sit(self, guests: Iterable[Guest], isolation: int | None) -> bool:
        sizes: Counter[str] = Counter()
        fixed: dict[str, Counter[str]] = {}
        for g in guests:
            sizes[g.cohort] += 1
            if g.fixed and g.room is not None:
                fixed.setdefault(g.cohort, Counter())[g.room] += 1
        groups = [rooms.Group(c, n, fixed.get(c, {})) for c, n in sizes.items()]
        return can_sit(groups, self.rooms, isolation)


def can_sit(
    cohorts: Iterable[rooms.Group],
    open_rooms: Sequence[rooms.Room],
    isolation_at_most: int | None = None,
) -> bool:
    """Whether rooms.label finds a way, found once for all days and rooms that are alike.

    Only sizes count, and who is fixed where; where the others sit is their price, not their place.
    Which infectious cohort it is does not count either: each wants rooms of its own.
    """
    alike = sorted(
        (one.cohort == illnesses.GENERAL, one.size, tuple(sorted(one.fixed.items())))
        for one in cohorts
    )
    # doors between rooms matter only where adults are counted
    watched = isolation_at_most is not None
    plain = tuple(
        _Plain(r.id, r.places, r.use, r.kind, r.combinable_with if watched else ())
        for r in open_rooms
    )
    return _can_sit(tuple(alike), plain, isolation_at_most)


class _Plain(NamedTuple):
    """The same, alike for rooms that are alike."""

    id: str
    places: int
    use: str
    kind: str
    combinable_with: tuple[str, ...]


@lru_cache(maxsize=20_000)
def _can_sit(
    alike: tuple[tuple[bool, int, tuple[tuple[str, int], ...]], ...],
    open_rooms: tuple[_Plain, ...],
    isolation_at_most: int | None,
) -> bool:
    cohorts = [
        rooms.Group(illnesses.GENERAL if general else f"cohort-{n}", size, dict(fixed))
        for n, (general, size, fixed) in enumerate(alike)
    ]
    return rooms.label(cohorts, open_rooms, isolation_at_most) is not None


def _before(day: Day, entry: Booking, wish: Wish | None) -> bool:
    """Whether the entry stands before the wish; at the same instant the stored one does."""
    if wish is None:
        return True
    if entry.id == wish.booking_id or entry.child_id == wish.child.id:
        return False
    stored = day.booking(wish.booking_id) if wish.booking_id else None
    if stored is not None:
        return queue.standing(day, entry) < queue.standing(day, stored)
    returns = chain.returns(day.rules, wish.child, wish.illness, day.date)
    return queue.standing(day, entry) < (not returns, True, wish.asked_at, wish.booking_id or _LAST)
