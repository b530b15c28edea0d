"""What must hold on every day that could have happened."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reservation.domain import capacity, gates, illnesses, queue, vacancy
from reservation.domain.refusals import Code
from reservation.domain.states import State
from reservation.domain.values import Booking, Day, Wish
from tests.domain.build import NOW, aged, booking, child, offer, tokyo, waiting, wish
from tests.domain.histories import (
    AGES,
    LATER,
    all_seatings,
    allowed,
    days,
    everyone,
    fitting,
    holding,
    seats,
    settled,
    together,
    watched,
    ways_of_rounds,
    wish_of,
    wishes,
)

AFTER_STOP = tokyo(7, 30)


def newcomer(asking: Wish, name: str = "newcomer") -> Booking:
    """The booking that the wish would become."""
    return booking(
        name, asking.illness, State.WAITING, child_id=name, birthday=asking.child.birthday,
        asked_at=asking.asked_at,
    )  # fmt: skip


def refused(answer: vacancy.Answer) -> Code | None:
    """The code of a No."""
    return answer.reasons[0].code if isinstance(answer, vacancy.No) else None


@given(days())
def test_never_more_than_the_day_takes(today: Day) -> None:
    held = holding(today)
    reserved = sum(r.places for r in today.rounds)
    assert len(held) + reserved <= capacity.capacity(today)
    inside = Counter(b.room for b in held)
    for room in today.rules.places.rooms:
        assert inside[room.id] <= room.places
    ages = [next(m for m in AGES if aged(m) == b.birthday) for b in held]
    assert capacity.over(today, ages) is None


@given(days())
def test_never_two_cohorts_in_one_room(today: Day) -> None:
    for room in today.rules.places.rooms:
        inside = [b for b in holding(today) if b.room == room.id]
        cohorts = {illnesses.cohort(today.rules, b.illness, b.id, b.family_id) for b in inside}
        assert len(cohorts) <= 1
        if room.use != "either":
            assert cohorts <= {"G"} if room.use == "general" else "G" not in cohorts


@given(days(), st.randoms(use_true_random=False))
def test_the_order_of_the_bookings_does_not_matter(today: Day, random: Random) -> None:
    shuffled = today.change(
        bookings=tuple(random.sample(today.bookings, len(today.bookings))),
        rounds=tuple(random.sample(today.rounds, len(today.rounds))),
    )
    for asking in everyone():
        assert vacancy.fits(today, asking, NOW) == vacancy.fits(shuffled, asking, NOW)
    assert vacancy.places_left(today, wish(), NOW) == vacancy.places_left(shuffled, wish(), NOW)
    assert vacancy.plan(today, NOW).moves == vacancy.plan(shuffled, NOW).moves
    assert vacancy.misfits(today, NOW) == vacancy.misfits(shuffled, NOW)


@given(days())
def test_who_holds_a_place_keeps_it_when_another_comes(today: Day) -> None:
    before = {b.id: b for b in holding(today)}
    for asking, answer in fitting(today):
        then = settled(today, newcomer(asking), answer)
        after = {b.id: b for b in holding(then)}
        assert after.keys() == before.keys() | {"newcomer"}
        for id, was in before.items():
            if was.pinned or was.state is State.CHECKED_IN:
                assert after[id].room == was.room
        moved = {id for id, was in before.items() if after[id].room != was.room}
        told = answer.moves if isinstance(answer, vacancy.FitsAfterMove) else ()
        assert moved == {move.booking_id for move in told}
        everybody = seats(then, holding(then))
        where = {s.booking_id: s.room for s in everybody if s.room}
        assert len(where) == len(everybody)
        assert allowed(where, everybody, today.rules.places.rooms)
        assert vacancy.misfits(then, NOW) == ()


@settings(max_examples=100)
@given(days(most=9), st.booleans())
def test_fits_agrees_with_brute_force(today: Day, list_first: bool) -> None:
    held, ways = holding(today), ways_of_rounds(today)

    def beside_offers(others: list[Booking], joining: Booking) -> bool:
        return all(together(today, [*held, *way, *others, joining], joining) for way in ways)

    ahead: list[Booking] = []
    for entry in queue.queue(today) if list_first else ():
        if entry.state is State.WAITING and beside_offers(ahead, entry):
            ahead.append(entry)
    for asking in everyone():
        new = newcomer(asking)
        code = refused(vacancy.fits(today, asking, NOW, list_first=list_first))
        if not together(today, [*held, new], new):
            assert code not in (None, Code.LIST_FIRST)
        elif not beside_offers(ahead, new):
            assert code is Code.LIST_FIRST
        else:
            assert code is None


@given(days(most=9))
def test_as_few_move_as_possible(today: Day) -> None:
    adults = capacity.isolation_limit(today)
    house = today.rules.places.rooms
    for asking, answer in fitting(today, list_first=False)[::2]:
        children = seats(today, [*holding(today), newcomer(asking)])
        least = min(
            sum(s.room is not None and where[s.booking_id] != s.room for s in children)
            for where in all_seatings(children, house)
            if adults is None or watched(where, house, children) <= adults
        )
        assert least == len(answer.moves if isinstance(answer, vacancy.FitsAfterMove) else ())


@given(days())
def test_an_open_round_keeps_a_place_for_every_asked_family(today: Day) -> None:
    asked = [b for b in today.bookings if b.state is State.OFFERED]
    for asking, answer in fitting(today, list_first=False) if asked else ():
        then = settled(today, newcomer(asking), answer)
        for entry in asked:
            assert refused(vacancy.fits(then, wish_of(entry), NOW, list_first=False)) is None


@given(days())
def test_a_yes_takes_nothing_from_the_other_rounds(today: Day) -> None:
    asked = [b for b in today.bookings if b.state is State.OFFERED]
    if not asked:
        return
    yes = asked[0]
    answer = vacancy.fits(today, wish_of(yes), NOW, list_first=False)
    then = settled(today, yes, answer)
    rounds = tuple(r for r in then.rounds if r.id != yes.round_id)
    then = then.change(rounds=rounds)
    for other in (b for b in asked if b.round_id != yes.round_id):
        assert refused(vacancy.fits(then, wish_of(other), NOW, list_first=False)) is None


@given(days())
def test_the_list_comes_before_the_newcomer(today: Day) -> None:
    def served(then: Day) -> list[str]:
        """Who of the list would get a place, one after another."""
        got = []
        for entry in queue.queue(then):
            if entry.state is State.WAITING:
                answer = vacancy.fits(then, wish_of(entry), NOW, list_first=False)
                if not isinstance(answer, vacancy.No):
                    then = settled(then, entry, answer)
                    got.append(entry.id)
        return got

    before = served(today)
    for asking, answer in fitting(today):
        assert served(settled(today, newcomer(asking), answer)) == before


@given(days(), wishes())
def test_an_entry_that_fits_nowhere_blocks_nobody(today: Day, asking: Wish) -> None:
    alone = today.change(bookings=tuple(holding(today)), rounds=())
    stuck = [
        b
        for b in today.bookings
        if b.state is State.WAITING and refused(vacancy.fits(alone, wish_of(b), NOW)) is not None
    ]
    freer = today.change(bookings=tuple(b for b in today.bookings if b not in stuck))
    assert vacancy.fits(freer, asking, NOW) == vacancy.fits(today, asking, NOW)


@given(days(), wishes())
def test_after_the_stop_time_the_list_reserves_nothing(today: Day, asking: Wish) -> None:
    without = today.change(
        bookings=tuple(b for b in today.bookings if b.state is not State.WAITING), rounds=()
    )
    assert vacancy.fits(today, asking, AFTER_STOP) == vacancy.fits(without, asking, AFTER_STOP)


@given(days(), st.integers(1, 4))
def test_places_left_agrees_with_asking_again_and_again(today: Day, most: int) -> None:
    for asking in everyone()[::2]:
        then, got = today, 0
        while got < most:
            one = child(f"n{got}", birthday=asking.child.birthday)
            again = wish(asking.illness, child=one)
            answer = vacancy.fits(then, again, NOW)
            if isinstance(answer, vacancy.No):
                break
            then = settled(then, newcomer(again, f"n{got}"), answer)
            got += 1
        assert vacancy.places_left(today, asking, NOW, most) == got


SIGNS = {None, "FLU_A", "FLU_B", "MUMPS", "MEASLES"}


@given(days())
def test_the_board_agrees_with_the_mark_of_a_single_child(today: Day) -> None:
    profiles = [p for p in vacancy.profiles([today.rules]) if p.illness in SIGNS]
    for profile, seen in zip(profiles, vacancy.board(today, profiles, NOW), strict=True):
        illness = illnesses.illness_for(today.rules, profile.complaint, profile.illness)
        # school children are refused here by age, whatever the birthday that stands for them
        asking = wish(illness, profile.months, complaint=profile.complaint)
        barred = [
            gates.clock(today.rules, today.date, NOW),
            gates.illness(today.rules, illness),
            gates.age(today.rules, profile.months, profile.grade),
        ]
        assert seen == vacancy.mark(today, asking, NOW, [why for why in barred if why])


@given(days(), st.data())
def test_a_changed_illness_never_costs_a_place(today: Day, data: st.DataObject) -> None:
    held = holding(today)
    chosen = data.draw(st.sampled_from(held or [booking()]))
    illness = data.draw(st.sampled_from(["URI", "FLU_A", "FLU_B", "UNDIAGNOSED_RASH", "EKC"]))
    answer = vacancy.reseat(today, chosen, illness, NOW)
    if chosen not in held or isinstance(answer, vacancy.No):
        return
    then = settled(today, chosen.change(illness=illness), answer)
    back = then.booking(chosen.id)
    assert back is not None
    then = then.with_booking(back.change(state=chosen.state))
    assert {b.id for b in holding(then)} == {b.id for b in held}
    assert vacancy.plan(then, NOW).moves == ()
    assert vacancy.misfits(then, NOW) == ()
    for b in held:
        now_there = then.booking(b.id)
        assert now_there is not None
        if b.id != chosen.id and (b.pinned or b.state is State.CHECKED_IN):
            assert now_there.room == b.room


@given(days(), st.sets(st.sampled_from(["r0", "r1", "r2"]), max_size=2), st.integers(0, 6))
def test_a_changed_day_drops_nobody_and_names_who_no_longer_fits(
    today: Day, closed: set[str], opened: int
) -> None:
    changed = today.change(closed_rooms=frozenset(closed), effective_capacity=opened)
    odd = vacancy.misfits(changed, NOW)
    plan = vacancy.plan(changed, NOW)
    shown = [b for use in plan.rooms for b in use.children]
    assert sorted(b.id for b in (*shown, *plan.unseated)) == sorted(b.id for b in holding(today))
    assert plan.misfits == odd
    stay = {b.id for b in holding(today) if b.pinned or b.state is State.CHECKED_IN}
    assert not stay & {move.booking_id for move in plan.moves}
    assert list(odd) == sorted(odd, key=lambda b: (b.asked_at, b.id), reverse=True)
    fine = [b for b in holding(today) if b not in odd]
    calm = changed.change(bookings=tuple(fine))
    assert vacancy.misfits(calm, NOW) == ()
    assert len(fine) <= capacity.capacity(changed)
    if odd:
        assert (
            vacancy.misfits(changed.change(closed_rooms=frozenset(), effective_capacity=None), NOW)
            == ()
        )


@given(days(most=8), st.integers(-1, 1))
def test_a_hold_counts_until_its_end_and_not_at_it(today: Day, seconds: int) -> None:
    held = [b for b in today.bookings if b.state is State.CONFIRMED]
    assume(bool(held))
    hold = held[0].change(state=State.HELD, ends_at=NOW + seconds * LATER)
    then = today.with_booking(hold)
    gone = today.change(bookings=tuple(b for b in today.bookings if b.id != hold.id))
    for illness in ("URI", "FLU_A"):
        expected = then.with_booking(held[0]) if seconds > 0 else gone
        assert vacancy.fits(then, wish(illness), NOW) == vacancy.fits(expected, wish(illness), NOW)


@given(days(most=6), wishes())
def test_an_offer_that_is_over_reserves_nothing(today: Day, asking: Wish) -> None:
    late = waiting("late", state=State.OFFERED, round_id="over")
    over = today.with_booking(late).change(rounds=(*today.rounds, offer("over", ends_at=NOW)))
    assert vacancy.fits(over, asking, NOW) == vacancy.fits(today, asking, NOW)
