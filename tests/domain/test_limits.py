"""How much one family may have at once, at each side of each number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import limits
from reservation.domain.limits import SoFar
from reservation.domain.refusals import Code
from tests.domain.build import rulebook

FEW = rulebook(booking={"family_holds": 3, "family_asks": 5, "family_bookings": 2})


@pytest.mark.parametrize(
    ("has", "code"),
    [
        (SoFar(1, 9, 99), None), (SoFar(2, 0, 0), Code.TOO_MANY_HOLDS),
        (SoFar(0, 10, 0), Code.TOO_MANY_HOLDS),
    ],
)  # fmt: skip
def test_without_a_word_two_holds_and_ten_asks_an_hour(has: SoFar, code: Code | None) -> None:
    found = limits.holding(rulebook(), has)
    assert (found.code if found else None) == code
    assert limits.booking(rulebook(), has) is None


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))
def test_each_number_is_the_last_that_is_too_many(holds: int, asked: int, booked: int) -> None:
    has = SoFar(holds, asked, booked)
    found = limits.holding(FEW, has)
    assert (found is None) == (holds < 3 and asked < 5 and booked < 2)
    assert bool(limits.booking(FEW, has)) == (booked >= 2)
    if found is not None and found.code is Code.TOO_MANY_BOOKINGS:
        assert found.values == {"n": 2}
