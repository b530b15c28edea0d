"""What is counted of a period, as numbers that add up from month to month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

FacilityMonthKey = tuple[str, date]
"""Facility id and the first day of a month."""


@dataclass(slots=True)
class FacilityCount:
    """One facility in one month; the names are those of the table ``facility_month``.

    ``used`` are the children of open days: ``child_days`` has those of a day that was closed
    after they had come as well.
    """

    child_days: int = 0
    open_days: int = 0
    used: int = 0
    official: int = 0
    effective: int = 0
    full_days: int = 0
    confirmed: int = 0
    day_before: int = 0
    evening: int = 0
    night: int = 0
    late: int = 0
    no_show: int = 0
    by_facility: int = 0
    same_day: int = 0

    def add(self, other: FacilityCount) -> None:
        """Add another month's or facility's numbers to these."""
        for name in NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted at all."""
        return not any(getattr(self, name) for name in NAMES)


NAMES = tuple(one.name for one in fields(FacilityCount))


@dataclass(slots=True)
class Counts:
    """A municipality in a period: its facilities by month, and what belongs to none of them."""

    facilities: dict[FacilityMonthKey, FacilityCount] = field(default_factory=dict)
    empty: Counter[date] = field(default_factory=Counter)
    """Places nobody used, of every open day (of full ones too: 0)."""
    unmet: Counter[tuple[date, str]] = field(default_factory=Counter)
    """Unmet child-days by day and cause."""
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By facility and reason."""
    waits: dict[str, list[float | None]] = field(default_factory=dict)
    """By facility: hours from asking to the place of every list entry, None without a place."""
    came: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Child-days by what is split ('age', 'illness', 'weekday', 'residence', 'channel')."""

    def of(self, facility_id: str, month: date) -> FacilityCount:
        """A facility's numbers of a month, empty when there are none yet."""
        return self.facilities.setdefault((facility_id, month), FacilityCount())

    def total(self, facility_id: str | None = None) -> FacilityCount:
        """The numbers of one facility, or of all, over the whole period."""
        found = FacilityCount()
        for (one, _), count in self.facilities.items():
            if facility_id in (None, one):
                found.add(count)
        return found

    def split(self, kind: str) -> Counter[str]:
        """Child-days by the values of one split."""
        return Counter({key: n for (one, key), n in self.came.items() if one == kind})

    def add(self, other: Counts) -> None:
        """Add another period's numbers to these."""
        for (facility_id, month), count in other.facilities.items():
            self.of(facility_id, month).add(count)
        for day, places in other.empty.items():
            self.empty[day] += places
        self.unmet.update(other.unmet)
        self.refusals.update(other.refusals)
        self.came.update(other.came)
        for facility_id, waits in other.waits.items():
            self.waits.setdefault(facility_id, []).extend(waits)

    def tidied(self) -> Counts:
        """The same without empty entries and in one order: two counts of the same compare equal."""
        return Counts(
            {key: one for key, one in sorted(self.facilities.items()) if not one.is_empty},
            Counter(dict(sorted(self.empty.items()))),
            +self.unmet,
            +self.refusals,
            {key: sorted(one, key=_none_first) for key, one in sorted(self.waits.items()) if one},
            +self.came,
        )

    def details(self) -> dict[str, Any]:
        """As JSON, without the facilities' numbers: they have columns."""
        return {
            "empty": [[day.isoformat(), places] for day, places in self.empty.items()],
            "unmet": [[day.isoformat(), cause, n] for (day, cause), n in self.unmet.items()],
            "refusals": [[*key, n] for key, n in self.refusals.items()],
            "came": [[*key, n] for key, n in self.came.items()],
            "waits": self.waits,
        }

    @classmethod
    def restored(cls, details: Mapping[str, Any]) -> Counts:
        """From that JSON."""
        return cls(
            empty=Counter({date.fromisoformat(day): n for day, n in details["empty"]}),
            unmet=Counter({(date.fromisoformat(day), one): n for day, one, n in details["unmet"]}),
            refusals=Counter({(facility, code): n for facility, code, n in details["refusals"]}),
            came=Counter({(kind, key): n for kind, key, n in details["came"]}),
            waits={facility: list(hours) for facility, hours in details["waits"].items()},
        )


def _none_first(hours: float | None) -> tuple[bool, float]:
    return (hours is not None, hours or 0.0)
