"""The doctor's form: whether a booking needs one, and whether the one at hand is good enough.

A form names one illness and the day on which it was written. It is good for the care days from
that day on, as many as the rule book says with the day of issue as the first, and only for its
illness where a changed diagnosis makes it void (domain.md §3.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from reservation.domain import dates, illnesses
from reservation.domain.states import State
from reservation.domain.values import Booking, Condition

if TYPE_CHECKING:
    from reservation.domain.rulebook import RuleBook

CODE = "doctor_form"
"""Of the condition that a booking carries while the form is still to come."""
PHOTOS = 3
"""How many photos that can be read a booking may have."""
SENDS = frozenset({State.REQUESTED, State.CONFIRMED, State.CHECKED_IN})
"""States in which a photo of the form is of use."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What the rules look at of a form: the catalogue's illness, and the day of issue."""

    illness: str
    issued: date
    isolated: bool = False
    """Whether the doctor wants the child in an isolation room."""


def needed(rules: RuleBook, illness: str) -> bool:
    """Whether a child with this illness must bring a form; infectious is whatever does not sit
    with the others in the general room."""
    when = rules.doctor_form.needed
    infectious = illnesses.handling(rules, illness) != "general"
    return when == "always" or (when == "infectious" and infectious)


def last_day(rules: RuleBook, paper: Paper) -> date:
    """The last care day for which the form is good."""
    return paper.issued + timedelta(days=rules.doctor_form.valid_days - 1)


def is_good(rules: RuleBook, paper: Paper, illness: str, care_day: date) -> bool:
    """Whether the form counts for this illness on this care day."""
    same = paper.illness == illness or not rules.doctor_form.void_on_change
    return same and paper.issued <= care_day <= last_day(rules, paper)


def keeps_apart(rules: RuleBook, paper: Paper | None, illness: str, care_day: date) -> bool:
    """Whether a form that is good for this illness and day keeps the child apart."""
    return paper is not None and paper.isolated and is_good(rules, paper, illness, care_day)


def takes(rules: RuleBook, clinic: str) -> bool:
    """Whether forms of this clinic are taken; any are where the rule book names none."""
    named = rules.doctor_form.clinics
    return not named or clinic in named


def takes_photos(rules: RuleBook, booking: Booking) -> bool:
    """Whether the family may send a photo of the form now: it is still to come, and wanted."""
    return rules.doctor_form.by_photo and booking.state in SENDS and _is_open(booking)


def gives_back(booking: Booking) -> bool:
    """Whether the family may take a photo away again: not once staff have what they need."""
    return _is_open(booking) or booking.state not in SENDS


def _is_open(booking: Booking) -> bool:
    return any(one.code == CODE and one.is_open for one in booking.conditions)


def condition(
    rules: RuleBook, paper: Paper | None, illness: str, care_day: date, now: datetime
) -> Condition | None:
    """The open end of a booking whose form is still to come; None where nothing is missing.

    Due when the rule book says, else when the facility opens; a time that has passed is due at
    once, and a passed due time ends nothing (answers.md §1.5).
    """
    if not needed(rules, illness):
        return None
    if paper is not None and is_good(rules, paper, illness, care_day):
        return None
    hours = dates.hours(rules, care_day)
    at = rules.doctor_form.due or (hours.opens if hours else None)
    return Condition(CODE, max(dates.at(care_day, at), now) if at else None)


def settled(
    rules: RuleBook, booking: Booking, paper: Paper | None, now: datetime
) -> tuple[Condition, ...]:
    """The conditions of a booking whose illness or form is now another.

    The form's condition is closed where nothing is missing, and open (again) where it is; a form
    that staff have noted without its content names no illness, so a new illness asks anew where
    that makes a form void.
    """
    had = [one for one in booking.conditions if one.code == CODE]
    missing = condition(rules, paper, booking.illness, booking.care_day, now)
    if missing is None:
        return tuple(
            replace(one, closed_at=now) if one.code == CODE and one.is_open else one
            for one in booking.conditions
        )
    if had and (had[0].is_open or not rules.doctor_form.void_on_change):
        return booking.conditions
    return (*(one for one in booking.conditions if one.code != CODE), missing)
