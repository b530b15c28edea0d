"""The chance of a place: bands that contain the share, and trials that only knowledge passes."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import chances
from reservation.domain.chances import LEAST, MONTHS, Case, Chance
from tests.domain.build import CARE_DAY, tokyo

LEADS = ("earlier", "eve", "day")
SHARES = {1: 0.8, 2: 0.5, 4: 0.25, 7: 0.05}
"""How often a made-up room has a place for who joined at these ranks."""


@st.composite
def counted(draw: st.DrawFn) -> tuple[int, int]:
    """Placed and all."""
    cases = draw(st.integers(1, 3000))
    return draw(st.integers(0, cases)), cases


def month(n: int) -> date:
    return date(2025 + n // 12, n % 12 + 1, 1)


def months_of(n: int, each: int = 40, seed: int = 1) -> list[Case]:
    """Months of a room where the rank says something about the chance."""
    rng = Random(seed)
    return [
        Case(month(one), rank, rng.choice(LEADS), rng.random() < SHARES[chances.band_of(rank)])
        for one in range(n)
        for rank in (rng.randint(1, 9) for _ in range(each))
    ]


# -- the band -----------------------------------------------------------------------------------


@given(counted())
def test_the_band_contains_the_share_and_is_no_point(found: tuple[int, int]) -> None:
    placed, cases = found
    low, high = Chance(placed, cases, 1, "").tenths
    assert 0 <= low < high <= 10
    assert low / 10 <= placed / cases <= high / 10


@given(counted(), st.integers(2, 9))
def test_fewer_cases_of_the_same_share_have_a_wider_band(found: tuple[int, int], n: int) -> None:
    placed, cases = found
    few, many = chances.wilson(placed, cases), chances.wilson(placed * n, cases * n)
    assert few[0] <= many[0] + 1e-12
    assert many[1] <= few[1] + 1e-12
    low, high = Chance(placed, cases, 1, "").tenths
    lower, higher = Chance(placed * n, cases * n, 1, "").tenths
    assert low <= lower
    assert higher <= high


def test_bands_in_tens() -> None:
    assert Chance(62, 84, 2, "eve").tenths == (6, 8)
    assert Chance(0, 400, 7, "").tenths == (0, 1)
    assert Chance(400, 400, 1, "").tenths == (9, 10)


# -- similar cases ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rank", "first"), [(1, 1), (2, 2), (3, 2), (4, 4), (6, 4), (7, 7), (40, 7)]
)
def test_ranks_are_taken_together(rank: int, first: int) -> None:
    assert chances.band_of(rank) == first


def test_when_a_family_joined_goes_by_tokyos_days() -> None:
    before = CARE_DAY.replace(day=CARE_DAY.day - 1)
    assert chances.lead_of(tokyo(0, 0), CARE_DAY) == "day"
    assert chances.lead_of(tokyo(7, 29), CARE_DAY) == "day"
    assert chances.lead_of(tokyo(23, 59, before), CARE_DAY) == "eve"
    assert chances.lead_of(tokyo(0, 0, before), CARE_DAY) == "eve"
    assert chances.lead_of(tokyo(23, 59, before.replace(day=before.day - 1)), CARE_DAY) == "earlier"


def test_the_most_similar_cases_count_else_those_of_the_rank_alone() -> None:
    known = {"2": (50, 100), "2 eve": (20, LEAST), "2 day": (1, LEAST - 1)}
    assert chances.similar(known, 3, "eve") == Chance(20, LEAST, 2, "eve")
    assert chances.similar(known, 3, "day") == Chance(50, 100, 2, "")
    assert chances.similar(known, 3, "earlier") == Chance(50, 100, 2, "")
    assert chances.similar(known, 1, "eve") is None


@given(st.lists(st.builds(Case, st.just(month(0)), st.integers(1, 12), st.sampled_from(LEADS),
                          st.booleans()), max_size=200))  # fmt: skip
def test_nothing_is_said_below_thirty_cases(cases: list[Case]) -> None:
    known = chances.count(cases)
    for rank in (1, 2, 3, 4, 6, 7, 12):
        for lead in LEADS:
            alike = [one for one in cases if chances.band_of(one.rank) == chances.band_of(rank)]
            closer = [one for one in alike if one.lead == lead]
            said = chances.similar(known, rank, lead)
            used = closer if len(closer) >= LEAST else alike
            assert (said is not None) is (len(alike) >= LEAST)
            if said is not None:
                assert (said.placed, said.cases) == (sum(one.placed for one in used), len(used))


# -- the trial ----------------------------------------------------------------------------------


def test_a_rank_that_tells_the_chance_passes() -> None:
    found = chances.trial(months_of(12))
    assert found.holds
    assert found.score is not None
    assert found.base is not None
    assert found.score < found.base - 0.03
    assert found.cases >= 300


@pytest.mark.parametrize("seed", range(12))
def test_outcomes_dealt_anew_at_random_are_never_shown(seed: int) -> None:
    cases = months_of(14)
    dealt = [one.placed for one in cases]
    Random(seed).shuffle(dealt)
    shuffled = [
        Case(one.month, one.rank, one.lead, placed)
        for one, placed in zip(cases, dealt, strict=True)
    ]
    assert not chances.trial(shuffled).holds


def test_a_forecast_knows_only_the_months_before() -> None:
    """The first month is said nothing about; turned round afterwards the forecast fails."""
    first = months_of(1, each=400)
    assert chances.trial(first) == chances.Trial()
    turned = [Case(month(n), 1, "eve", placed=n >= 6) for n in range(12) for _ in range(LEAST)]
    found = chances.trial(turned)
    assert found.cases == 11 * LEAST
    assert not found.holds
    later = chances.trial(
        [*months_of(8), *(Case(month(8), 1, "eve", placed=True) for _ in range(5))]
    )
    assert later.cases - chances.trial(months_of(8)).cases == 5


def test_the_plain_share_is_that_of_all_cases_before() -> None:
    cases = [Case(month(0), 1, "eve", placed=True)] * LEAST
    cases += [Case(month(0), 7, "eve", placed=False)] * LEAST
    cases += [Case(month(1), 1, "eve", placed=True), Case(month(1), 7, "eve", placed=True)]
    found = chances.trial(reversed(cases))
    assert (found.cases, found.months) == (2, 1)
    assert found.score == pytest.approx(0.5)
    assert found.base == pytest.approx(0.25)


@pytest.mark.parametrize(("months", "each", "holds"), [(MONTHS, 30, True), (MONTHS - 1, 40, False)])
def test_it_must_hold_in_enough_months(months: int, each: int, holds: bool) -> None:
    begun = [Case(month(0), rank, "eve", placed=rank == 1) for rank in (1, 7) for _ in range(LEAST)]
    later = [Case(month(n), rank, "eve", placed=rank == 1)
             for n in range(1, months + 1) for rank in (1, 7) for _ in range(each)]  # fmt: skip
    found = chances.trial([*begun, *later])
    assert found.months == months
    assert found.holds is holds


@pytest.mark.parametrize(("cases", "holds"), [(LEAST - 1, False), (LEAST, True)])
def test_it_must_hold_in_enough_cases(cases: int, holds: bool) -> None:
    begun = [Case(month(0), rank, "eve", placed=rank == 1) for rank in (1, 7) for _ in range(LEAST)]
    later = [Case(month(1 + n % MONTHS), 1, "eve", placed=True) for n in range(cases)]
    assert chances.trial([*begun, *later]).holds is holds
