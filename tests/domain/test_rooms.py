"""Who sits where: literal days."""

from __future__ import annotations

import time

from reservation.domain.rooms import Move, Seat, Seating, seat
from reservation.domain.rulebook.places import Room
from tests.domain.build import room, rooms, rulebook


def house(*specs: dict[str, object]) -> tuple[Room, ...]:
    """Rooms as a rule book has them."""
    return rulebook(rooms=list(specs)).places.rooms


def _rooms(seating: Seating | None) -> dict[str, str] | None:
    return None if seating is None else dict(seating.rooms)


TWO = house(*rooms(general=4, isolation=2))


def test_nobody_needs_no_room() -> None:
    assert seat([], TWO) == Seating({}, ())


def test_a_cold_sits_in_the_general_room_and_influenza_in_isolation() -> None:
    seating = seat([Seat("hana", "FLU_A"), Seat("sakura", "G")], TWO)
    assert _rooms(seating) == {"hana": "isolation", "sakura": "general"}


def test_the_same_illness_shares_and_another_does_not() -> None:
    flu = Seat("sakura", "FLU_A", "isolation")
    assert _rooms(seat([flu, Seat("hana", "FLU_A")], TWO)) == {
        "sakura": "isolation",
        "hana": "isolation",
    }
    assert seat([flu, Seat("hana", "FLU_B")], TWO) is None
    assert seat([flu, Seat("hana", "FLU_A"), Seat("third", "FLU_A")], TWO) is None


def test_a_child_that_sits_alone_shares_with_nobody() -> None:
    assert seat([Seat("sakura", "RASH:sakura"), Seat("hana", "RASH:hana")], TWO) is None


def test_a_cold_never_sits_in_an_isolation_room_nor_influenza_in_the_general_one() -> None:
    assert seat([Seat(f"g{n}", "G") for n in range(5)], TWO) is None
    assert seat([Seat("sakura", "FLU_A")], TWO[:1]) is None


def test_a_room_for_either_takes_one_cohort_at_a_time() -> None:
    one = house(room("either", 3, takes="either"))
    assert _rooms(seat([Seat("a", "G"), Seat("b", "G")], one)) == {"a": "either", "b": "either"}
    assert _rooms(seat([Seat("a", "FLU_A")], one)) == {"a": "either"}
    assert seat([Seat("a", "FLU_A"), Seat("b", "G")], one) is None


def test_a_cohort_may_fill_several_rooms() -> None:
    flu_week = house(
        room("a", 2, takes="either"), room("b", 2, takes="either"), room("c", 1, "isolation")
    )
    seating = seat([Seat(f"f{n}", "FLU_A") for n in range(5)], flu_week)
    assert seating is not None
    assert sorted(seating.rooms.values()) == ["a", "a", "b", "b", "c"]


def test_one_child_moves_when_that_makes_a_place() -> None:
    both = house(*rooms(isolation=2, either=2))
    sakura = Seat("sakura", "FLU_A", "either")
    seating = seat([sakura, Seat("hana", "G")], both)
    assert seating == Seating(
        {"sakura": "isolation", "hana": "either"}, (Move("sakura", "either", "isolation"),)
    )


def test_nobody_moves_without_need() -> None:
    both = house(*rooms(isolation=2, either=2))
    seating = seat([Seat("sakura", "FLU_A", "either"), Seat("hana", "FLU_B")], both)
    assert seating == Seating({"sakura": "either", "hana": "isolation"}, ())


def test_a_child_that_is_here_stays_even_if_that_takes_the_place() -> None:
    both = house(*rooms(isolation=2, either=2))
    assert seat([Seat("sakura", "FLU_A", "either", fixed=True), Seat("hana", "G")], both) is None


def test_two_cohorts_fixed_in_one_room_leave_no_seating() -> None:
    here = [Seat("sakura", "FLU_A", "isolation", fixed=True)]
    assert seat(here, TWO) is not None
    assert seat([*here, Seat("hana", "FLU_B", "isolation", fixed=True)], TWO) is None


def test_fixed_in_a_closed_or_wrong_or_too_small_room_leaves_no_seating() -> None:
    assert seat([Seat("sakura", "FLU_A", "isolation", fixed=True)], TWO[:1]) is None
    assert seat([Seat("sakura", "FLU_A", "general", fixed=True)], TWO) is None
    crowd = [Seat(f"f{n}", "FLU_A", "isolation", fixed=True) for n in range(3)]
    assert seat(crowd[:2], TWO) is not None
    assert seat(crowd, TWO) is None


def test_fixed_without_a_room_is_seated_like_a_newcomer() -> None:
    assert _rooms(seat([Seat("sakura", "G", None, fixed=True)], TWO)) == {"sakura": "general"}


def test_who_sat_in_a_room_that_closed_moves() -> None:
    seating = seat([Seat("sakura", "G", "garden")], TWO)
    assert seating is not None
    assert seating.moves == (Move("sakura", "garden", "general"),)


def test_a_newcomer_takes_the_room_that_leaves_most_to_others() -> None:
    choice = house(
        room("either", 1, takes="either"),
        room("big", 3, "isolation"),
        room("small", 1, "isolation"),
    )
    assert _rooms(seat([Seat("hana", "FLU_A")], choice)) == {"hana": "small"}


def test_isolation_rooms_in_use_can_be_limited() -> None:
    wing = house(room("a", 2, "isolation"), room("b", 2, "isolation"), room("o", 2, "observation"))
    apart = [Seat("sakura", "FLU_A", "a"), Seat("hana", "FLU_B", "b")]
    assert seat(apart, wing, 2) == Seating({"sakura": "a", "hana": "b"}, ())
    limited = seat(apart, wing, 1)
    assert limited is not None
    assert len(limited.moves) == 1
    assert seat(apart, wing, 0) is None
    # of one cohort in two rooms all move together when only one room can be watched
    together = seat([Seat("sakura", "FLU_A", "a"), Seat("hana", "FLU_A", "b")], wing[:2], 1)
    assert together is not None
    assert len(set(together.rooms.values())) == 1


def test_rooms_that_are_joined_for_one_illness_need_one_adult() -> None:
    doors = house(
        room("a", 2, "isolation", None, "b"), room("b", 2, "isolation"), room("c", 2, "isolation")
    )
    flu = [Seat(f"f{n}", "FLU_A") for n in range(4)]
    joined = seat(flu, doors, 1)
    assert joined is not None
    assert set(joined.rooms.values()) == {"a", "b"}
    # two illnesses never share what is joined, and the third room has no door
    assert seat([Seat("x", "FLU_A"), Seat("y", "RSV")], doors, 1) is None
    assert seat([*flu, Seat("f5", "FLU_A")], doors, 1) is None
    assert seat([*flu, Seat("f5", "FLU_A")], doors, 2) is not None
    apart = house(room("a", 2, "isolation"), room("b", 2, "isolation"))
    assert seat(flu, apart, 1) is None


def test_a_room_between_two_others_may_be_opened_to_join_them() -> None:
    row = house(
        room("a", 2, "isolation", None, "b"), room("b", 1, "isolation", None, "c"),
        room("c", 2, "isolation"),
    )  # fmt: skip
    here = [Seat(f"f{n}", "FLU_A", at, fixed=True) for n, at in enumerate("aacc")]
    assert seat(here, row, 1) is not None
    assert seat([*here, Seat("x", "RSV")], row, 2) is None
    assert seat([*here, Seat("x", "RSV")], row, 3) is not None


def test_a_full_house_of_fifteen_is_seated_quickly() -> None:
    big = house(
        room("g1", 4), room("g2", 3), *(room(f"i{n}", 2, "isolation") for n in range(4)),
        room("e1", 2, takes="either"), room("e2", 2, takes="either"),
    )  # fmt: skip
    cohorts = ["G"] * 6 + ["FLU_A"] * 2 + ["RSV"] * 2 + ["G"] + ["HFMD", "STREP"] + ["R:1", "R:2"]
    children = [Seat(f"c{n:02}", cohort) for n, cohort in enumerate(cohorts)]
    start = time.process_time()
    for _ in range(20):
        assert seat(children, big) is not None
        assert seat([*children[1:], Seat("last", "FLU_B")], big) is None
    assert (time.process_time() - start) / 40 < 0.02
