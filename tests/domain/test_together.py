"""Siblings who want both places or none: never half of a pair, in seating, list and link."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import queue, vacancy, waiting
from reservation.domain.refusals import Code
from reservation.domain.states import State
from reservation.domain.values import Booking, Day, Terms, Wish
from reservation.domain.waiting import Offering, Taking
from tests.domain.build import NOW, booking, child, day, offer, rulebook, tokyo, wish
from tests.domain.build import waiting as entry
from tests.domain.histories import AGES, ILLNESSES, days, holding

BOTH = "both"


def asks(name: str, illness: str = "URI", months: int = 30) -> Wish:
    """A child of the family."""
    return wish(illness, child=child(name, months, family_id="f"))


def pair(minutes: tuple[int, int] = (0, 0), **changes: object) -> tuple[Booking, Booking]:
    """Two of a family in the list, さくら (b1) and そら (b2)."""
    first = entry("b1", minute=minutes[0], together=BOTH, family_id="f", **changes)
    return first, entry("b2", minute=minutes[1], together=BOTH, family_id="f", **changes)


def full(places: int, free: int) -> tuple[object, list[Booking]]:
    """Rules for so many places, and bookings that leave some free."""
    return rulebook(capacity=places), [booking(f"x{n}") for n in range(places - free)]


# -- places ---------------------------------------------------------------------------------------


@st.composite
def two(draw: st.DrawFn) -> tuple[Wish, Wish]:
    """Two siblings with what they may have."""
    one, other = (
        asks(name, draw(st.sampled_from(ILLNESSES)), draw(st.sampled_from(AGES)))
        for name in ("sakura", "sora")
    )
    return one, other


@given(days(), two())
def test_where_both_fit_each_fits_alone(today: Day, wishes: tuple[Wish, Wish]) -> None:
    answers = vacancy.fits_all(today, wishes, NOW, list_first=False)
    if vacancy.places(answers) is None:
        return
    for one in wishes:
        alone = vacancy.fits(today, one, NOW, list_first=False)
        assert not isinstance(alone, vacancy.No), (one.illness, alone)


@given(days(), two())
def test_the_day_takes_both_as_it_says(today: Day, wishes: tuple[Wish, Wish]) -> None:
    found = vacancy.places(vacancy.fits_all(today, wishes, NOW, list_first=False))
    if found is None:
        return
    then = today
    for one, place in zip(wishes, found, strict=True):
        for move in place.moves if isinstance(place, vacancy.FitsAfterMove) else ():
            moved = then.booking(move.booking_id)
            assert moved is not None
            then = then.with_booking(moved.change(room=move.to))
        sits = booking(one.child.id, one.illness, child_id=one.child.id, family_id="f",
                       birthday=one.child.birthday, room=place.room)  # fmt: skip
        then = then.with_booking(sits)
    assert len(holding(then)) == len(holding(today)) + 2
    was = {one.booking_id for one in vacancy.misfits(today, NOW)}
    assert {one.booking_id for one in vacancy.misfits(then, NOW)} <= was


def test_of_one_free_place_each_hears_its_own_answer() -> None:
    rules, taken = full(3, free=1)
    answers = vacancy.fits_all(day(*taken, rules=rules), [asks("sakura"), asks("sora")], NOW)
    assert not isinstance(answers[0], vacancy.No)
    assert isinstance(answers[1], vacancy.No)
    assert [r.code for r in answers[1].reasons] == [Code.CAPACITY]
    assert vacancy.places(answers) is None


def test_who_has_no_place_takes_none_from_the_next() -> None:
    rules, taken = full(4, free=1)
    today = day(*taken, rules=rules, closed_rooms=frozenset({"isolation"}))
    flu, cold = vacancy.fits_all(today, [asks("sakura", "FLU_A"), asks("sora")], NOW)
    assert isinstance(flu, vacancy.No)
    assert isinstance(cold, vacancy.Fits)


def test_nobody_asks_for_nothing() -> None:
    assert vacancy.places(vacancy.fits_all(day(), [], NOW)) == ()


# -- the list -------------------------------------------------------------------------------------


def turn(today: Day, now=NOW) -> Offering | Taking | None:
    """What the list does now."""
    return waiting.next_turn(today, now)


def test_two_places_are_offered_to_both_in_a_round_of_two() -> None:
    rules, taken = full(4, free=2)
    found = turn(day(*taken, *pair(), entry("b3", minute=5), rules=rules))
    assert isinstance(found, Offering)
    assert ([b.id for b in found.entries], found.places) == (["b1", "b2"], 2)


def test_one_place_goes_to_the_next_and_both_are_told_why() -> None:
    rules, taken = full(4, free=1)
    found = turn(day(*taken, *pair(), entry("b3", minute=5), rules=rules))
    assert isinstance(found, Offering)
    assert ([b.id for b in found.entries], found.places) == (["b3"], 1)
    assert [(b.id, why.code) for b, why in found.skipped] == [
        ("b1", Code.TOGETHER),
        ("b2", Code.TOGETHER),
    ]


def test_what_no_place_suits_at_all_is_its_own_reason() -> None:
    rules, taken = full(4, free=0)
    found = waiting.place(day(*taken, *pair(), rules=rules), pair(), NOW)
    assert getattr(found, "code", None) is Code.CAPACITY


def test_while_an_offer_is_open_nothing_is_said_of_the_pair() -> None:
    rules, taken = full(4, free=2)
    asked = entry("b0", state=State.OFFERED, round_id="r1")
    today = day(*taken, asked, *pair((1, 1)), rules=rules, rounds=(offer("r1"),))
    found = waiting.place(today, pair((1, 1)), NOW)
    assert getattr(found, "code", None) is Code.LIST_FIRST
    assert waiting.unsuited(today, NOW) == ()


def test_whom_one_place_does_not_suit_is_among_the_unsuited() -> None:
    rules, taken = full(4, free=1)
    found = waiting.unsuited(day(*taken, *pair(), rules=rules), NOW)
    assert [(b.id, why.code) for b, why in found] == [
        ("b1", Code.TOGETHER),
        ("b2", Code.TOGETHER),
    ]


def test_the_pair_stands_where_the_later_of_them_stands() -> None:
    rules, taken = full(4, free=1)
    today = day(*taken, *pair((0, 9)), entry("b3", minute=5), rules=rules)
    assert [[b.id for b in party] for party in queue.parties(today)] == [["b3"], ["b1", "b2"]]
    found = turn(today)
    assert isinstance(found, Offering)
    assert [b.id for b in found.entries] == ["b3"]
    assert [(b.id, why.code) for b, why in found.skipped] == [("b1", Code.TOGETHER)]


def test_a_round_of_three_ends_before_the_pair() -> None:
    rules, taken = full(4, free=4)
    morning = tokyo(7, 5)
    today = day(*taken, entry("b0"), *pair((1, 1)), entry("b3", minute=5), rules=rules)
    found = turn(today, morning)
    assert isinstance(found, Offering)
    assert [b.id for b in found.entries] == ["b0"]


def test_both_are_taken_for_as_the_family_wished() -> None:
    rules = rulebook(capacity=4, waiting={"takes_for_family": True})
    terms = Terms(takes_until=NOW + timedelta(hours=1))
    found = turn(day(*pair(terms=terms), rules=rules))
    assert isinstance(found, Taking)
    assert ([b.id for b in found.entries], len(found.fits)) == (["b1", "b2"], 2)


def test_who_let_it_go_by_is_not_asked_through_the_other() -> None:
    rules, taken = full(4, free=2)
    first, second = pair()
    today = day(*taken, first.change(passed_at=NOW), second, rules=rules)
    assert turn(today) is None


@pytest.mark.parametrize(("free", "held"), [(1, False), (2, True), (3, True)])
def test_a_pair_that_waits_keeps_places_for_two_or_none(free: int, held: bool) -> None:
    """With one free place the newcomer gets it; with two the pair stands before it."""
    rules, taken = full(4, free=free)
    answer = vacancy.fits(day(*taken, *pair(), rules=rules), wish(), NOW)
    assert isinstance(answer, vacancy.No) is (held and free == 2)


@given(days(), st.integers(0, 3))
def test_a_turn_is_both_or_none(today: Day, late: int) -> None:
    listed = [b for b in queue.queue(today) if b.state is State.WAITING][:2]
    linked = {b.id: b.change(together=BOTH, family_id="f") for b in listed}
    if len(linked) < 2:
        return
    today = today.change(bookings=tuple(linked.get(b.id, b) for b in today.bookings))
    found = turn(today, NOW + timedelta(minutes=late))
    entries = {b.id for b in found.entries} if found else set()
    assert len(entries & set(linked)) in (0, 2)
    if isinstance(found, Offering) and entries & set(linked):
        assert (entries, found.places) == (set(linked), 2)
    last = max(((b.asked_at, b.id) for b in found.entries), default=None) if found else None
    told = {b.id for b, _why in found.skipped} if found else set()
    for one in linked.values():
        if last and (one.asked_at, one.id) < last and one.id not in entries:
            assert one.id in told or not queue.may_be_asked(today, one)


def test_an_offer_that_one_of_them_lost_is_lost_by_both() -> None:
    rules, taken = full(4, free=1)
    asked = pair(state=State.OFFERED, round_id="r1")
    today = day(*taken, *asked, rules=rules, rounds=(offer("r1", places=2),))
    assert [b.id for b in waiting.without_place(today, NOW)] == ["b1", "b2"]
    room = day(*taken[:2], *asked, rules=rules, rounds=(offer("r1", places=2),))
    assert waiting.without_place(room, NOW) == ()


# -- the link -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "parted"),
    [
        (State.WAITING, []),
        (State.OFFERED, ["b1", "b2"]),
        (State.CONFIRMED, ["b1"]),
        (State.CANCELLED, ["b1"]),
    ],
)
def test_a_pair_is_split_when_one_goes_another_way(other: State, parted: list[str]) -> None:
    first, second = pair()
    today = day(first, second.change(state=other))
    assert [b.id for b in queue.split(today)] == parted


def test_confirmed_places_stay_linked_whatever_happens() -> None:
    first, second = pair(state=State.CONFIRMED)
    assert queue.split(day(first, second.change(state=State.CANCELLED))) == ()


def test_a_party_is_alone_or_all_alike() -> None:
    first, second = pair()
    alone = entry("b3")
    today = day(first, second, alone)
    assert queue.party(today, second) == (first, second)
    assert queue.party(today, alone) == (alone,)
