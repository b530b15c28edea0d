"""Papers of enrolment and work: who must show them, and how long one counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import certificates, conditions, dates, gates
from reservation.domain.certificates import Certificate
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import Condition
from tests.domain.build import CARE_DAY, NOW, SUGINAMI, booking, child, rulebook, tokyo, wish

MUSASHINO = "132039"
ENROLMENT, WORK = "certificate_enrolment", "certificate_work"


def asking(**rule: Any) -> RuleBook:
    """A room that asks for both papers of children who go to nursery outside."""
    return rulebook(eligibility={"certificates": ["enrolment", "work"], **rule})


def missing(rules: RuleBook, *shown: Certificate, nursery_in: str = MUSASHINO) -> list[str]:
    """Codes of what a booking would wait for."""
    one = child(nursery_in=nursery_in, certificates=shown)
    found = gates.conditions(rules, wish(child=one), NOW, municipality=SUGINAMI)
    return [condition.code for condition in found]


@pytest.mark.parametrize(
    ("rule", "nursery_in", "asked"),
    [
        ({}, MUSASHINO, True),
        ({}, "000000", True),
        ({}, SUGINAMI, False),
        ({}, "", False),
        ({"certificates_of": "everyone"}, SUGINAMI, True),
        ({"certificates_of": "everyone"}, "", True),
        ({"certificates": []}, MUSASHINO, False),
    ],
)
def test_who_must_show_them(rule: dict[str, Any], nursery_in: str, asked: bool) -> None:
    found = missing(asking(**rule), nursery_in=nursery_in)
    assert found == ([ENROLMENT, WORK] if asked else [])


def test_only_the_papers_of_the_rule_book_are_asked_for_and_each_by_itself() -> None:
    assert missing(asking(certificates=["work"])) == [WORK]
    assert missing(asking(), Certificate("work", CARE_DAY)) == [ENROLMENT]
    assert missing(asking(), Certificate("enrolment", CARE_DAY)) == [WORK]


def test_they_are_due_when_the_facility_opens_or_at_once() -> None:
    one = child(nursery_in=MUSASHINO)
    rules = asking(certificates=["work"])
    due = certificates.conditions(rules, one, SUGINAMI, CARE_DAY, NOW)
    assert due == (Condition(WORK, tokyo(8, 0)),)
    late = certificates.conditions(rules, one, SUGINAMI, CARE_DAY, tokyo(9, 0))
    assert late == (Condition(WORK, tokyo(9, 0)),)
    sunday = CARE_DAY - timedelta(days=2)
    assert certificates.conditions(rules, one, SUGINAMI, sunday, NOW) == (Condition(WORK, None),)


@pytest.mark.parametrize(
    ("renewal", "valid_from", "valid_to", "last"),
    [
        ("never", date(2026, 4, 1), None, None),
        ("never", date(2026, 4, 1), date(2026, 9, 30), date(2026, 9, 30)),
        ("fiscal_year", date(2026, 4, 1), None, date(2027, 3, 31)),
        ("fiscal_year", date(2026, 3, 31), None, date(2026, 3, 31)),
        ("fiscal_year", date(2026, 4, 1), date(2030, 1, 1), date(2027, 3, 31)),
    ],
)
def test_a_paper_ends_by_itself_or_with_the_fiscal_year(
    renewal: str, valid_from: date, valid_to: date | None, last: date | None
) -> None:
    rules = asking(certificates_renewal=renewal)
    one = Certificate("work", valid_from, valid_to)
    assert certificates.last_day(rules, one) == last
    assert not certificates.is_good(rules, one, valid_from - timedelta(days=1))
    assert certificates.is_good(rules, one, valid_from)
    if last:
        assert certificates.is_good(rules, one, last)
        assert not certificates.is_good(rules, one, last + timedelta(days=1))


@given(
    care_day=st.dates(date(2025, 1, 1), date(2028, 1, 1)),
    ahead=st.integers(0, 60),
    renewal=st.sampled_from(["never", "fiscal_year"]),
)
def test_what_is_shown_for_a_care_day_counts_on_it(
    care_day: date, ahead: int, renewal: str
) -> None:
    today = care_day - timedelta(days=ahead)
    one = Certificate("work", certificates.first_day(care_day, today))
    assert certificates.is_good(asking(certificates_renewal=renewal), one, care_day)
    same_year = dates.fiscal_year(today) == dates.fiscal_year(care_day)
    assert one.valid_from == (today if same_year else date(care_day.year, 4, 1))


def settled(code: str, closed_at: datetime | None, *shown: Certificate) -> Condition:
    """What becomes of this condition of a booking."""
    waiting = booking(conditions=(Condition(code, NOW, closed_at),))
    (one,) = certificates.settled(asking(), waiting, shown, tokyo(7, 0))
    return one


def test_a_booking_is_settled_by_what_was_shown() -> None:
    good, other = Certificate("work", CARE_DAY), Certificate("enrolment", CARE_DAY)
    assert settled(WORK, None, good).closed_at == tokyo(7, 0)
    assert settled(WORK, None, other).is_open
    assert settled(WORK, None).is_open
    assert settled(WORK, NOW).is_open, "taken back"
    assert settled(WORK, NOW, good).closed_at == NOW
    assert settled("registration", None, good).is_open
    assert settled(WORK, None, Certificate("work", CARE_DAY + timedelta(days=1))).is_open


def test_every_paper_has_a_condition_in_words() -> None:
    assert set(certificates.OF_CONDITION) <= set(conditions.WORDS)
