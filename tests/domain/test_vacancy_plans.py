"""Who sits where now, and who no longer fits a day that has changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from reservation.domain.rooms import Move
from reservation.domain.states import State
from reservation.domain.vacancy import RoomPlan, misfits, plan
from reservation.domain.values import Booking
from tests.domain.build import NOW, booking, day, room, rooms, rulebook, waiting


def kids(n: int, **changes: Any) -> list[Booking]:
    """So many children in the general room, the last of whom asked last."""
    return [
        booking(f"b{i}", room="general", asked_at=NOW + timedelta(minutes=i), **changes)
        for i in range(n)
    ]


def names(bookings: tuple[Booking, ...]) -> list[str]:
    """Their ids."""
    return [b.id for b in bookings]


def by_room(shown: RoomPlan) -> dict[str, list[str]]:
    """The ids in each room."""
    return {use.room.id: names(use.children) for use in shown.rooms}


def test_a_quiet_day_has_no_misfits() -> None:
    assert misfits(day(*kids(4), waiting("w")), NOW) == ()


def test_lowering_names_the_newest_and_drops_nobody() -> None:
    lowered = day(*kids(4), effective_capacity=2)
    assert names(misfits(lowered, NOW)) == ["b3", "b2"]
    assert by_room(plan(lowered, NOW))["general"] == ["b0", "b1", "b2", "b3"]


def test_who_is_here_or_put_there_by_hand_stays_before_the_others() -> None:
    first, second, third, fourth = kids(4)
    lowered = day(
        first, second, third.change(pinned=True), fourth.change(state=State.CHECKED_IN),
        effective_capacity=2,
    )  # fmt: skip
    assert names(misfits(lowered, NOW)) == ["b1", "b0"]
    assert names(misfits(lowered.change(effective_capacity=1), NOW)) == ["b2", "b1", "b0"]


def test_a_closed_day_fits_nobody() -> None:
    assert names(misfits(day(*kids(2), closed="台風"), NOW)) == ["b1", "b0"]


def test_a_closed_room_moves_whom_it_can() -> None:
    rules = rulebook(rooms=[room("general", 4), room("garden", 2)])
    changed = day(*kids(3), rules=rules, closed_rooms=frozenset({"general"}))
    assert names(misfits(changed, NOW)) == ["b2"]
    shown = plan(changed, NOW)
    assert shown.moves == (Move("b0", "general", "garden"), Move("b1", "general", "garden"))
    assert [use.closed for use in shown.rooms] == [True, False]


def test_a_lowered_illness_cap_names_the_newest_of_those_it_counts() -> None:
    changed = day(
        booking("first", "FLU_A", room="isolation"),
        booking("second", "FLU_A", room="isolation", asked_at=NOW),
        *kids(2),
        rules=rulebook(places={"illness_caps": [{"at_most": 1}]}),
    )
    assert names(misfits(changed, NOW)) == ["second"]


def test_a_room_used_otherwise_names_who_cannot_stay_and_moves_who_can() -> None:
    rules = rulebook(rooms=[room("general", 2), room("garden", 2), room("isolation", 2)])
    changed = day(*kids(2), rules=rules, room_uses={"general": "infectious"})
    assert misfits(changed, NOW) == ()
    assert plan(changed, NOW).moves == (
        Move("b0", "general", "garden"),
        Move("b1", "general", "garden"),
    )
    here = [b.change(state=State.CHECKED_IN) for b in kids(1)]
    assert names(misfits(day(*here, rules=rules, room_uses={"general": "infectious"}), NOW)) == [
        "b0"
    ]


def test_a_changed_rule_book_names_whom_it_would_not_take() -> None:
    rules = rulebook(illnesses={"FLU_A": "never"}, ages={"youngest_months": 12})
    changed = day(
        booking("flu", "FLU_A", room="isolation"),
        booking("baby", months=11, room="general"),
        booking("fine", room="general"),
        rules=rules,
    )
    assert names(misfits(changed, NOW)) == ["flu", "baby"]


def test_the_plan_shows_rooms_as_they_are_and_proposes_one_for_who_has_none() -> None:
    today = day(
        booking("sakura", room="general"),
        booking("new"),
        booking("flu", "FLU_A", room="isolation"),
        booking("gone", state=State.CANCELLED, room="general"),
        booking("late", state=State.HELD, room="general", ends_at=NOW),
        waiting("hana"),
    )
    shown = plan(today, NOW)
    assert by_room(shown) == {"general": ["new", "sakura"], "isolation": ["flu"]}
    assert [use.cohort for use in shown.rooms] == ["G", "FLU_A"]
    assert (shown.unseated, shown.misfits, shown.moves) == ((), (), ())


def test_an_override_without_a_room_is_unseated_and_one_in_a_wrong_room_is_shown_there() -> None:
    today = day(
        booking("flu", "FLU_A", room="isolation", asked_at=NOW - timedelta(hours=3)),
        booking("override", "FLU_B"),
        booking("sakura", room="general"),
        booking("here", "FLU_B", State.CHECKED_IN, room="general"),
    )
    shown = plan(today, NOW)
    assert names(shown.unseated) == ["override"]
    assert by_room(shown)["general"] == ["here", "sakura"]
    assert [use.cohort for use in shown.rooms] == [None, "FLU_A"]
    assert sorted(names(shown.misfits)) == ["here", "override"]


def test_a_child_in_a_wrong_room_does_not_make_another_of_its_illness_a_misfit() -> None:
    here = booking("here", "FLU_B", State.CHECKED_IN, room="general")
    today = day(here, booking("flu", "FLU_B", room="isolation"))
    assert names(misfits(today, NOW)) == ["here"]


def test_a_room_that_the_rule_book_no_longer_has_is_replaced_by_a_proposal() -> None:
    rules = rulebook(rooms=rooms(general=2))
    shown = plan(day(booking("sakura", room="attic"), rules=rules), NOW)
    assert by_room(shown) == {"general": ["sakura"]}
    assert shown.moves == (Move("sakura", "attic", "general"),)


def test_an_empty_room_has_no_cohort() -> None:
    assert [use.cohort for use in plan(day(), NOW).rooms] == [None, None]
