"""One facility's day in memory: the acts of families, staff and the clock, by pure rules alone.

Every act ends what is past and calls up the list, as the services do in one transaction; here
there is one day, no database, and a clock that stands still until it is set.
"""

from __future__ import annotations

from datetime import datetime
from itertools import count

from reservation.domain import clocks, states, vacancy, values, waiting
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import Actor, State
from reservation.domain.vacancy import Answer
from reservation.domain.values import Booking, Child, Day, Wish
from tests.domain.build import aged, booking, day, wish


class FacilityDay:
    """A day that goes on. ``looked`` remembers every look for somebody to ask."""

    def __init__(self, rules: RuleBook, now: datetime) -> None:
        self.day = day(rules=rules)
        self.now = now
        self.looked: list[tuple[Day, datetime, waiting.Offering | None]] = []
        self._rounds = count(1)

    def of(self, *kept: State) -> list[Booking]:
        """The bookings in these states, first who asked first."""
        found = [b for b in self.day.bookings if b.state in kept]
        return sorted(found, key=lambda b: (b.asked_at, b.id))

    def state(self, name: str) -> State:
        """The state of this booking."""
        return self[name].state

    def __getitem__(self, name: str) -> Booking:
        found = self.day.booking(name)
        assert found is not None
        return found

    # -- families and staff -----------------------------------------------------------------------

    def ask(self, name: str, illness: str = "URI", months: int = 30) -> Answer:
        """A newcomer holds a place, or joins the list where there is none (until it stops)."""
        new = booking(name, illness, State.WAITING, birthday=aged(months), asked_at=self.now)
        answer = vacancy.fits(self.day, self.newcomer(name, illness, months), self.now)
        if not isinstance(answer, vacancy.No):
            end = clocks.hold_end(self.day.rules, self.now)
            self._begin(new, "hold", ends_at=end, room=self._seated(answer))
        elif self.now < clocks.stop_at(self.day.rules, self.day.date):
            self._begin(new, "join")
        self.tidy()
        return answer

    def newcomer(self, name: str, illness: str, months: int = 30) -> Wish:
        """The wish of a child that asks now."""
        child = Child(id=f"child-{name}", birthday=aged(months))
        return wish(illness, child=child, asked_at=self.now)

    def confirm(self, name: str) -> bool:
        """Confirm a hold; False where its end has come."""
        held = self[name]
        in_time = held.state is State.HELD and values.holds_place(held, self.now)
        if in_time:
            self._take(held, "confirm", ends_at=None)
        self.tidy()
        return in_time

    def books(self, name: str, illness: str = "URI", months: int = 30) -> None:
        """Ask, and confirm at once where there is a place."""
        if not isinstance(self.ask(name, illness, months), vacancy.No):
            self.confirm(name)

    def yes(self, name: str) -> bool:
        """Take an offered place; False where the offer is over or the place gone."""
        entry = self[name]
        answer = self._offered(entry)
        if answer is not None and not isinstance(answer, vacancy.No):
            room = self._seated(answer)
            self._take(entry, "yes", ends_at=None, round_id=None, room=room)
            for mate in self.of(State.OFFERED):
                if mate.round_id == entry.round_id and isinstance(
                    self._offered(mate), vacancy.No | None
                ):
                    self._take(mate, "taken", ends_at=None, round_id=None)
        self.tidy()
        return self.state(name) is State.CONFIRMED

    def no(self, name: str) -> None:
        """Let an offer go by."""
        if self._offered(self[name]) is not None:
            self._take(self[name], "no", ends_at=None, round_id=None, passed_at=self.now)
        self.tidy()

    def acts(self, name: str, action: str, actor: Actor = Actor.FAMILY) -> None:
        """Any step that needs no answer: cancel, release, leave, check_in."""
        self._take(self[name], action, actor, ends_at=None, round_id=None)
        self.tidy()

    # -- the clock --------------------------------------------------------------------------------

    def sweep(self) -> None:
        """What the scheduler does: end what is past, call up, end the list at its stop."""
        self.tidy()
        if waiting.list_has_ended(self.day, self.now):
            for entry in self.of(State.WAITING):
                if waiting.is_over(self.day, entry, self.now):
                    self._take(entry, "end_list", Actor.CLOCK)

    def tidy(self) -> None:
        """The end of every act."""
        self.day = settled(self.day, self.now)
        while True:
            offering = waiting.next_offers(self.day, self.now)
            self.looked.append((self.day, self.now, offering))
            if offering is None:
                return
            new = waiting.as_round(f"r{next(self._rounds)}", offering)
            self.day = self.day.change(rounds=(*self.day.rounds, new))
            for entry in offering.entries:
                self._take(entry, "offer", Actor.CLOCK, ends_at=new.ends_at, round_id=new.id)

    # -- steps ------------------------------------------------------------------------------------

    def _begin(self, new: Booking, action: str, **changes: object) -> None:
        line = states.step(None, action, Actor.FAMILY)
        self.day = self.day.with_booking(new.change(state=line.to, **changes))

    def _take(
        self, one: Booking, action: str, actor: Actor = Actor.FAMILY, **changes: object
    ) -> None:
        self.day = taken(self.day, one, action, actor, self.now, **changes)

    def _seated(self, answer: Answer) -> str:
        assert not isinstance(answer, vacancy.No)
        for move in answer.moves if isinstance(answer, vacancy.FitsAfterMove) else ():
            self.day = self.day.with_booking(self[move.booking_id].change(room=move.to))
        return answer.room

    def _offered(self, entry: Booking) -> Answer | None:
        """What a yes would be answered; None where no offer is open."""
        rounds = {r.id for r in self.day.rounds if r.is_open(self.now)}
        if entry.state is not State.OFFERED or entry.round_id not in rounds:
            return None
        return vacancy.fits(self.day, waiting.wish_of(entry), self.now, list_first=False)


def taken(
    today: Day, one: Booking, action: str, actor: Actor, now: datetime, **changes: object
) -> Day:
    """The day after one line of the table of steps."""
    line = states.step(one.state, action, actor)
    after = one.change(state=line.to, **changes)
    if line.to not in states.HOLDS_A_PLACE:
        after = after.change(room=None, pinned=False)
    today = today.with_booking(after)
    return today.change(freed_at=now) if line.frees else today


def settled(today: Day, now: datetime) -> Day:
    """The day after everything that is past has been ended."""
    rounds = {r.id: r for r in today.rounds}
    for one in today.bookings:
        if one.state is State.HELD and not values.holds_place(one, now):
            today = taken(today, one, "lapse", Actor.CLOCK, now, ends_at=None)
        elif one.state is State.OFFERED and not rounds[str(one.round_id)].is_open(now):
            action = waiting.lapse(today, one, now)
            changes = {"passed_at": one.ends_at, "lapses": one.lapses + 1}
            today = taken(
                today, one, action, Actor.CLOCK, now, ends_at=None, round_id=None, **changes
            )
    asked = {b.round_id for b in today.bookings if b.state is State.OFFERED}
    return today.change(rounds=tuple(r for r in today.rounds if r.id in asked))
