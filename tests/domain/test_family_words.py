"""What families say of themselves: readings, names, what is missing, arrival, price."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import check_page, families, fees, kana
from reservation.domain.rulebook.sections import Hours, Pause
from tests.domain import build

EIGHT_TO_SIX = Hours(opens=time(8, 0), closes=time(18, 0))
TOLD = {
    "guardian_name": "さくら はは",
    "telephone": "09000000000",
    "residence": build.SUGINAMI,
    "allergies": "",
    "medical_care": "",
}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("さくら はな", "サクラ ハナ"),
        ("サクラ　ハナ", "サクラ ハナ"),
        ("ｻｸﾗ ﾊﾅ", "サクラ ハナ"),
        (" Anna  Müller ", "Anna Müller"),
        ("ヴァレリー", "ヴァレリー"),
    ],
)
def test_a_reading_is_kept_as_katakana(typed: str, kept: str) -> None:
    assert kana.katakana(typed) == kept


@given(st.text(alphabet=st.characters(min_codepoint=0x3041, max_codepoint=0x3096), min_size=1))
def test_any_hiragana_is_a_reading_after_it_was_turned(text: str) -> None:
    assert kana.is_reading(kana.katakana(text))


@pytest.mark.parametrize("text", ["", "佐倉", "サクラ1", "サ\nクラ", "=1"])
def test_what_is_no_reading_is_told_from_one(text: str) -> None:
    assert not kana.is_reading(text)


@pytest.mark.parametrize(
    ("name", "called"),
    [("佐倉 はな", "はな"), ("Anna Miller", "Anna"), ("はな", "はな"), (" ", " ")],
)
def test_a_child_is_called_by_its_own_name(name: str, called: str) -> None:
    assert families.called(name) == called


def test_an_empty_answer_is_an_answer_and_none_is_missing() -> None:
    assert families.missing(**TOLD) == ()
    nothing = {**TOLD, "telephone": None, "allergies": None, "guardian_name": ""}
    assert families.missing(**nothing) == ("guardian_name", "telephone", "allergies")


@pytest.mark.parametrize(
    ("statuses", "standing"),
    [
        (["approved", "pending"], "approved"),
        (["pending"], "pending"),
        (["returned"], "pending"),
        (["declined"], "none"),
        ([], "none"),
    ],
)
def test_the_best_registration_counts(statuses: list[str], standing: str) -> None:
    assert families.standing(statuses) == standing


def test_arrivals_are_quarters_of_an_hour_from_opening() -> None:
    times = check_page.arrivals(EIGHT_TO_SIX)
    assert times[:3] == ("8:00", "8:15", "8:30")
    assert times[-1] == "12:00"
    assert check_page.usual(EIGHT_TO_SIX) == "8:30"


def test_no_arrival_is_after_closing() -> None:
    short = Hours(opens=time(8, 0), closes=time(8, 20))
    assert check_page.arrivals(short) == ("8:00", "8:15")
    assert check_page.usual(short) == "8:15"


def test_nobody_arrives_during_the_lunch_break() -> None:
    clinic = Hours(opens=time(8, 45), closes=time(18, 0))
    lunch = Pause(first=time(12, 0), last=time(12, 30))
    times = check_page.arrivals(clinic, [lunch])
    assert times[-3:] == ("11:45", "12:30", "12:45")
    assert check_page.usual(clinic, [Pause(first=time(8, 0), last=time(9, 30))]) == "10:00"


def test_a_pause_over_all_of_the_morning_leaves_the_times_as_they_are() -> None:
    all_day = Pause(first=time(0, 0), last=time(23, 0))
    assert check_page.arrivals(EIGHT_TO_SIX, [all_day]) == check_page.arrivals(EIGHT_TO_SIX)


def test_late_at_night_the_day_ends() -> None:
    late = Hours(opens=time(22, 0), closes=time(23, 50))
    assert check_page.arrivals(late)[-1] == "23:45"


def test_a_stored_arrival_is_a_time_or_nothing() -> None:
    assert check_page.arrival("8:30") == time(8, 30)
    assert check_page.arrival("") is None


@pytest.mark.parametrize(
    ("residence", "price"), [(build.SUGINAMI, 2000), ("", 2000), ("131121", 5000)]
)
def test_who_lives_elsewhere_pays_what_the_rule_book_says(residence: str, price: int) -> None:
    rules = build.rulebook(fees={"resident": 2000, "non_resident": 5000})
    assert fees.price(rules, residence, build.SUGINAMI) == price


def test_without_another_price_everybody_pays_the_same() -> None:
    assert fees.price(build.rulebook(), "131121", build.SUGINAMI) == 2000
