"""The catalogue of illnesses and what a facility does with each."""

from __future__ import annotations

import pytest

from reservation.domain import illnesses
from reservation.domain.values import Complaint
from tests.domain.build import rulebook

RULES = rulebook()


def test_every_illness_belongs_to_a_group_and_has_a_known_handling() -> None:
    assert len(illnesses.CATALOGUE) >= 30
    for code, illness in illnesses.CATALOGUE.items():
        assert illness.code == code
        assert illness.group in illnesses.GROUPS
        assert illness.handling in {"general", "cohort", "single", "never", "doctor"}
    assert {i.group for i in illnesses.CATALOGUE.values()} == set(illnesses.GROUPS)
    assert len({i.words for i in illnesses.CATALOGUE.values()}) == len(illnesses.CATALOGUE)


@pytest.mark.parametrize("code", ["MEASLES", "EKC", "TB", "EHEC"])
def test_four_illnesses_are_never_taken_unless_the_rule_book_says_so(code: str) -> None:
    assert illnesses.handling(RULES, code) == "never"
    assert illnesses.handling(rulebook(illnesses={code: "single"}), code) == "single"


@pytest.mark.parametrize(
    ("complaint", "code", "how"),
    [
        (Complaint.FEVER, "UNDIAGNOSED_FEVER", "general"),
        (Complaint.COUGH, "URI", "general"),
        (Complaint.STOMACH, "SUSPECTED_GASTROENTERITIS", "cohort"),
        (Complaint.RASH, "UNDIAGNOSED_RASH", "doctor"),
        (Complaint.UNSURE, "UNCLEAR", "general"),
    ],
)
def test_a_complaint_counts_as_an_illness(complaint: Complaint, code: str, how: str) -> None:
    assert illnesses.illness_for(RULES, complaint, None) == code
    assert illnesses.handling(RULES, code) == how


def test_the_rule_book_may_map_a_complaint_otherwise() -> None:
    rules = rulebook(illnesses={"complaints": {"cough": "BRONCHITIS"}})
    assert illnesses.illness_for(rules, Complaint.COUGH, None) == "BRONCHITIS"


def test_what_a_doctor_told_beats_the_complaint() -> None:
    assert illnesses.illness_for(RULES, Complaint.DIAGNOSED, "FLU_A") == "FLU_A"
    assert illnesses.illness_for(RULES, Complaint.FEVER, "FLU_A") == "FLU_A"


@pytest.mark.parametrize("told", [None, "", "PLAGUE"])
def test_a_diagnosis_needs_an_illness_of_the_catalogue(told: str | None) -> None:
    with pytest.raises(ValueError, match="catalogue"):
        illnesses.illness_for(RULES, Complaint.DIAGNOSED, told)


def test_of_several_signs_the_strongest_counts() -> None:
    signs = [Complaint.COUGH, Complaint.FEVER, Complaint.STOMACH, Complaint.RASH]
    while signs:
        assert illnesses.strongest(reversed(signs)) is signs[-1]
        signs.pop()
    assert illnesses.strongest([Complaint.UNSURE, Complaint.COUGH]) is Complaint.COUGH
    assert illnesses.strongest([Complaint.RASH, Complaint.DIAGNOSED]) is Complaint.DIAGNOSED
    assert illnesses.strongest([]) is Complaint.UNSURE


def test_who_may_share_a_room() -> None:
    assert illnesses.cohort(RULES, "URI", "b1") == illnesses.cohort(RULES, "OTITIS", "b2") == "G"
    assert illnesses.cohort(RULES, "FLU_A", "b1") == illnesses.cohort(RULES, "FLU_A", "b2")
    assert illnesses.cohort(RULES, "FLU_A", "b1") != illnesses.cohort(RULES, "FLU_B", "b1")
    suspected, sure = "SUSPECTED_GASTROENTERITIS", "GASTROENTERITIS"
    assert illnesses.cohort(RULES, suspected, "b1") != illnesses.cohort(RULES, sure, "b1")
    for alone in ("UNDIAGNOSED_RASH", "MEASLES"):
        assert illnesses.cohort(RULES, alone, "b1") != illnesses.cohort(RULES, alone, "b2")
    single = rulebook(illnesses={"FLU_A": "single"})
    assert illnesses.cohort(single, "FLU_A", "b1") != illnesses.cohort(single, "FLU_A", "b2")


def test_a_person_looks_at_what_a_doctor_decides_and_at_who_is_not_sure() -> None:
    assert illnesses.needs_staff(RULES, Complaint.RASH, "UNDIAGNOSED_RASH")
    assert illnesses.needs_staff(RULES, Complaint.UNSURE, "UNCLEAR")
    assert not illnesses.needs_staff(RULES, Complaint.FEVER, "UNDIAGNOSED_FEVER")
    trusting = rulebook(illnesses={"unsure_to_staff": False})
    assert not illnesses.needs_staff(trusting, Complaint.UNSURE, "UNCLEAR")


def test_complaints_are_undiagnosed_and_a_cold_is_not() -> None:
    assert all(
        illnesses.undiagnosed(code) for code in illnesses.COMPLAINTS.values() if code != "URI"
    )
    assert not illnesses.undiagnosed("URI")
    assert not illnesses.undiagnosed("FLU_A")
