"""Days since onset, and what must hold on the morning: boundaries at the day and the degree."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import clocks, gates, illnesses, morning
from reservation.domain.refusals import Code
from reservation.domain.rulebook import RuleBook
from reservation.domain.vacancy.board import Profile, age_bands, board
from reservation.domain.values import Complaint
from tests.domain.build import (
    CARE_DAY,
    NOW,
    SUGINAMI,
    aged,
    booking,
    child,
    day,
    rulebook,
    tokyo,
    wish,
)

SMALL, AT_SCHOOL = aged(30), date(2019, 5, 1)


def flu(**row: Any) -> RuleBook:
    """A room with this row for influenza A."""
    return rulebook(illnesses={"table": {"FLU_A": {"handling": "cohort", **row}}})


@pytest.mark.parametrize(
    ("onset", "comes"),
    [(CARE_DAY - timedelta(days=n), n >= 3) for n in range(5)],
)
def test_the_day_of_onset_does_not_count(onset: date, comes: bool) -> None:
    two = flu(days_before_school=2)
    refusal = morning.too_early(two, "FLU_A", SMALL, CARE_DAY, onset)
    assert (refusal is None) is comes
    if refusal:
        assert refusal.code is Code.TOO_EARLY
        assert refusal.values["first"] == onset + timedelta(days=3)


def test_children_at_school_have_days_of_their_own() -> None:
    rules = flu(days_before_school=2, days_at_school=1)
    onset = CARE_DAY - timedelta(days=2)
    assert morning.too_early(rules, "FLU_A", SMALL, CARE_DAY, onset)
    assert morning.too_early(rules, "FLU_A", AT_SCHOOL, CARE_DAY, onset) is None


def test_nothing_is_counted_while_the_onset_is_not_known() -> None:
    rules = flu(days_before_school=2)
    assert morning.too_early(rules, "FLU_A", SMALL, CARE_DAY, None) is None
    known = morning.statements(rules, "FLU_A", SMALL, CARE_DAY, CARE_DAY - timedelta(days=9))
    assert known == ()
    (told,) = morning.statements(rules, "FLU_A", SMALL, CARE_DAY)
    assert (told.code, told.values) == ("full_days", {"days": 2})


@given(days=st.integers(0, 14), ago=st.integers(0, 20))
def test_who_falls_ill_later_never_comes_earlier(days: int, ago: int) -> None:
    rules = flu(days_before_school=days)
    onset = CARE_DAY - timedelta(days=ago)
    first = morning.first_day(rules, "FLU_A", SMALL, CARE_DAY, onset)
    assert (morning.too_early(rules, "FLU_A", SMALL, CARE_DAY, onset) is None) == (
        days == 0 or ago > days
    )
    later = morning.first_day(rules, "FLU_A", SMALL, CARE_DAY, onset + timedelta(days=1))
    assert later == first + timedelta(days=1)


def test_an_illness_without_a_row_asks_for_nothing() -> None:
    assert morning.statements(rulebook(), "URI", SMALL, CARE_DAY) == ()
    assert morning.full_days(rulebook(), "URI", SMALL, CARE_DAY) == 0


def test_a_booking_is_asked_by_the_same_rules() -> None:
    rules, booked = flu(days_before_school=2), booking("b1", "FLU_A")
    assert morning.counts_days(rules, booked)
    assert not morning.counts_days(rulebook(), booked)
    assert [one.code for one in morning.of(rules, booked, None, {})] == ["full_days"]


def test_of_a_child_nobody_knows_it_is_asked_wherever_it_may_count() -> None:
    rules = flu(days_at_school=1)
    assert morning.asks_onset(rules, "FLU_A", AT_SCHOOL, CARE_DAY)
    assert not morning.asks_onset(rules, "FLU_A", SMALL, CARE_DAY)
    assert morning.asks_onset(rules, "FLU_A", None, CARE_DAY)
    assert not morning.asks_onset(flu(), "FLU_A", None, CARE_DAY)
    assert not morning.asks_onset(rules, "RSV", None, CARE_DAY)


def test_every_limit_is_told_in_its_words() -> None:
    rules = rulebook(
        illnesses={"table": {"ASTHMA": {"handling": "general", "spo2": 95,
                                        "requires": ["treatment", "no_vomiting", "test_negative",
                                                     "can_eat"]}}},
        health={"hottest": 38.5, "hottest_morning": 37.4, "fever_hours": 12,
                "antipyretic_hours": 6},
    )  # fmt: skip
    told = [one.words % one.values for one in morning.statements(rules, "ASTHMA", SMALL, CARE_DAY)]
    assert told == [
        "治療(薬)を始めていること",
        "嘔吐がおさまっていること",
        "検査で陰性と確かめてあること",
        "食事や水分がとれること",
        "血中酸素(SpO2)が95％以上あること",
        "熱が出てから12時間以上たっていること",
        "体温が38.5℃より低いこと",
        "朝の体温が37.4℃以下であること",
        "解熱剤を使ってから6時間以上たっていること",
    ]


@pytest.mark.parametrize(
    ("health", "degrees", "is_refused"),
    [
        ({"hottest": 38.5}, 38.4, False),
        ({"hottest": 38.5}, 38.5, True),
        ({"hottest_morning": 37.4}, 37.4, False),
        ({"hottest_morning": 37.4}, 37.5, True),
        ({"hottest": 38.5}, None, False),
        ({}, 41.0, False),
    ],
)
def test_a_temperature_of_the_day_itself_counts(
    health: dict[str, float], degrees: float | None, is_refused: bool
) -> None:
    rules = rulebook(health=health)
    refusal = morning.too_hot(rules, degrees, CARE_DAY, tokyo(7, 0))
    assert (refusal is not None) is is_refused
    assert morning.too_hot(rules, degrees, CARE_DAY, NOW) is None, "the evening before"


def test_the_mornings_limit_ends_at_noon() -> None:
    rules = rulebook(health={"hottest_morning": 37.4})
    assert morning.too_hot(rules, 38.0, CARE_DAY, tokyo(11, 59))
    assert morning.too_hot(rules, 38.0, CARE_DAY, tokyo(12, 0)) is None


# younger children first


def test_older_children_wait_until_their_own_hour() -> None:
    rules = rulebook(
        ages={"oldest_grade": 6, "older_grade": 4,
              "older_opens": {"days_before": 0, "at": "9:00"}},
        booking={"opens": {"days_before": 1, "at": "8:45"},
                 "closes": {"days_before": 0, "at": "12:00"}},
    )  # fmt: skip
    nine = tokyo(9, 0)
    fourth = gates.older(rules, 4, CARE_DAY, NOW)
    assert fourth
    assert (fourth.code, fourth.values["at"]) == (Code.NOT_YET_OPEN, nine)
    assert gates.older(rules, 3, CARE_DAY, NOW) is None
    assert gates.older(rules, 4, CARE_DAY, nine) is None
    assert gates.older(rulebook(), 6, CARE_DAY, NOW) is None
    sunday = CARE_DAY - timedelta(days=2)
    assert gates.older(rules, 6, sunday, NOW) is None


@pytest.mark.parametrize(
    ("opens", "times", "is_right"),
    [
        ("6:59", {}, True),
        ("7:00", {}, False),
        ("8:00", {"same_day_from": "7:30", "same_day_until": "8:01"}, True),
        ("8:01", {"same_day_from": "7:30", "same_day_until": "8:01"}, False),
    ],
)
def test_older_children_cannot_wait_for_an_hour_after_the_end(
    opens: str, times: dict[str, str], is_right: bool
) -> None:
    ages = {"older_grade": 4, "older_opens": {"days_before": 0, "at": opens}}
    if is_right:
        assert rulebook(ages=ages, booking=times)
        return
    with pytest.raises(ValueError, match="上の学年"):
        rulebook(ages=ages, booking=times)


def test_of_two_openings_to_come_the_later_one_is_told() -> None:
    rules = rulebook(
        ages={"oldest_grade": 6, "older_grade": 4,
              "older_opens": {"days_before": 0, "at": "6:00"}},
        booking={"closes": {"days_before": 0, "at": "12:00"}},
    )  # fmt: skip
    long_before = NOW - timedelta(days=14)
    pupil = wish(child=child(birthday=date(2015, 5, 1)))
    (refusal,) = gates.check(rules, pupil, long_before, municipality=SUGINAMI)
    assert refusal.values["at"] == tokyo(6, 0)


def test_the_board_looks_again_when_older_children_may_ask() -> None:

    rules = rulebook(
        ages={"older_grade": 4, "older_opens": {"days_before": 0, "at": "6:30"}},
        booking={"closes": {"days_before": 0, "at": "12:00"}},
    )
    assert clocks.next_change(rules, CARE_DAY, NOW) == tokyo(6, 30)


def test_a_child_that_may_not_ask_yet_is_marked_so_and_its_brother_is_not() -> None:

    rules = rulebook(
        ages={"oldest_grade": 6, "older_grade": 4, "older_opens": {"days_before": 0, "at": "6:00"}}
    )
    profiles = [Profile(Complaint.COUGH, None, 36, 0), Profile(Complaint.COUGH, None, 120, 4)]
    small, big = board(day(rules=rules), profiles, NOW)
    assert (small.kind, big.kind) == ("yes", "no")
    assert big.reasons[0].code is Code.NOT_YET_OPEN
    assert (108, 4) in age_bands([rules])


# one influenza or two


@pytest.mark.parametrize("matters", [True, False])
def test_types_of_influenza_share_a_room_where_they_do_not_matter(matters: bool) -> None:

    rules = rulebook(illnesses={"subtype_matters": matters})
    a, b = (illnesses.cohort(rules, code, "x") for code in ("FLU_A", "FLU_B"))
    assert (a != b) is matters
    assert illnesses.cohort(rules, "RSV", "x") == "RSV"
