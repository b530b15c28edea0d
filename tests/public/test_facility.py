"""The facility page and the three texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from reservation import i18n
from tests.pages import Reader
from tests.town import Town, book

MONEY: dict[str, Any] = {
    "resident": 2000,
    "partners": ["131121"],
    "partner": 2500,
    "classes": [
        {"code": "welfare", "name": {"ja": "生活保護"}, "amount": 0, "proof": {"ja": "受給証明書"}},
        {"code": "free", "name": {"ja": "非課税"}},
    ],
    "rates": [
        {"hours": 4, "amount": 1000, "name": {"ja": "半日"}},
        {"hours": 8, "amount": 1500, "lives": "other", "classes": ["free"]},
    ],
    "surcharges": [
        {"edge": "before", "at": "8:30", "amount": 300},
        {"edge": "after", "at": "18:00", "amount": 500, "minutes": 30},
    ],
    "items": [{"code": "lunch", "name": {"ja": "昼食"}, "amount": 400}],
    "taxi": True,
    "taxi_cap": 1000,
}


@pytest.fixture
def anybody(client: FlaskClient) -> Reader:
    return Reader(client)


def test_a_facility_says_when_where_how_much_and_for_whom(
    make_town: Callable[..., Town], anybody: Reader
) -> None:
    make_town(
        about={
            "address": {"ja": "和田2-25-1", "en": "2-25-1 Wada"},
            "latitude": 35.69,
            "longitude": 139.65,
            "languages": ["ja", "en"],
            "belongings": [{"ja": "着替え 2組"}],
            "belongings_by_age": [
                {"item": {"ja": "おむつ 6枚"}, "below_months": 36},
                {"item": {"ja": "ミルク"}, "from_months": 6, "below_months": 12},
                {"item": {"ja": "上ばき"}, "from_months": 36},
            ],
            "papers": [{"ja": "医師連絡票"}],
            "notices": [{"ja": "駐車場はありません。"}],
        },
        opening={
            "closures": [
                {"first": "2026-12-29", "last": "2027-01-04", "reason": {"ja": "年末年始"}}
            ]
        },
        fees={"resident": 2000, "non_resident": 4000, "notes": [{"ja": "昼食つき"}]},
        illnesses={"MEASLES": "never", "FLU_A": "single"},
    )
    page = anybody.opens("/facilities/seeds")
    assert page.heading == "すぎなみ病児保育室 しーず"
    page.says(
        "月〜金 8:00〜18:00", "土・日 お休み", "祝日はお休みです。",
        "年末年始 12月29日(火)〜1月4日(月)",
        "和田2-25-1", "03-0000-0000", "日本語、English", "駐車場はありません。",
        "予約の受付 3開室日前の 8:45から、利用日の 7:00まで", "キャンセルの締切 利用日の 7:00",
        "生後6か月から、就学前まで", "区市町村内にお住まいの方", "利用の前に、登録が必要です。",
        "2,000円", "4,000円", "昼食つき", "着替え 2組",
        "おむつ 6枚(生後36か月未満)", "ミルク(生後6か月以上12か月未満)",
        "上ばき(生後36か月以上)", "医師連絡票",
        "1人の部屋 インフルエンザA型", "お預かりしない", "麻疹(はしか)", "定員 6人",
    )  # fmt: skip
    assert page.link("地図で見る").startswith("https://www.openstreetmap.org/?mlat=35.69")


def test_everything_that_costs_money_is_shown(
    make_town: Callable[..., Town], anybody: Reader
) -> None:
    make_town(fees=MONEY)
    anybody.opens("/facilities/seeds").says(
        "1日(区市町村内の方) 2,000円", "1日(協定のある区市町村の方) 2,500円",
        "半日(4時間まで) 1,000円", "8時間まで・そのほかの市区町村・非課税 1,500円",
        "生活保護 0円(受給証明書)", "8:30 より前の来室 300円",
        "18:00 より後のお迎え 30分ごとに 500円", "昼食 400円",
        "お迎えのタクシー代 1,000円まで",
    )  # fmt: skip
    english = anybody.opens("/facilities/seeds?lang=en")
    english.says("Pick-up after 18:00 ¥500 per 30 minutes begun", "up to ¥1,000")


def test_texts_that_exist_in_japanese_only_are_marked_so(
    make_town: Callable[..., Town], anybody: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n, "shipped", lambda: ("ja", "en"))
    address = {"ja": "和田2-25-1", "en": "2-25-1 Wada"}
    make_town(about={"address": address, "access": {"ja": "駅のそば"}})
    page = anybody.opens("/facilities/seeds?lang=en")
    page.says("2-25-1 Wada")
    assert page.tree.get("lang") == "en"
    assert '<span lang="ja">駅のそば</span>' in page.text


def test_a_coming_rule_book_is_announced(town: Town, anybody: Reader) -> None:
    town.rules(book("seeds", valid_from="2026-12-01", fees={"resident": 2500}))
    page = anybody.opens("/facilities/seeds")
    page.says("2,000円", "12月1日(火)の利用から、内容が変わります。")
    page.says_not("2,500円")


def test_an_unknown_facility_is_a_404(town: Town, anybody: Reader) -> None:
    anybody.opens("/facilities/nowhere", 404)
    anybody.opens("/m/131156/facilities/nowhere", 404)


@pytest.mark.parametrize(
    ("path", "sentences"),
    [
        ("/privacy", ("Cookie は使いません", "暗号にして保管します", "同意文の版：1")),
        ("/accessibility", ("「配慮」の段階です", "試験は、まだ行っていません", "一部準拠")),
        ("/imprint", ("杉並区が運営しています", "03-0000-0000")),
    ],
)
def test_the_texts_say_what_is_so_with_the_telephone(
    town: Town, anybody: Reader, path: str, sentences: Any
) -> None:
    anybody.opens(path).says(*sentences, "03-0000-0000")
    anybody.opens(f"/m/131156{path}").says(*sentences)
    anybody.opens(f"/m/999999{path}", 404)


def test_a_facility_says_how_several_days_are_used(
    make_town: Callable[..., Town], anybody: Reader
) -> None:
    make_town(
        chain={"most_days": 7, "at_once": 3, "model": "cascade", "returning_days": 3},
        illnesses={"table": {"FLU_A": {"handling": "cohort", "most_days": 5},
                             "FLU_B": {"handling": "cohort", "most_days": 0}}},
        booking={"predictable_earlier": 2, "predictable": ["MUMPS"]},
        registering={"provisional_most": 2},
    )  # fmt: skip
    anybody.opens("/facilities/seeds").says(
        "最初の利用日から休みの日も数えて7日まで", "インフルエンザA型は、5日まで。",
        "インフルエンザB型は、日数の限りはありません。",
        "まとめて予約できるのは3日までです。", "3日目まで、前の開室日の 8:00から先に予約できます。",
        "その後の日もすべて取り消しになります。",
        "おたふくかぜ(流行性耳下腺炎)は、5開室日前の 8:45から受け付けます。",
        "承認を待つお子さまは、1日2人までです。",
    )  # fmt: skip


def test_a_facility_says_how_each_day_is_booked(
    make_town: Callable[..., Town], anybody: Reader
) -> None:
    make_town(chain={"most_days": 3, "counted": "open", "model": "daily"})
    anybody.opens("/facilities/seeds").says(
        "開室日で数えて3日まで", "予約は1日ずつです。次の日の分は、利用日の 8:30 から受けます。"
    )


def test_a_facility_says_which_vaccinations_it_asks_for(
    make_town: Callable[..., Town], anybody: Reader
) -> None:
    make_town(vaccines={"needed": [{"vaccine": "MR", "from_months": 14}]})
    page = anybody.opens("/facilities/seeds")
    page.says("必要な予防接種", "MR(麻しん・風しん)：生後14か月から", "母子健康手帳")
    anybody.opens("/facilities/rabbit").says_not("必要な予防接種")


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({}, "市区町村の外の園に通うお子さまは、在園証明書・就労証明書を見せていただきます。"),
        ({"certificates_of": "everyone"}, "在園証明書・就労証明書を見せていただきます。一度だけ"),
        ({"certificates_renewal": "fiscal_year"}, "年度が変わると、新しい書類が要ります。"),
    ],
)
def test_a_facility_says_which_papers_it_asks_for(
    make_town: Callable[..., Town], anybody: Reader, rule: dict[str, str], sentence: str
) -> None:
    make_town(eligibility={"certificates": ["enrolment", "work"], "all_working": True, **rule})
    page = anybody.opens("/facilities/seeds").says(sentence)
    page.says("保護者の全員が働いていることが必要です。")
    anybody.opens("/facilities/rabbit").says_not("見せていただきます。一度", "全員が働いている")
