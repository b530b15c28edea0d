"""Which changes of a rule book ask a second person, and until when a proposal waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reservation.domain.rulebook.catalogue import everything
from reservation.domain.rulebook.changing import DANGEROUS, Changing, is_dangerous
from tests.domain.build import NOW


@pytest.mark.parametrize(
    ("path", "dangerous"),
    [
        ("opening.week{}.opens", True),
        ("opening.closures", True),
        ("places.official_capacity", True),
        ("booking.opens.at", True),
        ("booking.opens", True),
        ("changing.second_person", True),
        ("booking.hold_minutes", False),
        ("fees.resident", False),
        ("about.telephone", False),
    ],
)
def test_what_may_open_or_shut_a_room_on_the_wrong_day_is_dangerous(
    path: str, dangerous: bool
) -> None:
    assert path in everything()
    assert is_dangerous(path) is dangerous


def test_each_dangerous_part_is_one_of_the_rule_book() -> None:
    assert {part.rstrip(".") for part in DANGEROUS} <= set(everything())


def test_a_proposal_waits_its_days() -> None:
    assert Changing().ends_at(NOW) == NOW + timedelta(days=7)
    assert Changing(waits_days=1).ends_at(NOW) == NOW + timedelta(days=1)
