"""What a family brings on the day of care."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from reservation.domain import dates

if TYPE_CHECKING:
    from reservation.domain.rulebook import RuleBook


def to_bring(rules: RuleBook, birthday: date, day: date) -> tuple[Mapping[str, str], ...]:
    """Texts by language: what everybody brings, then what this child's age on the care day asks
    for (domain.md §10, papers and belongings; azkl 2094 lists by age)."""
    months = dates.age_months(birthday, day)
    by_age = (one.item for one in rules.about.belongings_by_age if one.suits(months))
    return (*rules.about.belongings, *by_age)
