"""The doctor's form: when it is needed, how long it is good, and when it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reservation.domain import doctor_form, gates, illnesses, vacancy
from reservation.domain.doctor_form import Paper
from reservation.domain.refusals import Code
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import State
from reservation.domain.values import Condition
from tests.domain.build import CARE_DAY, NOW, SUGINAMI, booking, child, day, rulebook, tokyo, wish


def rules(**form: Any) -> RuleBook:
    """A rule book that asks for a form, always unless said otherwise."""
    return rulebook(doctor_form={"needed": "always", **form})


def still_to_come(book: RuleBook, illness: str = "URI", form: Paper | None = None) -> list[Any]:
    """Codes and due times of what a booking for this illness would carry."""
    found = gates.conditions(
        book, wish(illness, child=child(form=form)), NOW, municipality=SUGINAMI
    )
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
    on = CARE_DAY + timedelta(days=after)
    good = doctor_form.is_good(rules(valid_days=days), paper, "URI", on)
    assert good is (0 <= after < days)


KEPT_APART = Paper("URI", CARE_DAY, isolated=True)


def test_a_doctor_keeps_a_child_apart_with_a_form_that_is_good() -> None:
    assert doctor_form.keeps_apart(rules(), KEPT_APART, "URI", CARE_DAY)
    assert not doctor_form.keeps_apart(rules(), Paper("URI", CARE_DAY), "URI", CARE_DAY)
    assert not doctor_form.keeps_apart(rules(), KEPT_APART, "FLU_A", CARE_DAY)
    assert not doctor_form.keeps_apart(rules(), None, "URI", CARE_DAY)


def test_isolation_lifts_a_general_illness_to_a_cohort_of_its_own_and_leaves_the_others() -> None:
    book = rulebook(illnesses={"RSV": "single"})
    assert illnesses.cohort(book, "URI", "b1", isolated=True) == "URI"
    assert illnesses.cohort(book, "URI", "b1") == illnesses.GENERAL
    assert illnesses.cohort(book, "FLU_A", "b1", isolated=True) == "FLU_A"
    assert illnesses.cohort(book, "RSV", "b1", isolated=True) == "RSV:b1"


def test_who_is_kept_apart_sits_in_an_isolation_room_and_counts_as_sick() -> None:
    book = rulebook(places={"illness_caps": [{"at_most": 0}]})
    stays = booking("b1", "URI", room="general")
    assert vacancy.fits(day(stays, rules=rules()), wish("URI"), NOW) == vacancy.Fits("general")
    apart = replace(wish("URI"), isolated=True)
    assert vacancy.fits(day(rules=rules()), apart, NOW) == vacancy.Fits("isolation")
    seated = vacancy.reseat(day(stays, rules=rules()), stays, "URI", NOW, isolated=True)
    assert seated == vacancy.Fits("isolation")
    no = vacancy.fits(day(rules=book), apart, NOW)
    assert isinstance(no, vacancy.No)
    assert no.reasons[0].code is Code.SICK_CAP


def test_two_who_are_kept_apart_with_one_illness_share_a_room() -> None:
    first = booking("b1", "URI", room="isolation", isolated=True)
    apart = replace(wish("URI"), isolated=True)
    assert vacancy.fits(day(first, rules=rules()), apart, NOW) == vacancy.Fits("isolation")
    other = replace(wish("BRONCHITIS"), isolated=True)
    assert isinstance(vacancy.fits(day(first, rules=rules()), other, NOW), vacancy.No)


OPEN = Condition("doctor_form", tokyo(8))
CLOSED = Condition("doctor_form", tokyo(8), NOW)
REGISTRATION = Condition("registration", tokyo(8))


@pytest.mark.parametrize(
    ("form", "had", "paper", "has"),
    [
        ({}, (REGISTRATION, OPEN), Paper("URI", CARE_DAY), (REGISTRATION, CLOSED)),
        ({}, (OPEN,), None, (OPEN,)),
        ({}, (CLOSED,), Paper("FLU_A", CARE_DAY), (OPEN,)),
        ({"void_on_change": False}, (CLOSED,), None, (CLOSED,)),
        ({}, (REGISTRATION,), None, (REGISTRATION, OPEN)),
        ({"needed": "never"}, (OPEN,), None, (CLOSED,)),
        ({"needed": "never"}, (), None, ()),
    ],
)
def test_the_open_end_follows_illness_and_form(
    form: dict[str, Any],
    had: tuple[Condition, ...],
    paper: Paper | None,
    has: tuple[Condition, ...],
) -> None:
    one = booking("b1", "URI", conditions=had)
    assert doctor_form.settled(rules(**form), one, paper, NOW) == has


@pytest.mark.parametrize("by_photo", [True, False])
@pytest.mark.parametrize("state", list(State))
def test_a_photo_may_come_while_the_form_is_to_come_and_goes_back_until_it_is_there(
    state: State, *, by_photo: bool
) -> None:
    book = rules(by_photo=by_photo)
    missing = booking(state=state, conditions=(Condition(doctor_form.CODE, None),))
    there = missing.change(conditions=(Condition(doctor_form.CODE, None, NOW),))
    wanted = state in (State.REQUESTED, State.CONFIRMED, State.CHECKED_IN)
    assert doctor_form.takes_photos(book, missing) is (by_photo and wanted)
    assert not doctor_form.takes_photos(book, there)
    assert doctor_form.gives_back(missing)
    assert doctor_form.gives_back(there) is not wanted
