"""Seating against brute force: exact, and with the fewest moves, on every small house."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from reservation.domain.rooms import Seat, seat
from reservation.domain.rulebook.places import Room
from tests.domain.build import room, rulebook
from tests.domain.histories import USES, all_seatings, allowed, watched


@st.composite
def houses(draw: st.DrawFn) -> tuple[Room, ...]:
    """Up to four small rooms of every kind."""
    specs = draw(
        st.lists(st.tuples(st.sampled_from(USES), st.integers(1, 3)), min_size=1, max_size=4)
    )
    doors = draw(st.lists(st.sets(st.integers(0, 3)), min_size=4, max_size=4) | st.none())
    return rulebook(
        rooms=[
            room(f"r{n}", size, kind, takes, *_doors(n, len(specs), doors))
            for n, ((kind, takes), size) in enumerate(specs)
        ]
    ).places.rooms


def _doors(n: int, rooms: int, doors: list[set[int]] | None) -> list[str]:
    return [f"r{other}" for other in sorted(doors[n]) if other < rooms] if doors else []


@st.composite
def crowds(draw: st.DrawFn, house: tuple[Room, ...]) -> list[Seat]:
    """Up to six children, some of them sitting somewhere already, some of those fixed."""
    known = st.none() | st.sampled_from([*(r.id for r in house), "gone"])
    children = []
    for n in range(draw(st.integers(0, 6))):
        cohort = draw(st.sampled_from(["G", "G", "A", "A", "B", f"S:{n}"]))
        fixed = draw(st.integers(0, 4)) == 0
        children.append(Seat(f"c{n}", cohort, draw(known), fixed))
    return children


@st.composite
def scenes(draw: st.DrawFn) -> tuple[tuple[Room, ...], list[Seat], int | None]:
    """A house, children, and sometimes a limit of isolation rooms."""
    house = draw(houses())
    return house, draw(crowds(house)), draw(st.none() | st.integers(0, 2))


def moves(where: dict[str, str], children: list[Seat]) -> int:
    return sum(c.room is not None and where[c.booking_id] != c.room for c in children)


@settings(max_examples=150)
@given(scenes())
def test_seating_agrees_with_brute_force(
    scene: tuple[tuple[Room, ...], list[Seat], int | None],
) -> None:
    house, children, limit = scene
    best = min(
        (
            moves(where, children)
            for where in all_seatings(children, house)
            if limit is None or watched(where, house, children) <= limit
        ),
        default=None,
    )
    found = seat(children, house, limit)
    if best is None:
        assert found is None
        return
    assert found is not None
    where = dict(found.rooms)
    assert allowed(where, children, house)
    assert limit is None or watched(where, house, children) <= limit
    assert moves(where, children) == len(found.moves) == best
    for move in found.moves:
        assert (move.to, move.frm) == (where[move.booking_id], _room_of(children, move.booking_id))


def _room_of(children: list[Seat], booking_id: str) -> str | None:
    return next(c.room for c in children if c.booking_id == booking_id)


@given(scenes(), st.randoms(use_true_random=False))
def test_the_order_of_the_children_does_not_matter(
    scene: tuple[tuple[Room, ...], list[Seat], int | None], random: Random
) -> None:
    house, children, limit = scene
    shuffled = random.sample(children, len(children))
    assert seat(children, house, limit) == seat(shuffled, house, limit)


@given(houses(), st.integers(0, 4), st.integers(1, 5))
def test_the_same_illness_shares_before_a_second_room_is_opened(
    house: tuple[Room, ...], colds: int, flus: int
) -> None:
    cohorts = {"G": colds, "A": flus}
    children = [Seat(f"{c}{n}", c) for c, size in cohorts.items() for n in range(size)]
    found = seat(children, house)
    places = {r.id: r.places for r in house}
    if found is None:
        return
    for cohort, size in cohorts.items():
        rooms = {r for child, r in found.rooms.items() if child.startswith(cohort)}
        # no room of the cohort could be spared
        assert all(sum(places[r] for r in rooms - {spared}) < size for spared in rooms)
