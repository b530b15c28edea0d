"""How many children a day takes: places, rooms, staff, points, caps (answers.md §1.10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reservation.domain import illnesses
from reservation.domain.refusals import Code
from reservation.domain.values import Day, Duty

if TYPE_CHECKING:
    from reservation.domain.rulebook import RuleBook
    from reservation.domain.rulebook.places import AgeCap, Room


def open_rooms(day: Day) -> tuple[Room, ...]:
    """The rooms that take children that day, in the order of the rule book, each with the use it
    has that day: not those that staff have closed, nor those that may take nobody."""
    return tuple(
        room if use == room.use else room.model_copy(update={"takes": use})
        for room in day.rules.places.rooms
        if room.id not in day.closed_rooms and (use := use_of(day, room)) is not None
    )


def use_of(day: Day, room: Room) -> str | None:
    """What a room takes that day: what staff have set for it, else the rule book's use.

    Where infections need an entrance of their own, a room without one takes none of them: 'either'
    becomes 'general', and for 'infectious' nothing is left (None).
    """
    use = day.room_uses.get(room.id, room.use)
    if room.own_entrance or not day.rules.places.infections_by_own_entrance or use == "general":
        return use
    return "general" if use == "either" else None


def capacity(day: Day) -> int:
    """How many children at most: what staff opened (else the official capacity), what the open
    rooms hold, and what the staff on duty may care for. Points and age caps depend on the
    children and are asked with ``over``."""
    return min(places(day), staff_limit(day))


def places(day: Day) -> int:
    """The capacity without a look at the staff.

    Staff may open more than the official capacity only where the rule book says so.
    """
    return min(_opened(day), sum(room.places for room in open_rooms(day)))


def _opened(day: Day) -> int:
    rule = day.rules.places
    if day.effective_capacity is None:
        return rule.official_capacity
    return (
        day.effective_capacity
        if rule.may_exceed
        else min(rule.official_capacity, day.effective_capacity)
    )


def halves(day: Day) -> tuple[Duty, Duty]:
    """The staff of both halves of the day, morning first: as entered, else the usual ones."""
    rule = day.rules.staffing
    entered = {duty.half: duty for duty in day.duty}
    am, pm = (
        entered.get(half, Duty(half, rule.standard_workers, rule.standard_nurses))
        for half in ("am", "pm")
    )
    return am, pm


def adults(day: Day) -> int:
    """The adults of the half of the day that has fewer."""
    return min(duty.childcare_workers + duty.nurses for duty in halves(day))


def staff_limit(day: Day) -> int:
    """How many children the staff on duty may care for; the smaller half of the day counts.

    With fewer adults than the minimum it is none (domain.md §1.3).
    """
    return min(_half_limit(day, duty) for duty in halves(day))


def _half_limit(day: Day, duty: Duty) -> int:
    rule = day.rules.staffing
    if duty.childcare_workers + duty.nurses < rule.minimum_adults:
        return 0
    return min(
        duty.childcare_workers * rule.children_per_worker, duty.nurses * rule.children_per_nurse
    )


def limits(day: Day) -> dict[str, int]:
    """What the capacity is the smallest of: 'opened' (by staff, else the official capacity),
    'rooms' (places in the open rooms), 'am' and 'pm' (the staff of each half of the day)."""
    am, pm = halves(day)
    room_places = sum(room.places for room in open_rooms(day))
    return {
        "opened": _opened(day),
        "rooms": room_places,
        "am": _half_limit(day, am),
        "pm": _half_limit(day, pm),
    }


def isolation_limit(day: Day) -> int | None:
    """How many isolation rooms may be in use at once; None where the rule book sets no limit."""
    return adults(day) if day.rules.staffing.adult_per_isolation else None


def points(rules: RuleBook, months: int) -> float:
    """What a child of this age in months counts: the narrowest weight above its age, else 1."""
    above = [w for w in rules.places.age_weights if months < w.below_months]
    return min(above, key=lambda w: w.below_months).points if above else 1.0


def caps(rules: RuleBook, months: int) -> tuple[AgeCap, ...]:
    """The age caps that a child of this age in months falls under."""
    return tuple(c for c in rules.places.age_caps if c.from_months <= months < c.below_months)


def counted(rules: RuleBook, illness: str, isolated: bool = False) -> tuple[int, ...]:
    """The illness caps that a child with this illness counts for, by their place in the list.

    A cap that names no illness counts all who do not sit in the general room together, also who
    is kept apart by a doctor's form (``isolated``).
    """
    apart = isolated or illnesses.handling(rules, illness) != "general"
    return tuple(
        n
        for n, cap in enumerate(rules.places.illness_caps)
        if (illness in cap.illnesses if cap.illnesses else apart)
    )


def too_many_sick(
    rules: RuleBook, everybody: Sequence[tuple[int, ...]], joining: tuple[int, ...]
) -> bool:
    """Whether one of the illness caps that ``joining`` counts for is exceeded by ``everybody``."""
    return any(
        sum(n in one for one in everybody) > rules.places.illness_caps[n].at_most for n in joining
    )


def over(day: Day, ages: Sequence[int], joining: int | None = None) -> Code | None:
    """Why children of these ages in months are too many together, or None.

    ``joining`` is the age of the one of them who asks: then only the age caps that it falls under
    count, since a cap that others have broken is no reason against it.
    """
    rules = day.rules
    if len(ages) > places(day):
        return Code.CAPACITY
    if len(ages) > staff_limit(day):
        return Code.STAFF
    most = rules.places.points
    # weights such as 1.66 are added up as floats: a hair over is not over
    if most is not None and sum(points(rules, age) for age in ages) > most + 1e-9:
        return Code.POINTS
    for cap in rules.places.age_caps if joining is None else caps(rules, joining):
        if sum(cap.from_months <= age < cap.below_months for age in ages) > cap.at_most:
            return Code.AGE_CAP
    return None
