"""Vaccinations that a facility asks for from an age on, and what a family has said of them.

What the family says is a statement: "not yet" refuses a booking, "done" and "I do not know" do
not, and at the door the mother-child handbook decides (domain.md §3.1, §11).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from reservation.domain import dates
from reservation.domain.refusals import Code, Refusal
from reservation.domain.rulebook.vaccinated import WORDS as WORDS
from reservation.domain.words import N_

if TYPE_CHECKING:
    from reservation.domain.rulebook import RuleBook

NOT_YET = "not_yet"
ANSWERS = {
    "done": N_("受けました"),
    NOT_YET: N_("まだ受けていません"),
    "unknown": N_("わかりません"),
}

Told = Mapping[str, str]
"""Vaccine → a code of ANSWERS; who has not been asked is not in it."""

UNASKED: Told = MappingProxyType({})


def needed(rules: RuleBook, birthday: date, day: date) -> tuple[str, ...]:
    """The vaccines that a child of this birthday must have had by the care day."""
    months = dates.age_months(birthday, day)
    return tuple(one.vaccine for one in rules.vaccines.needed if months >= one.from_months)


def refused(rules: RuleBook, told: Told, birthday: date, day: date) -> Refusal | None:
    """Whether the family has said that one of them is still to come."""
    asked = needed(rules, birthday, day)
    return Refusal(Code.VACCINE) if any(told.get(one) == NOT_YET for one in asked) else None


def unsure(rules: RuleBook, told: Told, birthday: date, day: date) -> tuple[str, ...]:
    """Those of them of which nobody has said yes or no: the handbook must show them."""
    return tuple(
        one for one in needed(rules, birthday, day) if told.get(one, "unknown") == "unknown"
    )


def read(text: str | None) -> dict[str, str]:
    """What ``written`` has written: 'MR:done,HIB:not_yet'; nothing where nobody has answered."""
    return dict(one.split(":") for one in (text or "").split(",") if one)


def written(told: Told) -> str | None:
    """One line to store; None where nothing was said."""
    return ",".join(f"{vaccine}:{answer}" for vaccine, answer in told.items()) or None
