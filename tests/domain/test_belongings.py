"""What is brought, by the age on the care day."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from reservation.domain import belongings
from tests.domain.build import CARE_DAY, aged, rulebook

BY_AGE: list[dict[str, Any]] = [
    {"item": {"ja": "ミルク"}, "from_months": 6, "below_months": 12},
    {"item": {"ja": "おむつ"}, "below_months": 36},
    {"item": {"ja": "上ばき"}, "from_months": 36},
]


@pytest.mark.parametrize(
    ("months", "brings"),
    [
        (5, ["着替え", "おむつ"]),
        (6, ["着替え", "ミルク", "おむつ"]),
        (11, ["着替え", "ミルク", "おむつ"]),
        (12, ["着替え", "おむつ"]),
        (35, ["着替え", "おむつ"]),
        (36, ["着替え", "上ばき"]),
    ],
)
def test_what_is_brought_changes_with_the_age_on_the_care_day(
    months: int, brings: list[str]
) -> None:
    rules = rulebook(about={"belongings": [{"ja": "着替え"}], "belongings_by_age": BY_AGE})
    found = belongings.to_bring(rules, aged(months), CARE_DAY)
    assert [one["ja"] for one in found] == brings


def test_an_age_band_without_ages_is_a_mistake() -> None:
    none = [{"item": {"ja": "ミルク"}, "from_months": 12, "below_months": 12}]
    with pytest.raises(ValidationError, match="持ち物の月齢の上は"):
        rulebook(about={"belongings_by_age": none})
