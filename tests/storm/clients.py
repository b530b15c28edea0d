"""What families and managers do in the storm, through the pages, each by a seed of its own."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import date

from tests.storm.ground import Ground, House, Place, care_days
from tests.storm.haste import HOLD
from tests.storm.reader import Call, History, Reader

HOT = 3
"""So many facility-days get three fifths of all attempts."""
CHECKED = {"brings": "mother", "arrives_at": "8:00", "temperature": "38.2"}


@dataclass
class Family:
    """A family at its phone, and what it has open."""

    house: House
    reader: Reader
    booked: deque[Call] = field(default_factory=deque)
    waiting: deque[Call] = field(default_factory=deque)


class Client(threading.Thread):
    """A thread that is one family after another until it is told to stop."""

    def __init__(self, number: int, seed: int, ground: Ground, houses: tuple[House, ...],
                 port: int, history: History, stop: threading.Event) -> None:  # fmt: skip
        super().__init__(daemon=True)
        self.random = random.Random(f"client {seed} {number}")
        self.stopping, self.ground = stop, ground
        self.families = [Family(h, Reader(port, history, stop, device=h.device)) for h in houses]
        spots = [(place, day) for place in ground.places for day in care_days(place)]
        shared = random.Random(f"hot {seed}")
        self.hot = shared.sample(spots, HOT)
        self.spots = [*spots, *[(ground.late, day) for day in care_days(ground.late)] * 3]
        self.attempts = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        """Act until the end of the storm; a mistake of the drill itself is kept for its report."""
        try:
            while not self.stopping.is_set():
                self._turn(self.random.choice(self.families))
        except BaseException as error:
            self.error = error
            raise
        finally:
            for family in self.families:
                family.reader.hang_up()

    def _turn(self, family: Family) -> None:
        if not family.reader.csrf:
            family.reader.form("/my/devices")
        if family.waiting and self.random.random() < 0.5:
            self._look_at_list(family)
        elif family.booked and self.random.random() < 0.6:
            self._cancel(family)
        elif self.random.random() < 0.05:
            self._two_rooms(family)
        else:
            self._attempt(family)

    def _spot(self) -> tuple[Place, date]:
        return self.random.choice(self.hot if self.random.random() < 0.6 else self.spots)

    def _attempt(self, family: Family) -> None:
        place, day = self._spot()
        if self.random.random() < 0.1:
            family.reader.form(f"/my/book?complaint=cough&day={day}")
        held = self._hold(family, family.reader, place, day)
        if held.booking:
            self._confirm(family, held)
        elif "CAPACITY" in held.codes and self.random.random() < 0.4:
            about = self._about(family, place, day)
            joined = family.reader.act(
                "join", "/my/book/join", self._wish(family, place, day), about
            )
            if joined.booking:
                family.waiting.append(joined)

    def _hold(self, family: Family, reader: Reader, place: Place, day: date) -> Call:
        self.attempts += 1
        fields, about = self._wish(family, place, day), self._about(family, place, day)
        held = reader.act("hold", "/my/book", fields, about)
        self._replay(reader, held, "/my/book", fields)
        return held

    def _confirm(self, family: Family, held: Call) -> None:
        if self.random.random() < 0.15:
            wait = HOLD.total_seconds() + self.random.uniform(-0.05, 1.0)
            self.stopping.wait(max(0.0, wait))
        path = f"/my/hold/{held.booking}"
        if self.random.random() < 0.1:
            family.reader.page(path)
        confirmed = family.reader.act("confirm", path, CHECKED, _about_of(held))
        self._replay(family.reader, confirmed, path, CHECKED)
        if confirmed.location == f"/my/bookings/{held.booking}":
            family.booked.append(confirmed)

    def _cancel(self, family: Family) -> None:
        mine = family.booked.popleft()
        if self.random.random() < 0.1:
            return
        path = f"/my/bookings/{mine.booking}/cancel"
        done = family.reader.act("cancel", path, {}, _about_of(mine))
        self._replay(family.reader, done, path, {})

    def _look_at_list(self, family: Family) -> None:
        """An offer is answered yes, no or not at all."""
        entry = family.waiting.popleft()
        status, location, _ = family.reader.page(f"/my/bookings/{entry.booking}")
        if location == f"/my/offers/{entry.booking}":
            say = self.random.choices(["yes", "no", ""], [7, 1, 2])[0]
            if say:
                path = f"/my/offers/{entry.booking}/{say}"
                said = family.reader.act(say, path, {}, _about_of(entry))
                self._replay(family.reader, said, path, {})
                if say == "yes" and said.location == f"/my/bookings/{entry.booking}":
                    family.booked.append(said)
                    return
            family.waiting.append(entry)
        elif status == 200 and self.random.random() < 0.7:
            family.waiting.append(entry)

    def _two_rooms(self, family: Family) -> None:
        """Two windows ask for one child at two facilities at once."""
        day = self.random.choice(care_days(self.ground.places[0]))
        one, two = self.random.sample(self.ground.places, 2)
        other = family.reader.twin()
        answers: list[Call] = []
        second = threading.Thread(
            target=lambda: answers.append(self._hold(family, other, two, day)), daemon=True
        )
        second.start()
        answers.append(self._hold(family, family.reader, one, day))
        second.join()
        other.hang_up()
        for held in answers:
            if held.booking:
                self._confirm(family, held)

    def _replay(self, reader: Reader, call: Call, path: str, fields: dict[str, str]) -> None:
        """One form in ten is sent a second time."""
        if call.status and self.random.random() < 0.1:
            time.sleep(self.random.uniform(0, 0.3))
            reader.act(call.act, path, fields, _about_of(call), key=call.key)

    @staticmethod
    def _wish(family: Family, place: Place, day: date) -> dict[str, str]:
        return {
            "child": family.house.child_id,
            "facility": place.id,
            "day": day.isoformat(),
            "complaint": "cough",
        }

    @staticmethod
    def _about(family: Family, place: Place, day: date) -> dict[str, str]:
        return {"family": family.house.family_id, "place": place.id, "day": day.isoformat()}


class Manager(threading.Thread):
    """The desk: closes a day and opens it again, takes a place away and gives it back."""

    def __init__(self, seed: int, ground: Ground, port: int, history: History,
                 stop: threading.Event, every: float) -> None:  # fmt: skip
        super().__init__(daemon=True)
        self.random = random.Random(f"manager {seed}")
        self.ground, self.stopping, self.every = ground, stop, every
        self.desks = {p.code: Reader(port, history, stop, desk=p.desk) for p in ground.places}

    def run(self) -> None:
        """Act until the end of the storm, and leave every day open."""
        while not self.stopping.wait(self.every * self.random.uniform(0.6, 1.4)):
            place = self.random.choice(self.ground.places)
            day = self.random.choice(care_days(place))
            self.random.choice([self._close, self._capacity, self._capacity])(place, day)
        for desk in self.desks.values():
            desk.hang_up()

    def _close(self, place: Place, day: date) -> None:
        desk, about = self.desks[place.code], _desk(place, day)
        path = f"/staff/{place.code}/day/{day}"
        for _ in range(5):
            fields = desk.form(f"{path}/close")
            closing = {"reason": "台風", "seen": fields.get("seen", "")}
            if desk.act("close", f"{path}/close", closing, about).status == 303:
                break
        self.stopping.wait(self.random.uniform(0.5, 2))
        desk.act("reopen", f"{path}/reopen", {}, about)

    def _capacity(self, place: Place, day: date) -> None:
        desk, about = self.desks[place.code], _desk(place, day)
        path = f"/staff/{place.code}/capacity/{day}"
        desk.form(path)
        rooms = {"rooms": "general"}
        fewer = {"effective_capacity": "3", "do": "sure", **rooms}
        desk.act("capacity", path, fewer, about)
        self.stopping.wait(self.random.uniform(0.5, 3))
        desk.act("capacity", path, {"effective_capacity": "4", "do": "sure", **rooms}, about)


def _desk(place: Place, day: date) -> dict[str, str]:
    return {"family": "", "place": place.id, "day": day.isoformat()}


def _about_of(call: Call) -> dict[str, str]:
    return {"family": call.family, "place": call.place, "day": call.day}
