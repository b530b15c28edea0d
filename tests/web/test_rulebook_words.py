"""Changes and previews of the rule book in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from reservation import i18n
from reservation.domain.rulebook.changes import diff
from reservation.domain.rulebook.preview import preview
from reservation.web.staff.rulebook import words
from tests.conftest import Clock
from tests.domain.build import NOW, rooms, rulebook


@pytest.fixture(autouse=True)
def speaking(clock: Clock) -> Iterator[None]:
    app = Flask(__name__)
    i18n.init_app(app)
    with app.app_context():
        yield


def change(old: dict[str, Any], new: dict[str, Any]) -> tuple[str, str, str]:
    """The only change between two rule books, as it is shown."""
    (found,) = diff(rulebook(**old), rulebook(**new))
    line = words.change(found)
    return line.label, line.before, line.after


WEEK = {"mon": {"opens": "8:00", "closes": "18:00"}}
LATER = {"mon": {"opens": "8:30", "closes": "18:00"}}
SATURDAY = {**WEEK, "sat": {"opens": "8:00", "closes": "13:00"}}
CLOSED = [{"first": "2026-12-29", "last": "2027-01-03", "reason": {"ja": "年末年始"}}]
CAP = [{"below_months": 12, "at_most": 2}]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ({"fees": {"resident": 2000}}, {"fees": {"resident": 2500}},
         ("料金 › 利用料", "2000円", "2500円")),
        ({}, {"booking": {"review": "staff"}},
         ("予約 › 予約の決め方", "空いていればその場で確定する", "職員が確かめてから確定する")),
        ({}, {"booking": {"opens": {"days_before": 1, "at": "12:00"}}},
         ("予約 › 予約受付の開始：時刻", "8:45", "12:00")),
        ({}, {"eligibility": {"not_on_leave": True}},
         ("対象となる人 › 育児休業中は対象外", "いいえ", "はい")),
        ({}, {"places": {"points": 7.5}}, ("定員と部屋 › 1日の点数", "–", "7.5点")),
        ({}, {"about": {"kinds": ["sick", "convalescent"]}},
         ("施設の案内 › 事業の類型", "病児対応型", "病児対応型・病後児対応型")),
        ({}, {"about": {"notices": [{"ja": "駐車場はありません。", "en": "No parking."}]}},
         ("施設の案内 › お知らせ", "–", "駐車場はありません。")),
        ({"opening": {"week": WEEK}}, {"opening": {"week": LATER}},
         ("開室日と時間 › 月曜日 › 開室", "8:00", "8:30")),
        ({"opening": {"week": WEEK}}, {"opening": {"week": SATURDAY}},
         ("開室日と時間 › 土曜日 › 曜日ごとの時間", "–", "8:00・13:00")),
        ({}, {"opening": {"closures": CLOSED}},
         ("開室日と時間 › 2026-12-29 › 臨時の休み",
          "–", "12月29日(火)・2027年1月3日(日)・年末年始")),
        ({"rooms": rooms(general=4)}, {"rooms": rooms(general=3)},
         ("定員と部屋 › general › 定員", "4人", "3人")),
        ({"rooms": rooms(general=4, isolation=2)}, {"rooms": rooms(general=4)},
         ("定員と部屋 › isolation › 部屋", "isolation・isolation・隔離室・2人・いいえ", "–")),
        ({"places": {"age_caps": CAP}}, {"places": {"age_caps": [{**CAP[0], "at_most": 1}]}},
         ("定員と部屋 › 0 › 人数の上限", "2人", "1人")),
        ({}, {"illnesses": {"table": {"FLU_A": {"handling": "never"}}}},
         ("病気の扱い › インフルエンザA型 › 病気の表", "–", "お預かりしない")),
        ({"illnesses": {"FLU_A": "single"}}, {"illnesses": {"FLU_A": "never"}},
         ("病気の扱い › インフルエンザA型 › 扱い", "1人の部屋", "お預かりしない")),
        ({}, {"illnesses": {"complaints": {"cough": "BRONCHITIS"}, "table": {}}},
         ("病気の扱い › 診断前の症状", "–", "かぜ(上気道炎)：気管支炎")),
        ({}, {"valid_from": "2026-12-01"}, ("この日の利用から", "4月1日(水)", "12月1日(火)")),
    ],
)  # fmt: skip
def test_a_change_in_words(
    old: dict[str, Any], new: dict[str, Any], line: tuple[str, str, str]
) -> None:
    assert change(old, new) == line


def test_rooms_in_another_order_are_listed_before_and_after() -> None:
    both = rooms(general=4, isolation=2)
    label, before, after = change({"rooms": both}, {"rooms": both[::-1]})
    assert label == "定員と部屋 › 部屋"
    assert before.startswith("general")
    assert after.startswith("isolation")


def test_the_week_as_a_whole_is_said_by_its_days() -> None:
    (week,) = [i for i in words.within("opening") if i.name == "week"]
    said = words.value(week, rulebook(opening={"week": WEEK}).opening.week)
    assert said == "月曜日：8:00・18:00"


def test_a_new_closure_in_the_preview_says_its_reason() -> None:
    seen = preview(rulebook(), rulebook(opening={"closures": CLOSED}, valid_from="2026-12-28"),
                   (), NOW)  # fmt: skip
    closed = next(line for line in seen.days if line.differs)
    said = {one.label: (one.before, one.after) for one in words.day_line(closed)}
    assert said["時間"] == ("8:00〜18:00", "年末年始")
    assert said["予約受付の開始"] == ("12月28日(月) 8:45", "–")
    assert said["受入人数"] == ("6人", "0人")
