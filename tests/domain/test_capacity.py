"""How many children a day takes."""

from __future__ import annotations

import pytest

from reservation.domain.capacity import (
    capacity,
    counted,
    isolation_limit,
    limits,
    open_rooms,
    over,
    points,
    staff_limit,
    too_many_sick,
)
from reservation.domain.refusals import Code
from reservation.domain.values import Duty
from tests.domain.build import day, room, rooms, rulebook


def test_a_plain_day_takes_the_official_capacity() -> None:
    assert capacity(day()) == 6


def test_staff_may_open_less_and_more_only_where_the_rule_book_allows() -> None:
    roomy = {"capacity": 6, "rooms": rooms(general=6, isolation=3)}
    staffed = {"standard_workers": 4}
    assert capacity(day(effective_capacity=4)) == 4
    assert capacity(day(rules=rulebook(**roomy, staffing=staffed), effective_capacity=8)) == 6
    more = rulebook(**roomy, staffing=staffed, places={"may_exceed": True})
    assert capacity(day(rules=more, effective_capacity=8)) == 8
    assert capacity(day(rules=more, effective_capacity=20)) == 9
    assert capacity(day(effective_capacity=0)) == 0


def test_a_closed_room_takes_its_places_with_it() -> None:
    closed = day(closed_rooms=frozenset({"isolation"}))
    assert [r.id for r in open_rooms(closed)] == ["general"]
    assert capacity(closed) == 4


@pytest.mark.parametrize(
    ("duty", "limit"),
    [
        ((), 6),
        ((Duty("am", 3, 1),), 6),
        ((Duty("am", 3, 1), Duty("pm", 3, 1)), 9),
        ((Duty("am", 3, 1), Duty("pm", 1, 1)), 3),
        ((Duty("am", 5, 1), Duty("pm", 5, 1)), 10),
        ((Duty("am", 3, 0), Duty("pm", 3, 1)), 0),
        ((Duty("am", 1, 0),), 0),
    ],
)
def test_the_smaller_half_of_the_staff_counts(duty: tuple[Duty, ...], limit: int) -> None:
    assert staff_limit(day(duty=duty)) == limit


def test_fewer_adults_than_the_minimum_take_nobody() -> None:
    rules = rulebook(staffing={"minimum_adults": 3})
    assert capacity(day(rules=rules)) == 6
    assert capacity(day(rules=rules, duty=(Duty("am", 1, 1),))) == 0


def test_isolation_rooms_are_limited_only_where_each_needs_an_adult() -> None:
    assert isolation_limit(day()) is None
    rules = rulebook(staffing={"adult_per_isolation": True})
    assert isolation_limit(day(rules=rules)) == 3
    assert isolation_limit(day(rules=rules, duty=(Duty("pm", 1, 1),))) == 2


WEIGHED = rulebook(
    places={
        "points": 5,
        "age_weights": [
            {"below_months": 36, "points": 1.25},
            {"below_months": 12, "points": 1.66},
        ],
    }
)


def test_younger_children_count_more() -> None:
    assert [points(WEIGHED, months) for months in (11, 12, 35, 36)] == [1.66, 1.25, 1.25, 1.0]
    assert points(rulebook(), 3) == 1.0


def test_a_day_of_five_points_takes_three_babies_or_five_older_children() -> None:
    full = day(rules=WEIGHED)
    assert over(full, [8] * 3) is None
    assert over(full, [8] * 4) is Code.POINTS
    assert over(full, [40] * 5) is None
    assert over(full, [40] * 6) is Code.POINTS
    assert over(full, [24] * 4) is None


def test_points_are_not_broken_by_a_hair() -> None:
    tenths = rulebook(places={"points": 0.3, "age_weights": [{"below_months": 200, "points": 0.1}]})
    assert over(day(rules=tenths), [30] * 3) is None


def test_heads_before_staff() -> None:
    assert over(day(), [30] * 6) is None
    assert over(day(), [30] * 7) is Code.CAPACITY
    few = day(duty=(Duty("am", 1, 1),))
    assert over(few, [30] * 3) is None
    assert over(few, [30] * 4) is Code.STAFF


def test_an_age_cap_counts_its_own_band_only() -> None:
    capped = rulebook(places={"age_caps": [{"from_months": 0, "below_months": 12, "at_most": 2}]})
    full = day(rules=capped)
    assert over(full, [6, 11, 12, 30]) is None
    assert over(full, [6, 11, 0]) is Code.AGE_CAP
    assert over(full, [6, 11, 0, 30], joining=0) is Code.AGE_CAP
    assert over(full, [6, 11, 0, 30], joining=30) is None


def test_an_illness_cap_counts_those_who_sit_apart_or_the_illnesses_it_names() -> None:
    caps = [{"at_most": 2}, {"illnesses": ["UNDIAGNOSED_FEVER", "FLU_A"], "at_most": 1}]
    rules = rulebook(places={"illness_caps": caps}, illnesses={"STREP": "single"})
    codes = ("URI", "UNDIAGNOSED_FEVER", "FLU_A", "STREP", "UNDIAGNOSED_RASH", "MEASLES")
    assert [counted(rules, code) for code in codes] == [(), (1,), (0, 1), (0,), (0,), (0,)]
    assert too_many_sick(rules, [(0,), (0,), (), ()], (0,)) is False
    assert too_many_sick(rules, [(0,), (0,), (0,)], (0,)) is True
    assert too_many_sick(rules, [(1,), (0, 1)], (0, 1)) is True
    # a cap that others have broken is no reason against a child it does not count
    assert too_many_sick(rules, [(0,), (0,), (0,), ()], ()) is False


def test_a_room_is_used_for_a_day_as_staff_set_it() -> None:
    other = day(room_uses={"general": "infectious", "gone": "either"})
    assert [(r.id, r.use) for r in open_rooms(other)] == [
        ("general", "infectious"), ("isolation", "infectious"),
    ]  # fmt: skip
    assert [r.use for r in open_rooms(day())] == ["general", "infectious"]


def test_infections_may_need_an_entrance_of_their_own() -> None:
    shared = [*rooms(general=3, isolation=2, either=2), room("porch", 1, "isolation")]
    shared[-1]["own_entrance"] = True
    house = rulebook(rooms=shared, places={"infections_by_own_entrance": True})
    assert [(r.id, r.use) for r in open_rooms(day(rules=house))] == [
        ("general", "general"), ("either", "general"), ("porch", "infectious"),
    ]  # fmt: skip
    assert capacity(day(rules=house)) == 6
    # staff cannot make an entrance by using a room otherwise
    other = day(rules=house, room_uses={"general": "infectious", "isolation": "general"})
    assert [(r.id, r.use) for r in open_rooms(other)] == [
        ("isolation", "general"), ("either", "general"), ("porch", "infectious"),
    ]  # fmt: skip


def test_a_day_without_open_rooms_takes_nobody() -> None:
    rules = rulebook(rooms=[room("one", 6)])
    assert capacity(day(rules=rules, closed_rooms=frozenset({"one"}))) == 0


def test_the_capacity_is_the_smallest_of_its_limits() -> None:
    today = day(effective_capacity=5, duty=(Duty("pm", 1, 1),))
    assert limits(today) == {"opened": 5, "rooms": 6, "am": 6, "pm": 3}
    assert capacity(today) == min(limits(today).values())
    assert limits(day(duty=(Duty("am", 1, 0),)))["am"] == 0
