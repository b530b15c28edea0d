"""Is there a place for this child? Literal days of the room with four general places and two
in isolation (domain.md §11)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from reservation.domain.refusals import Code
from reservation.domain.rooms import Move
from reservation.domain.rulebook import RuleBook
from reservation.domain.states import State
from reservation.domain.vacancy import (
    Answer,
    Fits,
    FitsAfterMove,
    No,
    fits,
    move,
    places_left,
    reseat,
)
from reservation.domain.values import Booking, Complaint, Duty
from tests.domain.build import (
    NOW,
    booking,
    child,
    day,
    offer,
    room,
    rooms,
    rulebook,
    tokyo,
    waiting,
    wish,
)

SHARED = rulebook(rooms=rooms(isolation=2, either=2), capacity=4)
"""No general room: a room for either and one in isolation."""
NIGHT = tokyo(2)


def why(answer: Answer) -> list[Code]:
    """The codes of a No."""
    assert isinstance(answer, No)
    return [refusal.code for refusal in answer.reasons]


def cold(*names: str, **changes: Any) -> list[Booking]:
    """Confirmed children with colds in the general room."""
    return [booking(name, "URI", room="general", **changes) for name in names]


def flu(name: str = "flu", illness: str = "FLU_A", **changes: Any) -> Booking:
    """A confirmed child in the isolation room."""
    return booking(name, illness, room="isolation", **changes)


def test_free_places_but_no_room() -> None:
    one_flu = day(flu())
    assert why(fits(one_flu, wish("VARICELLA"), NOW)) == [Code.ILLNESS_MIX]
    assert why(fits(one_flu, wish("FLU_B"), NOW)) == [Code.ILLNESS_MIX]
    assert fits(one_flu, wish("FLU_A"), NOW) == Fits("isolation")
    assert fits(one_flu, wish("URI"), NOW) == Fits("general")


def test_a_full_day_refuses_by_the_first_limit_it_meets() -> None:
    assert why(fits(day(flu(), effective_capacity=1), wish(), NOW)) == [Code.CAPACITY]
    two_adults = (Duty("am", 1, 1),)
    full = day(*cold("a", "b", "c"), duty=two_adults)
    assert why(fits(full, wish(), NOW)) == [Code.STAFF]
    assert why(fits(day(*cold("a", "b", "c", "d")), wish(), NOW)) == [Code.ILLNESS_MIX]


def test_a_cap_closes_the_day_for_its_ages_only() -> None:
    rules = rulebook(places={"age_caps": [{"below_months": 12, "at_most": 1}]})
    one_baby = day(*cold("baby", months=8), rules=rules)
    assert why(fits(one_baby, wish(months=8), NOW)) == [Code.AGE_CAP]
    assert fits(one_baby, wish(months=12), NOW) == Fits("general")
    # a cap that is broken already (an override) is no reason against others
    two_babies = day(*cold("baby", "twin", months=8), rules=rules)
    assert fits(two_babies, wish(months=12), NOW) == Fits("general")


def test_an_illness_cap_closes_the_day_for_its_illnesses_only() -> None:
    wing = [room("g", 4), *(room(f"i{n}", 2, "isolation") for n in range(3))]
    rules = rulebook(capacity=6, rooms=wing, places={"illness_caps": [{"at_most": 2}]})
    two = day(booking("a", "FLU_A", room="i0"), booking("b", "RSV", room="i1"), rules=rules)
    for illness in ("FLU_A", "STREP", "UNDIAGNOSED_RASH"):
        assert why(fits(two, wish(illness), NOW)) == [Code.SICK_CAP]
    assert fits(two, wish("URI"), NOW) == Fits("g")
    assert (places_left(two, wish("URI"), NOW), places_left(two, wish("STREP"), NOW)) == (4, 0)
    # an open offer to a sick child keeps its place among the two
    one = day(two.bookings[0], waiting("w", "STREP", state=State.OFFERED, round_id="r1"),
              rules=rules, rounds=(offer(),))  # fmt: skip
    assert why(fits(one, wish("RSV"), NOW)) == [Code.LIST_FIRST]
    assert fits(one, wish("URI"), NOW) == Fits("g")


def test_a_child_whose_illness_comes_under_a_cap_is_a_matter_for_staff() -> None:
    caps = [{"illnesses": ["FLU_A", "OTITIS"], "at_most": 1}]
    rules = rulebook(places={"illness_caps": caps})
    today = day(booking("a", "FLU_A", room="isolation"), *cold("b"), rules=rules)
    cold_child = today.bookings[1]
    assert why(reseat(today, cold_child, "OTITIS", NOW)) == [Code.SICK_CAP]
    assert reseat(today, cold_child, "BRONCHITIS", NOW) == Fits("general")
    # who counted already does not join anew
    assert reseat(today, today.bookings[0], "FLU_A", NOW) == Fits("isolation")
    crowded = day(*today.bookings, booking("c", "OTITIS", room="general"), rules=rules)
    assert reseat(crowded, crowded.bookings[2], "FLU_A", NOW) == Fits("isolation")
    offered = day(*cold("b"), waiting("w", "FLU_A", state=State.OFFERED, round_id="r1"),
                  rules=rules, rounds=(offer(),))  # fmt: skip
    assert why(reseat(offered, offered.bookings[0], "OTITIS", NOW)) == [Code.LIST_FIRST]


@pytest.mark.parametrize(
    ("handling", "with_a_cold", "with_each_other"),
    [
        ("general", "general", "general"),
        ("cohort", "isolation", "isolation"),
        ("single", "isolation", None),
    ],
)
def test_a_fever_before_a_diagnosis_mixes_as_the_rule_book_says(
    handling: str, with_a_cold: str, with_each_other: str | None
) -> None:
    rules = rulebook(illnesses={"UNDIAGNOSED_FEVER": handling})
    fever = wish("UNDIAGNOSED_FEVER", complaint=Complaint.FEVER)
    assert fits(day(*cold("a"), rules=rules), fever, NOW) == Fits(with_a_cold)
    feverish = day(booking("b", "UNDIAGNOSED_FEVER", room=with_a_cold), rules=rules)
    both = fits(feverish, fever, NOW)
    assert (both.room if isinstance(both, Fits) else None) == with_each_other
    apart = None if handling == "general" else Code.ILLNESS_MIX
    flu_child = fits(feverish, wish("FLU_A"), NOW)
    assert (why(flu_child)[0] if isinstance(flu_child, No) else None) == apart


def test_siblings_share_a_room_for_one_where_the_rule_book_lets_them() -> None:
    table = {"table": {"STREP": {"handling": "single"}, "RSV": {"handling": "single"}}}
    shared = rulebook(illnesses={**table, "siblings_share": True})
    hana = booking("hana", "STREP", room="isolation", family_id="suzuki")

    def asks(illness: str, family: str, rules: RuleBook = shared) -> Answer:
        return fits(day(hana, rules=rules), wish(illness, child=child(family_id=family)), NOW)

    assert asks("STREP", "suzuki") == Fits("isolation")
    assert why(asks("STREP", "tanaka")) == [Code.ILLNESS_MIX]
    assert why(asks("STREP", "")) == [Code.ILLNESS_MIX]
    # another illness, or a facility that lets nobody share
    assert why(asks("RSV", "suzuki")) == [Code.ILLNESS_MIX]
    assert why(asks("STREP", "suzuki", rulebook(illnesses=table))) == [Code.ILLNESS_MIX]
    # a doctor decides: alone
    rash = day(booking("hana", "UNDIAGNOSED_RASH", room="isolation", family_id="suzuki"),
               rules=shared)  # fmt: skip
    asking = wish("UNDIAGNOSED_RASH", child=child(family_id="suzuki"))
    assert why(fits(rash, asking, NOW)) == [Code.ILLNESS_MIX]
    # one sibling more, and nobody like it after that
    sister = wish("STREP", child=child(family_id="suzuki"))
    assert places_left(day(hana, rules=shared), sister, NOW) == 1


def test_an_isolation_room_that_nobody_could_watch_is_a_matter_of_staff() -> None:
    wing = [room("g", 3), *(room(f"i{n}", 1, "isolation") for n in range(3))]
    rules = rulebook(rooms=wing, staffing={"adult_per_isolation": True, "standard_workers": 1})
    busy = day(booking("a", "FLU_A", room="i0"), booking("b", "RSV", room="i1"), rules=rules)
    assert why(fits(busy, wish("HFMD"), NOW)) == [Code.STAFF]
    assert fits(busy, wish(), NOW) == Fits("g")
    assert fits(busy, wish("HFMD"), NOW, list_first=False) == fits(busy, wish("HFMD"), NOW)
    third = day(*busy.bookings, booking("c", "HFMD", room="i2"), rules=rulebook(rooms=wing))
    watched = rulebook(rooms=wing, staffing={"adult_per_isolation": True})
    assert why(fits(third.change(rules=watched), wish("STREP"), NOW)) == [Code.ILLNESS_MIX]


def test_one_child_moves_for_another() -> None:
    hana = booking("hana", "FLU_A", room="either")
    answer = fits(day(hana, rules=SHARED), wish(), NOW)
    assert answer == FitsAfterMove("either", (Move("hana", "either", "isolation"),))
    for fixed in (hana.change(pinned=True), hana.change(state=State.CHECKED_IN)):
        assert why(fits(day(fixed, rules=SHARED), wish(), NOW)) == [Code.ILLNESS_MIX]


@pytest.mark.parametrize("changes", [{"closed": "台風"}, {"date": date(2026, 11, 23)}])
def test_a_closed_day_has_no_place(changes: dict[str, Any]) -> None:
    closed = day(**changes)
    assert why(fits(closed, wish(), NOW)) == [Code.CLOSED]
    assert places_left(closed, wish(), NOW) == 0


def test_the_list_comes_first_at_two_in_the_night_and_not_after_the_stop_time() -> None:
    three = cold("a", "b", "c")
    resting = day(*three, waiting("hana"))
    assert why(fits(resting, wish(asked_at=NIGHT), NIGHT)) == [Code.LIST_FIRST]
    assert places_left(resting, wish(asked_at=NIGHT), NIGHT) == 0
    assert fits(resting, wish(), tokyo(7, 30)) == Fits("general")
    assert fits(resting, wish(), NIGHT, list_first=False) == Fits("general")
    two_places = day(*three[:2], waiting("hana"))
    assert fits(two_places, wish(asked_at=NIGHT), NIGHT) == Fits("general")


def test_who_cannot_fit_or_has_passed_blocks_nobody() -> None:
    three = cold("a", "b", "c")
    assert fits(day(*three, flu(), waiting("hana", "FLU_B")), wish(), NOW) == Fits("general")
    passed = waiting("hana", passed_at=NOW)
    assert fits(day(*three, passed), wish(), NOW) == Fits("general")
    freed_since = day(*three, passed, freed_at=NOW + timedelta(seconds=1))
    assert why(fits(freed_since, wish(), NOW)) == [Code.LIST_FIRST]


def test_only_who_asked_earlier_comes_first() -> None:
    three = cold("a", "b", "c")
    late = waiting("hana", asked_at=NOW + timedelta(minutes=1))
    assert fits(day(*three, late), wish(), NOW) == Fits("general")
    at_once = waiting("hana", asked_at=NOW)
    assert why(fits(day(*three, at_once), wish(), NOW)) == [Code.LIST_FIRST]
    # among entries of one instant the smaller id stands first
    first, second = wish(booking_id="aoi"), wish(booking_id="rin")
    assert fits(day(*three, at_once), first, NOW) == Fits("general")
    assert why(fits(day(*three, at_once), second, NOW)) == [Code.LIST_FIRST]


def test_a_family_does_not_stand_before_itself() -> None:
    three = cold("a", "b", "c")
    own = waiting("entry", child_id="sakura")
    assert fits(day(*three, own), wish(child=child("sakura")), NOW) == Fits("general")
    asking = wish(booking_id="entry", asked_at=own.asked_at)
    assert fits(day(*three, own), asking, NOW) == Fits("general")


def test_an_open_offer_reserves_its_place_until_it_ends() -> None:
    asked = waiting("hana", state=State.OFFERED, round_id="r1")
    offering = day(*cold("a", "b", "c"), asked, rounds=(offer("r1"),))
    assert why(fits(offering, wish(), NOW)) == [Code.LIST_FIRST]
    assert why(fits(offering, wish(), NOW, list_first=False)) == [Code.LIST_FIRST]
    assert fits(offering, wish(booking_id="hana"), NOW) == Fits("general")
    over = offering.change(rounds=(offer("r1", ends_at=NOW),))
    assert fits(over, wish(), NOW) == Fits("general")


def test_a_round_of_one_place_reserves_it_once_for_all_whom_it_asks() -> None:
    asked = [waiting(n, state=State.OFFERED, round_id="r1") for n in ("hana", "rin", "aoi")]
    offering = day(*cold("a", "b"), *asked, rounds=(offer("r1"),))
    assert fits(offering, wish(), NOW) == Fits("general")
    assert places_left(offering, wish(), NOW) == 1
    twice = offering.change(rounds=(offer("r1", places=2),))
    assert why(fits(twice, wish(), NOW)) == [Code.LIST_FIRST]
    # of the asker's own round one place is the asker's, the other stays reserved
    assert fits(twice, wish(booking_id="hana"), NOW) == Fits("general")
    third = day(*cold("a", "b", "c"), *asked, rounds=(offer("r1", places=2),))
    assert why(fits(third, wish(booking_id="hana"), NOW)) == [Code.LIST_FIRST]


def test_a_round_keeps_a_place_for_each_family_it_asks_whatever_the_illness() -> None:
    asked = [
        waiting("hana", "FLU_A", state=State.OFFERED, round_id="r1"),
        waiting("rin", "URI", state=State.OFFERED, round_id="r1"),
    ]
    offering = day(*cold("a", "b", "c"), *asked, rounds=(offer("r1"),))
    assert why(fits(offering, wish("FLU_B"), NOW)) == [Code.LIST_FIRST]
    assert why(fits(offering, wish("URI"), NOW)) == [Code.LIST_FIRST]
    assert fits(offering, wish("FLU_A"), NOW) == Fits("isolation")


def test_an_expired_hold_is_free_at_once() -> None:
    hold = booking("hold", state=State.HELD, room="general", ends_at=NOW)
    full = day(*cold("a", "b", "c"), hold)
    assert fits(full, wish(), NOW) == Fits("general")
    before = NOW - timedelta(seconds=1)
    assert why(fits(full, wish(), before)) == [Code.ILLNESS_MIX]


def test_who_holds_a_place_keeps_it_although_the_day_was_lowered_meanwhile() -> None:
    hold = booking("hold", state=State.HELD, room="general")
    lowered = day(*cold("a"), hold, waiting("hana"), effective_capacity=1)
    assert fits(lowered, wish(booking_id="hold"), NOW) == Fits("general")
    assert fits(lowered, wish("FLU_A", booking_id="hold"), NOW) == Fits("isolation")
    unseated = lowered.with_booking(hold.change(room=None))
    assert fits(unseated, wish(booking_id="hold"), NOW) == Fits("general")


def test_places_left_counts_like_children_together() -> None:
    assert places_left(day(*cold("a")), wish(), NOW) == 3
    assert places_left(day(), wish("FLU_A"), NOW) == 2
    assert places_left(day(), wish("UNDIAGNOSED_RASH"), NOW) == 1
    assert places_left(day(), wish(), NOW, most=2) == 2
    huge = rulebook(capacity=20, rooms=[room("hall", 20)])
    assert places_left(day(rules=huge), wish(), NOW) == 9


def test_a_changed_illness_stays_where_it_may() -> None:
    sakura = booking("sakura", "UNDIAGNOSED_FEVER", room="general")
    assert reseat(day(sakura), sakura, "OTITIS", NOW) == Fits("general")
    assert reseat(day(sakura), sakura, "FLU_A", NOW) == Fits("isolation")
    assert reseat(day(sakura, flu()), sakura, "FLU_A", NOW) == Fits("isolation")
    assert why(reseat(day(sakura, flu()), sakura, "FLU_B", NOW)) == [Code.ILLNESS_MIX]
    assert why(reseat(day(sakura), sakura, "MEASLES", NOW)) == [Code.NEVER_ILLNESS]


def test_a_changed_illness_moves_a_child_that_is_already_here() -> None:
    here = booking("sakura", "URI", State.CHECKED_IN, room="general", pinned=True)
    assert reseat(day(here), here, "FLU_A", NOW) == Fits("isolation")


def test_a_changed_illness_counts_no_heads_and_takes_no_offered_room() -> None:
    sakura = booking("sakura", room="general")
    assert reseat(day(sakura, effective_capacity=0), sakura, "FLU_A", NOW) == Fits("isolation")
    asked = waiting("hana", "FLU_B", state=State.OFFERED, round_id="r1")
    offering = day(sakura, asked, rounds=(offer("r1"),))
    assert why(reseat(offering, sakura, "FLU_A", NOW)) == [Code.LIST_FIRST]


def test_a_changed_illness_may_ask_another_child_to_move() -> None:
    rules = rulebook(rooms=[room("a", 1, "isolation"), room("b", 2, takes="either")])
    sakura, hana = booking("sakura", "RSV", room="a"), booking("hana", "FLU_A", room="b")
    crowded = day(sakura, hana, rules=rules)
    assert reseat(crowded, sakura, "FLU_A", NOW) == Fits("a")
    assert reseat(crowded, sakura, "URI", NOW) == FitsAfterMove("b", (Move("hana", "b", "a"),))


def test_staff_put_a_child_into_a_room_that_takes_it() -> None:
    sakura = booking("sakura", "FLU_A", room="isolation")
    free = day(sakura, rules=SHARED)
    assert move(free, sakura, "either", NOW) == Fits("either")
    assert why(move(day(sakura), sakura, "general", NOW)) == [Code.ILLNESS_MIX]
    assert why(move(day(sakura), sakura, "attic", NOW)) == [Code.ILLNESS_MIX]
    rin = booking("rin", "URI", room="either")
    assert why(move(day(sakura, rin, rules=SHARED), sakura, "either", NOW)) == [Code.ILLNESS_MIX]
    hana = booking("hana", "FLU_B", room="either")
    swapped = move(day(sakura, hana, rules=SHARED), sakura, "either", NOW)
    assert swapped == FitsAfterMove("either", (Move("hana", "either", "isolation"),))
    asked = waiting("aoi", "URI", state=State.OFFERED, round_id="r1")
    offering = day(sakura, asked, rules=SHARED, rounds=(offer("r1"),))
    assert why(move(offering, sakura, "either", NOW)) == [Code.LIST_FIRST]


def test_a_doctors_decision_sits_alone_and_fits_like_any_other() -> None:
    rash = wish("UNDIAGNOSED_RASH", complaint=Complaint.RASH)
    assert fits(day(), rash, NOW) == Fits("isolation")
    other = booking("other", "UNDIAGNOSED_RASH", room="isolation")
    assert why(fits(day(other), rash, NOW)) == [Code.ILLNESS_MIX]
