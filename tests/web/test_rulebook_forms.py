"""The rule book's sections as forms: there and back, and mistakes beside their fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Field, FieldList, FormField, SelectMultipleField

import reservation
from reservation import i18n
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.catalogue import sections
from reservation.domain.rulebook.changes import diff
from reservation.domain.rulebook.documents import read, write
from reservation.web.staff.rulebook.forms import filled, form_for, to_rulebook

SUGINAMI = Path(reservation.__file__).parent / "demo" / "suginami"
TODAY = date(2026, 11, 24)
NAMES = tuple(info.path for info in sections())


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="x", WTF_CSRF_ENABLED=False)
    i18n.init_app(app)
    return app


def book(name: str = "seeds") -> RuleBook:
    return read((SUGINAMI / f"{name}.yaml").read_text("utf-8"))


def leaves(fields: Iterable[Field]) -> Iterator[Field]:
    """All fields of a form, also those of forms and lists within it."""
    for field in fields:
        if isinstance(field, FormField):
            yield from leaves(field.form)
        elif isinstance(field, FieldList):
            yield from leaves(field.entries)
        else:
            yield field


def as_posted(app: Flask, current: RuleBook, section: str, **changes: str) -> MultiDict[str, str]:
    """What a browser would send for the form as it stands, with some fields typed anew."""
    posted: MultiDict[str, str] = MultiDict()
    with app.test_request_context():
        for field in leaves(filled(current, section, TODAY)):
            values = field.data if isinstance(field.data, list) else [field.data or ""]
            # boxes that are not ticked are not sent
            if field.data is not False and (
                field.data or not isinstance(field, SelectMultipleField)
            ):
                posted.setlist(field.name, ["y" if one is True else one for one in values])
    for name, text in changes.items():
        posted[name.replace("__", "-")] = text
    return posted


def post(
    app: Flask, current: RuleBook, section: str, **changes: str
) -> tuple[RuleBook | None, dict[str, list[str]]]:
    """The rule book after this post, or None and the messages by field."""
    posted = as_posted(app, current, section, **changes)
    with app.test_request_context(method="POST", data=posted):
        form = filled(current, section, TODAY)
        assert form.validate()
        made = to_rulebook(current, section, form, TODAY)
        errors = {one.name: [str(e) for e in one.errors] for one in leaves(form) if one.errors}
        if form.form_errors:
            errors[""] = form.form_errors
        return made, errors


@pytest.mark.parametrize("section", NAMES)
@pytest.mark.parametrize("name", ["seeds", "rabbit", "tamura", "kohitsuji", "fifth"])
def test_a_form_sent_as_it_stands_changes_nothing_but_the_day(
    app: Flask, name: str, section: str
) -> None:
    made, errors = post(app, book(name), section)
    assert errors == {}
    assert made is not None
    assert [change.path for change in diff(book(name), made)] == ["valid_from"]
    assert made.valid_from == TODAY


@pytest.mark.parametrize(
    ("section", "field", "typed", "said"),
    [
        ("booking", "hold_minutes", "\uff11\uff12", "hold_minutes: 12"),
        ("booking", "opens__at", "\uff11\uff12\uff1a\uff10\uff10", "at: 12:00"),
        ("booking", "same_day_from", "", "same_day_from:  #"),
        ("booking", "review", "staff", "review: staff"),
        ("cancelling", "late_fee", "1,000", "late_fee: 1000"),
        ("places", "points", "7.5", "points: 7.5"),
        ("places", "rooms__0__label__en", "Green room", "en: Green room"),
        ("about", "telephone_hours__en", "", "ja: 平日 7:30〜18:00\n  languages"),
        ("about", "languages", "ja、en, ko", "languages: [ja, en, ko]"),
        ("illnesses", "table__FLU_A__handling", "never", "FLU_A:\n      handling: never"),
        ("illnesses", "complaints__cough", "BRONCHITIS", "cough: BRONCHITIS"),
    ],
)
def test_what_is_typed_stands_in_the_rule_book(
    app: Flask, section: str, field: str, typed: str, said: str
) -> None:
    changes = {field: typed}
    if field == "same_day_from":
        changes["same_day_until"] = ""
    made, errors = post(app, book(), section, **changes)
    assert errors == {}
    assert made is not None
    assert said in write(made)


def test_the_empty_row_becomes_a_room_and_a_marked_row_goes(app: Flask) -> None:
    made, errors = post(
        app, book(), "places",
        rooms__3__id="c", rooms__3__label__ja="隔離室C", rooms__3__kind="isolation",
        rooms__3__places="1", rooms__1__remove="y",
    )  # fmt: skip
    assert errors == {}
    assert made is not None
    assert [room.id for room in made.places.rooms] == ["wakaba", "b", "c"]
    assert made.places.rooms[-1].use == "infectious"


def test_a_weekday_left_blank_is_closed_and_a_filled_one_opens(app: Flask) -> None:
    made, _ = post(
        app, book(), "opening", week__fri__opens="", week__fri__closes="",
        week__sat__opens="8:00", week__sat__closes="13:00",
    )  # fmt: skip
    assert made is not None
    assert list(made.opening.week) == ["mon", "tue", "wed", "thu", "sat"]


def test_a_closure_is_added_from_days_as_people_write_them(app: Flask) -> None:
    made, errors = post(
        app, book(), "opening",
        closures__2__first="2027年2月1日(月)", closures__2__last="2027/2/2",
    )  # fmt: skip
    assert errors == {}
    assert made is not None
    added = made.opening.closures[-1]
    assert (added.first, added.last) == (date(2027, 2, 1), date(2027, 2, 2))
    assert added.reason == {"ja": "休室"}


def test_a_new_row_has_the_defaults_of_what_it_leaves_out(app: Flask) -> None:
    made, errors = post(
        app, book(), "places", age_caps__0__below_months="12", age_caps__0__at_most="2"
    )
    assert errors == {}
    assert made is not None
    assert made.places.age_caps[0].from_months == 0


def test_an_illness_of_the_table_needs_no_days(app: Flask) -> None:
    made, errors = post(app, book(), "illnesses", table__HFMD__handling="single")
    assert errors == {}
    assert made is not None
    row = made.illnesses.table["HFMD"]
    assert (row.handling, row.days_before_school, row.requires) == ("single", 0, ())


def test_languages_that_the_form_does_not_show_stay_as_long_as_the_japanese_does(
    app: Flask,
) -> None:
    label = book().about.name["ja"]
    text = write(book()).replace(f"ja: {label}", f"ja: {label}\n    zh_Hans: 中文")
    current = read(text)
    kept, _ = post(app, current, "about")
    assert kept is not None
    assert kept.about.name["zh_Hans"] == "中文"
    renamed, _ = post(app, current, "about", name__ja="しーずの家")
    assert renamed is not None
    assert renamed.about.name == {"ja": "しーずの家", "en": current.about.name["en"]}


@pytest.mark.parametrize(
    ("section", "field", "typed", "words"),
    [
        ("booking", "hold_minutes", "たくさん", "2 以上 60 以下"),
        ("booking", "hold_minutes", "1e999", "2 以上 60 以下"),
        ("booking", "hold_minutes", "10.5", "2 以上 60 以下"),
        ("booking", "hold_minutes", "", "2 以上 60 以下"),
        ("booking", "opens__at", "25:00", "7:00 のように"),
        ("booking", "review", "maybe", "automatic, staff"),
        ("opening", "week__tue__opens", "19:00", "閉室は開室より後"),
        ("opening", "closures__0__last", "2020-01-01", "最終日"),
        ("places", "rooms__2__places", "0", "1 以上 30 以下"),
        ("places", "rooms__0__label__ja", "", "日本語(ja)"),
        ("about", "name__ja", " ", "日本語(ja)"),
        ("about", "telephone", "", "文字で書いて"),
        ("illnesses", "complaints__fever", "NOTHING", "UNDIAGNOSED_FEVER"),
        ("about", "valid_from", "2026-11-23", "11月24日(火)か、それより後"),
        ("about", "valid_from", "あした", "2026-11-30 のように"),
    ],
)
def test_a_mistake_stands_beside_its_field(
    app: Flask, section: str, field: str, typed: str, words: str
) -> None:
    made, errors = post(app, book(), section, **{field: typed})
    assert made is None
    ((where, sentences),) = errors.items()
    assert where.split("-")[:2] == field.split("__")[:2]
    assert words in sentences[0]


def test_rows_before_a_wrong_one_that_do_not_count_move_no_message(app: Flask) -> None:
    made, errors = post(app, book(), "places", rooms__0__remove="y", rooms__2__places="99")
    assert made is None
    assert list(errors) == ["rooms-2-places"]


def test_what_concerns_the_whole_section_stands_on_top(app: Flask) -> None:
    made, errors = post(app, book(), "booking", opens__days_before="0", opens__at="9:00")
    assert made is None
    assert list(errors) == [""]
    made, errors = post(app, book(), "places", rooms__0__id="a")
    assert (made, list(errors)) == (None, [""])


def test_no_room_at_all_is_a_mistake_of_the_rooms(app: Flask) -> None:
    removed = {f"rooms__{n}__remove": "y" for n in range(3)}
    made, errors = post(app, book(), "places", **removed)
    assert made is None
    assert errors == {"rooms-0-id": ["1つ以上書いてください。"]}


def test_an_unknown_section_has_no_form() -> None:
    with pytest.raises(KeyError):
        form_for("nothing")
