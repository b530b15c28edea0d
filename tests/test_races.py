"""Thirty-two families, a few last places, on both databases.

Each pair first proves the race: with the lock switched off it oversells, or fails. Without that
proof the second half would mean nothing (practice.md, race tests).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from reservation import clock as application_clock
from reservation.domain import vacancy
from reservation.services import capacity, holds, keys, offers
from reservation.store import days
from reservation.store import db as store
from reservation.store.db import Unavailable, read, write
from reservation.store.tables.bookings import BookingRow, RefusalRow
from reservation.store.tables.records import Audit
from tests.databases import both_databases
from tests.town import CARE_DAY, Household, Town

CLIENTS = 32
PLACES = 5
HOLDING = ("held", "requested", "confirmed", "checked_in")


@pytest.fixture
def crowd(make_town: Callable[..., Town]) -> list[Household]:
    """A town with five places and thirty-two families that want one."""
    town = make_town(capacity=PLACES, rooms=[{
        "id": "general", "label": {"ja": "保育室"}, "kind": "general", "places": PLACES,
    }])  # fmt: skip
    with write() as db:
        days.load(db, town.facilities["seeds"], CARE_DAY, lock=True)  # so that the row is there
    return [town.family(f"家族{n}") for n in range(CLIENTS)]


def all_at_once(app: Flask, acts: list[Callable[[], str]]) -> Counter[str]:
    """Run the acts in threads that start together; count the answers, 'Unavailable' among them."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], str]) -> str:
        with app.app_context():
            barrier.wait()
            try:
                return act()
            except Unavailable:
                return "unavailable"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


def placed() -> int:
    with read() as db:
        return int(
            db.scalar(
                select(func.count())
                .select_from(BookingRow)
                .where(BookingRow.state.in_(HOLDING), BookingRow.care_day == CARE_DAY)
            )
            or 0
        )


@contextmanager
def lock_off(monkeypatch: pytest.MonkeyPatch, database: str) -> Iterator[None]:
    """Take the lock away, and let everybody look before anybody writes."""
    real_fits, real_load, real_options = vacancy.fits, days.load_all, store._options

    def slow_fits(*args: Any, **named: Any) -> Any:
        answer = real_fits(*args, **named)
        threading.Event().wait(0.02)
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(vacancy, "fits", slow_fits)
        if database == "postgres":
            patch.setattr(days, "load_all", lambda db, wanted, lock=False: real_load(db, wanted))
        else:
            patch.setattr(store, "_in_turn", _no_turn)
            patch.setattr(store, "_options", lambda _kind: real_options("read"))
        yield


@contextmanager
def _no_turn() -> Iterator[None]:
    yield


@both_databases
def test_without_the_lock_the_last_places_are_sold_twice_or_fail(
    app: Flask, crowd: list[Household], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lock_off(monkeypatch, database):
        answers = all_at_once(app, [lambda f=f: f.holds().code for f in crowd])  # type: ignore[misc]
    if database == "postgres":
        assert placed() > PLACES
    else:
        assert answers["unavailable"] > 0


@both_databases
def test_the_last_places_go_to_exactly_as_many_families(app: Flask, crowd: list[Household]) -> None:
    answers = all_at_once(app, [lambda f=f: f.holds().code for f in crowd])  # type: ignore[misc]
    assert answers == {"held": PLACES, "refused": CLIENTS - PLACES}
    assert placed() == PLACES


@both_databases
def test_a_child_asked_for_at_two_rooms_at_once_gets_one(app: Flask, town: Town) -> None:
    sakura = town.family("さくら")
    rooms = ["seeds", "rabbit"] * 8
    answers = all_at_once(app, [lambda r=r: sakura.holds(at=r).code for r in rooms])  # type: ignore[misc]
    assert placed() == 1
    assert answers["unavailable"] == 0


@both_databases
def test_one_form_pressed_by_many_fingers_books_once(app: Flask, town: Town) -> None:
    sakura = town.family("さくら")
    key = keys.key("sakura:hold", "token", {})

    def press() -> str:
        answer = holds.hold(sakura.wants(), sakura.by, key, application_clock.now)
        return f"{answer.code}:{answer.booking_id}"

    answers = all_at_once(app, [press] * 16)
    assert len(answers) == 1
    assert placed() == 1


@both_databases
def test_one_form_pressed_by_many_fingers_is_refused_once(
    app: Flask, crowd: list[Household]
) -> None:
    """Nobody looks up the key again between the look at a full day and the refusal but we."""
    for family in crowd[:PLACES]:
        family.books()
    last = crowd[-1]
    key = keys.key("last:hold", "token", {})

    def press() -> str:
        return holds.hold(last.wants(), last.by, key, application_clock.now).code

    assert all_at_once(app, [press] * 16) == {"refused": 16}
    with read() as db:
        assert db.scalar(select(func.count()).select_from(RefusalRow)) == 1


@both_databases
def test_two_yeses_to_one_place_give_it_once(
    app: Flask, make_town: Callable[..., Town], clock: Any
) -> None:
    """A round of three families for one place: the first takes it, the others keep the rank."""
    morning = {"morning": [{"until": None, "minutes": 5, "at_once": 3}]}
    town = make_town(capacity=1, waiting=morning)
    booking = (first := town.family("さくら")).books()
    families = [town.family(name) for name in ("はな", "もも", "うめ")]
    entries = [family.waits() for family in families]
    clock.set("2026-11-24 07:05")
    first.cancels(booking)
    assert {town.state(entry) for entry in entries} == {"offered"}
    pairs = list(zip(families, entries, strict=True))
    answers = all_at_once(app, [lambda f=f, e=e: f.says_yes(e).code for f, e in pairs])  # type: ignore[misc]
    assert answers == {"confirmed": 1, "refused": 2}
    assert sorted(town.state(entry) for entry in entries) == ["confirmed", "waiting", "waiting"]


@both_databases
def test_a_yes_and_a_place_taken_back_cross_and_one_of_them_is_first(
    app: Flask, make_town: Callable[..., Town]
) -> None:
    """Either the yes holds the place and staff see a misfit, or the offer was withdrawn."""
    town = make_town(capacity=1)
    booking = (first := town.family("さくら")).books()
    entry = (hana := town.family("はな")).waits()
    first.cancels(booking)
    nurse = town.worker("staff", "seeds")

    def takes_back() -> str:
        where, none = (town.facilities["seeds"], CARE_DAY), capacity.Settings(effective_capacity=0)
        done = capacity.set_day(*where, none, nurse.by, None, application_clock.now)
        return f"{done.values['misfits']} misfits"

    answers = all_at_once(app, [takes_back, lambda: hana.says_yes(entry).code])
    given = {"confirmed": 1, "1 misfits": 1}
    assert answers in (given, {"refused": 1, "0 misfits": 1})
    assert town.state(entry) == ("confirmed" if answers == given else "waiting")


@both_databases
def test_cancels_and_holds_that_cross_never_oversell(app: Flask, crowd: list[Household]) -> None:
    booked = [family.books() for family in crowd[:PLACES]]
    cancels = [lambda f=f, b=b: f.cancels(b).code for f, b in zip(crowd, booked, strict=False)]  # type: ignore[misc]
    asks = [lambda f=f: f.holds().code for f in crowd[PLACES:]]  # type: ignore[misc]
    answers = all_at_once(app, [*cancels, *asks])
    assert answers["cancelled"] == PLACES
    assert placed() == answers["held"] <= PLACES


@both_databases
def test_a_hold_that_ended_is_ended_once_though_two_find_it(
    app: Flask, town: Town, clock: Any, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep has the day of the hold; the child's next hold, elsewhere, ends it without."""
    sakura = town.family("さくら")
    ended = sakura.holds().booking_id
    clock.forward(minutes=11)
    answers: list[Counter[str]] = []
    real = offers.settle

    def settle(task: Any) -> None:
        # SQLite lets nobody in beside the sweep.
        if not answers and database == "postgres":
            answers.append(Counter())
            asking = threading.Thread(target=lambda: answers.append(elsewhere()))
            asking.start()
            asking.join(20)
        real(task)

    def elsewhere() -> Counter[str]:
        return all_at_once(app, [lambda: sakura.holds(at="rabbit").code])

    monkeypatch.setattr(offers, "settle", settle)
    offers.sweep(application_clock.now)
    if database == "postgres":
        assert answers[1:] == [{"held": 1}]
    with read() as db:
        lapses = select(func.count()).where(Audit.entity_id == ended, Audit.action == "lapse")
        assert db.scalar(lapses) == 1
