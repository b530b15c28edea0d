"""What differs between two rule books, setting by setting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reservation.domain.rulebook.catalogue import Kind, SettingInfo, everything, within
from reservation.domain.rulebook.fields import Section
from reservation.domain.rulebook.model import RuleBook


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that differs. ``section``, ``label`` and ``unit`` are msgids.

    ``path`` names rows by their first setting (``places.rooms.a.places``), ``setting`` is the
    catalogue's path (``places.rooms[].places``). A row that came or went is one change, with None
    on the side where it is not.
    """

    path: str
    section: str
    label: str
    before: object
    after: object
    setting: str
    unit: str = ""


def diff(old: RuleBook, new: RuleBook) -> tuple[Change, ...]:
    """All differences in the order of the document; none exactly when both are equal."""
    return tuple(_sections(old, new, "", ""))


def before(books: Sequence[RuleBook], index: int) -> RuleBook | None:
    """What counted on the first day of ``books[index]`` until that was stored; None for the first.

    ``books`` are all versions of a facility's rule book in the order in which they were stored.
    """
    first = books[index].valid_from
    earlier = [(b.valid_from, n) for n, b in enumerate(books[:index]) if b.valid_from <= first]
    return books[max(earlier)[1]] if earlier else None


def _sections(old: Section, new: Section, path: str, place: str) -> Iterator[Change]:
    for info in within(path):
        before, after = getattr(old, info.name), getattr(new, info.name)
        if before != after:
            yield from _setting(info, before, after, f"{place}.{info.name}".lstrip("."))


def _setting(info: SettingInfo, before: object, after: object, place: str) -> Iterator[Change]:
    if isinstance(before, Section) and isinstance(after, Section):
        yield from _sections(before, after, info.path, place)
    elif info.kind in (Kind.ROWS, Kind.TABLE):
        found = list(_rows(info, _by_name(before), _by_name(after), place))
        # only the order differs: the list as a whole
        yield from found or [_change(info, place, before, after)]
    else:
        yield _change(info, place, before, after)


def _rows(
    info: SettingInfo, before: dict[str, Section], after: dict[str, Section], place: str
) -> Iterator[Change]:
    each = info.path + ("[]" if info.kind is Kind.ROWS else "{}")
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            yield _change(info, f"{place}.{name}", old, new)
        else:
            yield from _sections(old, new, each, f"{place}.{name}")


def _by_name(rows: object) -> dict[str, Section]:
    """Rows by their first setting (a room's id, a closure's first day), numbered where equal."""
    if isinstance(rows, dict):
        return rows
    named: dict[str, Section] = {}
    for row in rows if isinstance(rows, tuple) else ():
        name = str(next(iter(row))[1])
        named[name if name not in named else f"{name} ({len(named) + 1})"] = row
    return named


def _change(info: SettingInfo, place: str, before: object, after: object) -> Change:
    section = everything()[info.path.split(".")[0]].label
    return Change(place, section, info.label, before, after, info.path, info.unit)
