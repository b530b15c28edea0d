"""Two facilities through weeks: families, staff and the clock at random, through the services.

The clock goes to the next deadline, or a microsecond beside it, and somebody may act before the
scheduler has noticed. What each act must answer is said once more here, as plainly as possible;
after every step the timetable's jobs run and every rule of the whole database is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random

from sqlalchemy import select

from reservation import clock
from reservation.domain import clocks, dates
from reservation.domain.refusals import Code
from reservation.domain.states import State
from reservation.reads import integrity
from reservation.services import (
    bookings,
    capacity,
    delivery,
    desk,
    door,
    months,
    offers,
    reminders,
    rooming,
    snapshots,
)
from reservation.services.outcomes import Outcome
from reservation.store import rulebooks
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.places import DayRow
from tests.town import Household, Town, Worker

Act = Callable[[], None]
TICK = timedelta(microseconds=1)
AT_ONCE = timedelta(0)
ILLNESSES = ("URI", "URI", "OTITIS", "FLU_A", "FLU_A", "FLU_B", "RSV")
WALL = ((21, 0), (22, 45), (22, 50), (23, 0), (0, 0), (6, 0), (7, 0))
"""Times of day at which the ladder of the waiting list changes."""
HOLDING = {State.HELD, State.REQUESTED, State.CONFIRMED, State.CHECKED_IN}


@dataclass(frozen=True)
class One:
    """A booking as it is stored."""

    id: str
    at: str
    family: str
    child: str
    day: date
    state: State
    ends_at: datetime | None
    cancel_until: datetime | None
    review_due: datetime | None


class Weeks:
    """The town going on. ``step()`` is one act or one move of the clock; it raises AssertionError
    as soon as something does not hold."""

    def __init__(self, town: Town, families: list[Household], nurses: dict[str, Worker], seed: int):
        self.town, self.families, self.nurses = town, families, nurses
        self.random = Random(seed)
        self.begun = clock.now()
        self.seen: set[str] = set()

    # -- what is there ----------------------------------------------------------------------------

    def bookings(self, *states: State) -> list[One]:
        """The bookings in these states (all that are open without any), in a fixed order."""
        b, names = BookingRow, {id: code for code, id in self.town.facilities.items()}
        columns = (
            b.id, b.facility_id, b.family_id, b.child_id, b.care_day, b.state, b.ends_at,
            b.cancel_until, b.review_due,
        )  # fmt: skip
        wanted = [s.value for s in states or (*HOLDING, State.WAITING, State.OFFERED)]
        with read() as db:
            rows = db.execute(select(*columns).where(b.state.in_(wanted))).all()
        kana = {f.child_id: f.name for f in self.families}
        found = [One(r[0], names[r[1]], *r[2:5], State(r[5]), *r[6:]) for r in rows]
        return sorted(found, key=lambda one: (one.day, one.at, kana[one.child]))

    def one(self, *states: State) -> One | None:
        """Some booking in these states."""
        found = self.bookings(*states)
        return self.random.choice(found) if found else None

    def household(self, one: One) -> Household:
        """The family whose booking it is."""
        return next(f for f in self.families if f.family_id == one.family)

    def state(self, one: One) -> State:
        """The state it is in now."""
        return State(self.town.state(one.id))

    def days(self) -> list[date]:
        """Today and the days that can be asked for soon."""
        today = dates.local(clock.now()).date()
        return [today + timedelta(days=n) for n in range(5)]

    # -- families ---------------------------------------------------------------------------------

    def asks(self) -> None:
        """Somebody asks for some day."""
        days = self.days()
        day = self.random.choice((*days[:3], *days))
        self.asks_for(day, self.random.choice(list(self.town.facilities)))

    def asks_for(self, day: date, at: str) -> None:
        """Within the opening clock, or refused with its instant."""
        family = self.random.choice(self.families)
        with read() as db:
            rules = rulebooks.in_force(db, self.town.facilities[at], day)
            row = db.get(DayRow, (self.town.facilities[at], day))
        closed = row is not None and row.closed is not None
        now, wanted = clock.now(), family.wants(self.random.choice(ILLNESSES), day, at)
        answer = family.holds(wanted.told or "", day, at)
        is_open = dates.is_open_day(rules, day) and not closed
        opens, closes = clocks.opens_at(rules, day), clocks.closes_at(rules, day)
        if is_open:
            assert answer.has(Code.NOT_YET_OPEN) is (now < opens), (now, opens)
            assert answer.has(Code.TOO_LATE) is (now >= closes), (now, closes)
        else:
            assert answer.has(Code.CLOSED), answer
        if answer.is_refused and answer.has(Code.CLOSED) is False and self.random.random() < 0.9:
            self.waits(family, wanted.told or "", day, at)
        elif answer.code == "held" and self.random.random() < 0.75:
            family.confirms(str(answer.booking_id))

    def waits(self, family: Household, illness: str, day: date, at: str) -> None:
        """Who found no place joins the list, where there is one."""
        wanted = family.wants(illness, day, at)
        bookings.join(wanted, family.by, None, clock.now)

    def confirms(self, held: One | None = None) -> None:
        """A hold becomes a booking until just before its end."""
        if (held := held or self.one(State.HELD)) is None:
            return
        answer = self.household(held).confirms(held.id)
        assert answer.is_refused is not self.in_time(held), ("hold", held, answer)

    def in_time(self, one: One) -> bool:
        """Whether what it waits for has not ended: at the end itself it has."""
        return one.ends_at is not None and clock.now() < one.ends_at

    def says_yes(self, asked: One | None = None) -> None:
        """An open offer is a promise until its end."""
        if (asked := asked or self.one(State.OFFERED)) is None:
            return
        answer = self.household(asked).says_yes(asked.id)
        assert answer.is_refused is not self.in_time(asked), ("offer", asked, answer)

    def says_no(self) -> None:
        """Who lets an offer go by is not asked about the same place again."""
        if (asked := self.one(State.OFFERED)) is None:
            return
        answer = self.household(asked).says_no(asked.id)
        assert answer.is_refused is not self.in_time(asked), ("no", asked, answer)
        if not answer.is_refused:
            assert self.state(asked) is State.WAITING, "asked about the same place again"

    def cancels(self, one: One | None = None) -> None:
        """A place is given back: late from the cut-off on, and on the day the same day."""
        open_states = (State.CONFIRMED, State.REQUESTED, State.WAITING, State.HELD)
        if (one := one or self.one(*open_states)) is None:
            return
        late = one.cancel_until is not None and clock.now() >= one.cancel_until
        answer = self.household(one).cancels(one.id)
        if dates.local(clock.now()).date() > one.day:
            assert answer.is_refused, ("a day that is over", one)
        if one.state is State.CONFIRMED and not answer.is_refused:
            with read() as db:
                row = db.get(BookingRow, one.id)
            assert row is not None
            assert row.late is late, ("late", one)
            assert row.same_day is (dates.local(clock.now()).date() == one.day)

    # -- staff ------------------------------------------------------------------------------------

    def staff(self, states: tuple[State, ...], act: Callable[[One, Worker], Outcome]) -> None:
        """Staff do something with a booking in one of these states."""
        if (one := self.one(*states)) is not None:
            act(one, self.nurses[one.at])

    def decides(self) -> None:
        """A request is accepted, or declined."""
        accept = self.random.random() < 0.7
        self.staff(
            (State.REQUESTED,),
            lambda one, nurse: (
                desk.accept(one.id, nurse.by, None, clock.now)
                if accept
                else desk.decline(one.id, Code.STAFF, "", nurse.by, None, clock.now)
            ),
        )

    def door(self) -> None:
        """A child comes, is sent home, stays away or is fetched."""
        today = dates.local(clock.now()).date()
        expected = [one for one in self.bookings(State.CONFIRMED) if one.day == today]
        for one in expected[: self.random.randint(0, 2)]:
            by = self.nurses[one.at].by
            act = self.random.choice((door.check_in, door.check_in, door.no_show, None))
            if act is None:
                door.refuse(one.id, Code.FEVER, "", by, None, clock.now)
            else:
                act(one.id, by, None, clock.now)
        here = (State.CHECKED_IN,)
        self.staff(here, lambda one, nurse: door.check_out(one.id, nurse.by, None, clock.now))

    def illness(self) -> None:
        """A doctor says what it is; nobody loses a place over it."""
        told = self.random.choice(ILLNESSES)

        def act(one: One, nurse: Worker) -> Outcome:
            answer = rooming.change_illness(one.id, told, nurse.by, None, clock.now)
            assert self.state(one) in (one.state, State.OFFERED), (one, answer)
            if answer.code == "unseated":
                # It keeps its place until somebody decides: here at once, so that I1 stays true.
                return desk.close(one.id, Code.ILLNESS_MIX, "", nurse.by, None, clock.now)
            return answer

        self.staff((State.CONFIRMED, State.CHECKED_IN, State.WAITING), act)

    def closes(self) -> None:
        """A day is closed, or opened again."""
        at, day = self.random.choice(list(self.nurses)), self.random.choice(self.days()[1:])
        nurse, where = self.nurses[at], self.town.facilities[at]
        if self.random.random() < 0.4:
            capacity.close(where, day, "大雪", nurse.by, None, clock.now)
        else:
            capacity.reopen(where, day, nurse.by, None, clock.now)

    # -- the clock --------------------------------------------------------------------------------

    def deadlines(self) -> list[tuple[datetime, Act]]:
        """What the clock alone brings in the coming days, and who would act just then."""
        found: list[tuple[datetime, Act]] = []
        for one in self.bookings():
            answers = {State.HELD: self.confirms, State.OFFERED: self.says_yes}
            if one.ends_at is not None and one.state in answers:
                found.append((one.ends_at, partial(answers[one.state], one)))
            if one.cancel_until is not None and one.state is State.CONFIRMED:
                found.append((one.cancel_until, partial(self.cancels, one)))
            if one.review_due is not None and one.state is State.REQUESTED:
                found.append((one.review_due, self.decides))
        for day in self.days():
            found += [(dates.at(day, time(*wall)), self.act) for wall in WALL]
            for code, facility_id in self.town.facilities.items():
                with read() as db:
                    rules = rulebooks.in_force(db, facility_id, day)
                edges = (clocks.opens_at(rules, day), clocks.closes_at(rules, day))
                found += [(edge, partial(self.asks_for, day, code)) for edge in edges]
                found.append((clocks.stop_at(rules, day), self.says_yes))
        return sorted(found, key=lambda edge: edge[0])

    def time_goes_on(self) -> None:
        """To the next deadline or a tick beside it, and somebody acts before the jobs have run; now
        and then some hours on."""
        now, tick = clock.now(), self.random.choice((AT_ONCE, AT_ONCE, AT_ONCE, -TICK, TICK))
        ahead = [(at + tick, act) for at, act in self.deadlines() if at + tick > now]
        if not ahead or self.random.random() < 0.1:
            clock.fix(now + timedelta(hours=3))
            return
        next_at = ahead[0][0]
        clock.fix(next_at)
        if self.random.random() < 0.6:
            self.random.choice([act for at, act in ahead if at == next_at])()

    def jobs(self) -> None:
        """What the timetable does at once; afterwards nothing that is past lies about."""
        for job in (offers.sweep, reminders.due, reminders.reviews, snapshots.freeze):
            job(clock.now)
        delivery.deliver(clock.now)
        today = dates.local(clock.now()).date()
        if today.isoformat() not in self.seen:
            self.seen.add(today.isoformat())
            months.keep(clock.now)
        for one in self.bookings(State.HELD, State.OFFERED):
            assert self.in_time(one), ("past and not swept", one)
        for one in self.bookings(State.WAITING):
            with read() as db:
                rules = rulebooks.in_force(db, self.town.facilities[one.at], one.day)
            assert clock.now() < clocks.stop_at(rules, one.day), ("waits after the stop", one)

    # -- one step ---------------------------------------------------------------------------------

    def act(self) -> None:
        """Somebody does something."""
        common = (*[self.asks] * 5, self.confirms, self.says_yes, self.says_yes)
        rarer = (self.says_no, self.cancels, self.cancels, self.decides, self.door, self.illness)
        choice = (*common, *rarer) if self.random.random() < 0.985 else (self.closes,)
        self.random.choice(choice)()

    def step(self) -> None:
        """One act, or the clock goes on; then the jobs, and every rule is asked."""
        if self.random.random() < 0.8:
            self.act()
        else:
            self.time_goes_on()
        self.jobs()
        broken = integrity.check(clock.now, grace=AT_ONCE)
        assert not broken, broken

    def lasted(self) -> timedelta:
        """How long the town has gone on."""
        return clock.now() - self.begun
