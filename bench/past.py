"""How much past is made, its days, and the lines of text that the tables are filled with.

Lines are tab-separated in the order of COLUMNS, nothing stands as \\N: PostgreSQL's COPY takes them
as they are, SQLite split at the tabs. The rows keep what must always hold: one place a child and
day, no day over its places, a wish for every request, ends with their time and by whom. The audit
is thin: one row for each entry of a waiting list (the figures ask for no other), none for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from reservation.demo import bulk, mixture
from reservation.domain import clocks, dates, illnesses
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import Complaint

TOWN = 5
"""Facilities of a municipality; the last one may have fewer."""

COLUMNS: dict[str, str] = {
    "family": "id, municipality_id, residence, on_leave, created_at",
    "guardian": "id, family_id, mail, name, kana, relation, language, created_at",
    "child": "id, family_id, name, kana, birthday, nursery, nursery_in, created_at",
    "registration": "id, child_id, municipality_id, status, number, valid_from, valid_to,"
    " asked_at, decided_at",
    "day": "facility_id, date, version, closed_rooms",
    "episode": "id, facility_id, child_id, complaint, illness, created_at",
    "wish": "id, municipality_id, child_id, care_day, opened_by, channel, complaint, illness,"
    " age_months, opened_at",
    "refusal": "id, facility_id, wish_id, care_day, code, codes, illness, age_months, channel, at",
    "booking": "id, facility_id, family_id, child_id, episode_id, wish_id, care_day, state,"
    " complaint, illness, birthday, asked_at, pinned, lapses, conditions, extended, cancel_until,"
    " price, brings, arrives_at, channel, residence, created_at, confirmed_at, checked_in_at,"
    " checked_out_at, ended_at, ended_by, late, same_day, lead_hours",
    "audit": 'entity, entity_id, facility_id, care_day, action, "to", actor, channel, detail, at',
}
"""The tables in the order in which they may be filled."""

Lines = dict[str, list[str]]
CLOCK = [f"{m // 60:02d}:{m % 60:02d}:00.000000+00:00" for m in range(1440)]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much past, of how many facilities, up to the day before ``until``."""

    years: int
    facilities: int
    bookings: int
    seed: int
    until: date

    @property
    def first(self) -> date:
        """The first day."""
        return self.until - timedelta(days=365 * self.years)

    @property
    def towns(self) -> int:
        """How many municipalities there are."""
        return -(-self.facilities // TOWN)

    def share(self, facility: int) -> int:
        """The bookings of one facility; together exactly ``bookings``."""
        whole, parts = self.bookings, self.facilities
        return whole * (facility + 1) // parts - whole * facility // parts

    def code(self, town: int) -> str:
        """A municipality's code; no real one begins with a 9."""
        return f"{910_000 + (self.seed * 10_000 + town) % 90_000}"


@dataclass(frozen=True, slots=True)
class Open:
    """An open day. Minutes count from midnight UTC of the day before; ``stamp`` makes instants."""

    day: date
    text: str
    before: str
    weight: float
    opens: int
    closes: int
    cut: int

    def stamp(self, minute: int) -> str:
        """An instant as both databases read it; minutes may lie before the day before."""
        if 0 <= minute < 1440:
            return f"{self.before}T{CLOCK[minute]}"
        if 1440 <= minute < 2880:
            return f"{self.text}T{CLOCK[minute - 1440]}"
        at = datetime.combine(self.day, time(), UTC) + timedelta(minutes=minute - 1440)
        return at.isoformat(timespec="microseconds")


@cache
def calendar(pattern: int, first: date, until: date) -> tuple[RuleBook, tuple[Open, ...]]:
    """A pattern's rules and its open days; the same for all facilities of the pattern."""
    rules = list(bulk.rule_books(len(bulk.PATTERNS), first))[pattern]
    days = (first + timedelta(days=n) for n in range((until - first).days))
    return rules, tuple(_open(rules, day) for day in days if dates.is_open_day(rules, day))


def _open(rules: RuleBook, day: date) -> Open:
    before = day - timedelta(days=1)
    midnight = datetime.combine(before, time(), UTC)
    hours = dates.hours(rules, day)
    assert hours is not None  # only open days are asked

    def minute(at: datetime) -> int:
        return (at - midnight) // timedelta(minutes=1)

    return Open(
        day,
        day.isoformat(),
        before.isoformat(),
        mixture.WEEKDAYS[day.weekday()] * mixture.SEASON.get(day.month, 1.0),
        minute(dates.at(day, hours.opens)),
        minute(dates.at(day, hours.closes)),
        minute(clocks.cancel_until(rules, day)),
    )


@cache
def falls_ill(pattern: int, month: int, first: date) -> tuple[tuple[str, str], ...]:
    """Complaints and illnesses of a month, each as often as it comes."""
    rules = list(bulk.rule_books(len(bulk.PATTERNS), first))[pattern]
    found = []
    for code, weight in mixture.MONTHS[month].items():
        told = [(Complaint.DIAGNOSED, code)] * 2 + [(sign, None) for sign in mixture.SIGNS.get(
            code, (Complaint.UNSURE,))]  # fmt: skip
        for complaint, known in told:
            illness = illnesses.illness_for(rules, complaint, known)
            if illnesses.handling(rules, illness) != "never":
                found += [(complaint.value, illness)] * weight
    return tuple(found)
