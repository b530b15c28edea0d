"""The table of steps, who holds a place, and the words of states and refusals."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from reservation.domain import refusals, states
from reservation.domain.refusals import Code, Refusal
from reservation.domain.states import (
    CAME,
    ENDED,
    HOLDS_A_PLACE,
    ON_THE_LIST,
    OPEN,
    STEPS,
    WORDS,
    Actor,
    NotPossible,
    State,
    possible,
    step,
)
from reservation.domain.values import Condition, Round, holds_place
from reservation.messages import TEMPLATES
from tests.domain.build import NOW, booking, day

TICK = timedelta(microseconds=1)
PLACEHOLDER = re.compile(r"%\((\w+)\)s")

TOLD = {
    "cancelled", "closed", "confirmed", "declined", "left", "list_ended", "offer", "offer_lapsed",
    "received", "refused", "released", "superseded", "taken", "waiting", "withdrawn",
}  # fmt: skip
"""The messages that steps send."""


# -- the table ----------------------------------------------------------------------------------


def test_every_state_either_holds_a_place_or_waits_or_has_ended() -> None:
    assert set(State) == HOLDS_A_PLACE | ON_THE_LIST | ENDED
    assert not HOLDS_A_PLACE & ON_THE_LIST
    assert set(State) - ENDED == OPEN
    assert {State.CHECKED_IN, State.COMPLETED} == CAME


def test_every_state_is_reached_from_the_beginning() -> None:
    reached: set[State | None] = {None}
    for _ in State:
        reached |= {line.to for line in STEPS if line.frm in reached}
    assert reached == {None, *State}


def test_what_has_ended_stays_so_except_a_pick_up_that_staff_undo() -> None:
    out = [line for line in STEPS if line.frm in ENDED]
    assert [(line.action, line.actors) for line in out] == [("undo_check_out", {Actor.STAFF})]


def test_every_line_of_the_table_can_be_taken_by_its_actors_and_by_nobody_else() -> None:
    for line in STEPS:
        for actor in Actor:
            if actor in line.actors:
                assert step(line.frm, line.action, actor) is line
                assert line in possible(line.frm, actor)
            else:
                assert line not in possible(line.frm, actor)
                with pytest.raises(NotPossible):
                    step(line.frm, line.action, actor)


def test_no_line_stands_twice() -> None:
    keys = [(line.frm, line.action) for line in STEPS]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("state", [None, *State])
def test_what_the_table_does_not_list_does_not_happen(state: State | None) -> None:
    listed = {line.action for line in STEPS if line.frm is state}
    for action in {line.action for line in STEPS} - listed:
        with pytest.raises(NotPossible, match=action) as refused:
            step(state, action, Actor.STAFF)
        assert (refused.value.action, refused.value.state) == (action, state)


def test_buttons_come_in_the_order_of_the_table() -> None:
    assert [line.action for line in possible(State.WAITING, Actor.FAMILY)] == [
        "set_terms",
        "leave",
        "pair",
        "part",
        "supersede",
    ]
    assert [line.action for line in possible(State.CHECKED_IN, Actor.STAFF)] == [
        "undo_check_in",
        "check_out",
    ]
    assert possible(State.COMPLETED, Actor.FAMILY) == ()


def test_a_family_never_decides_for_the_facility() -> None:
    by_family = {line.action for line in STEPS if Actor.FAMILY in line.actors}
    assert not by_family & {"accept", "decline", "override", "close", "refuse", "no_show"}
    assert not by_family & {"check_in", "check_out", "undo_check_in", "undo_check_out", "offer"}


def test_the_clock_takes_a_confirmed_place_only_for_another_or_after_silence() -> None:
    by_clock = {line.action for line in possible(State.CONFIRMED, Actor.CLOCK)}
    assert by_clock == {"supersede", "release_unanswered", "fall"}


def test_a_line_that_needs_a_reason_is_taken_by_staff_or_names_one_itself() -> None:
    for line in STEPS:
        if line.needs_reason:
            assert Actor.FAMILY not in line.actors
            assert Actor.STAFF in line.actors or line.actors == {Actor.CLOCK}


def test_only_a_taken_place_comes_back_as_a_new_one() -> None:
    freeing = [line for line in STEPS if line.frees]
    assert all(line.frm in HOLDS_A_PLACE and line.to in ENDED for line in freeing)
    assert {line.frm for line in freeing} >= {State.REQUESTED, State.CONFIRMED}


def test_every_place_of_a_decided_booking_that_ends_early_comes_back() -> None:
    for line in STEPS:
        if line.frm in {State.REQUESTED, State.CONFIRMED} and line.to in ENDED:
            assert line.frees, line


def test_every_step_tells_by_a_message_that_exists() -> None:
    told = {line.tells for line in STEPS if line.tells}
    assert told == TOLD
    assert told <= {path.stem for path in TEMPLATES.glob("*.txt")}


def test_whoever_loses_or_gets_a_place_by_another_hand_is_told() -> None:
    silent = {
        line.action
        for line in STEPS
        if line.tells is None
        and line.frm not in (State.HELD, line.to)
        and line.to in ENDED | {State.CONFIRMED}
    }
    assert silent == {"undo_check_in", "check_out", "no_show"}


# -- who holds a place --------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(State))
def test_a_state_holds_a_place_as_the_table_says(state: State) -> None:
    assert holds_place(booking(state=state), NOW) is (state in HOLDS_A_PLACE)


@pytest.mark.parametrize(("tick", "held"), [(-TICK, True), (timedelta(0), False), (TICK, False)])
def test_a_hold_is_free_at_its_end_whether_or_not_anybody_swept(
    tick: timedelta, held: bool
) -> None:
    one = booking(state=State.HELD, ends_at=NOW)
    assert holds_place(one, NOW + tick) is held


def test_a_hold_without_an_end_holds_nothing() -> None:
    assert not holds_place(booking(state=State.HELD, ends_at=None), NOW)


@pytest.mark.parametrize(("tick", "is_open"), [(-TICK, True), (timedelta(0), False), (TICK, False)])
def test_a_round_is_over_at_its_end(tick: timedelta, is_open: bool) -> None:
    assert Round("r1", 1, NOW).is_open(NOW + tick) is is_open


def test_a_condition_is_open_until_staff_close_it_even_past_its_time() -> None:
    late = Condition("registration", due_at=NOW - timedelta(days=1))
    assert late.is_open
    assert not Condition("registration", late.due_at, closed_at=NOW).is_open


def test_a_day_knows_its_bookings_and_a_copy_replaces_one() -> None:
    full = day(booking("b1"), booking("b2"))
    moved = full.with_booking(booking("b1", room="isolation"))
    assert full.booking("nobody") is None
    assert [(b.id, b.room) for b in moved.bookings] == [("b2", None), ("b1", "isolation")]
    assert full.booking("b1") == booking("b1")
    assert full.with_booking(booking("b3")).booking("b3") is not None


# -- words --------------------------------------------------------------------------------------


def test_every_state_and_every_reason_has_words() -> None:
    assert set(WORDS) == set(State)
    assert set(refusals.WORDS) == set(Code)
    assert all(WORDS.values())
    assert all(words.endswith("。") for words in refusals.WORDS.values())
    assert all(line.words for line in STEPS)


def test_words_of_states_differ() -> None:
    assert len(set(WORDS.values())) == len(State)


def test_what_to_do_next_is_said_for_every_reason_that_staff_did_not_give() -> None:
    without = set(Code) - set(refusals.NEXT)
    assert without == {
        *refusals.STAFF_CODES,
        Code.NOT_REVIEWED,
        Code.NOT_RECONFIRMED,
        Code.CHAIN,
    } - set(refusals.NEXT)
    # Staff cancel after the deadline too: nobody tells them to telephone.
    assert set(refusals.NEXT) - set(refusals.STAFF_NEXT) == {Code.TELEPHONE_ONLY}
    for code in refusals.NO_PLACE:
        assert "キャンセル待ち" in Refusal(code).next_step


def test_a_refusal_speaks_its_words_and_values_fit_into_them() -> None:
    values = {"months": 6, "upto": "就学前まで", "at": "8:45", "facility": "しーず",
              "days": 7, "first": "11月24日", "most": 2, "n": 3}  # fmt: skip
    for code in Code:
        refusal = Refusal(code)
        assert refusal.words % values
        assert set(PLACEHOLDER.findall(refusal.words)) <= set(values)
        assert "%" not in refusal.next_step + refusal.staff_step
    assert Refusal(Code.OTHER).next_step == Refusal(Code.OTHER).staff_step == ""
    assert Refusal(Code.TOO_LATE).staff_step != Refusal(Code.TOO_LATE).next_step != ""


def test_codes_are_written_as_they_are_named() -> None:
    """They are stored and counted: a name that changes would split the figures."""
    assert all(code.value == code.name for code in Code)
    assert all(state.value == state.name.lower() for state in State)
    assert states.WORDS is WORDS
