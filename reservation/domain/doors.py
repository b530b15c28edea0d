"""Rooms that can be joined by opening what is between them, as bit masks of rooms.

Joined rooms hold one cohort, so they matter where each isolation room in use needs an adult: what
is joined is one room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Protocol


class Room(Protocol):
    """What a room says of its doors."""

    @property
    def id(self) -> str: ...
    @property
    def combinable_with(self) -> tuple[str, ...]: ...


def joined(rooms: Sequence[Room]) -> dict[int, int]:
    """For each room that can be joined with others, the mask of those; one names the other."""
    bits = {room.id: 1 << i for i, room in enumerate(rooms)}
    found: dict[int, int] = {}
    for room in rooms:
        for other in room.combinable_with:
            if other in bits and other != room.id:
                found[bits[room.id]] = found.get(bits[room.id], 0) | bits[other]
                found[bits[other]] = found.get(bits[other], 0) | bits[room.id]
    return found


def watched(mask: int, isolation: int, doors: Mapping[int, int]) -> int:
    """How many adults these rooms of one cohort need: one for each set of rooms joined to one
    another that has an isolation room in it."""
    if not doors:
        return (mask & isolation).bit_count()
    adults = 0
    while mask & isolation:
        part = 0
        found = mask & isolation & -(mask & isolation)
        while found:
            part |= found
            through = (others for bit, others in doors.items() if bit & found)
            found = reduce(or_, through, 0) & mask & ~part
        adults += 1
        mask &= ~part
    return adults
