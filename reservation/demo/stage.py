"""A care day as it went: what families and staff did, in order, by the steps of the services.

One transaction holds the day of all rooms; its clock is set to each event's instant before the
event happens, so the rules decide as they would have decided then. Nothing later than ``until``
happens.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import date, datetime, time
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from reservation.demo import chances
from reservation.demo.chances import MINUTE
from reservation.demo.need import Need, Room
from reservation.demo.people import Kid
from reservation.domain import clocks, dates
from reservation.domain.refusals import NO_PLACE, Code
from reservation.domain.states import State
from reservation.domain.values import Booking, Channel
from reservation.services import audit, bookings, holds, offers, work
from reservation.services.audit import CLOCK, By
from reservation.services.children import Wanted
from reservation.store import days
from reservation.store.days import DayKey

DOOR_REASONS = (Code.FEVER, Code.CONDITION, Code.PAPER, Code.VACCINE)
DECLINE_REASONS = (Code.CONDITION, Code.DOCTOR, Code.STAFF)


class Stage:
    """The day of all open rooms under one lock, and what is still to happen on it."""

    def __init__(
        self, db: Session, rooms: dict[str, Room], day: date, until: datetime, rng: Random
    ) -> None:
        self.rooms = {
            code: room for code, room in rooms.items() if dates.is_open_day(room.rules, day)
        }
        self.day, self.until, self.rng = day, until, rng
        keys = [(room.facility_id, day) for room in self.rooms.values()]
        self.task = work.lock(db, keys, CLOCK, lambda: until)
        self._codes = {room.facility_id: code for code, room in self.rooms.items()}
        self._kids: dict[str, Kid] = {}
        self._offers: set[tuple[str, str | None]] = set()
        self._coming: list[tuple[datetime, int, Callable[..., Any], tuple[Any, ...]]] = []
        self._count = 0
        for room in self.rooms.values():
            self.at(clocks.stop_at(room.rules, day), self.end_list, room)
        for moment in (time(6, 0), time(7, 0)):
            self.at(dates.at(day, moment), self.tick)

    def at(self, when: datetime, act: Callable[..., Any], *args: Any) -> None:
        """Let something happen at that instant, unless it lies after the end of the story."""
        if when <= self.until:
            self._count += 1
            heapq.heappush(self._coming, (when, self._count, act, args))

    def run(self) -> None:
        """Let everything happen, in order."""
        while self._coming:
            when, _number, act, args = heapq.heappop(self._coming)
            self.task.at, self.task.by = when, CLOCK
            act(*args)
            self._look_for_offers()
            self.task.changed.clear()
        for key, day in self.task.days.items():
            days.touch(self.task.db, key, freed_at=day.freed_at)

    # what families do

    def ask(self, need: Need, room_number: int = 0, *, plan: bool = True) -> None:
        """Hold a place; where there is none, ask the next room, or stand in the first's list."""
        code = need.rooms[room_number]
        if code not in self.rooms:
            self._next(need, room_number)
            return
        self._kids[need.kid.child_id] = need.kid
        self.task.by = self.family(need.kid, self.rooms[code])
        outcome = holds.hold_step(self.task, self._wanted(need, code))
        if outcome.booking_id is None:
            stands = all(r.code in NO_PLACE for r in outcome.refusals)
            self._next(need, room_number, stands=stands)
        elif not plan:
            self.confirm(outcome.booking_id, plan=False)
        elif self.rng.random() < 0.03:
            self.at(self.task.at + 5 * MINUTE, self.release, outcome.booking_id)
        else:
            self.at(
                self.task.at + self.rng.uniform(1, 5) * MINUTE, self.confirm, outcome.booking_id
            )

    def _next(self, need: Need, room_number: int, *, stands: bool = False) -> None:
        later = self.task.at + self.rng.uniform(1, 3) * MINUTE
        if room_number + 1 < len(need.rooms):
            self.at(later, self.ask, need, room_number + 1)
        elif stands and need.patient:
            self.at(later, self.join, need)

    def join(self, need: Need) -> None:
        """Stand in the list of the first room."""
        room = self.rooms.get(need.rooms[0])
        if room is not None:
            self._kids[need.kid.child_id] = need.kid
            self.task.by = self.family(need.kid, room)
            bookings.join_step(self.task, self._wanted(need, room.code))
            self.tick()

    def confirm(self, booking_id: str, *, plan: bool = True) -> None:
        """Send the check page."""
        booking = self.booking(booking_id)
        if not holds.is_held(booking, self.task.at) or booking is None:
            return
        self.task.by = self._owner(booking)
        outcome = bookings.confirm_step(self.task, booking, chances.said(self.rng))
        self.tick()
        if plan:
            self.plan(outcome.booking_id)

    def release(self, booking_id: str) -> None:
        """Let a hold go."""
        booking = self.booking(booking_id)
        if booking is not None and booking.state is State.HELD:
            self.task.by = self._owner(booking)
            work.take(self.task, booking, "release", changes={"ends_at": None})
            self.tick()

    def cancel(self, booking_id: str) -> None:
        """Cancel; where that is possible by telephone only, staff enter it."""
        booking = self.booking(booking_id)
        if booking is None or booking.state not in (State.CONFIRMED, State.REQUESTED):
            return
        self.task.by = self._owner(booking)
        if bookings.cancel_step(self.task, booking).is_refused:
            self.task.by = self.staff(self.room(booking), Channel.TELEPHONE)
            bookings.cancel_step(self.task, booking)
        self.tick()

    def answer(self, booking_id: str, yes: bool) -> None:
        """Answer an offer, if it still stands."""
        booking = self.booking(booking_id)
        if booking is None or booking.state is not State.OFFERED:
            return
        self.task.by = self._owner(booking)
        if yes:
            outcome = offers.yes_step(self.task, self._key(booking), booking_id)
            self.tick()
            self.plan(None if outcome.is_refused else booking_id)
            return
        changes = {"ends_at": None, "round_id": None, "passed_at": self.task.at}
        work.take(self.task, booking, "no", changes=changes)
        self.tick()

    # what staff and the clock do

    def decide(self, booking_id: str) -> None:
        """Accept a request, or now and then decline it."""
        booking = self.booking(booking_id)
        if booking is None or booking.state is not State.REQUESTED:
            return
        self.task.by = self.staff(self.room(booking))
        if self.rng.random() < 0.08:
            reason = self.rng.choice(DECLINE_REASONS).value
            work.take(self.task, booking, "decline", reason=reason)
            self.tick()
            return
        work.take(self.task, booking, "accept")
        self.tick()
        self.plan(booking_id)

    def door(self, booking_id: str, action: str, **details: Any) -> None:
        """A child comes, goes, is refused at the door, or does not come."""
        booking = self.booking(booking_id)
        wanted = State.CHECKED_IN if action == "check_out" else State.CONFIRMED
        if booking is None or booking.state is not wanted:
            return
        self.task.by = self.staff(self.room(booking))
        column = {"check_in": "checked_in_at", "check_out": "checked_out_at"}.get(action)
        row = {column: self.task.at} if column else {}
        work.take(self.task, booking, action, row=row, **details)
        self.tick()

    def end_list(self, room: Room) -> None:
        """The list's stop time."""
        self.tick()
        for booking in self.task.days[(room.facility_id, self.day)].bookings:
            if booking.state is State.WAITING:
                work.take(self.task, booking, "end_list")
        self.tick()

    def tick(self) -> None:
        """The sweep, and the end of every act; versions are raised once, at the end."""
        offers.settle(self.task)
        offers.call_up(self.task)

    # what follows from what

    def plan(self, booking_id: str | None) -> None:
        """What becomes of a booking: a decision, a cancellation, or the way through the door."""
        booking = self.booking(booking_id) if booking_id else None
        if booking is None:
            return
        if booking.state is State.REQUESTED:
            self.at(chances.decided_at(self.task.at, self.rng), self.decide, booking.id)
        elif booking.state is State.CONFIRMED:
            if self.rng.random() < 0.3:
                self.at(
                    chances.cancelled_at(
                        self.room(booking).rules, self.day, self.task.at, self.rng
                    ),
                    self.cancel,
                    booking.id,
                )
            else:
                self.plan_door(booking)
        elif booking.state is State.CHECKED_IN:
            self._plan_leaving(booking)

    def plan_door(self, booking: Booking) -> None:
        """A confirmed child comes in the morning, mostly."""
        hours = dates.hours(self.room(booking).rules, self.day)
        assert hours is not None  # only open rooms are on the stage
        comes = dates.at(self.day, hours.opens) + self.rng.uniform(0, 70) * MINUTE
        lot = self.rng.random()
        if lot < 0.015:
            reason = self.rng.choice(DOOR_REASONS).value
            self.at(comes, lambda: self.door(booking.id, "refuse", reason=reason))
        elif lot < 0.025:
            self.at(comes + 90 * MINUTE, self.door, booking.id, "no_show")
        else:
            self.at(comes, self.door, booking.id, "check_in")
            self._plan_leaving(booking)

    def _plan_leaving(self, booking: Booking) -> None:
        hours = dates.hours(self.room(booking).rules, self.day)
        assert hours is not None  # only open rooms are on the stage
        goes = dates.at(self.day, hours.closes) - self.rng.uniform(5, 150) * MINUTE
        self.at(goes, self.door, booking.id, "check_out")

    def _look_for_offers(self) -> None:
        for day in self.task.days.values():
            for booking in day.bookings:
                mark = (booking.id, booking.round_id)
                if booking.state is State.OFFERED and booking.ends_at and mark not in self._offers:
                    self._offers.add(mark)
                    self._plan_answer(booking, booking.ends_at)

    def _plan_answer(self, booking: Booking, ends_at: datetime) -> None:
        # Lots of its own: in which order offers of several rooms are met hangs on random ids.
        lots = Random(f"{booking.child_id}:{self.task.at}")
        lot = lots.random()
        when = self.task.at + (ends_at - self.task.at) * lots.uniform(0.1, 0.9)
        if lot < 0.75:
            self.at(when, self.answer, booking.id, lot < 0.6)
        self.at(ends_at, self.tick)

    # small things

    def booking(self, booking_id: str) -> Booking | None:
        """The booking as it is now, if it is still open."""
        found = (day.booking(booking_id) for day in self.task.days.values())
        return next((booking for booking in found if booking is not None), None)

    def room(self, booking: Booking) -> Room:
        """The room a booking belongs to."""
        return self.rooms[self._codes[booking.facility_id]]

    def family(self, kid: Kid, room: Room) -> By:
        """Who enters it: the guardian, or the room's staff at the telephone."""
        if kid.by_telephone:
            return self.staff(room, Channel.TELEPHONE)
        return audit.guardian(kid.guardian_id, kid.family_id)

    def staff(self, room: Room, channel: Channel = Channel.DESK) -> By:
        """The room's staff."""
        return audit.staff(room.account_id, room.facility_id, channel)

    def know(self, kids: dict[str, Kid]) -> None:
        """Remember whose bookings they are that stand on the day already."""
        self._kids |= kids

    def _owner(self, booking: Booking) -> By:
        return self.family(self._kids[booking.child_id], self.room(booking))

    def _key(self, booking: Booking) -> DayKey:
        return (booking.facility_id, booking.care_day)

    def _wanted(self, need: Need, code: str) -> Wanted:
        return Wanted(
            child_id=need.kid.child_id,
            facility_id=self.rooms[code].facility_id,
            care_day=self.day,
            complaint=need.complaint,
            told=need.told,
        )
