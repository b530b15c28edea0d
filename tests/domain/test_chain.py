"""Several days of one illness: the limits, who comes first, and which days fall."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import chain, clocks, early, gates
from reservation.domain.refusals import Code
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.documents import build
from reservation.domain.rulebook.mistakes import BrokenRuleBook
from reservation.domain.states import State
from reservation.domain.values import Child, Condition
from tests.domain.build import NOW, SUGINAMI, booking, child, day, rulebook, tokyo, wish

MONDAY = date(2026, 11, 30)
FRIDAY = date(2026, 11, 27)


def days(first: date, *after: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=n) for n in after)


def had(*found: date, illness: str = "URI") -> Child:
    return child(days=tuple((illness, one) for one in found))


def too_many(rules: RuleBook, asked: date, *before: date, illness: str = "URI") -> bool:
    return chain.too_many(rules, had(*before, illness=illness), illness, asked) is not None


def test_days_no_further_apart_than_a_week_are_one_illness() -> None:
    mine = days(MONDAY, 0, 7, 15)
    assert chain.run(mine, MONDAY) == days(MONDAY, 0, 7)
    assert chain.run(mine, MONDAY + timedelta(days=15)) == days(MONDAY, 15)
    assert chain.run(mine, MONDAY + timedelta(days=14)) == days(MONDAY, 0, 7, 14, 15)
    assert chain.run((), MONDAY) == (MONDAY,)


@given(st.sets(st.integers(0, 40)), st.integers(0, 40))
def test_a_run_is_the_most_that_holds_together(offsets: set[int], asked: int) -> None:
    found = chain.run(days(MONDAY, *sorted(offsets)), MONDAY + timedelta(days=asked))
    assert MONDAY + timedelta(days=asked) in found
    assert all(b - a <= chain.GAP for a, b in zip(found, found[1:], strict=False))
    outside = {MONDAY + timedelta(days=n) for n in offsets} - set(found)
    assert all(abs(one - mine) > chain.GAP for one in outside for mine in (found[0], found[-1]))


def test_seven_days_from_a_monday_end_on_sunday() -> None:
    rules = rulebook(chain={"most_days": 7})
    assert not too_many(rules, MONDAY)
    assert not too_many(rules, MONDAY + timedelta(days=6), *days(MONDAY, 0, 1))
    assert too_many(rules, MONDAY + timedelta(days=7), *days(MONDAY, 0, 1, 4))
    assert too_many(rules, MONDAY, *days(MONDAY, 7)), "a day before lengthens it just so"


def test_another_illness_counts_by_itself() -> None:
    rules = rulebook(chain={"most_days": 2})
    ill = had(*days(MONDAY, 0, 1))
    assert chain.too_many(rules, ill, "URI", MONDAY + timedelta(days=2)) is not None
    assert chain.too_many(rules, ill, "FLU_A", MONDAY + timedelta(days=2)) is None


def test_the_refusal_names_the_limit_and_the_first_day() -> None:
    rules = rulebook(chain={"most_days": 7})
    found = chain.too_many(rules, had(*days(MONDAY, 0, 6)), "URI", MONDAY + timedelta(days=7))
    assert found is not None
    assert (found.code, found.values) == (Code.TOO_MANY_DAYS, {"days": 7, "first": MONDAY})


def test_open_days_alone_are_counted_where_the_rule_book_says_so() -> None:
    rules = rulebook(chain={"most_days": 3, "counted": "open"})
    thursday = FRIDAY - timedelta(days=1)
    assert not too_many(rules, MONDAY, thursday, FRIDAY)
    assert too_many(rules, MONDAY + timedelta(days=1), thursday, FRIDAY)
    assert too_many(rulebook(chain={"most_days": 3}), MONDAY, thursday, FRIDAY)


@pytest.mark.parametrize(("own", "most"), [(None, 3), (5, 5), (0, 0)])
def test_an_illness_may_have_its_own_limit(own: int | None, most: int) -> None:
    row = {"handling": "cohort", "most_days": own}
    rules = rulebook(chain={"most_days": 3}, illnesses={"table": {"FLU_A": row}})
    assert chain.most_days(rules, "FLU_A") == most
    assert chain.most_days(rules, "URI") == 3
    assert too_many(rules, days(MONDAY, 5)[0], MONDAY, illness="FLU_A") is (most in (3, 5))
    assert too_many(rules, days(MONDAY, 4)[0], MONDAY, illness="FLU_A") is (most == 3)


def test_three_days_at_once_and_further_ones_from_the_morning_of_the_third() -> None:
    rules = rulebook(chain={"at_once": 3, "further_from": "8:30"})
    three, fourth = days(MONDAY, 0, 1, 2), MONDAY + timedelta(days=3)
    morning = tokyo(8, 30, three[2])

    def says(asked: date, now: datetime, *before: date) -> datetime | None:
        found = chain.at_once(rules, had(*before), "URI", asked, now)
        return found and found.values["at"]  # type: ignore[return-value]

    assert says(three[2], NOW, *three[:2]) is None
    assert says(fourth, NOW, *three) == morning
    assert says(fourth, morning - timedelta(minutes=1), *three) == morning
    assert says(fourth, morning, *three) is None
    assert says(days(MONDAY, 5)[0], morning, *three, *days(MONDAY, 3, 4)) is None
    assert says(days(MONDAY, 6)[0], morning, *three, *days(MONDAY, 3, 4, 5)) == tokyo(
        8, 30, days(MONDAY, 5)[0]
    )


def test_where_each_day_is_its_own_booking_the_next_one_opens_that_morning() -> None:
    rules = rulebook(chain={"model": "daily"})
    tuesday = MONDAY + timedelta(days=1)
    found = chain.at_once(rules, had(MONDAY), "URI", tuesday, tokyo(8, 29, MONDAY))
    assert found is not None
    assert found.code is Code.TOO_MANY_AT_ONCE
    assert found.values == {"days": 1, "at": tokyo(8, 30, MONDAY)}
    assert chain.at_once(rules, had(MONDAY), "URI", tuesday, tokyo(8, 30, MONDAY)) is None


def test_who_has_the_open_day_before_returns_until_the_third_day() -> None:
    rules = rulebook(chain={"returning_days": 3})
    thursday, tuesday = FRIDAY - timedelta(days=1), MONDAY + timedelta(days=1)
    assert not chain.returns(rules, had(), "URI", MONDAY)
    assert chain.returns(rules, had(FRIDAY), "URI", MONDAY), "the weekend is no break"
    assert chain.returns(rules, had(thursday, FRIDAY), "URI", MONDAY)
    assert not chain.returns(rules, had(thursday, FRIDAY, MONDAY), "URI", tuesday)
    assert not chain.returns(rules, had(thursday), "URI", MONDAY)
    assert not chain.returns(rules, had(FRIDAY), "FLU_A", MONDAY)
    assert not chain.returns(rulebook(), had(FRIDAY), "URI", MONDAY)


@pytest.mark.parametrize(
    ("chain_rules", "illness_rules", "asks"),
    [
        ({}, {}, False),
        ({"model": "cascade"}, {}, False),
        ({"most_days": 1}, {}, True),
        ({"at_once": 1}, {}, True),
        ({"model": "daily"}, {}, True),
        ({"returning_days": 1}, {}, True),
        ({}, {"table": {"FLU_A": {"handling": "cohort", "most_days": 5}}}, True),
        ({}, {"table": {"FLU_A": {"handling": "cohort", "most_days": 0}}}, False),
    ],
)
def test_days_are_asked_for_only_where_a_rule_counts_them(chain_rules, illness_rules, asks) -> None:
    assert chain.asks(rulebook(chain=chain_rules, illnesses=illness_rules)) is asks


def test_a_known_course_may_be_asked_for_on_thursday_for_monday() -> None:
    rules = rulebook(booking={"opens": {"days_before": 1, "at": "9:00"}, "predictable_earlier": 1})
    thursday = tokyo(9, 0, FRIDAY - timedelta(days=1))

    def says(illness: str | None, now: datetime) -> Code | None:
        found = clocks.may_ask(rules, MONDAY, now, illness)
        return found and found.code

    assert says("FLU_A", thursday) is None
    assert says("FLU_A", thursday - timedelta(minutes=1)) is Code.NOT_YET_OPEN
    assert says("URI", thursday) is says(None, thursday) is Code.NOT_YET_OPEN
    assert says("URI", tokyo(9, 0, FRIDAY)) is None
    assert clocks.next_change(rules, MONDAY, thursday - timedelta(minutes=1)) == thursday
    assert early.predictable_opens_at(rulebook(), MONDAY) is None


def test_a_returning_child_may_ask_before_all_others() -> None:
    booked = {"opens": {"days_before": 1, "at": "12:30"}}
    rules = rulebook(booking=booked, chain={"returning_days": 3})
    back, new = wish(child=had(FRIDAY), care_day=MONDAY), wish(care_day=MONDAY)
    eight, noon = tokyo(8, 0, FRIDAY), tokyo(12, 30, FRIDAY)
    assert (gates.opens(rules, back), gates.opens(rules, new)) == (eight, noon)
    assert gates.clock_for(rules, back, eight) is None
    early = gates.clock_for(rules, new, eight)
    assert early is not None
    assert early.values == {"at": noon}
    assert clocks.next_change(rules, MONDAY, eight - timedelta(minutes=1)) == eight
    assert clocks.next_change(rules, MONDAY, eight) == noon


def test_all_reasons_of_a_child_with_many_days_are_named_by_the_gates() -> None:
    rules = rulebook(chain={"most_days": 2, "at_once": 1, "further_from": "23:59"})
    tuesday = date(2026, 11, 24)
    ill = child(days=(("URI", tuesday - timedelta(days=3)),))
    found = gates.check(rules, wish(child=ill), NOW, municipality=SUGINAMI)
    assert [one.code for one in found] == [Code.TOO_MANY_DAYS]
    later = child(days=(("URI", tuesday + timedelta(days=1)),))
    found = gates.check(rules, wish(child=later), NOW, municipality=SUGINAMI)
    assert [one.code for one in found] == [Code.TOO_MANY_AT_ONCE]


def test_so_many_children_that_await_approval_and_no_more() -> None:
    rules = rulebook(registering={"provisional_most": 2})
    awaiting = wish(child=child("new", registration="pending"))
    due, closed = Condition("registration", NOW), Condition("registration", NOW, NOW)
    both = [booking("a", conditions=(due,)), booking("b", conditions=(due,))]

    def full(*there, asked=awaiting, by=rules) -> bool:
        found = gates.check_on(day(*there, rules=by), asked, NOW, municipality=SUGINAMI)
        assert all(one.values == {"most": 2} for one in found)
        return [one.code for one in found] == [Code.PROVISIONAL_FULL]

    assert full(*both)
    assert not full(*both, asked=wish())
    assert not full(*both, by=rulebook())
    assert not full(both[0], booking("b", conditions=(closed,)))
    assert not full(both[0], booking("b", conditions=(Condition("diagnosis", NOW),)))
    assert not full(both[0], booking("b", state=State.WAITING, conditions=(due,)))
    assert not full(*both, asked=wish(child=awaiting.child, booking_id="b"))


def test_an_unknown_illness_with_a_known_course_is_a_mistake() -> None:
    with pytest.raises(BrokenRuleBook):
        build(
            RuleBook,
            rulebook().model_dump(mode="json") | {"booking": {"predictable": ["NONSENSE"]}},
        )


LATER = [
    booking("c", care_day=MONDAY + timedelta(days=3)),
    booking("b", care_day=MONDAY + timedelta(days=2), state=State.REQUESTED),
    booking("before", care_day=MONDAY),
    booking("list", care_day=MONDAY + timedelta(days=2), state=State.WAITING),
    booking("held", care_day=MONDAY + timedelta(days=4), state=State.HELD),
]


@pytest.mark.parametrize(
    ("model", "to_nursery", "state", "ids"),
    [
        ("none", True, State.CONFIRMED, []),
        ("daily", True, State.CONFIRMED, []),
        ("cascade", False, State.CONFIRMED, ["b", "c"]),
        ("cascade", True, State.REQUESTED, ["b", "c"]),
        ("cascade", True, State.WAITING, []),
        ("conditional", True, State.CONFIRMED, ["b", "c"]),
        ("conditional", False, State.CONFIRMED, []),
    ],
)
def test_which_days_fall(model, to_nursery, state, ids) -> None:
    cancelled = booking("a", care_day=MONDAY + timedelta(days=1), state=state)
    rules = rulebook(chain={"model": model})
    found = chain.falling(rules, cancelled, LATER, to_nursery=to_nursery)
    assert [one.id for one in found] == ids
    assert chain.takes_others(rules) is (model in ("cascade", "conditional"))


def test_a_place_on_the_day_itself_lengthens_nothing() -> None:
    rules = rulebook(chain={"most_days": 1, "at_once": 1})
    assert chain.too_many(rules, had(MONDAY), "URI", MONDAY) is None
    assert chain.at_once(rules, had(MONDAY), "URI", MONDAY, NOW) is None


# -- which illness a day belongs to ----------------------------------------------------------------

FEVER = "UNDIAGNOSED_FEVER"


@pytest.mark.parametrize(
    ("has", "unnamed", "illness", "named", "found"),
    [
        ([(FEVER, -3)], {FEVER}, "FLU_A", True, FEVER),
        ([("FLU_A", -3)], set(), FEVER, False, "FLU_A"),
        ([(FEVER, 1)], {FEVER}, "FLU_A", True, FEVER),
        ([("FLU_A", -3)], set(), "OTITIS", True, "OTITIS"),
        ([(FEVER, -4)], {FEVER}, "FLU_A", True, "FLU_A"),
        ([(FEVER, -3), ("FLU_A", -7)], {FEVER}, "FLU_A", True, "FLU_A"),
        ([(FEVER, -3), ("FLU_A", -8)], {FEVER}, "FLU_A", True, FEVER),
        ([], set(), "FLU_A", True, "FLU_A"),
    ],
)
def test_until_two_illnesses_are_named_days_in_a_row_are_one(
    has: list[tuple[str, int]], unnamed: set[str], illness: str, named: bool, found: str
) -> None:
    mine = tuple((code, MONDAY + timedelta(days=on)) for code, on in has)
    under = chain.goes_on(rulebook(), mine, unnamed, illness, MONDAY, named=named)
    assert under == found
    assert chain.renamed(mine, under, illness) == tuple(
        (illness if code == found else code, one) for code, one in mine
    )


@given(
    st.lists(st.tuples(st.sampled_from([FEVER, "FLU_A", "OTITIS"]), st.integers(-9, 9))),
    st.sampled_from([FEVER, "FLU_A", "OTITIS"]),
)
def test_a_day_belongs_to_its_own_illness_or_to_a_neighbour_without_two_names(
    has: list[tuple[str, int]], illness: str
) -> None:
    mine = tuple((code, MONDAY + timedelta(days=on)) for code, on in has)
    found = chain.goes_on(rulebook(), mine, {FEVER}, illness, MONDAY, named=illness != FEVER)
    if found == illness:
        return
    assert all(code != illness or abs(on) > 7 for code, on in has)
    assert FEVER in (found, illness)
    assert (found, -3) in has or (found, 1) in has
