"""A preview of changed rules as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reservation import i18n
from reservation.domain.rulebook.preview import Preview
from reservation.reads import rule_books
from reservation.web.staff.rulebook import words


@dataclass(frozen=True)
class Seen:
    """A preview as the page shows it, with the mark of what it was made for."""

    preview: Preview
    changes: list[words.Line]
    days: list[tuple[str, list[words.Line]]]
    ahead: list[tuple[str, list[tuple[str, str]]]]
    """All days of the preview: the day, and what will count on it."""
    misfits: list[tuple[str, int]]
    families: list[str]
    """The first sign of the child's name of each family who has to be told."""
    begins: str
    mark: str


def seen(found: Preview, begins: date, mark: str = "") -> Seen:
    """The preview of a rule book that counts from ``begins`` on."""
    days = [booking.care_day for booking in found.misfits]
    return Seen(
        found,
        [words.change(one) for one in found.changes if one.path != "valid_from"],
        [(i18n.dated(line.date), words.day_line(line)) for line in found.days if line.differs],
        [(i18n.dated(line.date), words.day_terms(line)) for line in found.days],
        [(i18n.dated(day), days.count(day)) for day in sorted(set(days))],
        list(rule_books.families([booking.id for booking in found.misfits]).values()),
        i18n.dated(begins),
        mark,
    )
