"""What a day costs: the tariffs of real rooms to the yen and the minute, and what always holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reservation
from reservation.domain import fees
from reservation.domain.fees import Bill, Extras, Payer, Stay, written
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.documents import build, plain, read
from reservation.domain.rulebook.mistakes import BrokenRuleBook
from tests.domain.build import CARE_DAY, SUGINAMI, rulebook, tokyo
from tests.domain.rulebooks import rulebooks

ROOMS = Path(__file__).parents[1] / "cases" / "rooms"
DEMO = Path(reservation.__file__).parent / "demo" / "suginami"
ELSEWHERE = "131121"


def room(name: str) -> RuleBook:
    """The rule book of a real room, from its file."""
    return read((ROOMS / f"{name}.yaml").read_text(encoding="utf-8"))


def at(text: str) -> datetime:
    """The instant of a local time of the care day, '16:10' or '16:10:59'."""
    hour, minute, *second = map(int, text.split(":"))
    return tokyo(hour, minute) + timedelta(seconds=sum(second))


def billed(rules: RuleBook | str, came: str, left: str, fee_class: str = "", **more: Any) -> Bill:
    """The bill of a resident family, or of one that lives ``where`` says."""
    book = room(rules) if isinstance(rules, str) else rules
    payer = Payer(more.pop("where", SUGINAMI), SUGINAMI, fee_class)
    return fees.bill(
        book, payer, Stay(CARE_DAY, at(came), at(left)), more.pop("promised", None), Extras(**more)
    )


def lines(bill: Bill) -> list[tuple[str, int]]:
    """Code and yen of each line."""
    return [(line.code, line.amount) for line in bill.lines]


@pytest.mark.parametrize(
    ("came", "left", "fee_class", "total"),
    [
        ("9:00", "15:00", "", 2000), ("9:00", "15:01", "", 3000), ("9:00", "17:00", "", 3000),
        ("8:00", "18:00", "", 4000), ("9:00", "15:00", "c1-3", 1000),
        ("9:00", "15:01", "c1-3", 1500), ("8:00", "18:00", "c1-3", 2000),
        ("9:00", "10:00", "a", 0), ("8:00", "18:00", "a", 0),
        # a class that the room no longer has: the full tariff
        ("9:00", "15:00", "gone", 2000),
    ],
)  # fmt: skip
def test_nagoya_by_hours_and_tax_class(came: str, left: str, fee_class: str, total: int) -> None:
    assert billed("nagoya", came, left, fee_class).total == total


def test_a_bill_is_read_as_it_was_written() -> None:
    made = billed("nagoya", "8:30", "14:31", "c1-3", items={})
    assert len(made.lines) > 1
    assert written.read(written.write(made)) == made


def test_a_class_is_a_line_of_its_own_with_its_name_and_hours() -> None:
    day, reduced = billed("nagoya", "9:00", "16:30", "c1-3").lines
    assert (day.code, day.amount, day.minutes, day.hours) == ("day", 3000, 450, 8)
    assert (reduced.code, reduced.amount) == ("class", -1500)
    assert reduced.name["ja"] == "C1〜C3階層"


@pytest.mark.parametrize(
    ("came", "left", "total"),
    [
        ("8:30", "17:30", 3000), ("8:29", "17:30", 3300), ("8:00", "17:30", 3300),
        ("8:30", "17:30:59", 3000), ("8:30", "17:31", 3300), ("8:00", "18:00", 3600),
    ],
)  # fmt: skip
def test_bunkyo_early_and_late_once_each(came: str, left: str, total: int) -> None:
    assert billed("bunkyo", came, left).total == total


@pytest.mark.parametrize(
    ("left", "total"),
    [("18:00", 2000), ("18:01", 3000), ("18:30", 3000), ("18:31", 5000), ("19:00", 5000),
     ("19:01", 7000)],
)  # fmt: skip
def test_animo_the_first_half_hour_1000_and_2000_for_each_further_one(
    left: str, total: int
) -> None:
    assert billed("animo", "9:00", left).total == total


def test_animo_a_free_class_still_pays_for_being_late() -> None:
    assert lines(billed("animo", "9:00", "18:01", "welfare")) == [
        ("day", 2000), ("class", -2000), ("after", 1000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("left", "meals", "total"),
    [("17:00", 0, 1500), ("17:00", 1, 2000), ("17:01", 1, 2500), ("17:30", 1, 2500),
     ("17:31", 1, 3000)],
)  # fmt: skip
def test_minaharu_500_for_a_meal_and_500_per_30_minutes(left: str, meals: int, total: int) -> None:
    assert billed("minaharu", "8:30", left, items={"meal": meals}).total == total


@pytest.mark.parametrize(
    ("left", "taxi", "expected"),
    [
        ("12:00", None, [("day", 1000)]),
        ("12:01", None, [("day", 2000)]),
        ("12:00", 980, [("day", 1000), ("taxi", 980)]),
        ("16:00", 1000, [("day", 2000), ("taxi", 1000)]),
        ("16:00", 2740, [("day", 2000), ("taxi", 1000)]),
    ],
)
def test_usuki_half_a_day_and_the_cap_of_the_taxi(
    left: str, taxi: int | None, expected: list[tuple[str, int]]
) -> None:
    found = billed("usuki", "8:00", left, taxi=taxi)
    assert lines(found) == expected
    assert found.lines[0].name.get("ja") == ("半日" if left == "12:00" else None)


def test_a_taxi_is_not_charged_where_the_family_pays_none() -> None:
    assert lines(billed("animo", "9:00", "17:00", taxi=2000)) == [("day", 2000)]
    at_cost = rulebook(fees={"taxi": True})
    assert billed(at_cost, "9:00", "17:00", taxi=2740).total == 2000 + 2740


def test_futaba_bedding_for_everyone_and_what_is_eaten() -> None:
    assert lines(billed("futaba", "8:30", "17:00")) == [("day", 2000), ("item", 200)]
    eaten = billed("futaba", "8:30", "17:00", items={"lunch": 1, "snack": 2})
    assert [line.count for line in eaten.lines] == [1, 1, 1, 2]
    assert eaten.total == 2000 + 200 + 300 + 200
    assert billed("futaba", "8:30", "17:00", items={"bedding": 0}).total == 2000


@pytest.mark.parametrize(
    ("fee_class", "total"), [("", 2900), ("non_taxed", 1000), ("allowance", 1000), ("welfare", 400)]
)
def test_kawasaki_reduced_amounts(fee_class: str, total: int) -> None:
    assert billed("kawasaki", "8:00", "18:00", fee_class).total == total
    assert fees.price(room("kawasaki"), SUGINAMI, SUGINAMI, fee_class) == total


@pytest.mark.parametrize("name", ["tamura", "seeds", "kohitsuji", "rabbit", "fifth"])
def test_suginami_costs_the_same_however_long(name: str) -> None:
    rules = read((DEMO / f"{name}.yaml").read_text(encoding="utf-8"))
    whole = fees.price(rules, SUGINAMI, SUGINAMI)
    assert billed(rules, "9:00", "9:30").total == billed(rules, "8:00", "18:00").total == whole


TOWNS: dict[str, Any] = {
    "resident": 2000, "non_resident": 5000, "partners": ["131121"], "partner": 2500,
}  # fmt: skip


@pytest.mark.parametrize(
    ("where", "lives", "price"),
    [("", "resident", 2000), (SUGINAMI, "resident", 2000), ("131121", "partner", 2500),
     ("131130", "other", 5000)],
)  # fmt: skip
def test_where_the_family_lives(where: str, lives: str, price: int) -> None:
    rules = rulebook(fees=TOWNS)
    assert fees.lives(rules, Payer(where, SUGINAMI)) == lives
    assert fees.price(rules, where, SUGINAMI) == price
    same = rulebook(fees={**TOWNS, "partner": None})
    assert fees.price(same, "131121", SUGINAMI) == 2000


def test_a_line_for_one_town_comes_before_one_for_every_town() -> None:
    rates = [{"amount": 1800, "hours": 5}, {"amount": 2400, "hours": 5, "lives": "other"}]
    rules = rulebook(fees={"resident": 3000, "rates": rates})
    assert billed(rules, "9:00", "14:00").total == 1800
    assert billed(rules, "9:00", "14:00", where=ELSEWHERE).total == 2400
    assert fees.spans(rules, Payer(SUGINAMI, SUGINAMI)) == ((5, 1800),)
    assert fees.spans(room("nagoya"), Payer("", SUGINAMI, "a")) == ()


def test_the_day_never_costs_more_than_was_promised_but_what_is_added_does() -> None:
    assert lines(billed("minaharu", "8:30", "17:30", promised=1200, items={"meal": 1})) == [
        ("day", 1500), ("promise", -300), ("after", 500), ("item", 500),
    ]  # fmt: skip
    assert lines(billed("usuki", "8:00", "12:00", promised=2000)) == [("day", 1000)]


def test_a_correction_is_a_line_and_never_makes_the_total_negative() -> None:
    assert lines(billed("animo", "9:00", "17:00", correction=-500))[-1] == ("correction", -500)
    assert billed("animo", "9:00", "17:00", correction=-9000).total == 0


def test_a_late_cancellation_costs_what_the_rule_book_says() -> None:
    assert fees.late_cancelled(rulebook()).lines == ()
    assert fees.late_cancelled(rulebook(cancelling={"late_fee": 500})).total == 500


def test_a_child_fetched_after_midnight_stayed_that_long() -> None:
    stay = Stay(CARE_DAY, at("9:00"), at("0:10") + timedelta(days=1))
    assert stay.minutes == 15 * 60 + 10
    assert Stay(CARE_DAY, at("9:00"), at("8:00")).minutes == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rates": [{"hours": 4, "amount": 3000}]}, "安くなっています"),
        ({"rates": [{"amount": 10, "classes": ["nobody"]}]}, "「減免と料金の区分」にある記号"),
        ({"items": [{"code": "a", "name": {"ja": "昼食"}, "amount": 1}] * 2}, "同じ記号が2回"),
    ],
)
def test_a_tariff_that_makes_no_sense_is_refused(changed: dict[str, Any], said: str) -> None:
    document = plain(rulebook())
    document["fees"] |= changed
    with pytest.raises(BrokenRuleBook) as broken:
        build(RuleBook, document)
    (mistake,) = broken.value.mistakes
    assert mistake.loc[0] == "fees"
    assert said in mistake.allowed


MINUTES = st.integers(0, 24 * 60 - 1)
EXTRAS = st.builds(
    Extras,
    items=st.dictionaries(st.sampled_from(["lunch", "no", "1"]), st.integers(0, fees.MOST)),
    taxi=st.none() | st.integers(0, 50_000),
    correction=st.integers(-30_000, 30_000),
)
CLASSES = st.sampled_from(["", "welfare", "c-1", "gone"])


@given(rulebooks(), CLASSES, MINUTES, MINUTES, MINUTES, EXTRAS)
def test_longer_never_costs_less_and_nothing_is_negative(
    rules: RuleBook, fee_class: str, came: int, left: int, later: int, extras: Extras
) -> None:
    payer = Payer(SUGINAMI, SUGINAMI, fee_class)
    came, left, later = sorted((came, left, later))
    promised = fees.price(rules, SUGINAMI, SUGINAMI, fee_class)

    def until(minute: int) -> Bill:
        midnight = tokyo(0)
        stay = Stay(
            CARE_DAY, midnight + timedelta(minutes=came), midnight + timedelta(minutes=minute)
        )
        return fees.bill(rules, payer, stay, promised, extras)

    short, long = until(left), until(later)
    assert 0 <= short.total <= long.total
    assert short.total == sum(line.amount for line in short.lines)
    day = sum(line.amount for line in long.lines if line.code in ("day", "class", "promise"))
    assert 0 <= day <= promised
    taxi = [line.amount for line in long.lines if line.code == "taxi"]
    assert all(amount <= (rules.fees.taxi_cap or extras.taxi or 0) for amount in taxi)


@pytest.mark.parametrize(("partners", "is_right"), [(["141003"], True), (["131237"], False)])
def test_a_town_with_a_name_must_have_an_agreement(partners: list[str], is_right: bool) -> None:
    named = [{"code": "141003", "name": {"ja": "横浜市"}}]
    fees = {"resident": 2000, "partners": partners, "partner_towns": named}
    if is_right:
        assert rulebook(fees=fees).fees.partner_towns[0].code == "141003"
        return
    with pytest.raises(ValueError, match="協定のある市区町村"):
        rulebook(fees=fees)
