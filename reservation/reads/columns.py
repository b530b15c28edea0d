"""The marks of one room and day for every kind of child, kept in the process until they change.

The bytes and the board's pages take them from here, so that both say the same and a page costs no
search for places.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from reservation.domain.vacancy import Mark, Profile, band_of
from reservation.domain.vacancy import board as marks_of
from reservation.domain.values import Day
from reservation.reads import coming_days


@dataclass(frozen=True, slots=True)
class Column:
    """What a day says to each profile, in their order, and until when the clock leaves it so."""

    day: Day
    profiles: tuple[Profile, ...]
    until: datetime | None
    marks: tuple[Mark, ...]

    def holds(self, day: Day, profiles: tuple[Profile, ...], now: datetime) -> bool:
        """Whether it still speaks of this day, to these profiles, at this instant."""
        is_same = self.day is day and self.profiles == profiles
        return is_same and (self.until is None or now < self.until)


_kept: dict[tuple[str, date], Column] = {}


def column(day: Day, profiles: tuple[Profile, ...], now: datetime) -> Column:
    """The marks of a day as it was read: the same object for as long as nothing changes them."""
    key = (day.facility_id, day.date)
    known = _kept.get(key)
    if known is not None and known.holds(day, profiles, now):
        return known
    made = Column(day, profiles, coming_days.day_change(day, now), marks_of(day, profiles, now))
    if len(_kept) > coming_days.KEPT:
        _kept.clear()
    _kept[key] = made
    return made


def place_of(profiles: tuple[Profile, ...], child: Profile) -> int:
    """Where in the order stands the profile of a child with this complaint or told illness and
    this very age."""
    band = band_of({(p.months, p.grade) for p in profiles}, child.months, child.grade)
    return profiles.index(Profile(child.complaint, child.illness, *band))
