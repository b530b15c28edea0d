"""What falls ill when: the mixture of domain.md §4.4 and the weekdays of §6.2, as weights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import TypeVar

from reservation.domain.values import Complaint

AUTUMN = {
    "URI": 47, "BRONCHITIS": 9, "OTITIS": 6, "ASTHMA": 6, "RSV": 7, "GASTROENTERITIS": 6,
    "HFMD": 4, "STREP": 4, "FLU_A": 3, "PCF": 2, "MYCOPLASMA": 2, "HMPV": 1, "VARICELLA": 1,
    "ROSEOLA": 1, "COVID19": 1,
}  # fmt: skip
WINTER = {
    "FLU_A": 45, "URI": 25, "GASTROENTERITIS": 11, "FLU_B": 5, "BRONCHITIS": 5, "STREP": 3,
    "OTITIS": 2, "COVID19": 2, "RSV": 1, "VARICELLA": 1,
}  # fmt: skip
EARLY_WINTER = {
    "URI": 50, "GASTROENTERITIS": 12, "FLU_A": 11, "BRONCHITIS": 9, "RSV": 4, "OTITIS": 4,
    "STREP": 4, "ASTHMA": 3, "MYCOPLASMA": 2, "COVID19": 1,
}  # fmt: skip
SPRING = {
    "URI": 40, "GASTROENTERITIS": 17, "VARICELLA": 10, "BRONCHITIS": 8, "STREP": 6, "FLU_B": 5,
    "HMPV": 5, "OTITIS": 5, "FIFTH": 2, "ROSEOLA": 2,
}  # fmt: skip
SUMMER = {
    "HFMD": 36, "URI": 33, "HERPANGINA": 8, "PCF": 7, "GASTROENTERITIS": 5, "RSV": 4,
    "BRONCHITIS": 4, "IMPETIGO": 2, "ROSEOLA": 1,
}  # fmt: skip
INFLUENZA_WEEK = {"FLU_A": 72, "URI": 18, "GASTROENTERITIS": 5, "BRONCHITIS": 5}
"""January 2019 of the clinic: 101 of 141 children."""

MONTHS = {
    1: WINTER, 2: WINTER, 3: SPRING, 4: SPRING, 5: SPRING, 6: SUMMER, 7: SUMMER, 8: SUMMER,
    9: AUTUMN, 10: AUTUMN, 11: AUTUMN, 12: EARLY_WINTER,
}  # fmt: skip
WEEKDAYS = (1.3, 1.25, 1.0, 0.75, 0.7, 0.1, 0.0)
"""Monday and Tuesday sell out, Thursday and Friday are quiet."""

SEASON = {1: 1.25, 2: 1.25, 6: 1.1, 7: 1.1, 8: 0.8, 9: 0.95, 10: 0.95, 11: 1.05, 12: 1.15}
AGES = {0: 6, 1: 44, 2: 19, 3: 13, 4: 10, 5: 8}
"""Years of the children who come, September 2019: one-year-olds 44 %."""

DAYS_ILL = {1: 45, 2: 30, 3: 18, 4: 7}
SIGNS = {
    "URI": (Complaint.COUGH, Complaint.FEVER),
    "BRONCHITIS": (Complaint.COUGH, Complaint.FEVER),
    "GASTROENTERITIS": (Complaint.STOMACH,),
    "HFMD": (Complaint.FEVER, Complaint.RASH),
    "FLU_A": (Complaint.FEVER,),
}
DIAGNOSED = 0.68
"""The share of families who have seen a doctor before they ask."""

UNSURE = 0.02


Key = TypeVar("Key", str, int)


def draw(weights: Mapping[Key, int], rng: Random) -> Key:
    """One key, drawn by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def illness(day: date, influenza: bool, rng: Random) -> str:
    """An illness of that month, or of the influenza week."""
    return draw(INFLUENZA_WEEK if influenza else MONTHS[day.month], rng)


def complaint(code: str, rng: Random) -> tuple[Complaint, str | None]:
    """How the family tells it: a diagnosis, or what it sees before the doctor."""
    if rng.random() < UNSURE:
        return Complaint.UNSURE, None
    if code not in SIGNS or rng.random() < DIAGNOSED:
        return Complaint.DIAGNOSED, code
    return rng.choice(SIGNS[code]), None


def demand(day: date, places: int, influenza: bool, rng: Random) -> int:
    """How many families need a place on that day, for so many places."""
    usual = places * 1.1 * WEEKDAYS[day.weekday()] * SEASON.get(day.month, 1.0)
    return max(0, round(usual * (1.35 if influenza else 1.0) * rng.uniform(0.8, 1.2)))
