"""What a changed rule book would do, before it counts."""

from __future__ import annotations

from datetime import date, time, timedelta

from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.preview import DAYS, Terms, preview, terms
from reservation.domain.states import State
from tests.domain.build import CARE_DAY, NOW, booking, day, rooms, rulebook, tokyo

MONDAY = date(2026, 11, 23)


def line(old: RuleBook, new: RuleBook, on: date = CARE_DAY) -> tuple[Terms, Terms]:
    """Before and after on one care day."""
    (found,) = (one for one in preview(old, new, (), NOW).days if one.date == on)
    return found.before, found.after


def test_without_a_change_nothing_changes() -> None:
    seen = preview(rulebook(), rulebook(), (day(booking()),), NOW)
    assert [one.date for one in seen.days] == [MONDAY + timedelta(days=n) for n in range(DAYS)]
    assert not any(one.differs for one in seen.days)
    assert (seen.changes, seen.misfits) == ((), ())


def test_the_preview_begins_with_the_first_day_of_the_new_rule_book() -> None:
    seen = preview(rulebook(), rulebook(valid_from="2026-12-01"), (), NOW)
    assert seen.days[0].date == date(2026, 12, 1)


def test_a_day_says_opening_closing_hours_and_places() -> None:
    before, after = line(
        rulebook(),
        rulebook(
            capacity=4,
            booking={"opens": {"days_before": 2, "at": "12:00"}},
            cancelling={"until": {"at": "7:30"}},
        ),
    )
    # the holiday Monday does not count: Friday the 20th, two open days before Thursday the 19th
    assert before.opens_at == tokyo(8, 45, date(2026, 11, 20))
    assert after.opens_at == tokyo(12, 0, date(2026, 11, 19))
    assert (before.closes_at, after.closes_at) == (tokyo(7), tokyo(7))
    assert (before.cancel_until, after.cancel_until) == (tokyo(7), tokyo(7, 30))
    assert (before.places, after.places) == (6, 4)
    assert before.hours is not None
    assert before.hours.closes == time(18, 0)


def test_a_new_closure_is_seen_with_its_reason() -> None:
    closed = {"first": "2026-11-24", "last": "2026-11-24", "reason": {"ja": "研修"}}
    before, after = line(rulebook(), rulebook(opening={"closures": [closed]}))
    assert (before.closed, after) == (None, Terms({"ja": "研修"}))


def test_what_staff_set_for_the_day_counts() -> None:
    assert terms(day(effective_capacity=3)).places == 3
    assert terms(day(closed_rooms=frozenset({"isolation"}))).places == 4


def test_bookings_that_would_not_fit_any_more_are_listed_newest_first() -> None:
    children = [
        booking(f"b{n}", room="general", asked_at=NOW - timedelta(hours=9 - n)) for n in range(4)
    ]
    fewer = rulebook(rooms=rooms(general=2, isolation=2))
    seen = preview(rulebook(), fewer, (day(*children),), NOW)
    assert [one.id for one in seen.misfits] == ["b3", "b2"]
    assert preview(fewer, fewer, (day(*children),), NOW).misfits == ()


def test_bookings_before_the_first_day_or_without_a_place_are_no_misfits() -> None:
    never = rulebook(illnesses={"URI": "never"}, valid_from="2026-11-24")
    later = rulebook(illnesses={"URI": "never"}, valid_from="2026-11-25")
    days = (day(booking("b1"), booking("b2", state=State.WAITING)),)
    assert [one.id for one in preview(rulebook(), never, days, NOW).misfits] == ["b1"]
    assert preview(rulebook(), later, days, NOW).misfits == ()
