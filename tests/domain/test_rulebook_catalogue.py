"""The list of settings, its page, and the comparison of two rule books."""

from __future__ import annotations

import json
from datetime import time
from pathlib import Path

import hypothesis
import jsonschema
import pytest
from hypothesis import given

from reservation import i18n
from reservation.domain import conditions
from reservation.domain.refusals import WORDS, Code
from reservation.domain.rulebook import RuleBook, catalogue, reference
from reservation.domain.rulebook.catalogue import Kind, everything, sections, settings, within
from reservation.domain.rulebook.changes import Change, before, diff
from reservation.domain.rulebook.documents import build, plain, read, schema
from reservation.domain.rulebook.fields import Section
from reservation.domain.rulebook.municipality import Municipality
from reservation.domain.rulebook.places import Room
from reservation.domain.rulebook.sources import GUIDELINE, TOWN
from scripts import docs
from tests.domain.build import rooms, rulebook
from tests.domain.rulebooks import rulebooks

DOCS = Path(__file__).parents[2] / "docs"


def test_every_setting_has_a_label_and_every_choice_its_words() -> None:
    for info in everything().values():
        assert info.label, info.path
        assert all(value and words for value, words in info.choices), info.path
        assert bool(info.choices) == (info.kind in (Kind.CHOICE, Kind.CHOICES)), info.path


@pytest.mark.parametrize("model", [RuleBook, Municipality])
def test_every_setting_is_explained_in_a_sentence(model: type[Section]) -> None:
    english = i18n.translations("en").gettext
    for info in everything(model).values():
        assert info.why.endswith("。"), f"{info.path} lacks why="
        assert english(info.why) != info.why, f"{info.path}: {info.why}"
        assert info.why != info.label


def test_a_rule_of_the_state_or_the_town_is_named() -> None:
    sources = {info.path: info.source for info in everything().values()}
    assert sources["staffing.children_per_worker"] == GUIDELINE
    assert sources["fees.resident"] == TOWN
    assert sources["about.access"] == ""


def test_kinds_are_read_off_the_types() -> None:
    kinds = {info.path: info.kind for info in everything().values()}
    assert kinds["about.name"] is Kind.TEXT
    assert kinds["about.notices"] is Kind.TEXTS
    assert kinds["about.kinds"] is Kind.CHOICES
    assert kinds["about.languages"] is Kind.WORDS
    assert kinds["about.latitude"] is Kind.NUMBER
    assert kinds["opening.week"] is Kind.TABLE
    assert kinds["opening.week{}.opens"] is Kind.TIME
    assert kinds["opening.closures[].first"] is Kind.DAY
    assert kinds["opening.on_holidays"] is Kind.YES_NO
    assert kinds["places.rooms"] is Kind.ROWS
    assert kinds["places.rooms[].takes"] is Kind.CHOICE
    assert kinds["illnesses.complaints"] is Kind.NAMES
    assert kinds["booking.opens"] is Kind.SECTION
    assert kinds["booking.same_day_from"] is Kind.TIME


def test_a_setting_knows_its_limits_default_and_unit() -> None:
    hold = everything()["booking.hold_minutes"]
    assert (hold.default, hold.unit, hold.required, hold.optional) == (10, "分", False, False)
    assert dict(hold.limits) == {"ge": 2, "le": 60}
    assert (hold.parent, hold.name) == ("booking", "hold_minutes")
    capacity = everything()["places.official_capacity"]
    assert (capacity.default, capacity.required) == (None, True)
    assert everything()["booking.same_day_until"].optional
    assert everything()["waiting.quiet_from"].default == time(23, 0)


def test_sections_and_settings_make_up_the_document() -> None:
    top = [info.name for info in within("")]
    assert top == list(RuleBook.model_fields)
    assert [info.path for info in sections()] == top[2:]
    assert len({info.path for info in settings()}) == len(settings()) > 80
    assert not [info for info in settings() if info.kind is Kind.SECTION]


@pytest.mark.parametrize(
    ("loc", "template"),
    [
        ((), ""),
        (("nothing",), ""),
        (("places", "rooms", 3, "kind"), "places.rooms[].kind"),
        (("places", "rooms", 3, "nothing"), "places.rooms[]"),
        (("opening", "week", "mon", "opens"), "opening.week{}.opens"),
        (("about", "notices", 0, "en"), "about.notices[]"),
        (("about", "name", "en"), "about.name"),
    ],
)
def test_a_place_in_a_document_leads_to_its_setting(
    loc: tuple[str | int, ...], template: str
) -> None:
    assert catalogue.template(loc) == template


def test_a_place_within_a_text_is_that_text() -> None:
    found = catalogue.at(("about", "notices", 0, "en"))
    assert found is not None
    assert found.path == "about.notices"
    assert catalogue.at(()) is None


# what differs


def test_equal_rule_books_differ_in_nothing() -> None:
    assert diff(rulebook(), rulebook()) == ()


def test_a_change_names_setting_section_before_and_after() -> None:
    new = rulebook(booking={"hold_minutes": 8, "opens": {"days_before": 1, "at": "12:00"}})
    assert diff(rulebook(), new) == (
        Change("booking.opens.at", "予約", "時刻", time(8, 45), time(12, 0), "booking.opens.at"),
        Change(
            "booking.hold_minutes", "予約", "席をおさえる時間", 10, 8, "booking.hold_minutes", "分"
        ),
    )


def test_rows_are_named_by_their_first_setting_wherever_they_stand() -> None:
    old, new = rulebook(rooms=rooms(general=4, isolation=2)), rulebook(rooms=rooms(isolation=1))
    assert [(c.path, type(c.before), c.after) for c in diff(old, new)] == [
        ("places.rooms.general", Room, None),
        ("places.rooms.isolation.places", int, 1),
    ]
    (came,) = diff(rulebook(illnesses={}), rulebook(illnesses={"FLU_A": "never"}))
    assert (came.path, came.before) == ("illnesses.table.FLU_A", None)


def test_another_order_of_rooms_is_a_change_too() -> None:
    both = rooms(general=4, isolation=2)
    (change,) = diff(rulebook(rooms=both), rulebook(rooms=both[::-1]))
    assert (change.path, change.section, change.label) == ("places.rooms", "定員と部屋", "部屋")


def test_rows_with_the_same_first_setting_are_numbered() -> None:
    caps = [{"below_months": 12, "at_most": 2}, {"below_months": 36, "at_most": 4}]
    fewer = [caps[0], caps[1] | {"at_most": 3}]
    (change,) = diff(rulebook(places={"age_caps": caps}), rulebook(places={"age_caps": fewer}))
    assert (change.path, change.before, change.after) == ("places.age_caps.0 (2).at_most", 4, 3)


@hypothesis.settings(max_examples=25)
@given(rulebooks(), rulebooks())
def test_there_is_a_change_exactly_where_two_rule_books_differ(
    old: RuleBook, new: RuleBook
) -> None:
    assert diff(old, old) == ()
    assert bool(diff(old, new)) == (old != new)
    assert all(change.before != change.after for change in diff(old, new))


def test_a_version_is_compared_with_what_counted_on_its_day_before_it_came() -> None:
    spring, summer, again = (
        rulebook(capacity=6), rulebook(capacity=5, valid_from="2026-07-01"), rulebook(capacity=4),
    )  # fmt: skip
    later = rulebook(capacity=3, valid_from="2026-08-01")
    books = [spring, summer, again, later]
    assert [before(books, n) for n in range(4)] == [None, spring, spring, summer]


# the published pages


def test_the_page_is_the_catalogues() -> None:
    assert (DOCS / "rule-book.md").read_text("utf-8") == docs.rule_book()


def test_the_page_names_every_setting_once_with_its_default() -> None:
    page = reference.markdown(str.upper)
    for info in settings():
        assert page.count(f"| `{info.path}` |") == 1
        assert f"| {info.why}<br>{info.why.upper()}" in page
    named = "予約受付の開始：時刻<br>予約受付の開始：時刻"
    assert f"| `booking.opens.at` | {named} | time | **required** | その日の" in page
    assert "夜間の始まり | time | `23:00` | この時刻から" in page
    assert f"← {GUIDELINE}<br>{GUIDELINE}" in page
    assert '`[{"until": "21:00", "minutes": 30, "at_once": 1}' in page


def test_the_page_names_every_refusal_and_every_open_condition() -> None:
    page = (DOCS / "rule-book.md").read_text("utf-8")
    for code in Code:
        assert page.count(f"\n| `{code}` | {WORDS[code]}<br>") == 1
    for code, words in conditions.WORDS.items():
        assert f"\n- `{code}` {words} · " in page


def test_the_schema_is_published_and_is_one() -> None:
    published = json.loads((DOCS / "rulebook.schema.json").read_text("utf-8"))
    assert published == json.loads(json.dumps(schema()))
    jsonschema.Draft202012Validator.check_schema(published)


def test_the_schema_has_japanese_titles_and_refuses_what_we_refuse() -> None:
    made = schema()
    hold = made["$defs"]["BookingTimes"]["properties"]["hold_minutes"]
    assert (hold["title"], hold["default"], hold["maximum"]) == ("席をおさえる時間", 10, 60)
    assert made["$defs"]["WaitingList"]["properties"]["quiet_from"]["default"] == "23:00"
    checker = jsonschema.Draft202012Validator(made)
    book = plain(rulebook())
    assert checker.is_valid(book)
    assert not checker.is_valid(book | {"kode": "seeds"})
    assert not checker.is_valid(book | {"cancelling": {"until": {"at": "25:00"}}})


def test_a_rule_book_built_from_plain_values_is_the_same() -> None:
    assert build(RuleBook, plain(rulebook())) == rulebook()
    assert read("\n".join(f"{k}: {json.dumps(v)}" for k, v in plain(rulebook()).items()))
