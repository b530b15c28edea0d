from datetime import UTC, datetime, timedelta

import pytest

from reservation import clock
from tests.conftest import Clock


@pytest.fixture(autouse=True)
def _back_to_real_time():
    yield
    clock.set_offset_from(f"{datetime.now(UTC).isoformat()}@{datetime.now(UTC).isoformat()}")
    clock._offset = timedelta()


def test_the_clock_runs_on_from_where_it_was_set() -> None:
    clock.set_offset_from("2026-01-15T06:58+09:00")
    first, second = clock.now(), clock.now()
    start = datetime(2026, 1, 14, 21, 58, tzinfo=UTC)
    assert start <= first <= second < start + timedelta(seconds=5)
    assert clock.moved()
    assert clock.today().isoformat() == "2026-01-15"


def test_a_time_without_a_zone_is_meant_in_tokyo() -> None:
    assert clock.read("2026-01-15 06:58") == datetime(2026, 1, 14, 21, 58, tzinfo=UTC)


def test_a_child_that_starts_later_shows_the_same_time() -> None:
    clock.set_offset_from("2026-01-15T06:58+09:00")
    text = clock.pinned()
    before = clock._offset
    clock.set_offset_from(text)
    assert abs(clock._offset - before) < timedelta(milliseconds=1)


def test_a_stopped_clock_stands_until_it_is_moved(clock: Clock) -> None:
    assert clock.now() == clock.now() == datetime(2026, 1, 14, 21, 58, tzinfo=UTC)
    clock.forward(minutes=10)
    assert clock.now().minute == 8
    clock.set("7:00")
    assert clock.now() == datetime(2026, 1, 14, 22, 0, tzinfo=UTC)


def test_a_naive_instant_does_not_set_the_clock() -> None:
    naive = datetime(2026, 1, 15)  # noqa: DTZ001 -- a naive instant, on purpose
    with pytest.raises(ValueError, match="aware"), clock.fixed(naive):
        pass
    assert not clock.moved()
