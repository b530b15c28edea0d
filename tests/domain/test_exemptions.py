"""Which class of fees counts on a care day, to the day: ends of proofs and the new year's proof."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reservation.domain import exemptions, fees
from reservation.domain.exemptions import NONE, Proof, Standing
from reservation.domain.fees import Payer, Stay
from reservation.domain.rulebook.money import Fees
from tests.domain.build import CARE_DAY, SUGINAMI, rulebook
from tests.domain.test_fees import at, lines

DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
TARIFF = Fees.model_validate(
    {
        "resident": 2000,
        "classes": [
            {"code": "welfare", "name": {"ja": "生活保護"}, "amount": 0},
            {"code": "taxed", "name": {"ja": "非課税"}, "amount": 1000, "proof_month": 9},
        ],
    }
)


@pytest.mark.parametrize(
    ("begins", "last"),
    [
        (date(2026, 4, 1), date(2026, 8, 31)), (date(2026, 8, 31), date(2026, 8, 31)),
        (date(2026, 9, 1), date(2027, 8, 31)), (date(2026, 12, 31), date(2027, 8, 31)),
    ],
)  # fmt: skip
def test_from_september_the_new_years_proof_is_needed(begins: date, last: date) -> None:
    proof = Proof("taxed", begins)
    assert exemptions.last_day(TARIFF.class_of("taxed"), proof) == last
    assert exemptions.on_day(TARIFF, proof, last) == Standing("taxed", last=last)
    over = exemptions.on_day(TARIFF, proof, last + timedelta(days=1))
    assert over == Standing(expired="taxed", last=last)


@pytest.mark.parametrize(
    ("proof", "day", "standing"),
    [
        (None, CARE_DAY, NONE),
        (Proof("", CARE_DAY), CARE_DAY, NONE),
        (Proof("gone", CARE_DAY), CARE_DAY, NONE),
        (Proof("welfare", CARE_DAY), CARE_DAY - timedelta(days=1), NONE),
        (Proof("welfare", CARE_DAY), date(2040, 1, 1), Standing("welfare")),
        (Proof("welfare", CARE_DAY, CARE_DAY), CARE_DAY, Standing("welfare", last=CARE_DAY)),
    ],
)
def test_a_proof_counts_from_its_first_to_its_last_day(
    proof: Proof | None, day: date, standing: Standing
) -> None:
    assert exemptions.on_day(TARIFF, proof, day) == standing


@given(begins=DAYS, length=st.none() | st.integers(0, 900), day=DAYS)
@example(begins=date(2028, 2, 29), length=None, day=date(2028, 8, 31))
def test_nobody_pays_less_after_the_last_day_or_before_the_first(
    begins: date, length: int | None, day: date
) -> None:
    ends = None if length is None else begins + timedelta(days=length)
    proof = Proof("taxed", begins, ends)
    found = exemptions.on_day(TARIFF, proof, day)
    last = exemptions.last_day(TARIFF.class_of("taxed"), proof)
    assert last is not None
    assert begins <= last < begins + timedelta(days=366)
    assert (found.fee_class == "taxed") == (begins <= day <= last)
    assert (found.expired == "taxed") == (day > last)
    # it never reaches over the first of September
    assert not any(begins < date(year, 9, 1) <= last for year in range(2024, 2034))


def test_a_bill_says_that_the_proof_has_run_out() -> None:
    rules = rulebook(fees=TARIFF)
    stay = Stay(CARE_DAY, at("9:00"), at("17:00"))
    gone = fees.bill(rules, Payer(SUGINAMI, SUGINAMI, expired="taxed"), stay, None)
    assert (lines(gone), gone.total) == ([("day", 2000), ("expired", 0)], 2000)
    assert fees.bill(rules, Payer(SUGINAMI, SUGINAMI, expired="gone"), stay, None).total == 2000
    good = fees.bill(rules, Payer(SUGINAMI, SUGINAMI, "taxed"), stay, None)
    assert lines(good) == [("day", 2000), ("class", -1000)]
