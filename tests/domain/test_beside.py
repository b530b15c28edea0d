"""What a family has beside its entry: who may have no more is passed over, who returns is first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import limits, queue, vacancy, waiting
from reservation.domain.refusals import Code
from reservation.domain.states import State
from reservation.domain.values import Booking, Condition, Place, Terms
from tests.domain import build
from tests.domain.build import CARE_DAY, NOW, booking, day, rooms, rulebook, tokyo, wish

BEFORE = CARE_DAY - timedelta(days=1)
EVENING = tokyo(20, day=BEFORE)
HIYOKO = rulebook(chain={"returning_days": 3}, capacity=1, rooms=rooms(general=1))


def place(entry: Booking, on: int, state: State = State.CONFIRMED, **changes: Any) -> Place:
    """A place of the entry's child so many days from the care day."""
    given: dict[str, Any] = {"child_id": entry.child_id, "illness": entry.illness}
    return Place(day=CARE_DAY + timedelta(days=on), state=state, **(given | changes))


@pytest.mark.parametrize(
    ("rules", "has", "code"),
    [
        ({"chain": {"most_days": 2}}, [-2, -1], Code.TOO_MANY_DAYS),
        ({"chain": {"most_days": 2}}, [-1], None),
        ({"chain": {"most_days": 3}}, [-2, -1], None),
        ({"chain": {"at_once": 2, "further_from": "23:59"}}, [-2, -1], Code.TOO_MANY_AT_ONCE),
        ({"chain": {"at_once": 3}}, [-2, -1], None),
        ({"booking": {"family_bookings": 1}}, [0], Code.TOO_MANY_BOOKINGS),
        ({"booking": {"family_bookings": 1}}, [-40], None),
        ({"booking": {"family_bookings": 2}}, [3], None),
        ({}, [-2, -1, 1, 2, 3], None),
    ],
)
def test_each_limit_counts_what_the_family_has_by_now(
    rules: dict[str, Any], has: list[int], code: Code | None
) -> None:
    entry = build.waiting("sakura")
    there = {"sakura": tuple(place(entry, on) for on in has)}
    found = limits.barred(day(entry, rules=rulebook(**rules), beside=there), [entry], NOW)
    assert (found.code if found else None) == code


def test_another_child_of_the_family_has_days_of_its_own_but_shares_the_bookings() -> None:
    entry = build.waiting("sakura")
    theirs = (place(entry, -1, child_id="brother"), place(entry, 1, child_id="brother"))
    for rules, code in (
        (rulebook(chain={"most_days": 1}), None),
        (rulebook(booking={"family_bookings": 1}), Code.TOO_MANY_BOOKINGS),
    ):
        found = limits.barred(day(entry, rules=rules, beside={"sakura": theirs}), [entry], NOW)
        assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("state", "ends", "counts"),
    [
        (State.HELD, timedelta(microseconds=1), True),
        (State.HELD, timedelta(0), False),
        (State.HELD, None, False),
        (State.CONFIRMED, None, True),
        (State.COMPLETED, None, False),
    ],
)
def test_a_hold_counts_until_its_end_and_only_what_holds_a_place_is_a_booking(
    state: State, ends: timedelta | None, counts: bool
) -> None:
    entry, rules = build.waiting("sakura"), rulebook(booking={"family_bookings": 1})
    has = (place(entry, 1, state, ends_at=None if ends is None else NOW + ends),)
    found = limits.barred(day(entry, rules=rules, beside={"sakura": has}), [entry], NOW)
    assert (found is not None) is counts


def test_the_cap_on_provisional_places_counts_for_who_would_have_one() -> None:
    rules = rulebook(registering={"provisional_most": 1})
    entry = build.waiting("sakura")
    there = booking("b1", conditions=(Condition("registration"),))
    asked = day(entry, there, rules=rules, provisional=frozenset({"sakura"}))
    found = limits.barred(asked, [entry], NOW)
    assert found is not None
    assert found.code is Code.PROVISIONAL_FULL
    assert limits.barred(asked.change(provisional=frozenset()), [entry], NOW) is None
    assert limits.barred(asked.change(bookings=(entry,)), [entry], NOW) is None


def test_the_cap_on_provisional_places_counts_siblings_who_come_together() -> None:
    pair = [build.waiting(name, together="t") for name in ("hana", "riku")]
    both = frozenset({"hana", "riku"})
    for most, registered, code in (
        (1, frozenset[str](), Code.PROVISIONAL_FULL),
        (2, frozenset[str](), None),
        (1, frozenset({"hana"}), None),
    ):
        rules = rulebook(registering={"provisional_most": most})
        found = limits.barred(day(*pair, rules=rules, provisional=both - registered), pair, NOW)
        assert (found.code if found else None) == code


def test_who_may_have_no_more_is_skipped_and_its_open_offer_is_taken_back() -> None:
    rules = rulebook(booking={"family_bookings": 1}, capacity=1, rooms=rooms(general=1))
    first, second = build.waiting("first"), build.waiting("second", minute=1)
    has = {"first": (place(first, 2),)}
    turn = waiting.next_turn(day(first, second, rules=rules, beside=has), EVENING)
    assert isinstance(turn, waiting.Offering)
    assert [one.id for one in turn.entries] == ["second"]
    assert [(one.id, why.code) for one, why in turn.skipped] == [("first", Code.TOO_MANY_BOOKINGS)]
    offered = first.change(state=State.OFFERED, round_id="r1", ends_at=EVENING)
    open_one = day(offered, rules=rules, rounds=(build.offer(ends_at=EVENING),))
    assert waiting.without_place(open_one, NOW) == ()
    assert waiting.without_place(open_one.change(beside=has), NOW) == (offered,)


def test_who_may_have_no_more_blocks_nobody() -> None:
    rules = rulebook(booking={"family_bookings": 1}, capacity=1, rooms=rooms(general=1))
    entry = build.waiting("first")
    assert isinstance(vacancy.fits(day(entry, rules=rules), wish(), EVENING), vacancy.No)
    full = day(entry, rules=rules, beside={"first": (place(entry, 2),)})
    assert isinstance(vacancy.fits(full, wish(), EVENING), vacancy.Fits)


# -- who returns stands first --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("has", "first"),
    [
        ([(-1, State.CONFIRMED)], True), ([(-1, State.CHECKED_IN)], True),
        ([(-1, State.COMPLETED)], True), ([(-1, State.HELD)], False),
        ([(-2, State.COMPLETED)], False), ([(1, State.CONFIRMED)], False), ([], False),
    ],
)  # fmt: skip
def test_a_place_on_the_open_day_before_puts_first(
    has: list[tuple[int, State]], first: bool
) -> None:
    tuesday = CARE_DAY  # 24 November: Monday is a holiday, so the open day before is Friday
    offsets = {-1: -4, -2: -5}
    newcomer, child = build.waiting("newcomer"), build.waiting("child", minute=9)
    places = tuple(place(child, offsets.get(on, on), state) for on, state in has)
    asked = day(newcomer, child, rules=HIYOKO, beside={"child": places}, date=tuesday)
    assert queue.rank(asked, "child") == (1 if first else 2)
    assert queue.rank(asked.change(rules=rulebook()), "child") == 2


def test_another_illness_is_no_return_nor_is_another_child() -> None:
    newcomer, child = build.waiting("newcomer"), build.waiting("child", minute=9)
    for other in (place(child, -4, illness="FLU_A"), place(child, -4, child_id="brother")):
        asked = day(newcomer, child, rules=HIYOKO, beside={"child": (other,)})
        assert queue.rank(asked, "child") == 2


def test_after_the_last_day_of_the_priority_the_order_is_that_of_asking() -> None:
    newcomer, child = build.waiting("newcomer"), build.waiting("child", minute=9)
    long = tuple(place(child, on) for on in (-4, -5, -6))
    asked = day(newcomer, child, rules=HIYOKO, beside={"child": long})
    assert queue.rank(asked, "child") == 2
    assert queue.rank(asked.change(beside={"child": long[:2]}), "child") == 1


ENTRIES = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=5)


@given(ENTRIES, st.booleans(), st.integers(0, 5))
def test_list_board_and_turn_keep_one_order(
    given_: list[tuple[int, bool]], returning: bool, asked_after: int
) -> None:
    """Whoever returns is before whoever does not, then the earlier; who stands before a newcomer
    is who keeps it from the one place; who is asked first has rank 1; who asked earlier than it is
    among the skipped."""
    entries = [build.waiting(f"e{n}", minute=m) for n, (m, _) in enumerate(given_)]
    back = {f"e{n}" for n, (_, returns) in enumerate(given_) if returns}
    beside = {e.id: (place(e, -4),) for e in entries if e.id in back}
    full = day(*entries, rules=HIYOKO, beside=beside)
    order = queue.queue(full)
    assert list(order) == sorted(order, key=lambda e: (e.id not in back, e.asked_at, e.id))
    child = build.child("asker", days=(("URI", CARE_DAY - timedelta(days=4)),) * returning)
    at = build.waiting("x", minute=asked_after).asked_at
    asker = wish(child=child, asked_at=at)
    before = [e for e in entries if (e.id not in back, e.asked_at) <= (not returning, at)]
    taken = isinstance(vacancy.fits(full, asker, EVENING), vacancy.No)
    assert taken is bool(before)
    turn = waiting.next_turn(full, EVENING)
    assert isinstance(turn, waiting.Offering)
    assert turn.entries == order[:1]
    earlier = {e.id for e in entries if (e.asked_at, e.id) < (order[0].asked_at, order[0].id)}
    assert {e.id for e, why in turn.skipped if why.code is Code.RETURNS_FIRST} == earlier


def test_a_place_taken_for_a_returning_child_names_who_was_passed_over() -> None:
    rules = rulebook(
        chain={"returning_days": 3}, capacity=1, rooms=rooms(general=1),
        waiting={"takes_for_family": True},
    )  # fmt: skip
    newcomer = build.waiting("newcomer")
    child = build.waiting("child", minute=9, terms=Terms(takes_until=tokyo(6, 30)))
    full = day(newcomer, child, rules=rules, beside={"child": (place(child, -4),)})
    turn = waiting.next_turn(full, tokyo(2))
    assert isinstance(turn, waiting.Taking)
    assert [(e.id, why.code) for e, why in turn.skipped] == [("newcomer", Code.RETURNS_FIRST)]


def test_who_is_to_be_asked_anyway_is_not_among_the_skipped() -> None:
    """Three at once from seven: the newcomers of the same round are asked with the child."""
    rules = HIYOKO
    entries = [build.waiting(f"n{n}", minute=n) for n in range(3)]
    child = build.waiting("child", minute=9)
    full = day(*entries, child, rules=rules, beside={"child": (place(child, -4),)})
    turn = waiting.next_turn(full, tokyo(7))
    assert isinstance(turn, waiting.Offering)
    assert [e.id for e in turn.entries] == ["child", "n0", "n1"]
    assert [e.id for e, _ in turn.skipped] == ["n2"]
