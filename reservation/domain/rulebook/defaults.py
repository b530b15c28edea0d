"""What a municipality says for all its rooms, and rule books that follow it.

A room's file need not say everything: a setting that it leaves out *follows* the municipality, and
where that says nothing either, the program's default counts. A unit is what stands directly under
a section: ``booking.opens`` with day and time, ``waiting.evening`` with all its rows.

Rule books are always stored whole. Where the municipality changes its mind, each room that follows
gets a new version of its rule book from that day on, so that nobody who reads rules has to ask two
documents (decisions.md, "A room follows its municipality").
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from reservation.domain.rulebook.catalogue import everything, sections, within
from reservation.domain.rulebook.changes import Change, diff
from reservation.domain.rulebook.documents import build, located, plain
from reservation.domain.rulebook.mistakes import BrokenRuleBook, unknown
from reservation.domain.rulebook.model import RuleBook
from reservation.domain.rulebook.tree import Tree

_HOURS = {"opens": "8:00", "closes": "18:00"}
_SAMPLE: dict[str, Any] = {
    "code": "room",
    "about": {"name": {"ja": "室"}, "short_name": {"ja": "室"}, "telephone": "0"},
    "opening": {"week": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), _HOURS)},
    "places": {
        "official_capacity": 1,
        "rooms": [{"id": "a", "label": {"ja": "室"}, "kind": "general", "places": 1}],
    },
    "fees": {"resident": 0},
}
"""A room with nothing of its own, in which a municipality's defaults must make sense."""
_ANY_DAY = date(2026, 4, 1)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a municipality says from a care day on: plain values by unit (``booking.opens``)."""

    valid_from: date
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Followed:
    """A rule book, and the units in which it follows its municipality."""

    book: RuleBook
    follows: tuple[str, ...] = ()


@cache
def units() -> tuple[str, ...]:
    """Everything that may be said by the municipality, in the order of the document."""
    return tuple(info.path for section in sections() for info in within(section.path))


def read(text: str) -> Defaults:
    """The defaults written in ``text`` (YAML): ``valid_from`` and sections as a room's file has.

    Raises BrokenRuleBook with every mistake, its line, its field and what is allowed.
    """
    tree = Tree(text)
    try:
        if "code" in tree.data:
            names = ("valid_from", *(section.path for section in sections()))
            raise BrokenRuleBook([unknown(("code",), tree.data["code"], names)])
        book = build(RuleBook, _merged(_SAMPLE, tree.data))
    except BrokenRuleBook as broken:
        raise located(broken, tree) from None
    return Defaults(book.valid_from, values_in(book, tuple(_said(tree.data))))


def as_room(values: Mapping[str, Any], valid_from: date) -> RuleBook:
    """A room with nothing of its own that follows in everything the municipality says.

    Raises BrokenRuleBook where that is none.
    """
    document = completed(_SAMPLE, tuple(values), values)
    return build(RuleBook, {**document, "valid_from": valid_from.isoformat()})


def values_in(book: RuleBook, said: Collection[str]) -> dict[str, Any]:
    """Plain values of these units as a rule book has them."""
    whole = plain(book)
    return {unit: _get(whole, unit) for unit in units() if unit in said}


def changed_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """What a municipality says otherwise, in the order of the document.

    A unit that it says now for the first time, or no longer, is one change with None on the side
    where nothing is said; of one that it says otherwise, each setting that differs.
    """
    old, new = as_room(before, _ANY_DAY), as_room(after, _ANY_DAY)
    inside: dict[str, list[Change]] = {}
    for one in diff(old, new):
        inside.setdefault(_unit_of(one.setting), []).append(one)
    return tuple(
        change
        for unit in units()
        for change in (
            inside.get(unit, ())
            if unit in before and unit in after
            else _said_or_not(unit, old if unit in before else None, new if unit in after else None)
        )
    )


def _said_or_not(unit: str, old: RuleBook | None, new: RuleBook | None) -> tuple[Change, ...]:
    if old is None and new is None:
        return ()
    info, (section, name) = everything()[unit], unit.split(".")
    before, after = (getattr(getattr(b, section), name) if b else None for b in (old, new))
    title = everything()[section].label
    return (Change(unit, title, info.label, before, after, unit, info.unit),)


def _unit_of(setting: str) -> str:
    """booking.opens of booking.opens.at, places.rooms of places.rooms[].places."""
    return ".".join(setting.split(".")[:2]).rstrip("[]{}")


def read_room(text: str, towns: Sequence[Defaults]) -> Followed:
    """A room's rule book (YAML) with what it leaves out as its municipality says.

    Raises BrokenRuleBook.
    """
    tree = Tree(text)
    said = set(_said(tree.data))
    follows = tuple(unit for unit in units() if unit not in said)
    try:
        begins = date.fromisoformat(str(tree.data.get("valid_from")))
    except ValueError:
        begins = date.max  # reading it says what is wrong with the day
    try:
        book = build(RuleBook, completed(tree.data, follows, values_on(towns, begins)))
    except BrokenRuleBook as broken:
        raise located(broken, tree) from None
    return Followed(book, follows)


def values_on(towns: Sequence[Defaults], day: date) -> Mapping[str, Any]:
    """What the municipality says on a care day: its newest document that counts by then."""
    found: Mapping[str, Any] = {}
    for one in sorted(towns, key=lambda one: one.valid_from):
        found = one.values if one.valid_from <= day else found
    return found


def completed(
    data: Mapping[str, Any], follows: Collection[str], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Plain values with the units of ``follows`` as ``values`` have them, else left out.

    A section that is no mapping says all of its own (``_said``), so nothing in it follows.
    """
    done = deepcopy(dict(data))
    for unit in follows:
        section, name = unit.split(".")
        done.get(section, {}).pop(name, None)
        if unit in values:
            done.setdefault(section, {})[name] = deepcopy(values[unit])
    return done


def follow(one: Followed, values: Mapping[str, Any], valid_from: date) -> Followed:
    """The rule book as it is when the municipality says ``values``. Raises BrokenRuleBook."""
    document = completed(plain(one.book), one.follows, values)
    document["valid_from"] = valid_from.isoformat()
    return Followed(build(RuleBook, document), one.follows)


def rederived(
    books: Sequence[Followed], towns: Sequence[Defaults], since: date
) -> tuple[Followed, ...]:
    """The versions to add so that all rule books from ``since`` on follow ``towns``.

    ``books`` has one rule book per first day. Raises BrokenRuleBook where one would be none.
    """
    shelf = {one.book.valid_from: one for one in books}
    changed = []
    for day in sorted({*shelf, *(one.valid_from for one in towns)}):
        before = _in_force(shelf, day)
        if day < since or before is None or not before.follows:
            continue
        after = follow(before, values_on(towns, day), day)
        if after.book != before.book.model_copy(update={"valid_from": day}):
            shelf[day] = after
            changed.append(after)
    return tuple(changed)


def still_followed(one: Followed, changed: RuleBook) -> tuple[str, ...]:
    """The units that follow on after a change by staff: those that were left as they are."""
    before, after = plain(one.book), plain(changed)
    return tuple(unit for unit in one.follows if _get(before, unit) == _get(after, unit))


def in_force(books: Sequence[Followed], day: date) -> RuleBook | None:
    """The rule book that counts on a care day, of one per first day; None before the first."""
    found = _in_force({one.book.valid_from: one for one in books}, day)
    return found.book if found else None


def _in_force(shelf: Mapping[date, Followed], day: date) -> Followed | None:
    earlier = [first for first in shelf if first <= day]
    return shelf[max(earlier)] if earlier else None


def _said(data: Mapping[str, Any]) -> Iterator[str]:
    """The units that plain values say; a section that is none says all of its own."""
    for unit in units():
        section, name = unit.split(".")
        inside = data.get(section, {})
        if not isinstance(inside, dict) or name in inside:
            yield unit


def _merged(base: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """``data`` over ``base``, section by section."""
    done = deepcopy(dict(base))
    for name, value in data.items():
        inside = done.get(name)
        both = isinstance(inside, dict) and isinstance(value, dict)
        done[name] = {**inside, **value} if both else value  # type: ignore[dict-item]
    return done


def _get(document: Mapping[str, Any], unit: str) -> Any:
    section, name = unit.split(".")
    return document[section][name]
