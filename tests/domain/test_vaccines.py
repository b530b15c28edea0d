"""Vaccinations by age: who is refused, who brings the handbook, and what the board may learn."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import gates, morning, vaccines
from reservation.domain.refusals import Code
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.vaccinated import Needed
from reservation.domain.vacancy.board import Profile, age_bands, board
from reservation.domain.values import Complaint
from tests.domain.build import CARE_DAY, NOW, SUGINAMI, aged, child, day, rulebook, wish

ANSWERS = (None, *vaccines.ANSWERS)


def asking(*needed: tuple[str, int]) -> RuleBook:
    """A room that asks for these vaccines from these months on."""
    rows = [{"vaccine": code, "from_months": months} for code, months in needed]
    return rulebook(vaccines={"needed": rows})


MR = asking(("MR", 14))


def told(answer: str | None) -> dict[str, str]:
    """What a family has said of MR."""
    return {"MR": answer} if answer else {}


@pytest.mark.parametrize("months", [13, 14, 15])
@pytest.mark.parametrize("answer", ANSWERS)
def test_not_yet_refuses_from_the_age_on_and_unsure_brings_the_handbook(
    months: int, answer: str | None
) -> None:
    one = child(months=months, vaccines=told(answer))
    found = gates.check(MR, wish(child=one), NOW, municipality=SUGINAMI)
    is_old_enough = months >= 14
    refused = [Code.VACCINE] if is_old_enough and answer == "not_yet" else []
    assert [refusal.code for refusal in found] == refused
    asked = morning.statements(MR, "URI", one.birthday, CARE_DAY, told=one.vaccines)
    assert bool(asked) is (is_old_enough and answer in (None, "unknown"))


def test_the_handbook_is_asked_for_by_name() -> None:
    (one,) = morning.statements(MR, "URI", aged(20), CARE_DAY)
    sentence = "母子健康手帳で、MR(麻しん・風しん)の予防接種を受けたことを確かめられること"
    assert one.words % one.values == sentence


def test_the_care_day_counts_and_not_the_day_of_asking() -> None:
    birthday = date(2025, 9, 24)
    assert vaccines.needed(MR, birthday, date(2026, 11, 24)) == ("MR",)
    assert vaccines.needed(MR, birthday, date(2026, 11, 23)) == ()


def test_nobody_is_asked_where_the_rule_book_names_none() -> None:
    unvaccinated = child(vaccines={"MR": "not_yet"})
    assert gates.check(rulebook(), wish(child=unvaccinated), NOW, municipality=SUGINAMI) == []
    assert vaccines.unsure(rulebook(), {}, unvaccinated.birthday, CARE_DAY) == ()


@given(
    months=st.integers(0, 160),
    needed=st.lists(st.tuples(st.sampled_from(sorted(vaccines.WORDS)), st.integers(0, 155))),
    said=st.dictionaries(
        st.sampled_from(sorted(vaccines.WORDS)), st.sampled_from(sorted(vaccines.ANSWERS))
    ),
)
def test_each_vaccine_is_counted_by_itself(
    months: int, needed: list[tuple[str, int]], said: dict[str, str]
) -> None:
    rules, birthday = asking(*needed), aged(months)
    due = [code for code, least in needed if least <= months]
    refused = vaccines.refused(rules, said, birthday, CARE_DAY)
    assert (refused is not None) is any(said.get(code) == "not_yet" for code in due)
    unsure = [code for code in due if said.get(code) in (None, "unknown")]
    assert list(vaccines.unsure(rules, said, birthday, CARE_DAY)) == unsure


@given(
    said=st.dictionaries(
        st.sampled_from(sorted(vaccines.WORDS)), st.sampled_from(sorted(vaccines.ANSWERS))
    )
)
def test_what_is_stored_reads_back_the_same(said: dict[str, str]) -> None:
    assert vaccines.read(vaccines.written(said)) == said


def test_nothing_said_is_nothing_stored() -> None:
    assert vaccines.written({}) is None
    assert vaccines.read(None) == {}


def test_a_rule_book_may_name_every_vaccine_there_are_words_for() -> None:
    for code in vaccines.WORDS:
        assert Needed(vaccine=code, from_months=12).vaccine == code  # type: ignore[arg-type]


def test_the_board_of_everybody_is_the_same_with_and_without_the_rule() -> None:
    bands = age_bands([rulebook()])
    profiles = [Profile(Complaint.FEVER, None, months, grade) for months, grade in bands]
    assert board(day(), profiles, NOW) == board(day(rules=MR), profiles, NOW)
