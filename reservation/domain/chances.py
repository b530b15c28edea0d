"""How often waiting has led to a place in similar cases, and whether saying so is worth anything.

A case is an entry of a facility's list that waited to its end. It is *similar* when it joined at a
rank of the same band and as long before the day; where there are too few, at the same band of ranks
alone. It was *placed* when the family had the place, or was asked for it in time and let it go by.
What ended before anybody was asked (left, booked elsewhere, closed by staff) is no case: nobody
knows how it would have gone.

The share of the placed is a forecast. It is shown only if it would have been better than the
facility's plain share: month after month, each with what was known before that month (``trial``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil, floor, sqrt
from statistics import fmean, stdev

from reservation.domain import dates

LEAST = 30
"""Similar cases without which nothing is said, and forecasts without which nothing is proved."""
MONTHS = 6
"""Months without whose forecasts nothing is proved."""
BANDS = (1, 2, 4, 7)
"""The first rank of each band: 1, 2–3, 4–6, from 7 on."""
_WIDTH = 1.2816
"""Normal quantile of the band: in four cases of five the true share lies in it."""
_LUCK = 1.6449
"""Standard errors by which a forecast must be better: in one of twenty by luck alone."""


@dataclass(frozen=True, slots=True)
class Case:
    """An entry that waited to its end: the first day of its care day's month, its kind, and how it
    went."""

    month: date
    rank: int
    lead: str
    placed: bool


Known = Mapping[str, Sequence[int]]
"""Placed and all cases by kind: a band of ranks, alone or with when they joined ("2 eve")."""


@dataclass(frozen=True, slots=True)
class Chance:
    """What became of the similar cases."""

    placed: int
    cases: int
    rank: int
    """The first rank of the band that the cases share."""
    lead: str
    """What else they share: 'day', 'eve' or 'earlier'; '' for nothing."""

    @property
    def tenths(self) -> tuple[int, int]:
        """From how many to how many of ten: Wilson's interval, rounded outwards."""
        low, high = wilson(self.placed, self.cases)
        return floor(low * 10), ceil(high * 10)


@dataclass(frozen=True, slots=True)
class Trial:
    """How the forecasts of past months did: mean squared errors (Brier scores), the smaller the
    better, of the similar cases' share and of the facility's plain share."""

    cases: int = 0
    months: int = 0
    score: float | None = None
    base: float | None = None
    holds: bool = False
    """Whether the forecasts were better, by more than luck, in enough cases and months."""


def wilson(placed: int, cases: int) -> tuple[float, float]:
    """Between which shares (0 to 1) the true one probably lies, after ``cases`` (at least 1)."""
    share, square = placed / cases, _WIDTH**2 / cases
    middle = (share + square / 2) / (1 + square)
    half = sqrt(share * (1 - share) * square + square**2 / 4) / (1 + square)
    # The share itself is never outside, whatever the last digit of the sums does.
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def band_of(rank: int) -> int:
    """The first rank of the band to which a rank (from 1) belongs."""
    return max(first for first in BANDS if first <= rank)


def lead_of(joined_at: datetime, day: date) -> str:
    """When a family joined: 'day' on the care day itself, 'eve' the day before (Tokyo), else
    'earlier'."""
    before = (day - dates.local(joined_at).date()).days
    return "day" if before <= 0 else "eve" if before == 1 else "earlier"


def count(cases: Iterable[Case]) -> dict[str, tuple[int, int]]:
    """The cases by kind, those of a band of ranks together as well."""
    every: Counter[str] = Counter()
    placed: Counter[str] = Counter()
    for one in cases:
        for kind in _kinds(one.rank, one.lead):
            every[kind] += 1
            placed[kind] += one.placed
    return {kind: (placed[kind], n) for kind, n in sorted(every.items())}


def similar(known: Known, rank: int, lead: str) -> Chance | None:
    """The most similar cases of which there are enough; None where there are none."""
    for kind, shared in zip(_kinds(rank, lead), (lead, ""), strict=True):
        placed, cases = known.get(kind, (0, 0))
        if cases >= LEAST:
            return Chance(placed, cases, band_of(rank), shared)
    return None


def trial(cases: Iterable[Case]) -> Trial:
    """The forecasts that would have been made for these cases, and how they did.

    A case counts where something would have been said: similar cases enough in the months before
    its own. Both forecasts know those months alone.
    """
    found = list(_forecasts(cases))
    if not found:
        return Trial()
    score = fmean((one.said - one.placed) ** 2 for one in found)
    base = fmean((one.plain - one.placed) ** 2 for one in found)
    months = len({one.month for one in found})
    enough = len(found) >= LEAST and months >= MONTHS
    return Trial(len(found), months, score, base, enough and _better(found))


@dataclass(frozen=True, slots=True)
class _Forecast:
    month: date
    said: float
    plain: float
    placed: bool

    @property
    def gain(self) -> float:
        """How much smaller the error was than that of the plain share."""
        return (self.plain - self.placed) ** 2 - (self.said - self.placed) ** 2


def _forecasts(cases: Iterable[Case]) -> Iterator[_Forecast]:
    by_month: dict[date, list[Case]] = {}
    for one in cases:
        by_month.setdefault(one.month, []).append(one)
    before: list[Case] = []
    for month in sorted(by_month):
        known = count(before)
        for one in by_month[month]:
            chance = similar(known, one.rank, one.lead)
            if chance is not None:
                plain = sum(case.placed for case in before) / len(before)
                yield _Forecast(month, chance.placed / chance.cases, plain, one.placed)
        before += by_month[month]


def _better(found: list[_Forecast]) -> bool:
    """Whether the mean gain lies so far above nothing that luck alone seldom does it."""
    gains = [one.gain for one in found]
    return fmean(gains) > _LUCK * stdev(gains) / sqrt(len(gains))


def _kinds(rank: int, lead: str) -> tuple[str, str]:
    """The kinds to which an entry belongs, the most similar first."""
    band = band_of(rank)
    return f"{band} {lead}", f"{band}"
