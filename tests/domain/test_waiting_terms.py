"""On which terms a family waits: woken at night, taken for it, near enough for a second chance."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import clocks, dates, queue, vacancy, waiting
from reservation.domain.refusals import Code
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import State
from reservation.domain.values import PLAIN, Booking, Place, Terms
from reservation.domain.waiting import Offering, Taking
from tests.domain.build import CARE_DAY, day, rooms, rulebook, tokyo, wish
from tests.domain.build import waiting as entry

TICK = timedelta(microseconds=1)
EVE = CARE_DAY - timedelta(days=1)
WAKES, NEAR = Terms(wakes=True), Terms(near=True)
NIGHT = tokyo(2, 0)
STOP = tokyo(7, 30)
MORNING = tokyo(6, 30)


def takes(hour: int = 6, minute: int = 0, on: date = CARE_DAY) -> Terms:
    """A place is taken until then."""
    return Terms(takes_until=tokyo(hour, minute, on))


def house(**changes: object) -> RuleBook:
    """One place, and a list that keeps every term unless said otherwise."""
    one = [{"minutes": 10, "at_once": 1}]
    listed = {
        "morning": one,
        "wake_minutes": 20,
        "takes_for_family": True,
        "second_chance_until": "9:00",
    }
    return rulebook(capacity=1, rooms=rooms(general=1), waiting=listed | changes)


def turn(now: datetime, *entries: Booking, **rules: object) -> Offering | Taking | None:
    """What the list does next with one free place."""
    return waiting.next_turn(day(*entries, rules=house(**rules)), now)


def asked(found: Offering | Taking | None) -> list[str]:
    """Who is asked, with a mark for a place that is taken; and who is passed over in brackets."""
    if found is None:
        return []
    names = ["!" + found.entry.id] if isinstance(found, Taking) else [b.id for b in found.entries]
    return [*names, *(f"({b.id} {why.code.value})" for b, why in found.skipped)]


# -- woken at night --------------------------------------------------------------------------------


def test_at_night_only_those_are_asked_who_said_so_and_the_others_are_noted() -> None:
    found = turn(NIGHT, entry("first"), entry("second", minute=1, terms=WAKES))
    assert asked(found) == ["second", "(first NOT_NOW)"]
    assert isinstance(found, Offering)
    assert found.ends_at == NIGHT + timedelta(minutes=20)


def test_the_first_of_those_who_may_be_woken_comes_first() -> None:
    found = turn(
        NIGHT, entry("second", minute=1, terms=WAKES), entry("first", minute=0, terms=WAKES)
    )
    assert asked(found) == ["first"]


@pytest.mark.parametrize(
    ("now", "who"),
    [
        (tokyo(23, 0, EVE) - TICK, []),  # the evening is over, the night has not begun
        (tokyo(23, 0, EVE), ["second"]),
        (tokyo(6, 0) - TICK, ["second"]),
        (tokyo(6, 0), ["first"]),
        (tokyo(2, 0, EVE), []),  # a night too early: the care day is not tomorrow
    ],
)
def test_the_night_is_the_one_before_the_care_day(now: datetime, who: list[str]) -> None:
    found = turn(now, entry("first"), entry("second", minute=1, terms=WAKES))
    assert [name for name in asked(found) if "(" not in name] == who


def test_where_nobody_is_woken_the_wish_counts_for_nothing() -> None:
    assert turn(NIGHT, entry("first", terms=WAKES), wake_minutes=0) is None


@pytest.mark.parametrize(("minutes", "who"), [(60, ["first"]), (61, ["first"]), (121, [])])
def test_an_offer_at_night_leaves_half_of_its_minutes_and_ends_by_the_stop(
    minutes: int, who: list[str]
) -> None:
    until = {"wake_minutes": min(minutes, 120), "quiet_until": "7:29"}
    now = STOP - timedelta(minutes=minutes // 2 + (minutes == 61))
    late = now if minutes < 121 else STOP - timedelta(minutes=59)
    found = turn(late, entry("first", terms=WAKES), **until)
    assert asked(found) == who
    if isinstance(found, Offering):
        assert found.ends_at == min(STOP, late + timedelta(minutes=until["wake_minutes"]))


# -- taken for the family --------------------------------------------------------------------------


@pytest.mark.parametrize("now", [tokyo(18, 0, EVE), tokyo(22, 55, EVE), NIGHT, tokyo(6, 29)])
def test_a_place_is_taken_at_any_hour_for_whoever_is_first(now: datetime) -> None:
    assert asked(turn(now, entry("first", terms=takes(6, 30)))) == ["!first"]


def test_from_its_time_on_a_family_is_asked_again() -> None:
    assert asked(turn(tokyo(6, 30), entry("first", terms=takes(6, 30)))) == ["first"]


def test_who_stands_before_is_asked_first_by_day_and_passed_over_by_night() -> None:
    both = (entry("first"), entry("second", minute=1, terms=takes()))
    assert asked(turn(tokyo(18, 0, EVE), *both)) == ["first"]
    assert asked(turn(NIGHT, *both)) == ["!second", "(first NOT_NOW)"]


def test_a_round_ends_before_a_family_for_which_the_place_is_taken() -> None:
    three = {"morning": [{"minutes": 5, "at_once": 3}]}
    all_ = (
        entry("a"),
        entry("b", minute=1),
        entry("c", minute=2, terms=takes()),
        entry("d", minute=3),
    )
    assert asked(turn(tokyo(6, 0) - TICK, *all_, **three))[0] == "!c"
    late = (
        entry("a"),
        entry("b", minute=1),
        entry("c", minute=2, terms=takes(7)),
        entry("d", minute=3),
    )
    assert asked(turn(tokyo(6, 30), *late, **three)) == ["a", "b"]


def test_nothing_is_taken_where_the_rule_book_takes_nothing_or_staff_call_up() -> None:
    assert turn(NIGHT, entry("first", terms=takes()), takes_for_family=False) is None
    assert turn(NIGHT, entry("first", terms=takes()), mode="staff") is None


def test_who_does_not_fit_is_passed_over_with_the_reason() -> None:
    found = turn(
        NIGHT, entry("measles", "MEASLES", terms=takes()), entry("b", minute=1, terms=takes())
    )
    assert asked(found)[0] == "!b"
    assert asked(found)[1] != "(measles NOT_NOW)"


def test_an_offer_is_never_made_past_a_place_that_is_taken() -> None:
    assert waiting.next_offers(day(entry("first", terms=takes()), rules=house()), NIGHT) is None


# -- second chances --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "who"),
    [
        (STOP - timedelta(minutes=10), ["first"]),
        (STOP, ["near", "(first NOT_NOW)"]),
        (tokyo(8, 55), ["near", "(first NOT_NOW)"]),
        (tokyo(8, 55) + TICK, []),
        (tokyo(9, 0), []),
    ],
)
def test_after_the_stop_only_those_are_asked_who_are_near(now: datetime, who: list[str]) -> None:
    assert asked(turn(now, entry("first"), entry("near", minute=1, terms=NEAR))) == who


@pytest.mark.parametrize(("until", "ends_at"), [("9:00", tokyo(9)), ("7:00", STOP), (None, STOP)])
def test_who_is_near_waits_longer_where_there_are_second_chances(
    until: str | None, ends_at: datetime
) -> None:
    today = day(entry("near", terms=NEAR), rules=house(second_chance_until=until))
    assert not waiting.list_has_ended(today, ends_at - TICK)
    assert waiting.list_has_ended(today, ends_at)


def test_only_who_waits_has_waited_to_the_end() -> None:
    today = day(entry("far"), entry("near", minute=1, terms=NEAR), rules=house())
    assert [waiting.is_over(today, one, STOP) for one in today.bookings] == [True, False]
    gone = entry("gone", state=State.CANCELLED)
    assert not waiting.is_over(today, gone, tokyo(12))


# -- what may be chosen ----------------------------------------------------------------------------


def test_times_to_choose_from_are_to_come_and_end_at_the_stop() -> None:
    times = clocks.taking_times(house(), CARE_DAY, tokyo(21, 0, EVE))
    assert times[:3] == (tokyo(22, 0, EVE), tokyo(23, 0, EVE), tokyo(5))
    assert times[-2:] == (tokyo(7), STOP)
    assert clocks.taking_times(house(), CARE_DAY, STOP) == ()
    early = house(stop_before_opening=240)
    assert clocks.taking_times(early, CARE_DAY, tokyo(21, 0, EVE))[-1] == tokyo(4)


ALL = Terms(wakes=True, takes_until=tokyo(6), near=True)
SEEN = Terms(examined=True)


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        ({}, ALL),
        ({"wake_minutes": 0}, Terms(takes_until=tokyo(6), near=True)),
        ({"takes_for_family": False}, Terms(wakes=True, near=True)),
        ({"second_chance_until": None}, Terms(wakes=True, takes_until=tokyo(6))),
    ],
)
def test_what_the_rule_book_does_not_offer_is_left_out(
    rules: dict[str, object], left: Terms
) -> None:
    assert waiting.allowed(house(**rules), CARE_DAY, ALL, NIGHT) == left
    # nobody was seen at a clinic that gives no priority for it
    assert waiting.allowed(house(**rules), CARE_DAY, SEEN, NIGHT) == PLAIN


@pytest.mark.parametrize("until", [tokyo(1), tokyo(6, 7), STOP + timedelta(minutes=30), None])
def test_a_time_that_nobody_offered_is_none(until: datetime | None) -> None:
    terms = Terms(takes_until=until)
    assert waiting.allowed(house(), CARE_DAY, terms, NIGHT) == PLAIN


# -- seen at the facility's own clinic (Hibari in Yokkaichi) ---------------------------------------


def test_who_was_seen_at_the_clinic_comes_before_who_asked_earlier() -> None:
    entries = entry("first"), entry("seen", minute=1, terms=SEEN), entry("last", minute=2)
    today = day(*entries, rules=house(examined_first=True))
    assert [b.id for b in queue.queue(today)] == ["seen", "first", "last"]
    assert asked(waiting.next_turn(today, MORNING)) == ["seen", "(first EXAMINED_FIRST)"]
    # where nobody has priority the statement changes nothing
    assert asked(turn(MORNING, *entries)) == ["first"]


def test_a_returning_child_comes_before_who_was_seen_at_the_clinic() -> None:
    rules = rulebook(
        capacity=1, rooms=rooms(general=1), chain={"returning_days": 3},
        waiting={"examined_first": True},
    )  # fmt: skip
    seen, back = entry("seen", terms=SEEN), entry("back", minute=1)
    before = dates.open_day_before(rules, CARE_DAY, 1)
    place = Place(back.child_id, back.illness, before, State.CONFIRMED)
    today = day(seen, back, rules=rules, beside={"back": (place,)})
    assert [b.id for b in queue.queue(today)] == ["back", "seen"]
    assert asked(waiting.next_turn(today, MORNING)) == ["back", "(seen RETURNS_FIRST)"]


@pytest.mark.parametrize(("terms", "fits"), [(PLAIN, False), (SEEN, True)])
def test_for_the_board_too_who_was_seen_stands_first(terms: Terms, fits: bool) -> None:
    first, mine = entry("first"), entry("mine", minute=1, terms=terms)
    today = day(first, mine, rules=house(examined_first=True))
    answer = vacancy.fits(today, waiting.wish_of(mine), MORNING)
    assert isinstance(answer, vacancy.Fits) is fits
    newcomer = vacancy.fits(today, wish(), MORNING)
    assert isinstance(newcomer, vacancy.No)


# -- always ----------------------------------------------------------------------------------------

TERMS = st.builds(
    Terms,
    wakes=st.booleans(),
    takes_until=st.none() | st.sampled_from([tokyo(22, 0, EVE), tokyo(6), STOP]),
    near=st.booleans(),
)
MOMENTS = st.integers(0, 16 * 60).map(lambda n: tokyo(18, 0, EVE) + timedelta(minutes=n))


@given(st.lists(TERMS, min_size=1, max_size=5), MOMENTS)
def test_nobody_is_passed_over_without_a_reason_and_nobody_is_asked_against_their_wish(
    terms: list[Terms], now: datetime
) -> None:
    entries = [entry(f"e{n}", minute=n, terms=one) for n, one in enumerate(terms)]
    today = day(*entries, rules=house())
    found = waiting.next_turn(today, now)
    if found is None:
        assert not any(waiting.takes_now(today, one, now) for one in entries)
        call = waiting.call_at(today, now)
        assert call is None or not any(call.reaches(one) for one in entries)
        return
    met = [*([found.entry] if isinstance(found, Taking) else found.entries)]
    met += [one for one, _why in found.skipped]
    last = max(int(one.id[1:]) for one in met)
    assert sorted(one.id for one in met) == [one.id for one in entries[: last + 1]]
    assert all(why.code is Code.NOT_NOW for _one, why in found.skipped)
    if isinstance(found, Taking):
        until = found.entry.terms.takes_until
        assert until is not None
        assert now < until
    else:
        quiet = tokyo(23, 0, EVE) <= now < tokyo(6)
        assert all(one.terms.wakes for one in found.entries) or not quiet
        assert all(one.terms.near for one in found.entries) or now < STOP
