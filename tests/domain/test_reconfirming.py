"""When a family is asked in the morning whether the child comes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from reservation.domain import clocks
from tests.domain.build import CARE_DAY, rulebook, tokyo

ASKS = {"reconfirm": "ask", "reconfirm_at": "6:00", "reconfirm_until": "7:00"}


def times(**changes: str) -> clocks.Reconfirming | None:
    """The question's times of a rule book that asks from 6:00 to 7:00 unless said otherwise."""
    return clocks.reconfirming(rulebook(reminders=ASKS | changes), CARE_DAY)


def test_staff_are_told_halfway() -> None:
    assert times() == clocks.Reconfirming(tokyo(6), tokyo(6, 30), tokyo(7))


@pytest.mark.parametrize(
    "changes",
    [{"reconfirm": "off"}, {"reconfirm_until": "6:00"}, {"reconfirm_until": "5:00"}],
)
def test_nobody_is_asked_without_a_question_or_without_time(changes: dict[str, str]) -> None:
    assert times(**changes) is None


@pytest.mark.parametrize(
    ("asked_at", "ends"),
    [
        (tokyo(6), tokyo(7)),
        (tokyo(6, 30), tokyo(7)),
        (tokyo(6, 30) + timedelta(seconds=1), tokyo(7) + timedelta(seconds=1)),
        (tokyo(6, 59), tokyo(7, 29)),
    ],
)
def test_who_is_asked_late_has_half_of_the_time_all_the_same(
    asked_at: datetime, ends: datetime
) -> None:
    found = times()
    assert found is not None
    assert found.ends(asked_at) == ends
