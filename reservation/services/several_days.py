"""Which days fall with a cancelled one: found before the lock, decided under it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from reservation.domain import chain, states
from reservation.domain.values import Booking
from reservation.services.work import Work
from reservation.store import later_days, rulebooks
from reservation.store.days import DayKey
from reservation.store.types import AnyRow


@dataclass(frozen=True, slots=True)
class Rest:
    """What was said about the later days of the illness before the button was pressed."""

    told: tuple[date, ...] | None = None
    """The days of which the reader was told that they fall; None where no page has said any."""
    to_nursery: bool | None = None
    """Whether the child goes to nursery on the cancelled day; None where nobody asked."""


UNASKED = Rest(to_nursery=False)
"""Nobody could be asked where the child is: days that hang on the answer stay."""


class Falling:
    """The later days of one booking, through one act."""

    def __init__(self, rest: Rest | None) -> None:
        self._rest = rest or Rest()
        self._found = later_days.LaterDays("none")

    def keys(self, db: Session, ref: AnyRow) -> Iterable[DayKey]:
        """A step: the days to lock; asks nothing where no day takes another with it.

        What is booked for a later day from now on stays: it might as well have been booked a
        moment after the cancellation.
        """
        shelf = rulebooks.of_version(db, ref.facility_id, ref.rules_version)
        if chain.takes_others(shelf.on(ref.care_day)):
            self._found = later_days.after(db, ref.id)
        return [(one.facility_id, one.day) for one in self._found.days]

    def of(self, task: Work, booking: Booking) -> tuple[Booking, ...]:
        """A step: those that fall, as the lock found them. Raises states.NotPossible when they are
        not those that were told, or the question was not asked."""
        later = [self._now(task, one) for one in self._found.days]
        standing = [one for one in later if one is not None]
        rest, rules = self._rest, task.day(booking).rules
        falling = chain.falling(rules, booking, standing, to_nursery=bool(rest.to_nursery))
        asked = rules.chain.model == "conditional" and rest.to_nursery is None
        unheard = rest.told is not None and tuple(b.care_day for b in falling) != rest.told
        if (falling and unheard) or (asked and standing):
            raise states.NotPossible("cancel", booking.state)
        return falling

    def _now(self, task: Work, one: later_days.Later) -> Booking | None:
        found = task.days[(one.facility_id, one.day)].booking(one.id)
        return found if found is not None and found.state in chain.FALLS else None
