"""What the demo tells: the same every time, within the rules on every single day."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask

from reservation import clock as application_clock
from reservation.cli.demo import fill
from reservation.demo import seeding, town
from reservation.demo.accounts import ACCOUNTS, PASSWORD, TOTP_SECRET
from reservation.domain import illnesses
from reservation.domain.rooms import Seat, seat
from reservation.domain.values import Complaint
from reservation.reads import integrity
from reservation.services import accounts
from reservation.services.accounts import Entered
from reservation.services.sign_in import Browser
from tests import demo_town


@pytest.fixture
def rows(demo_folder: Path) -> Iterator[sqlite3.Connection]:
    """The finished database, for looking only."""
    address = f"file:{demo_folder / demo_town.FILE}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        yield connection


def count(rows: sqlite3.Connection, sql: str) -> int:
    return int(rows.execute(sql).fetchone()[0])


def states_of(rows: sqlite3.Connection, facility: str, day: str) -> Counter[str]:
    found = rows.execute(
        "select state from booking b join facility f on f.id = b.facility_id"
        " where f.code = ? and care_day = ?", (facility, day))  # fmt: skip
    return Counter(state for (state,) in found)


def test_everything_that_must_hold_holds(demo_app: Flask) -> None:
    with demo_app.app_context():
        assert integrity.check(application_clock.now) == ()


def test_no_room_ever_took_more_than_its_places_or_mixed_illnesses(
    demo_app: Flask, rows: sqlite3.Connection
) -> None:
    """Who came was there at the same time: nobody is fetched before the last has come."""
    with demo_app.app_context():
        rules = {room.facility_id: room.rules for room in town.rooms().values()}
    days: dict[tuple[str, str], list[Seat]] = defaultdict(list)
    for facility, day, booking, illness in rows.execute(
        "select facility_id, care_day, id, illness from booking"
        " where state in ('checked_in', 'completed')"
    ):
        cohort = illnesses.cohort(rules[facility], illness, booking)
        days[facility, day].append(Seat(booking, cohort, None, fixed=False))
    assert len(days) > 200
    for (facility, day), children in days.items():
        places = rules[facility].places
        assert len(children) <= places.official_capacity, (facility, day)
        assert seat(children, places.rooms) is not None, (facility, day)


def test_the_mixture_is_that_of_the_sources(rows: sqlite3.Connection) -> None:
    came = count(rows, "select count(*) from booking where state in ('checked_in','completed')")
    cancelled = count(
        rows,
        "select count(*) from booking where state = 'cancelled' and confirmed_at is not null",
    )
    no_show = count(rows, "select count(*) from booking where state = 'no_show'")
    assert 600 < came < 1600
    assert 0.2 < cancelled / (came + cancelled) < 0.4
    assert 0 < no_show < came / 40
    weekdays = Counter(
        application_clock.read(f"{day}T12:00").astimezone(application_clock.TOKYO).weekday()
        for (day,) in rows.execute("select care_day from wish")
    )
    assert set(weekdays) <= set(range(5))
    assert weekdays[0] + weekdays[1] > 1.3 * (weekdays[3] + weekdays[4])
    months = [months for (months,) in rows.execute("select age_months from wish")]
    assert 0.3 < sum(12 <= one < 24 for one in months) / len(months) < 0.6
    monday, sunday = "2025-12-29", "2026-01-11"
    ill = Counter(
        one for (one,) in rows.execute(
            "select illness from wish where care_day between ? and ?", (monday, sunday))
    )  # fmt: skip
    assert ill["FLU_A"] == max(ill.values())


def test_refusals_have_reasons_and_some_families_found_no_place(rows: sqlite3.Connection) -> None:
    codes = Counter(code for (code,) in rows.execute("select code from refusal"))
    assert {"CAPACITY", "ILLNESS_MIX", "POINTS"} <= set(codes)
    unmet = count(
        rows,
        "select count(*) from wish w where not exists (select 1 from booking b"
        " where b.wish_id = w.id and b.state in ('checked_in','completed','cancelled'))",
    )
    assert unmet > 100
    telephoned = count(rows, "select count(*) from booking where channel = 'telephone'")
    assert 0.03 < telephoned / count(rows, "select count(*) from booking") < 0.2


def test_the_eve_has_a_full_room_with_a_list_an_offer_and_decisions(
    rows: sqlite3.Connection,
) -> None:
    seeds = states_of(rows, "seeds", "2026-01-16")
    assert seeds == Counter(confirmed=4, requested=1, offered=1, waiting=4, cancelled=1)
    assert states_of(rows, "rabbit", "2026-01-16")["requested"] >= 3
    offered = rows.execute(
        "select g.mail, b.ends_at from booking b join guardian g on g.family_id = b.family_id"
        " where b.state = 'offered' and b.care_day = '2026-01-16'"
    ).fetchall()
    assert [mail for mail, _ in offered] == ["hana@example.org"]
    assert application_clock.read(offered[0][1]) > application_clock.read(demo_town.MORNING)
    assert count(rows, "select count(*) from task where kind = 'undelivered' and done_at is null")
    assert count(rows, "select count(*) from registration where status = 'pending'")
    assert count(rows, "select count(*) from child where allergies is not null") > 20


def test_every_printed_account_can_come_in(demo_app: Flask) -> None:
    with demo_app.app_context():
        now = application_clock.now
        for one in ACCOUNTS:
            if one.kind == "staff":
                code = pyotp.TOTP(TOTP_SECRET).at(now())
                entered = accounts.sign_in(
                    one.mail, PASSWORD, code, "127.0.0.1", None,
                    Browser("test", accounts.LASTS), now)  # fmt: skip
                assert isinstance(entered, Entered), one


def test_a_later_start_adds_the_days_that_are_missing(demo_app: Flask) -> None:
    def now() -> Any:
        return application_clock.read("2026-01-20 09:30")

    with demo_app.app_context(), application_clock.fixed(now()):
        assert seeding.is_missing(now)
        filled = seeding.fill(now)
        assert filled is not None
        assert str(filled.last) == "2026-01-21"
        assert integrity.check(now) == ()
        assert seeding.fill(now) is None
        with pytest.raises(seeding.TooEarly):
            seeding.fill(lambda: application_clock.read("2026-01-19 09:30"))


def test_the_same_start_tells_the_same_story(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = (
        "select f.code, b.care_day, c.name, b.state, b.illness, b.asked_at from booking b"
        " join facility f on f.id = b.facility_id join child c on c.id = b.child_id order by"
        " b.care_day, f.code, c.name, b.asked_at"
    )
    monkeypatch.setattr(seeding, "PAST", timedelta(days=14))
    told = []
    for name in ("once", "again"):
        folder = tmp_path / name
        with application_clock.fixed(application_clock.read(demo_town.MORNING)):
            app = demo_town.make(folder)
            with app.app_context():
                fill(app)
            demo_town.leave(app)
        with closing(sqlite3.connect(folder / demo_town.FILE)) as rows:
            told.append(rows.execute(question).fetchall())
    assert len(told[0]) > 100
    assert told[0] == told[1]


def test_complaints_are_told_before_a_doctor_has_seen_the_child(rows: sqlite3.Connection) -> None:
    told = Counter(one for (one,) in rows.execute("select complaint from wish"))
    assert told[Complaint.DIAGNOSED] > told[Complaint.FEVER] > 20


@pytest.mark.parametrize(
    ("now", "tomorrow", "offered"),
    [
        ("2026-11-28 10:00", "2026-11-30", 1),
        ("2027-01-02 12:00", "2027-01-04", 1),
        ("2026-11-26 03:00", "2026-11-27", 0),
    ],
    ids=["saturday", "new year", "night"],
)
def test_on_any_day_tomorrow_is_the_next_open_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: str, tomorrow: str, offered: int
) -> None:
    monkeypatch.setattr(seeding, "PAST", timedelta(days=3))
    with application_clock.fixed(application_clock.read(now)):
        app = demo_town.make(tmp_path)
        with app.app_context():
            fill(app)
            assert integrity.check(application_clock.now) == ()
        demo_town.leave(app)
    with closing(sqlite3.connect(tmp_path / demo_town.FILE)) as rows:
        seeds = states_of(rows, "seeds", tomorrow)
    assert seeds["waiting"] + seeds["offered"] == 5
    assert seeds["offered"] == offered
    assert seeds["confirmed"] + seeds["requested"] == 6 - offered
