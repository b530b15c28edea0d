"""The same weeks with families of two children, who now and then want both places or none."""

from __future__ import annotations

from sqlalchemy import select

from reservation import clock
from reservation.domain.states import State
from reservation.services import siblings
from reservation.services.bookings import CheckPage
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from tests.services.weeks import ILLNESSES, One, Weeks
from tests.town import Household


class SiblingWeeks(Weeks):
    """``families`` holds two households for each family, one for each child."""

    def act(self) -> None:
        """Now and then a brother or sister is asked for, or one alone is enough."""
        die = self.random.random()
        if die < 0.2:
            self.pairs()
        elif die < 0.25:
            self.parts()
        else:
            super().act()

    def pairs(self) -> None:
        """The other child of somebody who is held or waits."""
        if (first := self.one(State.HELD, State.WAITING)) is None:
            return
        mine = [f for f in self.families if f.family_id == first.family]
        other = next(f for f in mine if f.child_id != first.child)
        wanted = other.wants(self.random.choice(ILLNESSES), first.day, first.at)
        siblings.add(first.id, wanted, other.by, None, clock.now)

    def parts(self) -> None:
        """One alone is enough."""
        if (one := self.one(State.HELD, State.WAITING, State.OFFERED)) is not None:
            siblings.part(one.id, self.household(one).by, None, clock.now)

    def confirms(self, held: One | None = None) -> None:
        """Holds of siblings become bookings by one act, until just before their end."""
        if (held := held or self.one(State.HELD)) is None:
            return
        together = self.together(held)
        if not together:
            super().confirms(held)
            return
        said = {one: CheckPage(brings="mother") for one in together}
        answer = siblings.confirm(held.id, said, self.household(held).by, None, clock.now)
        assert answer.is_refused is not self.in_time(held), ("holds", held, answer)
        states = {self.town.state(one) for one in together}
        assert len(states) == 1, ("half of a pair", states)

    def together(self, one: One) -> list[str]:
        """The bookings that are held with it, itself included; none for who asked alone."""
        with read() as db:
            mark = db.scalar(select(BookingRow.together).where(BookingRow.id == one.id))
            if mark is None:
                return []
            held = (BookingRow.together == mark, BookingRow.state == State.HELD.value)
            return list(db.scalars(select(BookingRow.id).where(*held)))


def of_two(families: list[Household], others: list[Household]) -> list[Household]:
    """The households of both children of each family, in a fixed order."""
    return [one for pair in zip(families, others, strict=True) for one in pair]
