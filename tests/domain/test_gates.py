"""May this child come here that day?"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from reservation.domain import gates, refusals
from reservation.domain.refusals import Code
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import Complaint, Condition, Wish
from tests.domain.build import CARE_DAY, NOW, SUGINAMI, child, rulebook, tokyo, wish

NAKANO = "131148"


def codes(rules: RuleBook, asked: Wish, **how: Any) -> list[Code]:
    """The codes of all refusals, in order."""
    now = how.pop("now", NOW)
    found = gates.check(rules, asked, now, municipality=SUGINAMI, **how)
    return [refusal.code for refusal in found]


def test_a_registered_child_of_the_ward_with_a_cold_may_come() -> None:
    assert codes(rulebook(), wish()) == []


def test_never_taken_and_not_without_a_diagnosis_are_told_apart() -> None:
    strict = rulebook(illnesses={"UNDIAGNOSED_FEVER": "never"})
    assert codes(rulebook(), wish("MEASLES")) == [Code.NEVER_ILLNESS]
    assert codes(strict, wish("UNDIAGNOSED_FEVER")) == [Code.NOT_UNDIAGNOSED]
    assert codes(strict, wish("URI")) == []


def test_asking_has_its_times() -> None:
    friday = CARE_DAY - timedelta(days=4)
    assert codes(rulebook(), wish(), now=tokyo(8, 44, friday)) == [Code.NOT_YET_OPEN]
    assert codes(rulebook(), wish(), now=tokyo(8, 45, friday)) == []
    assert codes(rulebook(), wish(), now=tokyo(7, 0)) == [Code.TOO_LATE]
    holiday = wish(care_day=CARE_DAY - timedelta(days=1))
    assert codes(rulebook(), holiday) == [Code.CLOSED]


def test_four_months_and_29_days_is_too_young_and_the_next_day_is_not() -> None:
    rules = rulebook(ages={"youngest_months": 5})
    assert codes(rules, wish(child=child(birthday=date(2026, 6, 25)))) == [Code.TOO_YOUNG]
    assert codes(rules, wish(child=child(birthday=date(2026, 6, 24)))) == []
    [refusal] = gates.check(
        rules, wish(child=child(birthday=date(2026, 6, 25))), NOW, municipality=SUGINAMI
    )
    assert refusal.words % refusal.values == "対象は生後5か月からです。"


def test_a_school_child_is_too_old_where_only_children_before_school_are_taken() -> None:
    first_year = wish(child=child(birthday=date(2020, 4, 1)))
    [refusal] = gates.check(rulebook(), first_year, NOW, municipality=SUGINAMI)
    assert refusal.words % refusal.values == "対象の年齢をこえています(就学前まで)。"
    assert codes(rulebook(), wish(child=child(birthday=date(2020, 4, 2)))) == []
    assert codes(rulebook(ages={"oldest_grade": 1}), first_year) == []


@pytest.mark.parametrize("grade", range(7))
def test_every_oldest_grade_has_words(grade: int) -> None:
    refusal = gates.age(rulebook(ages={"oldest_grade": grade}), 200, grade + 1)
    assert refusal is not None
    assert str(grade or "就学前") in str(refusal.values["upto"])


@pytest.mark.parametrize(
    ("who", "eligible"),
    [
        ({"residence": SUGINAMI}, True),
        ({"residence": NAKANO, "nursery_in": SUGINAMI}, True),
        ({"residence": SUGINAMI, "nursery_in": NAKANO}, True),
        ({"residence": NAKANO, "nursery_in": NAKANO}, False),
        ({"residence": NAKANO}, False),
        ({"residence": "", "nursery_in": ""}, True),
        ({"residence": SUGINAMI, "guardian_on_leave": True}, False),
    ],
)
def test_who_lives_or_goes_to_nursery_in_the_ward_is_eligible(
    who: dict[str, Any], eligible: bool
) -> None:
    rules = rulebook(eligibility={"not_on_leave": True})
    assert codes(rules, wish(child=child(**who))) == ([] if eligible else [Code.ELIGIBILITY])


@pytest.mark.parametrize(
    ("counts", "works_in", "eligible"),
    [(True, SUGINAMI, True), (True, NAKANO, False), (True, "", False), (False, SUGINAMI, False)],
)
def test_a_guardian_who_works_here(counts: bool, works_in: str, eligible: bool) -> None:
    rules = rulebook(eligibility={"works_in_municipality": counts})
    commuter = wish(child=child(residence=NAKANO, nursery_in=NAKANO, works_in=works_in))
    assert codes(rules, commuter) == ([] if eligible else [Code.ELIGIBILITY])


@pytest.mark.parametrize("on_leave", [True, False])
@pytest.mark.parametrize("said", ["", "all", "not_all"])
@pytest.mark.parametrize("not_on_leave", [True, False])
@pytest.mark.parametrize("all_working", [True, False])
def test_work_and_leave_refuse_only_what_the_family_has_said_against_the_rule(
    all_working: bool, not_on_leave: bool, said: str, on_leave: bool
) -> None:
    rules = rulebook(eligibility={"all_working": all_working, "not_on_leave": not_on_leave})
    found = gates.work(rules, child(guardians_work=said, guardian_on_leave=on_leave))
    broken = {
        "on_leave": not_on_leave and on_leave,
        "not_working": all_working and said == "not_all",
    }
    rule = next((name for name, is_broken in broken.items() if is_broken), None)
    assert (found.values["rule"] if found else None) == rule
    if found and rule:
        assert (found.words, found.next_step) == (refusals.RULES[rule], refusals.RULE_NEXT)


def test_home_and_work_are_told_together() -> None:
    rules = rulebook(eligibility={"all_working": True})
    who = child(residence=NAKANO, guardians_work="not_all")
    found = gates.check(rules, wish(child=who), NOW, municipality=SUGINAMI)
    assert [one.values.get("rule") for one in found] == ["not_working", None]
    assert {one.code for one in found} == {Code.ELIGIBILITY}


def test_eligibility_is_a_setting() -> None:
    stranger = wish(child=child(residence=NAKANO))
    resting = wish(child=child(guardian_on_leave=True))
    assert codes(rulebook(eligibility={"anyone": True}), stranger) == []
    assert codes(rulebook(), resting) == []
    assert codes(rulebook(eligibility={"residents": False}), wish()) == [Code.ELIGIBILITY]
    goes_here = wish(child=child(residence=NAKANO, nursery_in=SUGINAMI))
    only_residents = rulebook(eligibility={"nursery_in_municipality": False})
    assert codes(only_residents, goes_here) == [Code.ELIGIBILITY]


@pytest.mark.parametrize(
    ("allowed", "towns", "residence", "eligible"),
    [
        (True, [NAKANO], NAKANO, True),
        (True, [NAKANO], "131121", False),
        (True, [], NAKANO, False),
        (False, [NAKANO], NAKANO, False),
    ],
)
def test_a_town_with_an_agreement_is_admitted_where_the_rule_book_says_so(
    allowed: bool, towns: list[str], residence: str, eligible: bool
) -> None:
    rules = rulebook(eligibility={"partners": allowed}, fees={"resident": 0, "partners": towns})
    found = codes(rules, wish(child=child(residence=residence)))
    assert found == ([] if eligible else [Code.ELIGIBILITY])


def test_an_agreement_does_not_lift_the_rule_of_leave() -> None:
    rules = rulebook(
        eligibility={"partners": True, "not_on_leave": True},
        fees={"resident": 0, "partners": [NAKANO]},
    )
    resting = wish(child=child(residence=NAKANO, guardian_on_leave=True))
    assert codes(rules, resting) == [Code.ELIGIBILITY]


def test_registration_may_be_pending_only_where_the_facility_accepts_that() -> None:
    pending, none = (
        wish(child=child(registration="pending")),
        wish(child=child(registration="none")),
    )
    patient = rulebook(registering={"before_approval": False})
    assert codes(rulebook(), pending) == []
    assert codes(patient, pending) == [Code.REGISTRATION]
    assert codes(rulebook(), none) == [Code.REGISTRATION]
    assert codes(rulebook(registering={"scope": "none"}), none) == []


def test_all_reasons_come_at_once_and_those_first_that_a_family_can_change() -> None:
    late = tokyo(7, 0)
    rules = rulebook(vaccines={"needed": [{"vaccine": "BCG", "from_months": 0}]})
    baby = child(months=3, registration="none", residence=NAKANO, vaccines={"BCG": "not_yet"})
    assert codes(rules, wish("MEASLES", child=baby), now=late) == [
        Code.REGISTRATION,
        Code.VACCINE,
        Code.TOO_LATE,
        Code.NEVER_ILLNESS,
        Code.TOO_YOUNG,
        Code.ELIGIBILITY,
    ]


def test_staff_may_enter_a_late_call_for_an_unregistered_child_but_no_early_one() -> None:
    asked = wish("MEASLES", child=child(registration="none"))
    assert codes(rulebook(), asked, now=tokyo(7, 5), by_staff=True) == [Code.NEVER_ILLNESS]
    early = tokyo(8, 0, CARE_DAY - timedelta(days=4))
    assert codes(rulebook(), wish(), now=early, by_staff=True) == [Code.NOT_YET_OPEN]


def test_an_approved_child_with_a_diagnosis_leaves_nothing_open() -> None:
    assert gates.conditions(rulebook(), wish(), NOW, municipality=SUGINAMI) == ()


@pytest.mark.parametrize("status", ["pending", "none"])
def test_a_registration_to_come_is_due_on_the_morning(status: str) -> None:
    asked = wish(child=child(registration=status))
    assert gates.conditions(rulebook(), asked, NOW, municipality=SUGINAMI) == (
        Condition("registration", tokyo(8, 0)),
    )
    assert (
        gates.conditions(rulebook(registering={"scope": "none"}), asked, NOW, municipality=SUGINAMI)
        == ()
    )


def test_what_a_doctor_decides_is_due_when_the_facility_opens_or_at_once() -> None:
    rash = wish("UNDIAGNOSED_RASH", complaint=Complaint.RASH)
    assert gates.conditions(rulebook(), rash, NOW, municipality=SUGINAMI) == (
        Condition("diagnosis", tokyo(8, 0)),
    )
    late = tokyo(9, 0)
    assert gates.conditions(rulebook(), rash, late, municipality=SUGINAMI) == (
        Condition("diagnosis", late),
    )
    on_sunday = wish("UNDIAGNOSED_RASH", care_day=date(2026, 11, 22))
    assert gates.conditions(rulebook(), on_sunday, NOW, municipality=SUGINAMI) == (
        Condition("diagnosis", None),
    )
    sure = rulebook(illnesses={"FLU_A": "doctor"})
    assert gates.conditions(sure, wish("FLU_A"), NOW, municipality=SUGINAMI) == ()
