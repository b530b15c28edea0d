"""What happened in one municipality: its families, and who came, cancelled or found no place."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from bench.past import CLOCK, TOWN, Lines, Open, Plan, calendar, falls_ill
from reservation.demo import bulk, names
from reservation.demo.people import identity
from reservation.domain import capacity, dates
from reservation.domain.values import Day
from reservation.services.children import wish_id

GOES_ON = 0.45
"""How likely an ill child needs the next open day too."""
REFUSED = 0.22
"""Refused requests for each booking."""
AGES = (timedelta(days=2000), timedelta(days=190))
"""The oldest and the youngest who come."""
NOTHING = r"\N"


@dataclass(slots=True)
class Ill:
    """A child that is ill now, and the line of its episode's id once a place was found."""

    child: str
    family: str
    birthday: date
    complaint: str
    illness: str
    episode: str = ""


@dataclass(slots=True)
class Town:
    """One municipality: its id, its facilities' ids, and the lines written so far."""

    plan: Plan
    number: int
    rng: Random
    id: str
    facilities: list[str]
    lines: Lines = field(default_factory=lambda: defaultdict(list))

    @property
    def code(self) -> str:
        """The municipality's code."""
        return self.plan.code(self.number)


def begin(plan: Plan, number: int) -> Town:
    """A municipality before anything has happened in it; the same for the same plan."""
    rng = Random(f"{plan.seed}:{number}")
    count = min(TOWN, plan.facilities - number * TOWN)
    return Town(plan, number, rng, identity(rng), [identity(rng) for _ in range(count)])


def live(town: Town) -> Lines:
    """Everything that happened in a municipality, as lines by table."""
    for place in range(len(town.facilities)):
        _Facility(town, place).live()
    return town.lines


class _Facility:
    """One facility's years. Its families ask nowhere else, but some are refused next door too."""

    def __init__(self, town: Town, place: int) -> None:
        plan = town.plan
        self.town, self.rng, self.lines = town, town.rng, town.lines
        self.id = town.facilities[place]
        self.next_door = town.facilities[(place + 1) % len(town.facilities)]
        self.pattern = place % len(bulk.PATTERNS)
        rules, self.days = calendar(self.pattern, plan.first, plan.until)
        self.price = rules.fees.resident
        self.places = capacity.capacity(Day(facility_id=self.id, date=plan.first, rules=rules))
        self.share = plan.share(town.number * TOWN + place)
        self.born = plan.first - AGES[0]
        self.step = 1.0
        self.ill: list[Ill] = []
        self.kids = self._families(place)
        self.held, self.freed = 0, [0][:0]

    def live(self) -> None:
        """Day after day: the bookings of the days together are exactly the facility's share."""
        weights = [one.weight * self._luck() for one in self.days]
        whole, done, passed = sum(weights) or 1.0, 0, 0.0
        for one, weight in zip(self.days, weights, strict=True):
            passed += weight
            due = self.share if one is self.days[-1] else round(self.share * passed / whole)
            if due > done:
                self._day(one, due - done)
            done = due

    def _luck(self) -> float:
        """Some days nobody is ill, on some everybody."""
        return self.rng.uniform(0.2, 1.5) * (4 if self.rng.random() < 0.06 else 1)

    def _day(self, one: Open, bookings: int) -> None:
        rng = self.rng
        refused = sum(rng.random() < REFUSED for _ in range(bookings))
        self.lines["day"].append(f"{self.id}\t{one.text}\t{2 * bookings}\t[]")
        self.held, self.freed = 0, []
        ill = self._who(one, bookings + refused)
        for who in ill[:bookings]:
            self._books(one, who)
        for who in ill[bookings:]:
            self._is_refused(one, who)
        self.ill = [who for who in ill[:bookings] if rng.random() < GOES_ON]

    def _who(self, one: Open, count: int) -> list[Ill]:
        """So many different children: those still ill first."""
        found = [who for who in self.ill if who.birthday >= one.day - AGES[0]][:count]
        known = {who.child for who in found}
        low = int(-(-(one.day - AGES[0] - self.born).days // self.step))
        high = min(len(self.kids), int((one.day - AGES[1] - self.born).days // self.step) + 1)
        mix = falls_ill(self.pattern, one.day.month, self.town.plan.first)
        place = self.rng.randrange(low, high)
        while len(found) < count:
            child, family, birthday = self.kids[place]
            place = place + 1 if place + 1 < high else low
            if child not in known:
                complaint, illness = mix[int(self.rng.random() * len(mix))]
                found.append(Ill(child, family, birthday, complaint, illness))
        return found

    def _books(self, one: Open, who: Ill) -> None:
        """A request that became a booking, and how it ended."""
        rng, lot = self.rng, self.rng.random()
        asked = 540 + int(rng.random() * 150)
        if self.held >= self.places or lot > 0.98:
            self._waits(one, who, asked)
            return
        self.held += 1
        confirmed = asked + 1 + int(rng.random() * 5)
        if lot < 0.72:
            self._comes(one, who, asked, confirmed)
        elif lot < 0.94:
            self._cancels(one, who, asked, confirmed)
        elif lot < 0.95:
            self._row(one, who, "no_show", asked, confirmed, (one.opens + 90, "staff"))
        elif lot < 0.97:
            self.freed.append(asked + 10)
            self._row(one, who, "expired", asked, None, (asked + 10, "clock"))
        elif lot < 0.975:
            self._row(one, who, "cancelled", asked, confirmed, (one.opens - 60, "staff"))
        else:
            self.freed.append(asked + 60)
            self._row(one, who, "declined", asked, None, (asked + 60, "staff"))

    def _waits(self, one: Open, who: Ill, asked: int) -> None:
        """An entry of the list: placed when somebody has freed a place, else ended with it."""
        booking = None
        if self.freed:
            confirmed = max(asked, self.freed.pop()) + 5
            if confirmed < one.opens:
                booking = self._comes(one, who, asked, confirmed)
        if booking is None:
            end = (one.opens - 30, "clock")
            booking = self._row(one, who, "expired", asked, None, end, "join")
        self.lines["audit"].append(
            f"booking\t{booking}\t{self.id}\t{one.text}\tjoin\twaiting\tfamily\tweb\t{{}}"
            f"\t{one.stamp(asked)}"
        )

    def _comes(self, one: Open, who: Ill, asked: int, confirmed: int) -> str:
        came = one.opens + int(self.rng.random() * 70)
        went = one.closes - 5 - int(self.rng.random() * 145)
        care = f"{one.stamp(came)}\t{one.stamp(went)}"
        return self._row(one, who, "completed", asked, confirmed, (went, "staff"), care=care)

    def _cancels(self, one: Open, who: Ill, asked: int, confirmed: int) -> None:
        """In the evening before, or at dawn; two of three in time."""
        late = self.rng.random() < 0.65
        at = max((1230 if late else 560) + int(self.rng.random() * 140), confirmed + 5)
        self.freed.append(at)
        flags = f"{int(at >= one.cut)}\t{int(at >= 900)}\t{(one.opens - at) // 60}"
        self._row(one, who, "cancelled", asked, confirmed, (at, "family"), flags=flags)

    def _row(
        self,
        one: Open,
        who: Ill,
        state: str,
        asked: int,
        confirmed: int | None,
        end: tuple[int, str],
        opened_by: str = "hold",
        *,
        care: str = "\\N\t\\N",
        flags: str = "0\t0\t\\N",
    ) -> str:
        """A booking with its wish and, on the first day of an illness, its episode."""
        rng, at, booking = self.rng, one.stamp(asked), identity(self.rng)
        if not who.episode:
            who.episode = identity(rng)
            self.lines["episode"].append(
                f"{who.episode}\t{self.id}\t{who.child}\t{who.complaint}\t{who.illness}\t{at}"
            )
        wish = self._wish(one, who, opened_by, at)
        told = one.stamp(confirmed) if confirmed is not None else NOTHING
        self.lines["booking"].append(
            f"{booking}\t{self.id}\t{who.family}\t{who.child}\t{who.episode}\t{wish}\t{one.text}"
            f"\t{state}\t{who.complaint}\t{who.illness}\t{who.birthday}\t{at}\t0\t0\t[]\t0"
            f"\t{one.stamp(one.cut)}\t{self.price}\tmother\t8:30\tweb\t{self.town.code}\t{at}"
            f"\t{told}\t{care}\t{one.stamp(end[0])}\t{end[1]}\t{flags}"
        )
        return booking

    def _is_refused(self, one: Open, who: Ill) -> None:
        minute = 540 + int(self.rng.random() * 150)
        wish = self._wish(one, who, "refused", one.stamp(minute))
        code = "CAPACITY" if self.held >= self.places else "ILLNESS_MIX"
        self._refusal(one, who, wish, self.id, code, one.stamp(minute))
        if self.rng.random() < 0.3 and self.next_door != self.id:
            self._refusal(one, who, wish, self.next_door, "ILLNESS_MIX", one.stamp(minute + 3))

    def _refusal(self, one: Open, who: Ill, wish: str, facility: str, code: str, at: str) -> None:
        months = dates.age_months(who.birthday, one.day)
        self.lines["refusal"].append(
            f'{identity(self.rng)}\t{facility}\t{wish}\t{one.text}\t{code}\t["{code}"]'
            f"\t{who.illness}\t{months}\tweb\t{at}"
        )

    def _wish(self, one: Open, who: Ill, opened_by: str, at: str) -> str:
        wish, months = wish_id(who.child, one.day), dates.age_months(who.birthday, one.day)
        self.lines["wish"].append(
            f"{wish}\t{self.town.id}\t{who.child}\t{one.text}\t{opened_by}\tweb"
            f"\t{who.complaint}\t{who.illness}\t{months}\t{at}"
        )
        return wish

    def _families(self, place: int) -> list[tuple[str, str, date]]:
        """Children whose birthdays lie evenly, so that some are of every age on every day."""
        plan = self.town.plan
        span = (plan.until - AGES[1] - self.born).days
        most = 8 * self.share / max(1, len(self.days)) + 12
        count = max(self.share // 15, int(most * span / 1800) + 1)
        self.step = span / count
        return [
            self._family(place, number, self.born + timedelta(days=int(self.step * number)))
            for number in range(count)
        ]

    def _family(self, place: int, number: int, birthday: date) -> tuple[str, str, date]:
        town, rng, lines = self.town, self.rng, self.lines
        child, family, day = identity(rng), identity(rng), birthday + timedelta(days=100)
        (name, kana), (given, given_kana) = (
            rng.choice(names.FAMILY_NAMES),
            rng.choice(names.CHILDREN),
        )
        mother, mother_kana = rng.choice(names.MOTHERS)
        at, mail = f"{day}T{CLOCK[60]}", f"h{place}k{number}@m{town.code}.example.org"
        lines["family"].append(f"{family}\t{town.id}\t{town.code}\t0\t{at}")
        lines["guardian"].append(
            f"{identity(rng)}\t{family}\t{mail}\t{name} {mother}\t{kana} {mother_kana}"
            f"\tmother\tja\t{at}"
        )
        lines["child"].append(
            f"{child}\t{family}\t{name} {given}\t{kana} {given_kana}\t{birthday}\t\t{town.code}"
            f"\t{at}"
        )
        lines["registration"].append(
            f"{identity(rng)}\t{child}\t{town.id}\tapproved\tH{place}{number:05d}\t{day}"
            f"\t{birthday + timedelta(days=2400)}\t{at}\t{at}"
        )
        return child, family, birthday
