"""The waiting list is called up: literal mornings and evenings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import vacancy, waiting
from reservation.domain.refusals import Code
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import State
from reservation.domain.vacancy import No
from reservation.domain.values import Booking, Round
from tests.domain.build import CARE_DAY, NOW, booking, day, offer, rooms, rulebook, tokyo
from tests.domain.build import waiting as entry
from tests.domain.facility_day import FacilityDay

TICK = timedelta(microseconds=1)
EVE = CARE_DAY - timedelta(days=1)
QUARTER = [{"until": None, "minutes": 15}]
OFA = {"evening": QUARTER, "morning": QUARTER, "quiet_from": "23:00", "quiet_until": "6:00"}
"""Fifteen minutes to answer, no mail at night (domain.md 3.5)."""


def house(capacity: int = 1, **changes: object) -> RuleBook:
    """A facility with so many general places and one isolation room."""
    return rulebook(
        capacity=capacity,
        rooms=rooms(general=capacity, isolation=1),
        booking={"closes": {"days_before": 0, "at": "9:00"}},
        waiting=changes,
    )


def full(rules: RuleBook, *names: str, now: datetime = NOW) -> FacilityDay:
    """A day that さくら has booked, and these families wait behind her, a minute apart."""
    today = FacilityDay(rules, now - timedelta(hours=1))
    for n in range(rules.places.official_capacity):
        today.books("sakura" if n == 0 else f"booked-{n}")
    for name in names:
        today.now += timedelta(minutes=1)
        today.ask(name)
    today.now = now
    return today


def states_of(today: FacilityDay, *names: str) -> list[str]:
    """The states of these bookings."""
    return [today.state(name).value for name in names]


# -- the cases of domain.md 11 --------------------------------------------------------------------


def test_a_place_cancelled_at_six_twenty_passes_on_at_six_thirty_five() -> None:
    today = full(house(**OFA), "first", "second", now=tokyo(6, 20))
    today.acts("sakura", "cancel")
    assert states_of(today, "first", "second") == ["offered", "waiting"]
    assert today["first"].ends_at == tokyo(6, 35)
    today.now = tokyo(6, 35)
    today.sweep()
    assert states_of(today, "first", "second") == ["waiting", "offered"]
    assert today["second"].ends_at == tokyo(6, 50)
    today.now = tokyo(6, 36)
    assert not today.yes("first")
    assert today.yes("second")


@pytest.mark.parametrize(
    ("answered", "in_time"),
    [(tokyo(6, 35) - TICK, True), (tokyo(6, 35), False), (tokyo(6, 35) + TICK, False)],
)
@pytest.mark.parametrize("swept", [True, False])
def test_an_answer_at_the_end_itself_is_too_late(
    answered: datetime, in_time: bool, swept: bool
) -> None:
    today = full(house(**OFA), "first", "second", now=tokyo(6, 20))
    today.acts("sakura", "cancel")
    today.now = answered
    if swept:
        today.sweep()
    assert today.yes("first") is in_time
    assert today.state("second") is (State.WAITING if in_time else State.OFFERED)


def test_a_place_cancelled_at_ten_past_eleven_is_offered_at_six() -> None:
    today = full(house(**OFA), "first", now=tokyo(23, 10, EVE))
    today.acts("sakura", "cancel")
    for sleeping in (tokyo(23, 10, EVE), tokyo(2, 0), tokyo(6, 0) - TICK):
        today.now = sleeping
        today.sweep()
        assert today.state("first") is State.WAITING
        answer = today.ask(f"newcomer-{sleeping:%H%M}")
        assert isinstance(answer, No)
        assert answer.reasons[0].code is Code.LIST_FIRST
    today.now = tokyo(6, 0)
    today.sweep()
    assert today.state("first") is State.OFFERED
    assert today["first"].ends_at == tokyo(6, 15)


def test_the_last_offer_of_the_evening_ends_by_eleven() -> None:
    today = full(house(**OFA), "first", "second", now=tokyo(22, 50, EVE))
    today.acts("sakura", "cancel")
    assert today["first"].ends_at == tokyo(23, 0, EVE)
    today.now = tokyo(23, 0, EVE)
    today.sweep()
    assert states_of(today, "first", "second") == ["waiting", "waiting"]
    today.now = tokyo(6, 0)
    today.sweep()
    assert states_of(today, "first", "second") == ["waiting", "offered"]


# -- whom to ask -------------------------------------------------------------------------------


def test_a_no_passes_the_place_on_and_keeps_the_rank_for_the_next_one() -> None:
    today = full(house(2), "first", "second")
    today.acts("sakura", "cancel")
    today.no("first")
    assert states_of(today, "first", "second") == ["waiting", "offered"]
    today.no("second")
    today.now += timedelta(minutes=1)
    today.sweep()
    assert states_of(today, "first", "second") == ["waiting", "waiting"]
    today.acts("booked-1", "cancel")
    # both places are free now, and this one is new to both
    assert states_of(today, "first", "second") == ["offered", "offered"]


def test_who_leaves_an_offer_gives_nobody_the_same_offer_twice() -> None:
    today = full(house(), "first", "second", "third")
    today.acts("sakura", "cancel")
    today.no("first")
    today.now += timedelta(minutes=1)
    today.acts("second", "leave")
    assert states_of(today, "first", "second", "third") == ["waiting", "cancelled", "offered"]


def test_a_first_lapse_keeps_the_rank_and_a_second_ends_the_entry() -> None:
    today = full(house(), "first")
    today.acts("sakura", "cancel")
    today.now += timedelta(minutes=30)
    today.sweep()
    assert states_of(today, "first") == ["waiting"]
    today.books("momo")
    today.now += timedelta(minutes=1)
    today.acts("momo", "cancel")
    assert states_of(today, "first") == ["offered"]
    today.now += timedelta(minutes=30)
    today.sweep()
    assert states_of(today, "first") == ["expired"]


@pytest.mark.parametrize(
    ("allowed", "lapses", "action"),
    [(1, 0, "lapse_offer"), (1, 1, "lapse_twice"), (0, 0, "lapse_twice"), (3, 2, "lapse_offer")],
)
def test_the_rule_book_says_how_often_silence_is_forgiven(
    allowed: int, lapses: int, action: str
) -> None:
    rules = house(lapses_allowed=allowed)
    one = entry("hana", state=State.OFFERED, lapses=lapses)
    assert waiting.lapse(day(one, rules=rules), one, NOW) == action


def test_who_does_not_fit_is_skipped_with_the_reason_and_keeps_the_rank() -> None:
    rules = rulebook(capacity=3, rooms=rooms(general=2, isolation=1))
    today = day(
        booking("flu", "FLU_A", room="isolation"),
        booking("cold", room="general"),
        entry("measles", "RSV", minute=0),
        entry("cough", minute=1),
        entry("later", minute=2),
        rules=rules,
    )
    offering = waiting.next_offers(today, NOW)
    assert offering is not None
    assert [b.id for b in offering.entries] == ["cough"]
    assert [(b.id, why.code) for b, why in offering.skipped] == [("measles", Code.ILLNESS_MIX)]
    assert offering.places == 1


@pytest.mark.parametrize(
    ("changes", "now", "skipped"),
    [
        ({}, NOW, {"measles": Code.ILLNESS_MIX}),
        ({}, tokyo(0, 30), {}),  # nobody may be asked at night
        ({"mode": "staff"}, NOW, {}),
        ({"mode": "none"}, NOW, {}),
    ],
)
def test_whom_the_free_place_does_not_suit_is_told_when_nobody_can_be_asked(
    changes: dict[str, Any], now: datetime, skipped: dict[str, Code]
) -> None:
    rules = rulebook(capacity=3, rooms=rooms(general=2, isolation=1), waiting=changes)
    flu, cold = booking("flu", "FLU_A", room="isolation"), booking("cold", room="general")
    measles = entry("measles", "RSV")
    today = day(flu, cold, measles, rules=rules)
    assert {b.id: why.code for b, why in waiting.unsuited(today, now)} == skipped
    assert waiting.unsuited(day(flu, cold, rules=rules), now) == ()


def test_whom_the_free_place_suits_is_not_among_the_skipped() -> None:
    rules = rulebook(capacity=3, rooms=rooms(general=2, isolation=1))
    flu, cold = booking("flu", "FLU_A", room="isolation"), booking("cold", room="general")
    today = day(flu, cold, entry("measles", "RSV"), entry("cough", minute=1), rules=rules)
    assert [b.id for b, _ in waiting.unsuited(today, NOW)] == ["measles"]


def test_a_full_day_and_an_open_offer_skip_nobody() -> None:
    full_day = day(booking("sakura"), entry("hana"), rules=house(1))
    assert waiting.unsuited(full_day, NOW) == ()
    asked = entry("first", state=State.OFFERED, round_id="r1")
    until = NOW + timedelta(minutes=5)
    offered = day(asked, entry("hana", minute=1), rules=house(1), rounds=(offer(ends_at=until),))
    assert waiting.unsuited(offered, NOW) == ()


def test_a_round_of_three_reserves_one_place_for_whoever_is_first() -> None:
    three = [{"until": None, "minutes": 5, "at_once": 3}]
    today = full(house(2, morning=three), *"abcde", now=tokyo(7, 0))
    today.acts("sakura", "cancel")
    assert states_of(today, *"abcde") == ["offered"] * 3 + ["waiting"] * 2
    today.acts("booked-1", "cancel")
    assert states_of(today, *"abcde") == ["offered"] * 5
    assert today.yes("b")
    assert states_of(today, *"abcde") == ["waiting", "confirmed", "waiting", "offered", "offered"]
    today.now = tokyo(7, 5)
    assert not today.yes("d")
    # the second place passes on to who has not been asked about it
    assert states_of(today, *"acde") == ["offered", "offered", "waiting", "waiting"]


def test_open_offers_reserve_their_places() -> None:
    today = full(house(2), "first", "second", "third")
    today.acts("sakura", "cancel")
    today.acts("booked-1", "cancel")
    assert states_of(today, "first", "second", "third") == ["offered", "offered", "waiting"]
    assert waiting.next_offers(today.day, today.now) is None


# -- offers whose place is no more ----------------------------------------------------------------


def asked_of(*illnesses: str, together: bool = False) -> tuple[Booking, ...]:
    """Open offers in the order of the list, each in its own round unless asked together."""
    return tuple(
        entry(
            f"e{n}", illness, minute=n, state=State.OFFERED, round_id="r0" if together else f"r{n}"
        )
        for n, illness in enumerate(illnesses)
    )


def gone(asked: tuple[Booking, ...], rules: RuleBook, **changes: Any) -> list[str]:
    """Whose offers have no place any more on a day that was changed so."""
    rounds = tuple(offer(id) for id in sorted({str(one.round_id) for one in asked}))
    today = day(*asked, rules=rules, rounds=rounds, **changes)
    return [one.id for one in waiting.without_place(today, NOW)]


def test_with_fewer_places_than_offers_the_last_of_the_list_lose_theirs() -> None:
    three = asked_of("URI", "URI", "URI")
    assert gone(three, house(3)) == []
    assert gone(three, house(3), effective_capacity=2) == ["e2"]
    assert gone(three, house(3), effective_capacity=1) == ["e1", "e2"]
    assert gone(three, house(3), effective_capacity=0) == ["e0", "e1", "e2"]
    assert gone(three, house(3), closed="台風") == ["e0", "e1", "e2"]


def test_whom_a_room_no_longer_takes_leaves_the_others_their_offers() -> None:
    two = asked_of("FLU_A", "URI")
    assert gone(two, house(2)) == []
    assert gone(two, house(2), closed_rooms=frozenset({"isolation"})) == ["e0"]
    assert gone(two, house(2), room_uses={"general": "infectious"}) == ["e1"]


def test_a_round_keeps_its_one_place_for_all_whom_it_asked() -> None:
    three = asked_of("URI", "URI", "URI", together=True)
    assert gone(three, house(3), effective_capacity=1) == []
    assert gone(three, house(3), effective_capacity=0) == ["e0", "e1", "e2"]


@given(
    st.lists(st.sampled_from(["URI", "FLU_A", "RSV"]), min_size=1, max_size=5),
    st.integers(0, 5),
    st.sampled_from([frozenset(), frozenset({"general"}), frozenset({"isolation"})]),
)
def test_what_is_left_of_the_offers_would_all_be_given(
    illnesses: list[str], places: int, closed: frozenset[str]
) -> None:
    asked = asked_of(*illnesses)
    rounds = tuple(offer(str(one.round_id)) for one in asked)
    changed = {"effective_capacity": places, "closed_rooms": closed}
    today = day(*asked, rules=house(5), rounds=rounds, **changed)
    lost = waiting.without_place(today, NOW)
    for one in lost:
        today = today.with_booking(one.change(state=State.WAITING, round_id=None))
    for one in lost:
        # nobody loses an offer that could have stood beside those that are left
        again = vacancy.fits(today, waiting.wish_of(one), NOW, list_first=False)
        assert isinstance(again, vacancy.No)
    for one in asked:
        if one in lost:
            continue
        found = vacancy.fits(today, waiting.wish_of(one), NOW, list_first=False)
        assert not isinstance(found, vacancy.No)
        seated = one.change(state=State.CONFIRMED, round_id=None, ends_at=None, room=found.room)
        today = today.with_booking(seated)
        for move in found.moves if isinstance(found, vacancy.FitsAfterMove) else ():
            moved = today.booking(move.booking_id)
            assert moved is not None
            today = today.with_booking(moved.change(room=move.to))


def test_an_offer_that_is_over_reserves_nothing() -> None:
    asked = entry("first", state=State.OFFERED, round_id="r1")
    today = day(asked, entry("second", minute=1), rules=house(), rounds=(offer(ends_at=NOW),))
    before, at_end = (waiting.next_offers(today, now) for now in (NOW - TICK, NOW))
    assert before is None
    assert at_end is not None
    assert [b.id for b in at_end.entries] == ["second"]


@pytest.mark.parametrize("mode", ["staff", "none"])
def test_where_staff_call_or_nobody_waits_no_offer_is_made(mode: str) -> None:
    today = day(entry("hana"), rules=house(mode=mode))
    assert waiting.next_offers(today, NOW) is None


def test_nobody_waits_nobody_is_asked() -> None:
    assert waiting.next_offers(day(), NOW) is None


def test_on_a_day_that_staff_closed_nobody_is_asked() -> None:
    assert waiting.next_offers(day(entry("hana"), closed="台風のため"), NOW) is None


def test_an_offering_becomes_a_round() -> None:
    today = day(entry("hana"))
    offering = waiting.next_offers(today, NOW)
    assert offering is not None
    assert waiting.as_round("r7", offering) == Round("r7", 1, NOW + timedelta(minutes=30))


def test_the_wish_of_an_entry_is_what_the_family_asked_for() -> None:
    hana = entry("hana", "FLU_A", months=20)
    wish = waiting.wish_of(hana)
    assert (wish.booking_id, wish.illness, wish.asked_at) == ("hana", "FLU_A", hana.asked_at)
    assert (wish.child.id, wish.child.birthday) == (hana.child_id, hana.birthday)


# -- the end of the list --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "ended"), [(tokyo(7, 30) - TICK, False), (tokyo(7, 30), True), (tokyo(12, 0), True)]
)
def test_the_list_ends_at_the_stop_time(now: datetime, ended: bool) -> None:
    assert waiting.list_has_ended(day(entry("hana")), now) is ended
    assert not waiting.list_has_ended(day(booking("sakura")), now)


def test_a_scheduler_that_stood_still_makes_no_offer_that_is_dead_on_arrival() -> None:
    """reliability.md, fault 8: stopped over the end of an offer, the stop time and a hold."""
    today = full(house(), "first", "second", now=tokyo(6, 50))
    today.acts("sakura", "cancel")
    today.now = tokyo(7, 45)
    assert not today.yes("first")
    today.sweep()
    assert states_of(today, "first", "second") == ["expired", "expired"]
    assert all(made is None for _, now, made in today.looked if now >= tokyo(7, 25) + TICK)
    today.books("momo")
    assert today.state("momo") is State.CONFIRMED
