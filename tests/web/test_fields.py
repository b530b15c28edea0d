"""Fields that WTForms lacks."""

from datetime import date

import pytest
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms.validators import InputRequired, Optional

from reservation.web.fields import DatePartsField
from tests.look.everything import make_app


class Birthday(FlaskForm):
    class Meta:
        csrf = False

    day = DatePartsField("生年月日", [InputRequired("生年月日を入力してください")])


@pytest.mark.parametrize(
    ("typed", "found", "bad", "words"),
    [
        (["2023", "4", "9"], date(2023, 4, 9), (), ""),
        (["２０２３", "０４", " ９ "], date(2023, 4, 9), (), ""),
        (["2023", "2", "30"], None, ("day",), "「日」"),
        (["23", "4", "9"], None, ("year",), "西暦"),
        (["2023", "", "x"], None, ("month", "day"), "年・月・日"),
        (["²", "4", "9"], None, ("year",), "西暦"),
        (["", "", ""], None, (), "入力してください"),
        ([], None, (), "入力してください"),
    ],
)
def test_a_date_of_three_boxes(
    typed: list[str], found: date | None, bad: tuple[str, ...], words: str
) -> None:
    with make_app().test_request_context("/"):
        form = Birthday(MultiDict([("day", text) for text in typed]))
        assert form.validate() is (found is not None)
        assert (form.day.data, form.day.bad_parts) == (found, bad)
        assert words in "".join(form.day.errors)


class Lead(FlaskForm):
    class Meta:
        csrf = False

    day = DatePartsField("受診日", [Optional()])


@pytest.mark.parametrize(
    ("typed", "good"), [([], True), (["", "", ""], True), (["2023", "", ""], False)]
)
def test_an_optional_date_may_stay_empty_but_not_half_filled(typed: list[str], good: bool) -> None:
    with make_app().test_request_context("/"):
        form = Lead(MultiDict([("day", text) for text in typed]))
        assert form.validate() is good
        assert form.day.data is None
