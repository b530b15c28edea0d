"""The doctor's form: when it is needed, how long it is good, and when it is due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reservation.domain import doctor_form, gates
from reservation.domain.doctor_form import Paper
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import Condition
from tests.domain.build import CARE_DAY, NOW, child, rulebook, tokyo, wish


def rules(**form: Any) -> RuleBook:
    """A rule book that asks for a form, always unless said otherwise."""
    return rulebook(doctor_form={"needed": "always", **form})


def still_to_come(book: RuleBook, illness: str = "URI", form: Paper | None = None) -> list[Any]:
    """Codes and due times of what a booking for this illness would carry."""
    found = gates.conditions(book, wish(illness, child=child(form=form)), NOW)
    return [(one.code, one.due_at) for one in found]


def test_no_room_asks_for_a_form_unless_its_rules_say_so() -> None:
    assert still_to_come(rulebook(), "FLU_A") == []


@pytest.mark.parametrize(
    ("needed", "illness", "is_needed"),
    [
        ("always", "URI", True),
        ("always", "FLU_A", True),
        ("infectious", "URI", False),
        ("infectious", "FLU_A", True),
        ("infectious", "UNDIAGNOSED_RASH", True),
        ("never", "FLU_A", False),
    ],
)
def test_it_is_needed_always_or_for_what_does_not_sit_with_the_others(
    needed: str, illness: str, is_needed: bool
) -> None:
    book = rules(needed=needed)
    assert doctor_form.needed(book, illness) is is_needed
    assert ("doctor_form" in dict(still_to_come(book, illness))) is is_needed


def test_what_is_infectious_follows_the_rooms_own_table() -> None:
    book = rulebook(doctor_form={"needed": "infectious"}, illnesses={"FLU_A": "general"})
    assert not doctor_form.needed(book, "FLU_A")


def test_it_is_due_when_the_room_opens_or_when_the_rules_say() -> None:
    assert still_to_come(rules()) == [("doctor_form", tokyo(8))]
    assert still_to_come(rules(due="7:30")) == [("doctor_form", tokyo(7, 30))]


def test_a_due_time_that_has_passed_is_due_at_once() -> None:
    late = tokyo(8, 1)
    found = doctor_form.condition(rules(), None, "URI", CARE_DAY, late)
    assert found == Condition("doctor_form", late)


def test_on_a_day_without_hours_it_has_no_time() -> None:
    sunday = CARE_DAY + timedelta(days=5)
    found = doctor_form.condition(rules(), None, "URI", sunday, NOW)
    assert found == Condition("doctor_form", None)


@pytest.mark.parametrize(
    ("issued", "days", "is_good"),
    [
        (date(2026, 11, 24), 7, True),
        (date(2026, 11, 18), 7, True),
        (date(2026, 11, 17), 7, False),
        (date(2026, 11, 25), 7, False),
        (date(2026, 11, 24), 1, True),
        (date(2026, 11, 23), 1, False),
    ],
)
def test_the_day_of_issue_is_the_first_of_its_days(issued: date, days: int, is_good: bool) -> None:
    paper, book = Paper("URI", issued), rules(valid_days=days)
    assert doctor_form.is_good(book, paper, "URI", CARE_DAY) is is_good
    assert (still_to_come(book, form=paper) == []) is is_good


def test_another_diagnosis_makes_it_void_where_the_rules_say_so() -> None:
    paper = Paper("URI", CARE_DAY)
    assert still_to_come(rules(), "FLU_A", paper) == [("doctor_form", tokyo(8))]
    assert still_to_come(rules(void_on_change=False), "FLU_A", paper) == []


def test_only_the_clinics_that_are_named_may_write_it() -> None:
    assert doctor_form.takes(rules(), "どこか医院")
    own = rules(clinics=["こまえ医院"])
    assert doctor_form.takes(own, "こまえ医院")
    assert not doctor_form.takes(own, "どこか医院")


@given(after=some.integers(-3, 70), days=some.integers(1, 60))
def test_good_on_exactly_so_many_days_from_its_day_of_issue(after: int, days: int) -> None:
    paper = Paper("URI", CARE_DAY)
    day = CARE_DAY + timedelta(days=after)
    good = doctor_form.is_good(rules(valid_days=days), paper, "URI", day)
    assert good is (0 <= after < days)
