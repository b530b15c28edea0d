"""When rooms open and close their booking, each at its own minute.

Between the end of ordinary booking and a same-day window it is "not yet": the window comes.
"""

from __future__ import annotations

from datetime import date

import pytest

from tests.cases.conftest import WEDNESDAY

SATURDAY, MONDAY = date(2026, 12, 5), date(2026, 12, 7)


@pytest.mark.parametrize(
    ("name", "day", "moments"),
    [
        ("takenoko", WEDNESDAY, {
            "2026-12-01 08:59": "NOT_YET_OPEN", "2026-12-01 09:00": "held",
            "2026-12-02 08:58": "held", "2026-12-02 08:59": "NOT_YET_OPEN",
            "2026-12-02 09:00": "held",
            "2026-12-02 10:59": "held", "2026-12-02 11:00": "TOO_LATE",
        }),
        ("kaisei", WEDNESDAY, {
            "2026-12-01 11:59": "NOT_YET_OPEN", "2026-12-01 12:00": "held",
        }),
        # Monday to Saturday: three open days before Wednesday is Saturday
        ("oguchi", WEDNESDAY, {
            "2026-11-28 08:29": "NOT_YET_OPEN", "2026-11-28 08:30": "held",
            "2026-12-01 16:59": "held", "2026-12-01 17:00": "NOT_YET_OPEN",
            "2026-12-02 08:29": "NOT_YET_OPEN", "2026-12-02 08:30": "held",
        }),
        ("yokosuka", SATURDAY, {
            "2026-12-04 17:59": "held", "2026-12-04 18:00": "NOT_YET_OPEN",
            "2026-12-05 07:30": "held", "2026-12-05 13:00": "TOO_LATE",
        }),
        ("miyawaka", MONDAY, {
            "2026-12-05 08:59": "NOT_YET_OPEN", "2026-12-05 09:00": "held",
            "2026-12-07 06:29": "held", "2026-12-07 06:30": "TOO_LATE",
        }),
        ("minato", WEDNESDAY, {
            "2026-12-01 17:29": "held", "2026-12-01 17:30": "TOO_LATE",
            "2026-12-02 08:00": "TOO_LATE",
        }),
        ("hoshikawa", SATURDAY, {"2026-12-04 10:00": "CLOSED"}),
    ],
)  # fmt: skip
def test_at_each_minute_it_answers_so(open_room, name, day, moments):
    room = open_room(name, next(iter(moments)))
    assert {moment: room.answers(moment, day) for moment in moments} == moments
