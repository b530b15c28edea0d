"""The bytes of /vacancy.json: each cell is the mark, and they hold exactly until fresh_until."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from reservation.domain import gates, illnesses, vacancy
from reservation.domain.refusals import NO_PLACE
from reservation.domain.states import State
from reservation.domain.vacancy import Mark
from reservation.domain.vacancy.marks import (
    AFTER_MOVE,
    AT_THIS_TIME,
    BY_STAFF,
    FULL,
    LAST,
    NOT_HERE,
    YES,
)
from reservation.domain.values import Booking, Day
from reservation.reads import coming_days, municipalities, vacancy_bytes
from reservation.reads.coming_days import ComingDays, Place
from reservation.reads.municipalities import House
from reservation.store.rulebooks import Shelf
from tests.databases import both_databases
from tests.domain import build
from tests.town import CARE_DAY, Town, book

HOUSE = House("m1", build.SUGINAMI, {"ja": "杉並区"}, "", {}, "1", {}, {})
WORDS = {letter: code for code, letter in vacancy_bytes.REASONS.items()}
ILLNESSES = ["URI", "FLU_A", "FLU_B", "RSV", "GASTROENTERITIS", "VARICELLA", "MEASLES"]
BOOK = build.rulebook(
    capacity=5,
    rooms=build.rooms(general=3, isolation=1, either=2),
    illnesses={"VARICELLA": "single", "FLU_B": "never"},
    ages={"youngest_months": 7, "oldest_grade": 2},
    places={
        "points": 6.5,
        "age_weights": [{"below_months": 12, "points": 2.0}, {"below_months": 36, "points": 1.25}],
        "age_caps": [{"from_months": 0, "below_months": 12, "at_most": 2}],
    },
    booking={"opens": {"days_before": 3, "at": "08:45"}},
)


def read(cell: str, why: str) -> tuple[str, int, str]:
    """(kind, left, word) of a cell, as docs/vacancy.md says."""
    if cell == "0":
        code = WORDS[why]
        return "no", 0, AT_THIS_TIME.get(code, FULL if code in NO_PLACE else NOT_HERE)
    if cell.isdigit():
        return ("few", 1, LAST) if cell == "1" else ("yes", int(cell), YES)
    if cell.islower():
        return "few", ord(cell) - ord("a") + 1, AFTER_MOVE
    return "few", ord(cell) - ord("A") + 1, BY_STAFF


def a_booking(number: int, illness: str, months: int, state: State, minute: int) -> Booking:
    return build.waiting(
        f"b{number}", illness, minute, state=state, months=months,
        room=None, ends_at=build.NOW + timedelta(minutes=minute) if state is State.HELD else None,
    )  # fmt: skip


def bookings() -> st.SearchStrategy[list[Booking]]:
    states = st.sampled_from([State.CONFIRMED, State.HELD, State.REQUESTED, State.WAITING])
    one = st.tuples(st.sampled_from(ILLNESSES[:6]), st.integers(7, 70), states, st.integers(0, 30))
    return st.lists(one, max_size=6).map(
        lambda rows: [a_booking(n, *row) for n, row in enumerate(rows)]
    )


def coming_of(day: Day) -> ComingDays:
    place = Place("seeds", "seeds", 1, Shelf((day.rules,)), {day.date: day})
    return ComingDays("m1", day.date - timedelta(days=1), (place,))


@settings(max_examples=60, deadline=None)
@given(found=bookings(), after=st.integers(0, 40), closed=st.booleans())
def test_each_cell_is_the_mark_of_its_profile(
    found: list[Booking], after: int, closed: bool
) -> None:
    day = build.day(*found, rules=BOOK, closed="お休み" if closed else None)
    now = build.NOW + timedelta(minutes=after)
    table = json.loads(vacancy_bytes.render(HOUSE, coming_of(day), now).body)
    cells = table["rooms"][0]["days"][CARE_DAY.isoformat()]
    profiles = vacancy.profiles([BOOK])
    assert len(cells["left"]) == len(cells["why"]) == len(profiles)
    assert cells["waiting"] == sum(b.state is State.WAITING for b in found)
    for n, profile in enumerate(profiles):
        sign, band = divmod(n, len(table["bands"]))
        assert table["bands"][band] == [profile.months, profile.grade]
        told = f"diagnosed:{profile.illness}" if profile.illness else profile.complaint.value
        assert table["signs"][sign] == told
        mark = marked(day, profile, now)
        assert read(cells["left"][n], cells["why"][n]) == (mark.kind, mark.left, mark.word)


def marked(day: Day, profile: vacancy.Profile, now: datetime) -> Mark:
    """The mark as a family's own page works it out, one child at a time."""
    code = illnesses.illness_for(day.rules, profile.complaint, profile.illness)
    wish = build.wish(code, profile.months, complaint=profile.complaint, asked_at=now)
    refused = [
        gates.clock(day.rules, day.date, now),
        gates.illness(day.rules, code),
        gates.age(day.rules, profile.months, profile.grade),
    ]
    return vacancy.mark(day, wish, now, [one for one in refused if one])


def test_the_bytes_name_a_hold_s_end_as_the_next_change() -> None:
    hold = build.booking("b1", state=State.HELD, ends_at=build.NOW + timedelta(minutes=10))
    day = build.day(hold, rules=book(capacity=1))
    state = vacancy_bytes.render(HOUSE, coming_of(day), build.NOW)
    assert state.fresh_until == hold.ends_at
    assert state.holds(1, build.NOW + timedelta(minutes=9, seconds=59))
    assert not state.holds(1, build.NOW + timedelta(minutes=10))


def cell(client: FlaskClient, room: str = "seeds", day: date = CARE_DAY) -> tuple[str, str]:
    """Places left and reason for a cold of a child of three."""
    table = client.get("/vacancy.json").json
    assert table is not None
    column = table["signs"].index("diagnosed:URI") * len(table["bands"])
    column += max(n for n, band in enumerate(table["bands"]) if band <= [36, 0])
    cells = next(one for one in table["rooms"] if one["code"] == room)["days"][day.isoformat()]
    return cells["left"][column], cells["why"][column]


@both_databases
def test_the_bytes_change_with_the_booking_and_with_the_clock(
    make_town: Callable[..., Town], clock: Any, client: FlaskClient
) -> None:
    town = make_town(capacity=2)
    assert cell(client) == ("2", ".")
    town.family("さくら").holds()
    assert cell(client) == ("1", ".")
    town.family("はな").books()
    assert cell(client) == ("0", "c")
    clock.forward(minutes=9, seconds=59)
    assert cell(client) == ("0", "c")
    clock.forward(seconds=1)
    assert cell(client) == ("1", ".")


def test_fresh_until_is_the_very_instant_at_which_the_bytes_change(
    town: Town, clock: Any, client: FlaskClient
) -> None:
    """From edge to edge over two days: the same before, another body or another edge at it."""
    town.family("さくら").holds()
    end = clock.now() + timedelta(days=2)
    edges = []
    while clock.now() < end:
        answer = client.get("/vacancy.json")
        table = answer.json
        assert table is not None
        edge = datetime.fromisoformat(table["fresh_until"])
        assert edge > clock.now()
        clock.forward(seconds=(edge - clock.now()).total_seconds() - 0.001)
        before = client.get("/vacancy.json", headers={"If-None-Match": answer.headers["ETag"]})
        assert before.status_code == 304
        clock.forward(seconds=0.001)
        assert client.get("/vacancy.json").headers["ETag"] != answer.headers["ETag"]
        edges.append(edge.astimezone(build.TOKYO).strftime("%d %H:%M"))
    assert edges[:6] == ["23 18:10", "24 00:00", "24 07:00", "24 07:30", "24 08:45", "25 00:00"]


@both_databases
def test_who_has_the_bytes_gets_304_until_they_change(
    town: Town, clock: Any, client: FlaskClient
) -> None:
    first = client.get("/vacancy.json")
    assert first.headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=1"
    assert first.headers["Reservation-Now"] == "2026-11-23T09:00:00Z"
    assert "Set-Cookie" not in first.headers
    again = client.get("/vacancy.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    town.family("さくら").books()
    changed = client.get("/vacancy.json", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_the_bytes_are_made_once_and_no_word_is_in_them(
    town: Town, clock: Any, client: FlaskClient, monkeypatch: Any
) -> None:
    made = []
    real = vacancy_bytes.render
    monkeypatch.setattr(vacancy_bytes, "render", lambda *a: made.append(1) or real(*a))
    asks = ({"Accept-Language": one} for one in ("ja", "en"))
    bodies = {client.get("/vacancy.json", headers=one).data for one in asks}
    assert len(made) == len(bodies) == 1
    assert bodies.pop().isascii()


def test_a_new_rule_book_changes_the_bytes(town: Town, clock: Any, client: FlaskClient) -> None:
    assert cell(client) == ("4", ".")
    town.rules(book("seeds", illnesses={"URI": "never"}))
    assert cell(client) == ("0", "n")


def test_only_the_changed_facility_is_read_again(town: Town, clock: Any) -> None:
    house = municipalities.by_code(build.SUGINAMI)
    assert house is not None
    before = coming_days.coming(house.id, clock.now())
    town.family("さくら").books()
    after = coming_days.coming(house.id, clock.now())
    assert after.version > before.version
    assert after.places[1] is before.places[1]
    assert after.places[0] is not before.places[0]


def test_a_day_that_has_not_changed_stays_the_same_object(town: Town, clock: Any) -> None:
    house = municipalities.by_code(build.SUGINAMI)
    assert house is not None
    before = coming_days.coming(house.id, clock.now()).places[0].days
    town.family("さくら").books()
    after = coming_days.coming(house.id, clock.now()).places[0].days
    assert [day for day in after if after[day] is not before[day]] == [CARE_DAY]
