"""The board as bytes: codes only, the same for everybody, made once per change (docs/vacancy.md).

``/vacancy.json`` answers with them and the live stream carries them. They hold until
``fresh_until``, the next instant at which the clock alone changes them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from reservation.domain import queue, vacancy
from reservation.domain.refusals import Code
from reservation.domain.vacancy import Mark, Profile
from reservation.domain.vacancy.marks import AFTER_MOVE, AT_THIS_TIME
from reservation.domain.values import Day
from reservation.reads import columns, coming_days
from reservation.reads.board import sign
from reservation.reads.columns import Column
from reservation.reads.coming_days import ComingDays, Place
from reservation.reads.municipalities import House

REASONS: dict[Code, str] = {
    Code.CAPACITY: "c",
    Code.ILLNESS_MIX: "m",
    Code.POINTS: "p",
    Code.AGE_CAP: "a",
    Code.SICK_CAP: "k",
    Code.STAFF: "s",
    Code.LIST_FIRST: "l",
    Code.NEVER_ILLNESS: "n",
    Code.NOT_UNDIAGNOSED: "d",
    Code.TOO_YOUNG: "y",
    Code.TOO_OLD: "o",
    Code.CLOSED: "h",
    Code.NOT_YET_OPEN: "e",
    Code.TOO_LATE: "t",
}
"""One character per reason; '.' stands where there is a place."""

NONE, REASONLESS, ELSE = "0", ".", "x"
"""'x' is a reason about one child; the bytes themselves never have it."""


@dataclass(frozen=True, slots=True)
class State:
    """The bytes of a municipality at one moment. ``tag`` is ETag and id of the event."""

    body: bytes
    tag: str
    version: int
    fresh_until: datetime
    facilities: frozenset[str]
    """Of whom it speaks, by id."""

    def holds(self, version: int, now: datetime) -> bool:
        """Whether these bytes still say what is so."""
        return version == self.version and now < self.fresh_until


_states: dict[str, State] = {}
_cells_of: dict[tuple[str, date], tuple[Column, dict[str, Any]]] = {}
"""By facility and day: a column and the same as strings."""
_rendering = threading.Lock()


def state(house: House, now: datetime) -> State:
    """The bytes that hold now: kept ones if nothing has changed, else new ones, made once."""
    coming = coming_days.coming(house.id, now)
    known = _states.get(house.id)
    if known is not None and known.holds(coming.version, now):
        return known
    with _rendering:
        known = _states.get(house.id)
        if known is None or not known.holds(coming.version, now):
            _states[house.id] = known = render(house, coming, now)
        return known


def render(house: House, coming: ComingDays, now: datetime) -> State:
    """The bytes for these days, asking nobody."""
    profiles = tuple(vacancy.profiles(coming.books()))
    asked = coming_days.askable(coming.places, now)
    until = coming_days.next_change(coming.places, now)
    bands = dict.fromkeys((p.months, p.grade) for p in profiles)
    table = {
        "municipality": house.code,
        "version": coming.version,
        "at": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "fresh_until": until.isoformat().replace("+00:00", "Z"),
        "signs": _signs(profiles),
        "bands": [list(band) for band in bands],
        "rooms": [_room(place, profiles, asked, now) for place in coming.places],
    }
    body = json.dumps(table, separators=(",", ":")).encode()
    tag = f"{coming.version}-{int(until.timestamp() * 1_000_000):x}"
    return State(body, tag, coming.version, until, frozenset(p.id for p in coming.places))


def strings(marks: Sequence[Mark]) -> tuple[str, str]:
    """Two strings with one character per mark: places left, and the reason that decides."""
    return "".join(map(_left, marks)), "".join(map(_reason, marks))


def _signs(profiles: Sequence[Profile]) -> list[str]:
    return list(dict.fromkeys(sign(p.complaint, p.illness) for p in profiles))


def _room(
    place: Place, profiles: tuple[Profile, ...], asked: Sequence[date], now: datetime
) -> dict[str, Any]:
    days = {
        day.isoformat(): _cells(place.days[day], profiles, now)
        for day in asked
        if day in place.days
    }
    return {"code": place.code, "days": days}


def _cells(day: Day, profiles: tuple[Profile, ...], now: datetime) -> dict[str, Any]:
    key = (day.facility_id, day.date)
    column = columns.column(day, profiles, now)
    known = _cells_of.get(key)
    if known is not None and known[0] is column:
        return known[1]
    left, why = strings(column.marks)
    entries = len(queue.queue(day))
    cells = {"left": left, "why": why, "waiting": entries, "list": queue.list_rules(day, now)}
    if len(_cells_of) > coming_days.KEPT:
        _cells_of.clear()
    _cells_of[key] = (column, cells)
    return cells


def _left(mark: Mark) -> str:
    """'0' none · '1' the last place (△) · '2'–'9' places (○) · 'a'–'i' one to nine after a move
    (△) · 'A'–'I' one to nine where staff or a doctor decide (△)."""
    if mark.kind == "no":
        return NONE
    if mark.needs_staff:
        return chr(ord("A") + mark.left - 1)
    if mark.word == AFTER_MOVE:
        return chr(ord("a") + mark.left - 1)
    return str(mark.left)


def _reason(mark: Mark) -> str:
    """The reason that gives the × its word: not here before not now before no place."""
    if not mark.reasons:
        return REASONLESS
    codes = [reason.code for reason in mark.reasons]
    return REASONS.get(next((c for c in codes if c not in AT_THIS_TIME), codes[0]), ELSE)
