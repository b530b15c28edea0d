"""The only place that reads the time.

`RESERVATION_NOW` sets an *offset* once, at the start: the clock runs on from there, so that holds
end and offers lapse as they would on that morning. Tests stop the clock with `fixed`; that is one
variable of the process on purpose, so that the threads of a test's server see the same time.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Now = Callable[[], datetime]
TOKYO = ZoneInfo("Asia/Tokyo")

_offset = timedelta()
_fixed: datetime | None = None


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _fixed if _fixed is not None else datetime.now(UTC) + _offset


def today(zone: str = "Asia/Tokyo") -> date:
    """The calendar day of this instant in that zone."""
    return now().astimezone(ZoneInfo(zone)).date()


def monotonic() -> float:
    """Seconds for measuring durations; means nothing by itself and never jumps."""
    return time.monotonic()


def read(text: str) -> datetime:
    """The instant that an ISO text names, in UTC; without an offset it is meant in Asia/Tokyo.

    Raises ValueError when it is not an ISO date and time.
    """
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=TOKYO)).astimezone(UTC)


def set_offset_from(text: str) -> None:
    """Let the clock run on from the ISO instant `text`, or from `<then>@<real instant>`.

    The second form, made by `pinned`, lets processes that start later show the same time.
    """
    global _offset
    then, _, real = text.partition("@")
    _offset = read(then) - (read(real) if real else datetime.now(UTC))


def moved() -> bool:
    """Whether the clock shows another time than the real one; pages then say so."""
    return _fixed is not None or _offset != timedelta()


def pinned() -> str:
    """`RESERVATION_NOW` for a child process, so that it shows this process's time."""
    real = datetime.now(UTC)
    return f"{(real + _offset).isoformat()}@{real.isoformat()}"


def fix(instant: datetime | None) -> None:
    """Stop the clock at an aware instant, or let it run again with None. For tests."""
    global _fixed
    if instant is not None and instant.tzinfo is None:
        raise ValueError("the clock takes aware instants only")
    _fixed = instant.astimezone(UTC) if instant else None


@contextmanager
def fixed(instant: datetime) -> Iterator[None]:
    """Stop the clock at an aware instant inside the block. For tests."""
    before = _fixed
    fix(instant)
    try:
        yield
    finally:
        fix(before)
