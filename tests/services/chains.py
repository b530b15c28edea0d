"""Weeks in which days hang together: several days of one illness, limits, terms, the morning.

The first facility takes later days with a cancelled one, the second asks whether the child rests
at home and puts returning children first. What each act must leave behind is said once more here.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import select

from reservation import clock
from reservation.domain import dates
from reservation.domain.refusals import Code
from reservation.domain.states import CAME, State
from reservation.domain.values import Terms
from reservation.services import bookings, offers, reconfirming, taking
from reservation.services.several_days import Rest
from reservation.store import later_days
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from tests.services.weeks import HOLDING, ILLNESSES, One, Weeks

WEEK, SETTLED = 7, 9
BOOKINGS, DAYS = 3, 4
TERMS = {"wake_minutes": 20, "takes_for_family": True}
MORNING = {"reconfirm": "release", "reconfirm_at": "5:30", "reconfirm_until": "6:30"}
AHEAD = {"opens": {"days_before": 4, "at": "8:45"}, "family_bookings": BOOKINGS}
CASCADE: dict[str, Any] = {
    "chain": {"model": "cascade", "most_days": DAYS, "at_once": 3},
    "waiting": TERMS, "reminders": MORNING, "booking": AHEAD,
}  # fmt: skip
CONDITIONAL: dict[str, Any] = {
    "chain": {
        "model": "conditional",
        "returning_days": 3,
        "returning_opens": {"days_before": 0, "at": "5:00"},
    },
    "waiting": TERMS, "reminders": MORNING, "booking": AHEAD | {"review": "staff"},
}  # fmt: skip


class Chains(Weeks):
    """The same town with such rule books: ``seeds`` is CASCADE, ``rabbit`` CONDITIONAL."""

    # -- families ---------------------------------------------------------------------------------

    def asks_for_several(self) -> None:
        """Two or three days in a row for one illness, or the list where there is no place."""
        family, at = self.random.choice(self.families), self.random.choice(("seeds", "rabbit"))
        illness = self.random.choice(ILLNESSES)
        first = self.random.choice(self.days()[:4])
        for n in range(self.random.choice((2, 3))):
            day = first + timedelta(days=n)
            answer = family.holds(illness, day, at)
            if answer.code == "held":
                family.confirms(str(answer.booking_id))
            elif not answer.has(Code.CLOSED):
                self.waits(family, illness, day, at)

    def sets_terms(self) -> None:
        """Somebody who waits wants to be woken, or the place taken."""
        if (one := self.one(State.WAITING)) is not None:
            until = dates.at(one.day, time(self.random.choice((6, 7)), 0))
            wakes = self.random.random() < 0.5
            self.household(one).sets(one.id, Terms(wakes, None if wakes else until))

    def answers_the_morning(self) -> None:
        """Yes or no to the question whether the child comes; who was not asked is refused."""
        if (one := self.one(State.CONFIRMED)) is None:
            return
        with read() as db:
            asked = db.get_one(BookingRow, one.id).reconfirm_asked_at is not None
        family, coming = self.household(one), self.random.random() < 0.5
        later, rest = self.later(one), self.rest(one)
        answer = reconfirming.answer(one.id, coming, family.by, None, clock.now, rest)
        assert answer.is_refused is not asked, ("morning", one, answer)
        if asked and not coming:
            self.fell(one, later, rest)

    def cancels(self, one: One | None = None) -> None:
        """With the answer that the page asks for; the later days fall, or stay, as it says."""
        if (one := one or self.one(State.CONFIRMED, State.REQUESTED)) is None:
            return
        later, rest = self.later(one), self.rest(one)
        answer = bookings.cancel(one.id, self.household(one).by, None, clock.now, rest)
        if not answer.is_refused and one.state in (State.CONFIRMED, State.REQUESTED):
            self.fell(one, later, rest)

    def rest(self, one: One) -> Rest:
        """What is said about the later days."""
        return Rest(to_nursery=self.random.random() < 0.5 if one.at == "rabbit" else None)

    def later(self, one: One) -> list[str]:
        """The bookings of later days of the same illness."""
        with read() as db:
            return [day.id for day in later_days.after(db, one.id).days]

    def fell(self, one: One, later: list[str], rest: Rest) -> None:
        """All of them went with it, or none."""
        falls = one.at == "seeds" or rest.to_nursery
        for booking_id in later:
            after = State(self.town.state(booking_id))
            assert (after is State.CANCELLED) is bool(falls), ("chain", one, after)

    # -- what must hold ---------------------------------------------------------------------------

    def limits(self) -> None:
        """Nobody has more bookings ahead, or more days of one illness, than the rule book says."""
        today, ahead = dates.local(clock.now()).date(), defaultdict[tuple[str, str], int](int)
        for one in self.bookings(*HOLDING):
            ahead[(one.family, one.at)] += one.day >= today
        assert max(ahead.values(), default=0) <= BOOKINGS, ahead
        for key, days in self.used().items():
            run: list[date] = []
            for day in sorted(days):
                run = [*run, day] if run and (day - run[-1]).days <= WEEK else [day]
                assert (day - run[0]).days < DAYS, ("too many days", key, run)

    def used(self) -> dict[tuple[str, str], set[date]]:
        """The days that a child has, or has had, at the first facility, by child and illness."""
        b, found = BookingRow, defaultdict[tuple[str, str], set[date]](set)
        states = sorted(state.value for state in HOLDING | CAME)
        here = b.facility_id == self.town.facilities["seeds"]
        with read() as db:
            rows = select(b.child_id, b.illness, b.care_day).where(here, b.state.in_(states))
            for child, illness, day in db.execute(rows):
                found[(child, illness)].add(day)
        return found

    # -- one step ---------------------------------------------------------------------------------

    def jobs(self) -> None:
        """The morning's question and the places that are taken for families, too."""
        released = [one for one in self.bookings(State.CONFIRMED) if self.later(one)]
        before = {one.id: self.later(one) for one in released if one.at == "seeds"}
        reconfirming.due(clock.now)
        for booking_id, later in before.items():
            if self.town.state(booking_id) == State.CANCELLED.value:
                assert {self.town.state(one) for one in later} == {State.CANCELLED.value}
        super().jobs()
        # What ends on one day may let a family have a place on another that was swept before it.
        rounds = 0
        while taking.due(clock.now) + offers.sweep(clock.now):
            rounds += 1
            assert rounds < SETTLED, "the lists never come to rest"

    def act(self) -> None:
        """Somebody does something; nobody's illness changes, so that its days can be counted."""
        common = (*[self.asks] * 3, *[self.asks_for_several] * 3, self.confirms, self.says_yes)
        rarer = (self.says_no, self.cancels, self.answers_the_morning, self.decides, self.door)
        self.random.choice((*common, *rarer, self.sets_terms, self.sets_terms))()

    def step(self) -> None:
        """And the limits hold."""
        super().step()
        self.limits()
