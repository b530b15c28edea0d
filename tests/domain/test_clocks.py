"""Every deadline: literal cases, and properties at, just before and just after each edge."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservation.domain import clocks, dates
from reservation.domain.refusals import Code
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.calls import WaitingList
from reservation.domain.rulebook.clocks import BookingTimes, Cancelling
from tests.domain.build import CARE_DAY, booking, rulebook, tokyo

TICK = timedelta(microseconds=1)
EVE = CARE_DAY - timedelta(days=1)
FRIDAY = date(2026, 11, 20)
"""The open day before the care day: between them lie a weekend and a holiday."""

AT_THE_EDGE = (-TICK, timedelta(0), TICK)


def hm(text: str) -> time:
    """A local time from 7:00."""
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def clock(days_before: int, at: str) -> dict[str, Any]:
    """A clock of a rule book."""
    return {"days_before": days_before, "at": at}


# -- every clock at every edge -------------------------------------------------------------------

BASE = rulebook()
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda m: f"{m // 60}:{m % 60:02}")
CLOCKS = st.builds(clock, st.integers(0, 3), MINUTES)
STEPS = st.lists(
    st.tuples(MINUTES | st.none(), st.integers(1, 60), st.integers(1, 3)), max_size=3
).map(lambda steps: [{"until": u, "minutes": m, "at_once": n} for u, m, n in steps])


def _order(spec: dict[str, Any]) -> tuple[int, time]:
    return -spec["days_before"], hm(spec["at"])


@st.composite
def houses(draw: st.DrawFn) -> RuleBook:
    """A facility with any clocks; half of them keep the usual ladder."""
    opens, closes = sorted(
        draw(st.lists(CLOCKS, min_size=2, max_size=2, unique_by=_order)), key=_order
    )
    window = draw(st.none() | st.lists(MINUTES, min_size=2, max_size=2, unique=True))
    first, last = sorted(window, key=hm) if window else (None, None)
    ladder = {"evening": draw(STEPS), "morning": draw(STEPS)} if draw(st.booleans()) else {}
    if draw(st.booleans()):
        ladder |= {"quiet_from": draw(MINUTES), "quiet_until": draw(MINUTES)}
    stop = draw(st.integers(0, 240))
    booking_times = BookingTimes(
        opens=opens, closes=closes, same_day_from=first, same_day_until=last
    )
    # only these sections are read anew: a whole rule book takes a hundred times as long
    return BASE.model_copy(
        update={
            "booking": booking_times,
            "cancelling": Cancelling(until=draw(CLOCKS)),
            "waiting": WaitingList(**ladder, stop_before_opening=stop),
        }
    )


care_days = st.dates(date(2026, 11, 1), date(2027, 5, 31))


def edges(rules: RuleBook, day: date) -> list[datetime]:
    """Every instant around this care day at which some answer may change."""
    times = [time(0), rules.waiting.quiet_from, rules.waiting.quiet_until]
    times += [s.until for s in (*rules.waiting.evening, *rules.waiting.morning) if s.until]
    around = (day - timedelta(days=n) for n in range(-1, 3))
    stop, quiet = clocks.stop_at(rules, day), dates.at(day - timedelta(days=1), times[1])
    least = timedelta(minutes=rules.waiting.smallest_minutes)
    return [
        *(dates.at(d, moment) for d in around for moment in times),
        clocks.opens_at(rules, day),
        clocks.closes_at(rules, day),
        clocks.cancel_until(rules, day),
        *(clocks.same_day_window(rules, day) or ()),
        *(end - lead for end in (stop, quiet) for lead in (timedelta(0), least)),
    ]


@st.composite
def moments(draw: st.DrawFn) -> tuple[RuleBook, date, datetime]:
    """A facility, a care day, and an instant exactly at an edge, 1 µs before or after it."""
    rules, day = draw(houses()), draw(care_days)
    return rules, day, draw(st.sampled_from(edges(rules, day))) + draw(st.sampled_from(AT_THE_EDGE))


@given(moments())
def test_asking_is_open_from_its_start_on_and_over_at_its_end(
    moment: tuple[RuleBook, date, datetime],
) -> None:
    rules, day, now = moment
    refusal = clocks.may_ask(rules, day, now)
    if not dates.is_open_day(rules, day):
        assert refusal is not None
        assert refusal.code is Code.CLOSED
        return
    opens, closes = clocks.opens_at(rules, day), clocks.closes_at(rules, day)
    window = clocks.same_day_window(rules, day)
    ordinary, again = opens <= now < closes, window is not None and window[0] <= now < window[1]
    assert (refusal is None) is (ordinary or again)
    if refusal is not None and refusal.code is Code.NOT_YET_OPEN:
        assert now < refusal.values["at"]
        assert clocks.may_ask(rules, day, refusal.values["at"]) is None
        assert clocks.may_ask(rules, day, refusal.values["at"] - TICK) is not None
    elif refusal is not None:
        assert refusal.code is Code.TOO_LATE
        assert refusal.values["at"] <= now
        assert clocks.may_ask(rules, day, refusal.values["at"] - TICK) is None


@given(moments())
def test_the_booking_opens_and_closes_on_the_open_days_it_names(
    moment: tuple[RuleBook, date, datetime],
) -> None:
    rules, day, _ = moment
    for instant, rule in (
        (clocks.opens_at(rules, day), rules.booking.opens),
        (clocks.closes_at(rules, day), rules.booking.closes),
        (clocks.cancel_until(rules, day), rules.cancelling.until),
    ):
        shown = dates.local(instant)
        assert shown.time() == rule.at
        assert shown.date() == dates.open_day_before(rules, day, rule.days_before)
    assert clocks.opens_at(rules, day) < clocks.closes_at(rules, day)


def in_quiet(rules: RuleBook, instant: datetime) -> bool:
    """Whether a family would be asleep, the end of the evening not included."""
    start, end, moment = rules.waiting.quiet_from, rules.waiting.quiet_until, dates.local(instant)
    if start == end:
        return False
    into = moment - moment.replace(hour=start.hour, minute=start.minute, second=0, microsecond=0)
    span = datetime.combine(day := date(2026, 1, 1), end) - datetime.combine(day, start)
    return timedelta(0) < into % timedelta(days=1) < span % timedelta(days=1)


@given(moments())
def test_no_offer_ends_at_night_or_after_the_stop_time_or_leaves_too_little_time(
    moment: tuple[RuleBook, date, datetime],
) -> None:
    rules, day, now = moment
    ladder = clocks.offer_end(rules, day, now)
    if ladder is None:
        return
    waiting = rules.waiting
    steps = waiting.morning if dates.local(now).date() == day else waiting.evening
    length = ladder.ends_at - now
    assert ladder.ends_at <= clocks.stop_at(rules, day)
    assert not in_quiet(rules, now + TICK)
    assert not in_quiet(rules, ladder.ends_at)
    assert length <= timedelta(minutes=max(step.minutes for step in steps))
    shortest = min(waiting.smallest_minutes, *(step.minutes for step in steps), 60)
    assert length >= timedelta(minutes=shortest)
    assert ladder.at_once in {step.at_once for step in steps}


@given(moments())
def test_the_next_offer_is_made_at_the_first_instant_that_allows_one(
    moment: tuple[RuleBook, date, datetime],
) -> None:
    rules, day, now = moment
    following = clocks.next_offer_time(rules, day, now)
    between = [
        edge + tick for edge in edges(rules, day) for tick in AT_THE_EDGE if edge + tick >= now
    ]
    if following is None:
        assert all(clocks.offer_end(rules, day, instant) is None for instant in [now, *between])
        return
    assert following >= now
    assert clocks.offer_end(rules, day, following) is not None
    earlier = [now, *between] if following > now else []
    assert all(clocks.offer_end(rules, day, t) is None for t in earlier if t < following)


@given(moments())
def test_until_the_next_change_the_board_says_the_same(
    moment: tuple[RuleBook, date, datetime],
) -> None:
    rules, day, now = moment
    following = clocks.next_change(rules, day, now)
    last = following - TICK if following else now + timedelta(days=30)
    for later in (last, now + (last - now) / 2):
        assert clocks.may_ask(rules, day, later) == clocks.may_ask(rules, day, now)
        stop = clocks.stop_at(rules, day)
        assert (later < stop) is (now < stop)
    assert following is None or following > now


@given(moments(), st.integers(0, 9))
def test_bookable_days_are_those_that_can_be_asked_for_within_the_horizon(
    moment: tuple[RuleBook, date, datetime], horizon: int
) -> None:
    rules, _, now = moment
    shown = clocks.bookable_days(rules, now, horizon)
    today, until = dates.local(now).date(), now + timedelta(days=horizon)
    for day in (today + timedelta(days=n) for n in range(-1, 25)):
        refusal = clocks.may_ask(rules, day, now)
        soon = (
            refusal is not None
            and refusal.code is Code.NOT_YET_OPEN
            and refusal.values["at"] <= until
        )
        assert (day in shown) is (day >= today and (refusal is None or soon))
    assert list(shown) == sorted(set(shown))


# -- asking --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (tokyo(8, 45, FRIDAY) - TICK, Code.NOT_YET_OPEN),
        (tokyo(8, 45, FRIDAY), None),
        (tokyo(0, 0, EVE), None),
        (tokyo(0, 0) - TICK, None),
        (tokyo(0, 0), None),
        (tokyo(7, 0) - TICK, None),
        (tokyo(7, 0), Code.TOO_LATE),
    ],
)
def test_tuesday_behind_a_holiday_is_booked_from_friday_on(
    now: datetime, code: Code | None
) -> None:
    refusal = clocks.may_ask(rulebook(), CARE_DAY, now)
    assert (refusal.code if refusal else None) is code


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (tokyo(0, 0, FRIDAY) - TICK, Code.NOT_YET_OPEN),
        (tokyo(0, 0, FRIDAY), None),
        (tokyo(17, 45, FRIDAY) - TICK, None),
        (tokyo(17, 45, FRIDAY), Code.NOT_YET_OPEN),
        (tokyo(8, 0) - TICK, Code.NOT_YET_OPEN),
        (tokyo(8, 0), None),
        (tokyo(9, 0) - TICK, None),
        (tokyo(9, 0), Code.TOO_LATE),
    ],
)
def test_the_same_day_window_opens_again_what_was_closed(now: datetime, code: Code | None) -> None:
    rules = rulebook(
        booking={
            "opens": clock(1, "0:00"),
            "closes": clock(1, "17:45"),
            "same_day_from": "8:00",
            "same_day_until": "9:00",
        }
    )
    refusal = clocks.may_ask(rules, CARE_DAY, now)
    assert (refusal.code if refusal else None) is code
    if code is Code.TOO_LATE:
        assert refusal is not None
        assert refusal.values["at"] == tokyo(9, 0)


def test_a_closed_day_cannot_be_asked_for_at_any_time() -> None:
    refusal = clocks.may_ask(rulebook(), EVE, tokyo(9, 0, FRIDAY))
    assert refusal is not None
    assert refusal.code is Code.CLOSED


def test_the_first_of_april_is_booked_on_the_last_of_march() -> None:
    first, last = date(2027, 4, 1), date(2027, 3, 31)
    assert clocks.opens_at(rulebook(), first) == tokyo(8, 45, last)
    midnight = rulebook(booking={"opens": clock(0, "0:00")})
    assert clocks.may_ask(midnight, first, tokyo(0, 0, first) - TICK) is not None
    assert clocks.may_ask(midnight, first, tokyo(0, 0, first)) is None


def test_on_a_friday_the_board_shows_friday_and_what_opens_next() -> None:
    rules, early, nine = rulebook(), tokyo(6, 0, FRIDAY), tokyo(9, 0, FRIDAY)
    later = [date(2026, 11, day) for day in (25, 26, 27, 30)]
    assert clocks.bookable_days(rules, early, 3) == (FRIDAY, CARE_DAY)
    assert clocks.bookable_days(rules, nine, 3) == (CARE_DAY,)
    assert clocks.bookable_days(rules, nine, 5) == (CARE_DAY, *later[:2])
    assert clocks.bookable_days(rules, nine) == (CARE_DAY, *later)


def test_the_board_drops_a_day_at_its_closing_time_itself() -> None:
    assert clocks.bookable_days(rulebook(), tokyo(7, 0) - TICK, 0) == (CARE_DAY,)
    assert clocks.bookable_days(rulebook(), tokyo(7, 0), 0) == ()


def test_a_facility_that_books_far_ahead_shows_days_far_ahead() -> None:
    far = clocks.bookable_days(rulebook(booking={"opens": clock(30, "9:00")}), tokyo(9, 0, FRIDAY))
    assert len(far) == 34
    assert far[-1] == date(2027, 1, 12)
    endless = clocks.bookable_days(rulebook(booking={"opens": clock(60, "9:00")}), tokyo(9), 90)
    assert endless[-1] == date(2027, 2, 22)


# -- holds, cancelling, reviewing, reminders -----------------------------------------------------


def test_a_hold_ends_after_its_minutes_and_can_be_made_longer() -> None:
    end = clocks.hold_end(rulebook(), tokyo(23, 55, EVE))
    assert end == tokyo(0, 5)
    assert clocks.extended_end(rulebook(), end) == tokyo(0, 10)


def test_the_cut_off_stands_on_the_care_day_or_on_an_open_day_before() -> None:
    assert clocks.cancel_until(rulebook(), CARE_DAY) == tokyo(7, 0)
    evening = rulebook(cancelling={"until": clock(1, "17:00")})
    assert clocks.cancel_until(evening, CARE_DAY) == tokyo(17, 0, FRIDAY)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (tokyo(20, 0, EVE) - TICK, tokyo(20, 0, EVE)),
        (tokyo(20, 0, EVE), tokyo(7, 15)),
        (tokyo(6, 0), tokyo(7, 15)),
    ],
)
def test_staff_decide_by_the_evening_before_or_else_in_the_morning(
    now: datetime, due: datetime
) -> None:
    assert clocks.review_due(rulebook(), CARE_DAY, now) == due


def test_families_are_reminded_the_evening_before_and_before_the_cut_off() -> None:
    rules = rulebook()
    assert clocks.evening_reminder_at(rules, CARE_DAY) == tokyo(19, 0, EVE)
    booked = booking(cancel_until=tokyo(7, 0))
    assert clocks.cutoff_reminder_at(rules, booked) == tokyo(6, 15)
    assert clocks.cutoff_reminder_at(rules, booking()) is None
    silent = rulebook(reminders={"before_cutoff_minutes": 0})
    assert clocks.cutoff_reminder_at(silent, booked) is None


# -- the ladder ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (tokyo(10, 0, FRIDAY), tokyo(10, 30, FRIDAY)),
        (tokyo(6, 30, EVE), tokyo(7, 0, EVE)),  # the mornings before are evenings of the list
        (tokyo(18, 0, EVE), tokyo(18, 30, EVE)),
        (tokyo(21, 0, EVE) - TICK, tokyo(21, 30, EVE) - TICK),
        (tokyo(21, 0, EVE), tokyo(21, 15, EVE)),
        (tokyo(22, 45, EVE) - TICK, tokyo(23, 0, EVE) - TICK),
        (tokyo(22, 45, EVE), tokyo(23, 0, EVE)),
        (tokyo(22, 50, EVE), tokyo(23, 0, EVE)),
        (tokyo(22, 50, EVE) + TICK, None),
        (tokyo(23, 0, EVE) - TICK, None),
        (tokyo(23, 0, EVE), None),
        (tokyo(0, 0) - TICK, None),
        (tokyo(0, 0), None),
        (tokyo(6, 0) - TICK, None),
        (tokyo(6, 0), tokyo(6, 10)),
        (tokyo(7, 0) - TICK, tokyo(7, 10) - TICK),
        (tokyo(7, 0), tokyo(7, 5)),
        (tokyo(7, 25), tokyo(7, 30)),
        (tokyo(7, 25) + TICK, None),
        (tokyo(7, 30) - TICK, None),
        (tokyo(7, 30), None),
        (tokyo(12, 0), None),
    ],
)
def test_the_usual_ladder(now: datetime, end: datetime | None) -> None:
    ladder = clocks.offer_end(rulebook(), CARE_DAY, now)
    assert (ladder.ends_at if ladder else None) == end


@pytest.mark.parametrize(
    ("now", "following"),
    [
        (tokyo(18, 0, EVE), tokyo(18, 0, EVE)),
        (tokyo(22, 50, EVE) + TICK, tokyo(6, 0)),
        (tokyo(23, 10, FRIDAY), tokyo(6, 0, FRIDAY + timedelta(days=1))),
        (tokyo(2, 0), tokyo(6, 0)),
        (tokyo(7, 25), tokyo(7, 25)),
        (tokyo(7, 25) + TICK, None),
        (tokyo(7, 30), None),
    ],
)
def test_a_place_freed_at_night_rests_until_the_morning(
    now: datetime, following: datetime | None
) -> None:
    assert clocks.next_offer_time(rulebook(), CARE_DAY, now) == following


def test_rounds_ask_as_many_as_their_step_says() -> None:
    morning = [{"until": "7:00", "minutes": 10}, {"until": None, "minutes": 5, "at_once": 3}]
    rules = rulebook(waiting={"morning": morning})
    asked = {
        now: ladder.at_once
        for now in (tokyo(6, 59), tokyo(7, 0))
        if (ladder := clocks.offer_end(rules, CARE_DAY, now))
    }
    assert asked == {tokyo(6, 59): 1, tokyo(7, 0): 3}


def test_after_the_last_step_its_minutes_still_count() -> None:
    evening = [{"until": "20:00", "minutes": 30}, {"until": "21:00", "minutes": 5, "at_once": 2}]
    rules = rulebook(waiting={"evening": evening})
    late = clocks.offer_end(rules, CARE_DAY, tokyo(21, 30, EVE))
    assert late == clocks.Ladder(tokyo(21, 35, EVE), 2)


def test_a_facility_may_offer_on_the_morning_only() -> None:
    rules = rulebook(waiting={"evening": []})
    assert clocks.offer_end(rules, CARE_DAY, tokyo(18, 0, EVE)) is None
    assert clocks.next_offer_time(rules, CARE_DAY, tokyo(18, 0, FRIDAY)) == tokyo(6, 0)


def test_a_facility_without_quiet_hours_offers_through_the_night() -> None:
    rules = rulebook(waiting={"quiet_from": "6:00", "quiet_until": "6:00", "evening": []})
    ladder = clocks.offer_end(rules, CARE_DAY, tokyo(5, 55))
    assert ladder is not None
    assert ladder.ends_at == tokyo(6, 5)
    assert clocks.next_offer_time(rules, CARE_DAY, tokyo(18, 0, EVE)) == tokyo(0, 0)


def test_quiet_hours_may_lie_within_one_day() -> None:
    rules = rulebook(waiting={"quiet_from": "1:00", "quiet_until": "5:00"})
    assert clocks.offer_end(rules, CARE_DAY, tokyo(0, 50)) == clocks.Ladder(tokyo(1, 0), 1)
    assert clocks.offer_end(rules, CARE_DAY, tokyo(1, 0)) is None
    assert clocks.offer_end(rules, CARE_DAY, tokyo(5, 0)) == clocks.Ladder(tokyo(5, 10), 1)


def test_the_list_stops_half_an_hour_before_opening() -> None:
    assert clocks.stop_at(rulebook(), CARE_DAY) == tokyo(7, 30)
    assert clocks.stop_at(rulebook(waiting={"stop_before_opening": 0}), CARE_DAY) == tokyo(8, 0)
    assert clocks.stop_at(rulebook(), EVE) == tokyo(23, 30, EVE - timedelta(days=1))


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (tokyo(8, 0, EVE), 24),
        (tokyo(8, 0, EVE) + TICK, 23),
        (tokyo(8, 0), 0),
        (tokyo(8, 0) + TICK, -1),
    ],
)
def test_hours_before_opening_are_counted_whole(now: datetime, hours: int) -> None:
    assert clocks.hours_before_opening(rulebook(), CARE_DAY, now) == hours


def test_on_a_closed_day_the_hours_are_counted_to_midnight() -> None:
    assert clocks.hours_before_opening(rulebook(), EVE, tokyo(18, 0, EVE)) == -18


def test_the_clock_changes_the_board_at_opening_closing_and_stop_and_then_never() -> None:
    rules = rulebook()
    seen, now = [], tokyo(0, 0, FRIDAY)
    while (following := clocks.next_change(rules, CARE_DAY, now)) is not None:
        seen.append(following)
        now = following
    assert seen == [tokyo(8, 45, FRIDAY), tokyo(7, 0), tokyo(7, 30)]
