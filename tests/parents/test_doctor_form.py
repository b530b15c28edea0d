"""The doctor's form on a family's pages: what is to come, by what name, and until when."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.databases import both_databases
from tests.pages import Reader
from tests.parents.steps import booked, held
from tests.town import Town

MakeTown = Callable[..., Town]
SignIn = Callable[..., Reader]
FORM = {
    "needed": "always",
    "name": {"ja": "診療情報提供書", "en": "Medical letter"},
    "note": {"ja": "かかりつけの医院で、保険でもらえます。"},
    "due": "7:30",
    "template": "https://town.example.jp/form.pdf",
}


@pytest.fixture
def phone(make_town: MakeTown, sign_in: SignIn) -> Reader:
    """A family where every child needs the town's own form."""
    return sign_in(make_town(doctor_form=FORM).family("さくら"))


@both_databases
def test_the_form_is_named_as_in_the_town_before_and_after_confirming(phone: Reader) -> None:
    page = held(phone)
    page.says("診療情報提供書の提出", "あした 7:30", "かかりつけの医院で、保険でもらえます。")
    assert page.link("用紙をダウンロードする") == "https://town.example.jp/form.pdf"
    answer = page.submit("予約を確定する", brings="father", arrives_at="8:30")
    answer.says("条件付きで確定しました", "診療情報提供書の提出を あした 7:30 まで")
    answer.says("発行日をふくめて7日間、使えます。", "病気が変わったときは、新しいものが必要です。")
    phone.opens("/my").says("診療情報提供書の提出")


def test_what_is_brought_goes_by_the_age_on_the_day(make_town: MakeTown, sign_in: SignIn) -> None:
    by_age = [
        {"item": {"ja": "おむつ"}, "below_months": 24},
        {"item": {"ja": "上ばき"}, "from_months": 24},
    ]
    town = make_town(about={"belongings": [{"ja": "着替え"}], "belongings_by_age": by_age})
    page = held(sign_in(town.family("さくら")))  # three years old
    page.says("着替え、上ばき")
    answer = page.submit("予約を確定する", brings="father", arrives_at="8:30")
    answer.says("着替え", "上ばき")
    assert "おむつ" not in page.text + answer.text


def test_where_it_must_be_seen_first_the_family_asks_and_staff_decide(
    make_town: MakeTown, sign_in: SignIn
) -> None:
    town = make_town(doctor_form=FORM | {"before_confirming": True})
    answer = held(sign_in(town.family("さくら"))).submit(
        "予約を申し込む", brings="father", arrives_at="8:30"
    )
    answer.says("申し込みを確認中です", "診療情報提供書の提出を あした 7:30 まで")


def test_where_none_is_needed_nothing_is_said(make_town: MakeTown, sign_in: SignIn) -> None:
    town = make_town(doctor_form=FORM | {"needed": "infectious", "before_confirming": True})
    answer = booked(sign_in(town.family("さくら")))
    assert answer.heading == "予約が確定しました"
    assert "診療情報提供書" not in answer.text


def test_the_rooms_page_says_when_it_is_needed(make_town: MakeTown, reader: Reader) -> None:
    make_town(doctor_form=FORM | {"clinics": ["こまえ医院"]})
    reader.opens("/facilities/seeds").says(
        "診療情報提供書",
        "毎回、必要です。",
        "利用日の 7:30 までに出してください。",
        "こまえ医院で書いてもらってください。",
    )
    make_town(
        doctor_form={
            "needed": "infectious",
            "before_confirming": True,
            "valid_days": 1,
            "void_on_change": False,
        }
    )
    page = reader.opens("/facilities/seeds").says(
        "うつる病気のときに、必要です。",
        "予約は、用紙を確かめてから決まります。",
        "利用日の開室までに出してください。",
        "利用日に書いてもらったものだけ、使えます。",
    )
    assert "病気が変わったとき" not in page.text
