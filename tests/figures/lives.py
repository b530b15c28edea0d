"""Random years of a small town by its own acts, months later as well: for figures that are kept."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from reservation import clock as application_clock
from reservation import figures
from reservation.domain import dates
from reservation.domain.refusals import Code
from reservation.figures import Scope, counted, counting, rollup
from reservation.figures.counts import Counts
from reservation.services import bookings, capacity, desk, door, months, offers, rooming
from reservation.services.audit import Channel, staff
from reservation.services.outcomes import NotFound
from reservation.store.db import read
from tests.domain import build
from tests.town import Household, Town, book

now = application_clock.now
ILLNESSES = ("URI", "FLU_A", "RSV", "GASTROENTERITIS")


@dataclass
class Life:
    """A town with some families, and everything they have asked for so far."""

    town: Town
    families: list[Household]
    booked: list[tuple[str, str, Household]] = field(default_factory=list)
    """Booking, code of its facility, family."""
    days: list[date] = field(default_factory=list)
    """Days on which something was asked."""

    def does(self, what: str, a: int, b: int) -> None:
        """One act; what is refused, or not possible any more, changes nothing."""
        act = getattr(self, f"_{what}")
        with suppress(NotFound):
            act(a, b)

    def _asks(self, a: int, b: int) -> None:
        family, day = self.families[a % len(self.families)], self._day(b)
        at = ("seeds", "rabbit")[b % 2]
        outcome = family.holds(ILLNESSES[a % 4], day, at)
        if outcome.booking_id:
            self.booked.append((outcome.booking_id, at, family))
            if a % 5:
                family.confirms(outcome.booking_id)

    def _waits(self, a: int, b: int) -> None:
        family, day = self.families[a % len(self.families)], self._day(b)
        wanted = family.wants(ILLNESSES[a % 4], day, "seeds")
        application_clock.fix(now() + timedelta(seconds=1))
        joined = bookings.join(wanted, family.by, None, now)
        if joined.booking_id:
            self.booked.append((joined.booking_id, "seeds", family))

    def _needs(self, a: int, b: int) -> None:
        family = self.families[a % len(self.families)]
        bookings.need(family.wants(day=self._day(b)), family.by, None, now)

    def _cancels(self, a: int, _b: int) -> None:
        if one := self._one(a):
            one[2].cancels(one[0])

    def _door(self, a: int, b: int) -> None:
        acts: list[Any] = [
            door.check_in, door.check_out, door.no_show, door.undo_check_in, door.undo_check_out,
        ]  # fmt: skip
        if one := self._one(a):
            acts[b % len(acts)](one[0], self._by(one[1]), None, now)

    def _closes(self, a: int, _b: int) -> None:
        if one := self._one(a):
            desk.close(one[0], Code.STAFF, "", self._by(one[1]), None, now)

    def _diagnoses(self, a: int, b: int) -> None:
        if one := self._one(a):
            rooming.change_illness(one[0], ILLNESSES[b % 4], self._by(one[1]), None, now)

    def _sets(self, a: int, b: int) -> None:
        facility, by = self.town.facilities["seeds"], self._by("seeds")
        day = self._past(a)
        if b % 3 == 0:
            capacity.set_day(facility, day, capacity.Settings(b % 6), by, None, now)
        elif b % 3 == 1:
            capacity.close(facility, day, "見本", by, None, now)
        else:
            capacity.reopen(facility, day, by, None, now)

    def _rules(self, a: int, b: int) -> None:
        places = build.rulebook(capacity=1 + b % 4).places
        self.town.rules(book("seeds", places=places.model_dump(), valid_from=self._past(a)))

    def _sweeps(self, _a: int, _b: int) -> None:
        offers.sweep(now)

    def _passes(self, a: int, b: int) -> None:
        application_clock.fix(now() + timedelta(hours=1 + a % 23, days=b % 3))

    def over(self) -> None:
        """The month ends, and is kept."""
        month = dates.local(now()).date().replace(day=1)
        third = (month + timedelta(days=31)).replace(day=3)
        application_clock.fix(application_clock.read(f"{third} 03:10"))
        months.keep(now)

    def _keeps(self, _a: int, _b: int) -> None:
        months.keep(now)

    def _day(self, b: int) -> date:
        """An open day soon."""
        rules = build.rulebook()
        day = dates.next_open_day(rules, dates.local(now()).date())
        self.days.append(day)
        return day

    def _past(self, a: int) -> date:
        today = dates.local(now()).date()
        return (self.days or [today])[a % max(1, len(self.days))]

    def _one(self, a: int) -> tuple[str, str, Household] | None:
        return self.booked[a % len(self.booked)] if self.booked else None

    def _by(self, at: str) -> Any:
        return staff("s" * 32, self.town.facilities[at], Channel.DESK)


EARLY = ("asks", "asks", "asks", "waits", "needs", "cancels", "door", "door", "passes", "sweeps")
"""What happens in the month itself, some of it more often."""
LATE = ("cancels", "cancels", "door", "closes", "diagnoses", "sets", "rules", "sweeps", "asks",
        "keeps", "passes")  # fmt: skip
"""What happens when the month has been kept."""


def kept(town: Town, first: date, last: date) -> Counts:
    """What the figures add up of a period, with kept months."""
    with read() as db:
        return counted.counts(db, _scope(db, town, first, last)).tidied()


def recounted(town: Town, first: date, last: date) -> Counts:
    """The same from the rows alone."""
    found = Counts()
    with read() as db:
        for one in counting.count(db, _scope(db, town, first, last)).values():
            found.add(one)
    return found.tidied()


def months_kept(town: Town, first: date, last: date) -> set[date]:
    """The months that would be read from the table."""
    with read() as db:
        return set(counted.stored(db, _scope(db, town, first, last)))


def differences() -> list[str]:
    """Kept months that are wrong."""
    with read() as db:
        return rollup.differences(db, application_clock.today())


def _scope(db: Any, town: Town, first: date, last: date) -> Scope:
    return figures.scope(db, town.municipality_id, first, last, application_clock.today())


__all__ = ["EARLY", "LATE", "Life", "differences", "kept", "months_kept", "recounted"]
