"""What a section of the rule book has from the municipality, and the way back to it."""

from __future__ import annotations

from datetime import date, timedelta

from flask import request
from flask_wtf import FlaskForm

from reservation import clock
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.catalogue import everything
from reservation.domain.rulebook.defaults import (
    Followed,
    follow,
    rederived,
    still_followed,
    values_on,
)
from reservation.domain.rulebook.mistakes import BrokenRuleBook
from reservation.reads.rule_books import Editing
from reservation.web.staff.rulebook import forms, words


def suggested(now: Editing) -> date:
    """The day from which a change counts unless the manager says another."""
    return max(now.earliest, clock.today() + timedelta(days=1))


def followed(now: Editing, section: str) -> list[str]:
    """The labels of what comes from the municipality in this section."""
    said = values_on(now.towns, suggested(now))
    return [_label(unit) for unit in now.follows if unit in said and _is_in(unit, section)]


def offers(now: Editing, section: str) -> list[tuple[str, str, str]]:
    """Units in which the room differs of its own: unit, label, what the municipality says."""
    said = values_on(now.towns, suggested(now))
    own = [unit for unit in said if _is_in(unit, section) and unit not in now.follows]
    try:
        with_it = follow(Followed(now.book, tuple(own)), said, suggested(now)).book
    except BrokenRuleBook:
        return []  # what the municipality says does not go with the rest of this room
    part = getattr(with_it, section)
    return [
        (unit, _label(unit), words.value(everything()[unit], getattr(part, unit.split(".")[1])))
        for unit in own
    ]


def changed(now: Editing, section: str, book: RuleBook, form: FlaskForm) -> Followed | None:
    """The posted rule book with the units that were ticked to follow again.

    None where it would be no rule book with what the municipality says; the form says why.
    """
    known = {unit for unit, _, _ in offers(now, section)}
    back = tuple(unit for unit in request.form.getlist("back") if unit in known)
    said = values_on(now.towns, book.valid_from)
    try:
        found = follow(Followed(book, back), said, book.valid_from).book if back else book
        done = Followed(found, (*still_followed(now.followed, found), *back))
        rederived([done], now.towns, book.valid_from)
    except BrokenRuleBook as broken:
        form.form_errors += [forms.words(mistake) for mistake in broken.mistakes]
        return None
    return done


def _is_in(unit: str, section: str) -> bool:
    return unit.startswith(f"{section}.")


def _label(unit: str) -> str:
    return words.label(everything()[unit])
