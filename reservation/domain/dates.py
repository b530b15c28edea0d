"""Care days: open days and holidays, ages, the fiscal year; instants to and from Tokyo."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import jpholiday

from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.fields import Text
from reservation.domain.rulebook.sections import WEEKDAYS, Hours
from reservation.domain.words import N_

TOKYO = ZoneInfo("Asia/Tokyo")
FAR = 90
"""No facility is closed for this many days in a row; a search for an open day ends here."""


def local(now: datetime) -> datetime:
    """The instant as Tokyo's clocks show it."""
    return now.astimezone(TOKYO)


def at(day: date, moment: time) -> datetime:
    """The instant (aware, UTC) of a local time in Tokyo on that day."""
    return datetime.combine(day, moment, TOKYO).astimezone(UTC)


def age_months(birthday: date, day: date) -> int:
    """Completed months of age on that day; a month is complete on the day of the birthday.

    A month without such a day completes it on the first of the next (民法143条2項): born on 29
    February, a child turns one on 1 March; born on 30 September, it is 4 months old on 28
    February (domain.md §11: 4 months 29 days).
    """
    months = (day.year - birthday.year) * 12 + day.month - birthday.month
    return months - 1 if day.day < birthday.day else months


def age_years(birthday: date, day: date) -> int:
    """Completed years of age on that day."""
    return age_months(birthday, day) // 12


def school_grade(birthday: date, day: date) -> int:
    """0 before school, then 1 to 6 (and more). A child enters school in the April after turning
    six; who is born on 1 April belongs to the year before (学校教育法 17条)."""
    born = birthday.year + 1 if (birthday.month, birthday.day) >= (4, 2) else birthday.year
    return max(0, fiscal_year(day) - (born + 6) + 1)


def fiscal_year(day: date) -> int:
    """The 年度: April to March."""
    return day.year if day.month >= 4 else day.year - 1


@lru_cache(maxsize=4096)
def holiday_name(day: date) -> str | None:
    """The national holiday's name, substitute holidays (振替休日) included, or None.

    Remembered: the library computes the year anew each time, and every deadline asks.
    """
    name: str | None = jpholiday.is_holiday_name(day)
    return name


def closure(rules: RuleBook, day: date) -> Text | None:
    """Why the rule book closes that day, as a text by language; None when it is open."""
    for one in rules.opening.closures:
        if one.first <= day <= one.last:
            return one.reason
    holiday = holiday_name(day)
    if holiday is not None and not rules.opening.on_holidays:
        return {"ja": holiday}
    if WEEKDAYS[day.weekday()] not in rules.opening.week:
        return {"ja": N_("休室日")}
    return None


def hours(rules: RuleBook, day: date) -> Hours | None:
    """Opening hours of that day; None when the facility is closed.

    A holiday on which the facility opens, but whose weekday has no hours, stays closed.
    """
    return None if closure(rules, day) else rules.opening.week[WEEKDAYS[day.weekday()]]


def is_open_day(rules: RuleBook, day: date) -> bool:
    """Whether the rule book opens the facility on that day."""
    return closure(rules, day) is None


def open_day_before(rules: RuleBook, day: date, n: int) -> date:
    """The n-th open day before; 0 is the day itself. "Monday is booked on Friday" (domain.md 2.2).

    Where nothing is open for ninety days, the day that far back.
    """
    found = day
    for _ in range(n):
        found = _step_to_open(rules, found, -1)
    return found


def next_open_day(rules: RuleBook, day: date) -> date:
    """The first open day after that day."""
    return _step_to_open(rules, day, 1)


def _step_to_open(rules: RuleBook, day: date, direction: int) -> date:
    for distance in range(1, FAR + 1):
        candidate = day + timedelta(days=direction * distance)
        if is_open_day(rules, candidate):
            return candidate
    return day + timedelta(days=direction * FAR)
