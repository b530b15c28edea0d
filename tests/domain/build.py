"""Builders of plain values for tests: each takes one line and has sensible defaults.

The care day is Tuesday 24 November 2026 (the Monday before it is a holiday, so the open day
before it is Friday the 20th), and NOW is 18:00 of the evening before. The facility has a general
room for four and an isolation room for two, six places, and the usual two workers and one nurse.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from reservation.domain.rulebook import RuleBook
from reservation.domain.states import State
from reservation.domain.values import Booking, Child, Complaint, Day, Round, Wish

CARE_DAY = date(2026, 11, 24)
TOKYO = ZoneInfo("Asia/Tokyo")
SUGINAMI = "131156"


def tokyo(hour: int, minute: int = 0, day: date = CARE_DAY) -> datetime:
    """The instant of a local time, by default on the care day."""
    return datetime.combine(day, time(hour, minute), TOKYO)


NOW = tokyo(18, day=CARE_DAY - timedelta(days=1))


def room(
    id: str, places: int, kind: str = "general", takes: str | None = None, *joins: str
) -> dict[str, Any]:
    """A room of a rule book; ``joins`` are the rooms it can be joined with."""
    return {
        "id": id,
        "label": {"ja": id},
        "kind": kind,
        "places": places,
        "takes": takes,
        "combinable_with": joins,
    }


def rooms(*, general: int = 0, isolation: int = 0, either: int = 0) -> list[dict[str, Any]]:
    """Up to three rooms of these sizes, named after what they take."""
    sizes = (("general", general), ("isolation", isolation), ("either", either))
    kinds = {"general": ("general", None), "isolation": ("isolation", None)}
    return [room(name, n, *kinds.get(name, ("observation", "either"))) for name, n in sizes if n]


def _base() -> dict[str, Any]:
    return {
        "code": "seeds",
        "valid_from": "2026-04-01",
        "about": {
            "name": {"ja": "すぎなみ病児保育室 しーず"},
            "short_name": {"ja": "しーず"},
            "telephone": "03-0000-0000",
        },
        "opening": {
            "week": {
                d: {"opens": "08:00", "closes": "18:00"}
                for d in ("mon", "tue", "wed", "thu", "fri")
            }
        },
        "places": {"official_capacity": 6, "rooms": rooms(general=4, isolation=2)},
        "fees": {"resident": 2000},
    }


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Dicts are merged, everything else is replaced; the table of weekdays is replaced too."""
    merged = dict(base)
    for key, value in over.items():
        deep = key != "week" and isinstance(value, Mapping) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if deep else value
    return merged


def rulebook(**sections: Any) -> RuleBook:
    """A valid rule book: ``rulebook(places={"official_capacity": 3}, ages={…})``.

    ``capacity=`` and ``rooms=`` stand for places, ``illnesses={"FLU_A": "never"}`` for the table;
    staff are as many as the capacity needs unless ``staffing=`` says otherwise.
    """
    places = {
        "official_capacity": sections.pop("capacity", None),
        "rooms": sections.pop("rooms", None),
    }
    sections["places"] = {k: v for k, v in places.items() if v} | sections.get("places", {})
    table = sections.get("illnesses", {})
    if table and all(isinstance(handling, str) for handling in table.values()):
        sections["illnesses"] = {"table": {code: {"handling": h} for code, h in table.items()}}
    book = _merge(_base(), sections)
    wanted = book["places"]["official_capacity"]
    usual = {"standard_workers": -(-wanted // 3), "standard_nurses": -(-wanted // 10)}
    if wanted <= 3:
        usual["standard_workers"] = 2
    book["staffing"] = usual | book.get("staffing", {})
    return RuleBook.model_validate(book)


def aged(months: int, on: date = CARE_DAY) -> date:
    """A birthday in mid-month, so that the child is that many months old on the day."""
    years, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    return date(years, month + 1, min(on.day, 15))


def child(id: str = "sakura", months: int = 30, **changes: Any) -> Child:
    """A registered child that lives in Suginami."""
    given: dict[str, Any] = {
        "birthday": aged(months),
        "residence": SUGINAMI,
        "registration": "approved",
    }
    return Child(id=id, **(given | changes))


def booking(
    id: str = "b1", illness: str = "URI", state: State = State.CONFIRMED, **changes: Any
) -> Booking:
    """A booking; ``months=`` sets the age; a HELD one ends in ten minutes unless said otherwise."""
    given: dict[str, Any] = {
        "facility_id": "seeds",
        "child_id": f"child-{id}",
        "care_day": CARE_DAY,
        "complaint": Complaint.DIAGNOSED,
        "birthday": aged(changes.pop("months", 30)),
        "asked_at": NOW - timedelta(hours=1),
        "ends_at": NOW + timedelta(minutes=10) if state in (State.HELD, State.OFFERED) else None,
    }
    return Booking(id=id, illness=illness, state=state, **(given | changes))


def waiting(id: str, illness: str = "URI", minute: int = 0, **changes: Any) -> Booking:
    """An entry of the list that asked so many minutes after the first."""
    asked = {"asked_at": NOW - timedelta(hours=2) + timedelta(minutes=minute)}
    return booking(id, illness, changes.pop("state", State.WAITING), **(asked | changes))


def offer(id: str = "r1", places: int = 1, ends_at: datetime | None = None) -> Round:
    """A round, open for ten minutes more unless said otherwise."""
    return Round(id, places, ends_at or NOW + timedelta(minutes=10))


def day(*bookings: Booking, rules: RuleBook | None = None, **changes: Any) -> Day:
    """The care day at the facility with these bookings."""
    given: dict[str, Any] = {"facility_id": "seeds", "date": CARE_DAY, "rules": rules or rulebook()}
    return Day(bookings=bookings, **(given | changes))


def wish(illness: str = "URI", months: int = 30, **changes: Any) -> Wish:
    """A child with this illness that asks now for the care day."""
    given: dict[str, Any] = {
        "child": changes.pop("child", None) or child("newcomer", months),
        "care_day": CARE_DAY,
        "complaint": Complaint.DIAGNOSED,
        "illness": illness,
        "asked_at": NOW,
    }
    return Wish(**(given | changes))
