"""Who sits where: one room, one infectious illness at a time; the same illness shares.

The search is exact – it finds a seating whenever one exists – and moves as few seated children
as possible. It works by cohort: children of one cohort who may move are interchangeable, so it
chooses for each cohort a set of rooms, and a set of rooms already given away is a state that is
reached once, at its lowest price (dynamic programming over bit masks of rooms).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Protocol

from reservation.domain import doors
from reservation.domain.illnesses import GENERAL


class Room(Protocol):
    """What the search looks at in a room of the rule book."""

    @property
    def id(self) -> str: ...
    @property
    def places(self) -> int: ...
    @property
    def use(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def combinable_with(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Seat:
    """A child to be seated. ``room`` is where it is stored to sit; ``fixed`` ones stay there."""

    booking_id: str
    cohort: str
    room: str | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A seated child that has to change rooms."""

    booking_id: str
    frm: str
    to: str


@dataclass(frozen=True, slots=True)
class Seating:
    """A room for every child, and which of them change rooms for it."""

    rooms: Mapping[str, str]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The children of one cohort: how many, how many of them are fixed in which room, and how
    many of the others are stored to sit in which room."""

    cohort: str
    size: int
    fixed: Mapping[str, int] = field(default_factory=dict)
    seated: Mapping[str, int] = field(default_factory=dict)


class _Choice(NamedTuple):
    """A set of rooms that is enough for a group. ``before`` are rooms that look just like one of
    these and come first: they must be taken already, else the same choice is tried twice.
    ``watched`` are the adults that its isolation rooms need."""

    rooms: int
    before: int
    price: int
    watched: int


_MOVE, _EITHER = 1_000_000, 10_000
"""Prices: a move counts most; then a room that the other kind of child could use; then size."""


def seat(
    children: Sequence[Seat], rooms: Sequence[Room], isolation_at_most: int | None = None
) -> Seating | None:
    """Seat all children in these (open) rooms with the fewest moves, or None if nobody can.

    A child without a stored room is no move; a fixed child whose room is not among ``rooms``, or
    does not take it, leaves no seating. ``isolation_at_most`` limits how many isolation rooms may
    be in use at once, where each needs an adult; rooms that can be joined are one where they hold
    one cohort. The result does not depend on the order.
    """
    in_order = sorted(children, key=lambda child: child.booking_id)
    given = label(groups(in_order), rooms, isolation_at_most)
    if given is None:
        return None
    where = _place(in_order, given, {room.id: room.places for room in rooms})
    moves = tuple(
        Move(child.booking_id, child.room, where[child.booking_id])
        for child in in_order
        if child.room is not None and child.room != where[child.booking_id]
    )
    return Seating(where, moves)


def _place(
    children: Sequence[Seat], given: Mapping[str, tuple[str, ...]], free: dict[str, int]
) -> dict[str, str]:
    """A room for each child: first who is fixed, then who can stay, then the others."""
    where: dict[str, str] = {}

    def sit(child: Seat, room_id: str) -> None:
        where[child.booking_id] = room_id
        free[room_id] -= 1

    for child in children:
        if child.fixed and child.room is not None:
            sit(child, child.room)
    for child in children:
        if child.booking_id not in where and child.room in given[child.cohort] and free[child.room]:
            sit(child, child.room)
    for child in children:
        if child.booking_id not in where:
            sit(child, next(room_id for room_id in given[child.cohort] if free[room_id]))
    return where


def groups(children: Iterable[Seat]) -> list[Group]:
    """The children by cohort."""
    sizes: Counter[str] = Counter()
    fixed: dict[str, Counter[str]] = {}
    seated: dict[str, Counter[str]] = {}
    for child in children:
        sizes[child.cohort] += 1
        if child.room is not None:
            places = fixed if child.fixed else seated
            places.setdefault(child.cohort, Counter())[child.room] += 1
    return [Group(c, n, fixed.get(c, {}), seated.get(c, {})) for c, n in sizes.items()]


def label(
    cohorts: Sequence[Group], rooms: Sequence[Room], isolation_at_most: int | None = None
) -> dict[str, tuple[str, ...]] | None:
    """Which cohort gets which rooms, with the fewest moves, or None where no way exists."""
    owners = _owners(cohorts, rooms)
    if owners is None:
        return None
    joined = doors.joined(rooms) if isolation_at_most is not None else {}
    twins = _twins(cohorts, rooms, joined)
    options = {group.cohort: _choices(group, rooms, owners, twins, joined) for group in cohorts}
    order = sorted(options, key=lambda cohort: (len(options[cohort]), cohort))
    shared = _mask(rooms, lambda room: room.use != "general")
    limit = len(rooms) if isolation_at_most is None else isolation_at_most
    reached: _Reached = {(0, 0): (0, ())}
    for cohort in order:
        reached = _further(reached, options[cohort], shared, limit)
    if not reached:
        return None
    _, chosen = min(reached.values())
    return {cohort: _ids(rooms, mask) for cohort, mask in zip(order, chosen, strict=True)}


_Reached = dict[tuple[int, int], tuple[int, tuple[int, ...]]]
"""By rooms given away and adults needed for isolation: the price, and the rooms of each cohort."""


def _further(reached: _Reached, options: list[_Choice], shared: int, limit: int) -> _Reached:
    """What can be reached with one cohort more."""
    further: _Reached = {}
    for (used, watched), (paid, chosen) in reached.items():
        for choice in options:
            adults = watched + choice.watched
            if choice.rooms & used or choice.before & ~used or adults > limit:
                continue
            key, price = (used | (choice.rooms & shared), adults), paid + choice.price
            if key not in further or price < further[key][0]:
                further[key] = (price, (*chosen, choice.rooms))
    return further


def _takes(room: Room, cohort: str) -> bool:
    return room.use == "either" or (room.use == "general") == (cohort == GENERAL)


def _mask(rooms: Sequence[Room], test: Callable[[Room], bool]) -> int:
    return sum(1 << i for i, room in enumerate(rooms) if test(room))


def _ids(rooms: Sequence[Room], mask: int) -> tuple[str, ...]:
    """Rooms of the mask; those that only this kind of child may use are filled first."""
    chosen = [room for i, room in enumerate(rooms) if mask >> i & 1]
    return tuple(room.id for room in sorted(chosen, key=lambda room: room.use == "either"))


def _owners(cohorts: Sequence[Group], rooms: Sequence[Room]) -> dict[str, str] | None:
    """The cohort of each room in which somebody is fixed; None where that breaks a rule."""
    known = {room.id: room for room in rooms}
    owners: dict[str, str] = {}
    for group in cohorts:
        for room_id, children in group.fixed.items():
            room = known.get(room_id)
            if room is None or room_id in owners or not _takes(room, group.cohort):
                return None
            if children > room.places:
                return None
            owners[room_id] = group.cohort
    return owners


def _twins(
    cohorts: Sequence[Group], rooms: Sequence[Room], joined: Mapping[int, int]
) -> dict[int, int]:
    """For each room in which nobody sits: the mask of the room before it that is just like it.
    A room that can be joined is like no other."""
    taken = {room_id for group in cohorts for room_id in (*group.fixed, *group.seated)}
    last: dict[tuple[int, str, str], int] = {}
    twins: dict[int, int] = {}
    for i, room in enumerate(rooms):
        if room.id not in taken and 1 << i not in joined:
            looks = (room.places, room.use, room.kind)
            twins[1 << i] = last.get(looks, 0)
            last[looks] = 1 << i
    return twins


def _choices(
    group: Group,
    rooms: Sequence[Room],
    owners: Mapping[str, str],
    twins: Mapping[int, int],
    joined: Mapping[int, int],
) -> list[_Choice]:
    """All sets of rooms that are enough for the group, with none that is there for nothing,
    unless rooms can be joined: then one may be there to join two others."""
    isolation = _mask(rooms, lambda room: room.kind == "isolation" and room.use != "general")
    own = _mask(rooms, lambda room: room.id in group.fixed)
    missing = group.size - sum(room.places for room in rooms if room.id in group.fixed)
    staying = sum(
        min(group.seated.get(room.id, 0), room.places - group.fixed[room.id])
        for room in rooms
        if room.id in group.fixed
    )
    others = [
        (1 << i, room)
        for i, room in enumerate(rooms)
        if room.id not in owners and _takes(room, group.cohort)
    ]
    others.sort(key=lambda other: other[1].id not in group.seated)
    offer = tuple(
        (room.places, min(group.seated.get(room.id, 0), room.places)) for _, room in others
    )
    found = []
    for picked, stay in _enough(missing, offer, bool(joined)):
        mask = own | sum(others[i][0] for i in picked)
        before = sum({twins.get(others[i][0], 0) for i in picked} - {0})
        moves = sum(group.seated.values()) - staying - stay
        either = sum(others[i][1].use == "either" for i in picked)
        size = sum(offer[i][0] for i in picked)
        price = moves * _MOVE + either * _EITHER + size
        found.append(_Choice(mask, before & ~mask, price, doors.watched(mask, isolation, joined)))
    return found


@lru_cache(maxsize=4096)
def _enough(
    missing: int, offer: tuple[tuple[int, int], ...], spare: bool
) -> tuple[tuple[tuple[int, ...], int], ...]:
    """Ways to pick from rooms of (places, children who could stay) so that ``missing`` places are
    there, each with the number who stay. A room where nobody stays is picked only when needed, or
    with ``spare``; rooms where somebody could stay come first in ``offer``."""
    found: list[tuple[tuple[int, ...], int]] = []

    def pick(i: int, picked: tuple[int, ...], places: int, stay: int) -> None:
        if i == len(offer):
            blanks = [offer[j][0] for j in picked if not offer[j][1]]
            needed = spare or all(places - blank < missing for blank in blanks)
            if places >= missing and needed:
                found.append((picked, stay))
            return
        if places + sum(size for size, _ in offer[i:]) < missing:
            return
        size, could_stay = offer[i]
        if could_stay or spare or places < missing:
            pick(i + 1, (*picked, i), places + size, stay + could_stay)
        pick(i + 1, picked, places, stay)

    pick(0, (), 0, 0)
    return tuple(found)
