"""The annotated examples of docs/examples: rule books that do what their comments say."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from reservation.cli import main
from reservation.domain import clocks, dates, gates, vacancy
from reservation.domain.refusals import Code
from reservation.domain.rulebook import RuleBook, defaults, documents
from tests.domain import build
from tests.domain.build import tokyo

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
ROOMS = sorted(path.stem for path in EXAMPLES.glob("*.yaml") if path.stem != "defaults")
THURSDAY, SATURDAY = date(2026, 11, 26), date(2026, 11, 28)


def room(name: str) -> RuleBook:
    """The rule book of an example."""
    return documents.read((EXAMPLES / f"{name}.yaml").read_text("utf-8"))


def test_there_is_one_for_each_pattern() -> None:
    assert ROOMS == [
        "automatic-room", "clinic-saturday", "convalescent-without-isolation",
        "sick-sub-capacity", "staff-decides-room", "weighs-by-age",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ROOMS)
def test_it_is_a_rule_book_in_both_languages_with_japanese_comments(name: str) -> None:
    path, book = EXAMPLES / f"{name}.yaml", room(name)
    result = CliRunner().invoke(main, ["facility", "check", str(path)])
    assert (result.exit_code, book.code in result.output) == (0, True)
    jsonschema.validate(documents.plain(book), documents.schema(), jsonschema.Draft202012Validator)
    assert set(book.about.name) == {"ja", "en"}
    text = path.read_text("utf-8")
    assert text.count("# ") >= 8
    assert f"reservation facility check docs/examples/{name}.yaml" in text


@pytest.mark.parametrize("name", ROOMS)
def test_it_goes_with_the_municipalitys_defaults_and_says_less(name: str) -> None:
    town = defaults.read((EXAMPLES / "defaults.yaml").read_text("utf-8"))
    text = (EXAMPLES / f"{name}.yaml").read_text("utf-8")
    one = defaults.read_room(text.replace("2026-04-01", "2027-04-01"), [town])
    assert one.book.changing.second_person
    assert "changing.second_person" in one.follows


def test_the_automatic_room_confirms_by_itself_and_never_calls_at_night() -> None:
    book = room("automatic-room")
    assert (book.booking.review, book.waiting.mode) == ("automatic", "automatic")
    monday = date(2026, 11, 30)
    assert clocks.opens_at(book, monday) == tokyo(18, 0, date(2026, 11, 27))
    last = tokyo(22, 59, date(2026, 11, 29))
    assert clocks.offer_end(book, monday, last) is None
    evening = clocks.offer_end(book, monday, tokyo(21, 30, date(2026, 11, 29)))
    assert evening is not None
    assert evening.ends_at == tokyo(21, 45, date(2026, 11, 29))


def test_the_room_whose_staff_decide_answers_by_its_hours() -> None:
    book = room("staff-decides-room")
    before = tokyo(19, 59, date(2026, 11, 25))
    assert clocks.review_due(book, THURSDAY, before) == tokyo(20, 0, date(2026, 11, 25))
    later = before + timedelta(minutes=1)
    assert clocks.review_due(book, THURSDAY, later) == tokyo(7, 15, THURSDAY)
    assert book.booking.unreviewed == "stay"


@pytest.mark.parametrize(
    ("illness", "code"),
    [("URI", None), ("ASTHMA", None), ("FLU_A", Code.NEVER_ILLNESS), ("HFMD", Code.NEVER_ILLNESS)],
)
def test_the_room_without_isolation_takes_nothing_that_spreads(
    illness: str, code: Code | None
) -> None:
    refused = gates.illness(room("convalescent-without-isolation"), illness)
    assert (refused and refused.code) == code


@pytest.mark.parametrize(("months", "children"), [(11, 3), (12, 4), (35, 4), (36, 5)])
def test_the_room_that_weighs_by_age_takes_three_to_five(months: int, children: int) -> None:
    day = build.day(rules=room("weighs-by-age"))
    assert vacancy.places_left(day, build.wish(months=months), build.NOW) == children


def test_the_room_with_places_for_the_sick_takes_two_of_them_among_five() -> None:
    book = room("sick-sub-capacity")
    empty = build.day(rules=book)
    counted = [("FLU_A", 2), ("UNDIAGNOSED_RASH", 2), ("UNDIAGNOSED_FEVER", 1), ("URI", 5)]
    assert [
        (illness, vacancy.places_left(empty, build.wish(illness), build.NOW))
        for illness, _ in counted
    ] == counted
    sick = [build.booking(f"b{n}", "FLU_A", room="hoshi") for n in range(2)]
    full = vacancy.fits(build.day(*sick, rules=book), build.wish("RSV"), build.NOW)
    assert isinstance(full, vacancy.No)
    assert [reason.code for reason in full.reasons] == [Code.SICK_CAP]


def test_the_clinic_is_open_on_saturday_morning_and_closed_on_wednesday() -> None:
    book = room("clinic-saturday")
    saturday = dates.hours(book, SATURDAY)
    assert saturday is not None
    assert saturday.closes == time(13, 0)
    assert dates.closure(book, date(2026, 11, 25)) is not None
    assert clocks.opens_at(book, THURSDAY) == tokyo(8, 45, date(2026, 11, 24))
    assert clocks.may_ask(book, SATURDAY, tokyo(17, 45, date(2026, 11, 27))) is not None
    assert clocks.may_ask(book, SATURDAY, tokyo(11, 29, SATURDAY)) is None
