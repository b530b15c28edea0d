"""The marks of a day for every kind of child at once, for the public board."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from reservation.domain import capacity, gates, illnesses
from reservation.domain.refusals import Refusal
from reservation.domain.vacancy.fitting import Answer, No, answer, is_closed, left
from reservation.domain.vacancy.marks import Mark, barred, judge
from reservation.domain.vacancy.occupancy import Guest, Occupancy
from reservation.domain.values import Complaint, Day

if TYPE_CHECKING:
    from reservation.domain.rulebook import RuleBook


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of child: what is said of it, and the youngest age of its band.

    ``illness`` is set only where a doctor has told it; a complaint counts as what each rule book
    says. ``grade`` is the school grade, 0 before school.
    """

    complaint: Complaint
    illness: str | None
    months: int
    grade: int


_COMPLAINTS = (
    Complaint.FEVER,
    Complaint.COUGH,
    Complaint.STOMACH,
    Complaint.RASH,
    Complaint.UNSURE,
)
_SCHOOL_STARTS, _YEAR, _LAST_GRADE = 72, 12, 6


def profiles(rulebooks: Iterable[RuleBook]) -> tuple[Profile, ...]:
    """Every complaint and illness × every age band, cut where any of the rule books cuts.

    The order is fixed: by complaint and illness first, then by age.
    """
    return _profiles(age_bands(rulebooks))


@cache
def _profiles(bands: tuple[tuple[int, int], ...]) -> tuple[Profile, ...]:
    told = [code for code in illnesses.CATALOGUE if not illnesses.undiagnosed(code)]
    signs = [*((c, None) for c in _COMPLAINTS), *((Complaint.DIAGNOSED, code) for code in told)]
    return tuple(Profile(c, code, months, grade) for c, code in signs for months, grade in bands)


def age_bands(rulebooks: Iterable[RuleBook]) -> tuple[tuple[int, int], ...]:
    """The youngest (months, grade) of every age band that some rule book tells from the next.

    Ages in months and school grades overlap: a child of 80 months may be in school or not.
    """
    months: set[int] = set()
    grades = {0}
    for rules in rulebooks:
        months.add(rules.ages.youngest_months)
        months.update(weight.below_months for weight in rules.places.age_weights)
        months.update(cap.from_months for cap in rules.places.age_caps)
        months.update(cap.below_months for cap in rules.places.age_caps)
        grades.add(rules.ages.oldest_grade + 1)
        if rules.ages.older_grade is not None:
            grades.add(rules.ages.older_grade)
    bands = []
    starts = sorted(grades - {_LAST_GRADE + 1})
    for grade, following in zip(starts, [*starts[1:], _LAST_GRADE + 1], strict=True):
        youngest = _SCHOOL_STARTS + _YEAR * (grade - 1) if grade else 0
        # born on 2 April, a child is nearly seven on the last day before school
        oldest = _SCHOOL_STARTS + _YEAR * following - 1
        cuts = [youngest, *sorted(m for m in months if youngest < m <= oldest)]
        bands += [(cut, grade) for cut in cuts]
    return tuple(bands)


def band_of(bands: Iterable[tuple[int, int]], months: int, grade: int) -> tuple[int, int]:
    """The band of a child of this age in months and school grade."""
    start = max(g for _, g in bands if g <= grade)
    return max(((m, g) for m, g in bands if g == start and m <= months), default=(0, 0))


def board(
    day: Day, profiles: Sequence[Profile], now: datetime, *, clock: bool = True
) -> tuple[Mark, ...]:
    """The mark of each profile, in order: ``mark`` for an anonymous child that asks now.

    The gates that an anonymous child can meet are applied: illness, age and, unless ``clock`` is
    False (staff screens), the booking times. Profiles that the day cannot tell apart are searched
    once: same cohort beside today's children, same weight, same caps.
    """
    view = _View(day, now)
    asking = cache(lambda grade: _asking(day, grade, now) if clock else ())
    return tuple(view.mark(profile, asking(profile.grade)) for profile in profiles)


def _asking(day: Day, grade: int, now: datetime) -> tuple[Refusal, ...]:
    """Why a child of this school grade cannot ask now; of two openings the later one."""
    found = (gates.clock(day.rules, day.date, now), gates.older(day.rules, grade, day.date, now))
    return tuple(gates.last_opening([one for one in found if one]))


@dataclass(frozen=True, slots=True)
class _Sign:
    """What a complaint or illness comes to at this facility on this day."""

    cohort: str
    needs_staff: bool
    never: Refusal | None
    counts: tuple[int, ...]
    """The illness caps it counts for."""


_ALONE, _NEW = ":", "*"


class _View:
    """A day at one instant, with everything that profiles have in common worked out once."""

    def __init__(self, day: Day, now: datetime) -> None:
        self.day, self.rules = day, day.rules
        self.closed = is_closed(day)
        self.state = Occupancy(day, now)
        self.ahead = self.state.ahead()
        beside = (*self.state.holders, *self.ahead, *(g for way in self.state.offered for g in way))
        self.present = {g.cohort for g in beside} | {illnesses.GENERAL}
        self.ages: dict[object, int] = {}
        self.alike = cache(self._alike)
        self.sign = cache(self._sign)
        self.places = cache(self._places)
        self.judge = cache(self._judge)

    def mark(self, profile: Profile, asking: tuple[Refusal, ...]) -> Mark:
        sign = self.sign(profile.complaint, profile.illness)
        age = gates.age(self.rules, profile.months, profile.grade)
        refused = [refusal for refusal in (*asking, sign.never, age) if refusal]
        reasons = barred(self.closed, refused)
        if reasons:
            return judge(No(reasons), 0, sign.needs_staff)
        return self.judge(sign.cohort, self.alike(profile.months), sign.counts, sign.needs_staff)

    def _sign(self, complaint: Complaint, told: str | None) -> _Sign:
        """All illnesses that nobody has today are alike, and so are all who sit alone."""
        code = illnesses.illness_for(self.rules, complaint, told)
        cohort = illnesses.cohort(self.rules, code, "")
        if cohort not in self.present:
            cohort = _ALONE if cohort.endswith(_ALONE) else _NEW
        staff = illnesses.needs_staff(self.rules, complaint, code)
        counts = capacity.counted(self.rules, code)
        return _Sign(cohort, staff, gates.illness(self.rules, code), counts)

    def _alike(self, months: int) -> int:
        """The first age seen that counts like this one."""
        bands = tuple((c.from_months, c.below_months) for c in capacity.caps(self.rules, months))
        return self.ages.setdefault((capacity.points(self.rules, months), bands), months)

    def _judge(self, cohort: str, months: int, counts: tuple[int, ...], needs_staff: bool) -> Mark:
        found, n = self.places(cohort, months, counts)
        return judge(found, n, needs_staff)

    def _places(self, cohort: str, months: int, counts: tuple[int, ...]) -> tuple[Answer, int]:
        alone = cohort == _ALONE
        guests = [
            Guest(f"newcomer-{n}", f"{cohort}{n}" if alone else cohort, months, counts=counts)
            for n in range(9)
        ]
        return answer(self.state, guests[0], self.ahead), left(self.state, guests, self.ahead)
