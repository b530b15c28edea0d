"""What a reader chooses on a board – complaint, diagnosis, age, day – and how an address says it.

    ?complaint=fever&age=3&day=2026-11-24      ?complaint=diagnosed&told=7&age=s1

A diagnosis stands as its number in the catalogue's list, so that no address names an illness;
``age`` is years, or s1 to s6 for a school grade. Whatever cannot be read becomes the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from reservation import clock, i18n
from reservation.domain.values import Complaint
from reservation.domain.words import N_
from reservation.reads import board as boards
from reservation.reads.board import Choice
from reservation.web import fields

COMPLAINTS: dict[Complaint, str] = {
    Complaint.FEVER: N_("発熱"),
    Complaint.COUGH: N_("せき・鼻水"),
    Complaint.STOMACH: N_("おなか"),
    Complaint.RASH: N_("発しん"),
    Complaint.DIAGNOSED: N_("診断名あり"),
    Complaint.UNSURE: N_("わからない"),
}
"""Words of the six tiles, in their order."""

ICONS = {Complaint.DIAGNOSED: "doctor"}
"""Drawings of components/icons.html; the others are named like their complaint."""

COMPLAINT, AGE = Complaint.FEVER, "1"
_TOLD = tuple(boards.told_illnesses())


@dataclass(frozen=True, slots=True)
class Asked:
    """The choices of an address, as texts that go back into addresses and fields."""

    complaint: Complaint
    told: str | None
    """A code of the catalogue; None until the reader has chosen one."""
    age: str
    day: date | None

    @property
    def choice(self) -> Choice | None:
        """The same for the read; None while the diagnosis is missing."""
        if self.complaint is Complaint.DIAGNOSED and self.told is None:
            return None
        years, grade = _years(self.age)
        return boards.choice(self.complaint, self.told, years, grade)

    def query(self) -> dict[str, str]:
        """As arguments of an address, without the day."""
        told = {"told": number(self.told)} if self.told else {}
        return {"complaint": self.complaint.value, **told, "age": self.age}


def asked(arguments: Mapping[str, str]) -> Asked:
    """The choices of these arguments; what is missing or unknown takes the default."""
    complaint = _complaint(arguments.get("complaint", ""))
    told = _told(arguments.get("told", "")) if complaint is Complaint.DIAGNOSED else None
    age = arguments.get("age", AGE)
    return Asked(
        complaint, told, age if _is_age(age) else AGE, fields.day(arguments.get("day", ""))
    )


def number(code: str) -> str:
    """An illness as addresses name it."""
    return str(_TOLD.index(code) + 1)


def told_options() -> list[tuple[str, str]]:
    """(number, words) of every diagnosis, in the reader's language."""
    return [(number(code), _(words)) for code, words in boards.told_illnesses().items()]


def signs() -> list[tuple[str, str]]:
    """Complaints, then every diagnosis by its number: no field value names an illness."""
    plain = [(c.value, _(words)) for c, words in COMPLAINTS.items()]
    without = [(value, words) for value, words in plain if value != Complaint.DIAGNOSED]
    return [*without, *told_options()]


def read_sign(value: str) -> tuple[Complaint, str | None]:
    """A complaint, or 'diagnosed' with the illness of that number."""
    if value.isdecimal():
        chosen = asked({"complaint": "diagnosed", "told": value})
        return chosen.complaint, chosen.told
    return Complaint(value), None


def age_options(found: tuple[tuple[int, int], ...]) -> list[tuple[str, str]]:
    """(value, words) of the ages that a board offers (reads.board.ages)."""
    has_grades = any(grade for _years_old, grade in found)
    return [(_age(years, grade), _age_words(years, grade, has_grades)) for years, grade in found]


def words_of(asked: Asked) -> str:
    """発熱 ・ 3歳 – the line above the answer, without the day."""
    sign = _(COMPLAINTS[asked.complaint])
    if asked.told:
        sign = _(boards.told_illnesses()[asked.told])
    years, grade = _years(asked.age)
    return _("%(sign)s ・ %(age)s", sign=sign, age=_age_words(years, grade, has_grades=grade > 0))


def _age(years: int, grade: int) -> str:
    return f"s{grade}" if grade else str(years)


def _age_words(years: int, grade: int, has_grades: bool) -> str:
    if grade:
        return _("小学%(grade)s年生", grade=grade)
    if years == 6 and has_grades:
        return _("6歳(就学前)")
    return _("%(years)s歳", years=years)


def _is_age(text: str) -> bool:
    return text in {"0", "1", "2", "3", "4", "5", "6", "s1", "s2", "s3", "s4", "s5", "s6"}


def _years(age: str) -> tuple[int, int]:
    grade = int(age[1:]) if age.startswith("s") else 0
    return (5 + grade, grade) if grade else (int(age), 0)


def _complaint(text: str) -> Complaint:
    try:
        return Complaint(text)
    except ValueError:
        return COMPLAINT


def _told(text: str) -> str | None:
    numbers = {number(code): code for code in _TOLD}
    return numbers.get(text)


def near(day: date) -> str:
    """あした 11月24日(火), あさって too."""
    ahead = (day - clock.today()).days
    if ahead != 2:
        return i18n.near_day(day)
    word = _("あさって")
    return f"{word[:1].lower()}{word[1:]} {i18n.day(day)}"
