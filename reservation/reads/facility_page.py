"""The page of one facility: its rule book in force today, and what is about to change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from reservation import clock
from reservation.domain import dates, illnesses
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.fields import Text
from reservation.domain.rulebook.sections import WEEKDAYS, Closure, Hours
from reservation.reads.municipalities import House
from reservation.store import rulebooks
from reservation.store.db import read
from reservation.store.rulebooks import NoRuleBook, Shelf
from reservation.store.tables.places import Facility

CLOSURES_AHEAD = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Weekdays (0 is Monday) with the same hours; None where they are closed."""

    days: tuple[int, ...]
    hours: Hours | None


@dataclass(frozen=True, slots=True)
class Treated:
    """The illnesses that are handled alike, with the notes of the rule book."""

    handling: str
    illnesses: tuple[tuple[str, Text], ...]
    """(words of the illness as a msgid, note for families or an empty text)."""


@dataclass(frozen=True, slots=True)
class FacilityPage:
    """All that a family reads about a facility."""

    id: str
    code: str
    rules: RuleBook
    next_rules: RuleBook | None
    """The rule book that will be in force next, if there is one."""
    week: tuple[Weekdays, ...]
    closures: tuple[Closure, ...]
    treated: tuple[Treated, ...]
    open_today: bool


def facility_page(house: House, code: str, now: datetime) -> FacilityPage | None:
    """The page of this municipality's facility with this code; None when there is none."""
    today = dates.local(now).date()
    with read() as db:
        found = db.execute(
            select(Facility.id, Facility.rules_version).where(
                Facility.municipality_id == house.id, Facility.code == code
            )
        ).one_or_none()
        if found is None:
            return None
        shelf = rulebooks.of_version(db, found.id, found.rules_version)
    rules = _on_or_next(shelf, today)
    if rules is None:
        return None
    later = [book for book in shelf.books if book.valid_from > max(today, rules.valid_from)]
    return FacilityPage(
        id=found.id,
        code=code,
        rules=rules,
        next_rules=later[-1] if later else None,
        week=tuple(_week(rules)),
        closures=tuple(
            one
            for one in sorted(rules.opening.closures, key=lambda one: one.first)
            if today <= one.last and one.first <= today + CLOSURES_AHEAD
        ),
        treated=tuple(_treated(rules)),
        open_today=dates.is_open_day(rules, today),
    )


def name_of(facility_id: str) -> Text | None:
    """The facility's name as its rule book of today writes it; None for an unknown id."""
    with read() as db:
        try:
            shelf = rulebooks.shelf(db, facility_id)
        except NoRuleBook:
            return None
    rules = _on_or_next(shelf, clock.today())
    return rules.about.name if rules else None


def _on_or_next(shelf: Shelf, day: date) -> RuleBook | None:
    """The rule book of that day; before the first one comes into force, the first one."""
    try:
        return shelf.on(day)
    except NoRuleBook:
        return shelf.books[-1] if shelf.books else None


def _week(rules: RuleBook) -> Iterator[Weekdays]:
    """Runs of weekdays with the same hours, Monday first."""
    run: list[int] = []
    for number, name in enumerate(WEEKDAYS):
        if run and rules.opening.week.get(name) != rules.opening.week.get(WEEKDAYS[run[0]]):
            yield Weekdays(tuple(run), rules.opening.week.get(WEEKDAYS[run[0]]))
            run = []
        run.append(number)
    yield Weekdays(tuple(run), rules.opening.week.get(WEEKDAYS[run[0]]))


def _treated(rules: RuleBook) -> Iterator[Treated]:
    """The whole catalogue by handling: what is taken first, what is not taken last."""
    for handling in ("general", "cohort", "single", "doctor", "never"):
        lines = [
            (line.words, _note(rules, code))
            for code, line in illnesses.CATALOGUE.items()
            if illnesses.handling(rules, code) == handling
        ]
        if lines:
            yield Treated(handling, tuple(lines))


def _note(rules: RuleBook, code: str) -> Text:
    rule = rules.illnesses.table.get(code)
    return rule.note if rule else {}
