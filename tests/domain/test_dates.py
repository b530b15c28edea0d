"""Care days, holidays, ages, the fiscal year; instants to and from Tokyo."""

from __future__ import annotations

import time as process_time
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import dates
from reservation.domain.rulebook import RuleBook
from tests.domain.build import rulebook

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEW_YEAR = {"first": "2026-12-29", "last": "2027-01-03", "reason": {"ja": "年末年始"}}


def house(*days: str, **opening: object) -> RuleBook:
    """A rule book that opens on these weekdays (Monday to Friday unless said otherwise)."""
    week = {d: {"opens": "08:00", "closes": "18:00"} for d in days or WEEK[:5]}
    return rulebook(opening={"week": week, **opening})


care_days = st.dates(date(2020, 1, 1), date(2032, 12, 31))
houses = st.builds(
    lambda days, on_holidays: house(*days, on_holidays=on_holidays, closures=[NEW_YEAR]),
    st.lists(st.sampled_from(WEEK), min_size=1, unique=True),
    st.booleans(),
)


# -- instants -----------------------------------------------------------------------------------


@given(st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1)))  # noqa: DTZ001 -- a naive instant, on purpose
def test_the_day_is_the_day_in_tokyo(instant: datetime) -> None:
    assert dates.local(instant.replace(tzinfo=UTC)).date() == (instant + timedelta(hours=9)).date()


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        (datetime(2026, 11, 23, 14, 59, 59, 999999, UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 15, 0, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 23, 23, 59, tzinfo=UTC), date(2026, 11, 24)),  # 8:59
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), date(2026, 11, 24)),  # 9:00
    ],
)
def test_midnight_is_midnight_in_tokyo_and_nine_in_the_morning_is_no_border(
    utc: datetime, day: date
) -> None:
    assert dates.local(utc).date() == day


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati"])
def test_the_zone_of_the_machine_does_not_matter(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    process_time.tzset()
    try:
        seven = dates.at(date(2026, 11, 24), time(7, 0))
        assert seven == datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
        assert dates.local(seven).time() == time(7, 0)
    finally:
        monkeypatch.undo()
        process_time.tzset()


@given(care_days, st.times())
def test_an_instant_of_a_local_time_reads_the_same_in_tokyo(day: date, moment: time) -> None:
    instant = dates.at(day, moment)
    assert instant.tzinfo is UTC
    assert (dates.local(instant).date(), dates.local(instant).time()) == (day, moment)


# -- ages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birthday", "day", "months"),
    [
        # domain.md 11: four months and 29 days, and the day after
        (date(2026, 6, 25), date(2026, 11, 24), 4),
        (date(2026, 6, 25), date(2026, 11, 25), 5),
        (date(2026, 9, 30), date(2027, 2, 28), 4),
        (date(2026, 9, 30), date(2027, 3, 1), 5),
        # born on a leap day
        (date(2024, 2, 29), date(2027, 2, 28), 35),
        (date(2024, 2, 29), date(2027, 3, 1), 36),
        (date(2024, 2, 29), date(2028, 2, 28), 47),
        (date(2024, 2, 29), date(2028, 2, 29), 48),
        (date(2024, 2, 29), date(2028, 3, 1), 48),
        (date(2024, 2, 29), date(2024, 2, 29), 0),
        # from one fiscal year to the next
        (date(2025, 10, 1), date(2027, 3, 31), 17),
        (date(2025, 10, 1), date(2027, 4, 1), 18),
        # not born yet
        (date(2026, 12, 1), date(2026, 11, 24), -1),
    ],
)
def test_a_month_of_age_is_complete_on_the_day(birthday: date, day: date, months: int) -> None:
    assert dates.age_months(birthday, day) == months


@given(care_days, st.integers(0, 12 * 13), st.integers(0, 30))
def test_ages_grow_by_one_month_at_most_a_day(birthday: date, months: int, further: int) -> None:
    day = birthday + timedelta(days=months * 30 + further)
    today, tomorrow = (dates.age_months(birthday, day + timedelta(days=n)) for n in (0, 1))
    assert tomorrow - today in (0, 1)
    grows = (day + timedelta(days=1)).day
    if tomorrow > today:
        assert grows == birthday.day or (grows == 1 and birthday.day > day.day)


@given(care_days, st.integers(0, 12))
def test_a_child_is_so_many_years_old_on_its_birthday_and_not_a_day_before(
    birthday: date, years: int
) -> None:
    leap = (birthday.month, birthday.day) == (2, 29) and (birthday.year + years) % 4
    anniversary = (
        date(birthday.year + years, 3, 1) if leap else birthday.replace(year=birthday.year + years)
    )
    assert dates.age_years(birthday, anniversary) == years
    assert dates.age_years(birthday, anniversary - timedelta(days=1)) == years - 1


@pytest.mark.parametrize(
    ("birthday", "day", "grade"),
    [
        (date(2020, 4, 1), date(2027, 3, 31), 1),  # the youngest of the older year
        (date(2020, 4, 1), date(2026, 3, 31), 0),
        (date(2020, 4, 1), date(2026, 4, 1), 1),
        (date(2020, 4, 2), date(2026, 4, 1), 0),  # the oldest of the younger year
        (date(2020, 4, 2), date(2027, 3, 31), 0),
        (date(2020, 4, 2), date(2027, 4, 1), 1),
        (date(2016, 2, 29), date(2027, 3, 31), 5),
        (date(2016, 2, 29), date(2027, 4, 1), 6),
        (date(2026, 6, 1), date(2026, 11, 24), 0),
    ],
)
def test_school_begins_in_the_april_after_the_sixth_birthday(
    birthday: date, day: date, grade: int
) -> None:
    assert dates.school_grade(birthday, day) == grade


@given(care_days, st.integers(0, 4000))
def test_nobody_changes_grade_but_on_the_first_of_april(birthday: date, days: int) -> None:
    day = birthday + timedelta(days=days)
    before, after = (dates.school_grade(birthday, day + timedelta(days=n)) for n in (-1, 0))
    assert after - before == (1 if (day.month, day.day) == (4, 1) and after else 0)
    if after == 1:
        assert dates.age_years(birthday, day + timedelta(days=1)) in (6, 7)


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2027, 3, 31), 2026), (date(2027, 4, 1), 2027), (date(2027, 12, 31), 2027)],
)
def test_the_fiscal_year_begins_in_april(day: date, year: int) -> None:
    assert dates.fiscal_year(day) == year


# -- open days ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 11, 23), "勤労感謝の日"),
        (date(2026, 5, 6), "憲法記念日 振替休日"),
        (date(2024, 2, 12), "建国記念の日 振替休日"),
        (date(2026, 9, 22), "国民の休日"),
        (date(2026, 11, 24), None),
        (date(2026, 12, 31), None),
    ],
)
def test_holidays_are_known_with_their_substitutes(day: date, name: str | None) -> None:
    assert dates.holiday_name(day) == name


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 11, 24), None),
        (date(2026, 11, 23), "勤労感謝の日"),
        (date(2026, 11, 22), "休室日"),
        (date(2026, 12, 28), None),
        (date(2026, 12, 29), "年末年始"),
        (date(2027, 1, 1), "年末年始"),  # a holiday too: the facility's own reason comes first
        (date(2027, 1, 3), "年末年始"),
        (date(2027, 1, 4), None),
    ],
)
def test_a_closed_day_says_why(day: date, reason: str | None) -> None:
    rules = house(closures=[NEW_YEAR])
    said = dates.closure(rules, day)
    assert (said["ja"] if said else None) == reason
    assert dates.is_open_day(rules, day) is (reason is None)
    assert (dates.hours(rules, day) is None) is (reason is not None)


def test_a_facility_may_open_on_holidays_that_fall_on_its_weekdays() -> None:
    rules = house(on_holidays=True)
    hours = dates.hours(rules, date(2026, 11, 23))
    assert hours is not None
    assert (hours.opens, hours.closes) == (time(8, 0), time(18, 0))
    assert not dates.is_open_day(rules, date(2026, 8, 9))  # a Sunday stays a Sunday


@pytest.mark.parametrize(
    ("day", "n", "before"),
    [
        (date(2026, 11, 30), 1, date(2026, 11, 27)),  # Monday is booked on Friday
        (date(2026, 11, 24), 1, date(2026, 11, 20)),  # and Tuesday too, after a holiday
        (date(2026, 11, 24), 2, date(2026, 11, 19)),
        (date(2026, 11, 24), 0, date(2026, 11, 24)),
        (date(2026, 11, 23), 0, date(2026, 11, 23)),  # even where that day is closed
        (date(2026, 5, 7), 1, date(2026, 5, 1)),  # behind the golden week
        (date(2027, 1, 4), 1, date(2026, 12, 28)),  # behind the turn of the year
        (date(2027, 1, 5), 2, date(2026, 12, 28)),
        (date(2027, 4, 1), 1, date(2027, 3, 31)),
    ],
)
def test_the_open_day_before_skips_what_is_closed(day: date, n: int, before: date) -> None:
    assert dates.open_day_before(house(closures=[NEW_YEAR]), day, n) == before


def test_the_next_open_day_skips_what_is_closed() -> None:
    rules = house(closures=[NEW_YEAR])
    assert dates.next_open_day(rules, date(2026, 11, 20)) == date(2026, 11, 24)
    assert dates.next_open_day(rules, date(2026, 12, 28)) == date(2027, 1, 4)


def test_where_nothing_opens_for_ninety_days_the_search_ends() -> None:
    shut = house(closures=[{"first": "2026-01-01", "last": "2030-12-31"}])
    assert dates.next_open_day(shut, date(2027, 1, 1)) == date(2027, 4, 1)
    assert dates.open_day_before(shut, date(2027, 4, 1), 1) == date(2027, 1, 1)


@given(houses, care_days, st.integers(1, 5))
def test_so_many_open_days_lie_between(rules: RuleBook, day: date, n: int) -> None:
    found = dates.open_day_before(rules, day, n)
    between = [found + timedelta(days=k) for k in range((day - found).days)]
    assert dates.is_open_day(rules, found)
    assert sum(dates.is_open_day(rules, d) for d in between) == n


@given(houses, care_days)
def test_before_the_next_open_day_comes_this_one(rules: RuleBook, day: date) -> None:
    following = dates.next_open_day(rules, day)
    assert dates.is_open_day(rules, following)
    if dates.is_open_day(rules, day):
        assert dates.open_day_before(rules, following, 1) == day
