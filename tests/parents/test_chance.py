"""The chance of who waits: which entries are cases, what the night counts, and who reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from reservation import clock as application_clock
from reservation import figures
from reservation.domain import dates, states
from reservation.domain.chances import LEAST, Case
from reservation.domain.refusals import Code
from reservation.figures import chances as counting
from reservation.services import chances, desk, offers
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow, Episode, WishRow
from reservation.store.tables.months import FacilityChance
from reservation.store.tables.records import Audit
from reservation.store.types import new_id
from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Reader
from tests.parents.conftest import statements
from tests.town import CARE_DAY, Household, Town

pytestmark = both_databases
now = application_clock.now
EVENING = time(18)
BORN = date(2024, 5, 1)
NOVEMBER = CARE_DAY.replace(day=1)
SHARES = (0.95, 0.6, 0.6, 0.1, 0.1, 0.1, 0.0)


def cases(town: Town) -> list[Case]:
    """What the list of しーず has taught, the day after."""
    with read() as db:
        return counting.cases(db, town.facilities["seeds"], CARE_DAY + timedelta(days=1))


def row(town: Town) -> Any:
    with read() as db:
        return db.execute(
            select(FacilityChance.__table__).where(
                FacilityChance.facility_id == town.facilities["seeds"]
            )
        ).one()


# -- which entries are cases ----------------------------------------------------------------------


def test_an_entry_is_a_case_once_its_family_was_asked_or_waited_to_the_end(
    make_town: Callable[..., Town], clock: Clock, nurse: Any
) -> None:
    town = make_town(capacity=1)
    place = town.family("さくら").books()
    first, second, third, leaves = (town.family(f"こ{n}") for n in range(4))
    entries = [one.waits() for one in (first, second, third, leaves)]
    leaves.cancels(entries[3])
    last = town.family("すえ")
    entries.append(last.waits())
    clock.forward(hours=1)
    desk.close(place, Code.STAFF, "", nurse.by, None, now)
    first.says_no(entries[0])
    second.says_yes(entries[1])
    clock.set("2026-11-24 07:30")
    offers.sweep(now)
    assert town.state(entries[2]) == "expired"
    listed = {step.action for step in states.STEPS if step.frm in states.ON_THE_LIST}
    assert listed >= counting.HAD
    assert sorted(cases(town), key=lambda one: one.rank) == [
        Case(NOVEMBER, 1, "eve", placed=True),
        Case(NOVEMBER, 2, "eve", placed=True),
        Case(NOVEMBER, 3, "eve", placed=False),
        Case(NOVEMBER, 4, "eve", placed=False),
    ]


def test_who_left_or_found_a_place_elsewhere_is_no_case(
    make_town: Callable[..., Town], clock: Clock
) -> None:
    town = make_town(capacity=1)
    town.family("さくら").books()
    elsewhere, gone = town.family("はな"), town.family("そら")
    elsewhere.waits()
    gone.cancels(gone.waits())
    elsewhere.books(at="rabbit")
    clock.set("2026-11-24 07:30")
    offers.sweep(now)
    assert cases(town) == []


def test_who_did_not_answer_was_asked(make_town: Callable[..., Town], clock: Clock) -> None:
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    place = sakura.books()
    hana.waits()
    sakura.cancels(place)
    clock.set("2026-11-24 07:30")
    offers.sweep(now)
    assert cases(town) == [Case(NOVEMBER, 1, "eve", placed=True)]


def test_a_day_that_is_not_over_teaches_nothing(
    make_town: Callable[..., Town], clock: Clock
) -> None:
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    place = sakura.books()
    hana.waits()
    sakura.cancels(place)
    chances.count(now)
    assert row(town).entries == 0
    clock.set("2026-11-25 03:25")
    offers.sweep(now)
    chances.count(now)
    assert (row(town).entries, row(town).known) == (1, {"1": [1, 1], "1 eve": [1, 1]})
    clock.set("2029-11-25 03:25")
    chances.count(now)
    assert row(town).entries == 0


# -- the night's count ----------------------------------------------------------------------------


def years_of_waiting(town: Town, who: Household, outcomes: Callable[[int, Random], bool]) -> None:
    """Rows of ten months before the care day, with seven entries on each of a hundred days."""
    rng, facility = Random(7), town.facilities["seeds"]
    episode = new_id()
    common = {"facility_id": facility, "family_id": who.family_id, "child_id": who.child_id}
    look = {"complaint": "diagnosed", "illness": "URI", "channel": "web"}
    rows: dict[type[Any], list[dict[str, Any]]] = {WishRow: [], BookingRow: [], Audit: []}
    for n in range(100):
        day = date(2026, 1, 5) + timedelta(days=3 * n)
        joined = dates.at(day - timedelta(days=1), EVENING)
        wish = new_id()
        rows[WishRow].append({**look, "id": wish, "municipality_id": town.municipality_id,
            "child_id": who.child_id, "care_day": day, "opened_by": "join", "age_months": 30,
            "opened_at": joined})  # fmt: skip
        for rank in range(1, 8):
            booking, had = new_id(), outcomes(rank, rng)
            rows[BookingRow].append({**common, **look, "id": booking, "episode_id": episode,
                "wish_id": wish, "care_day": day, "state": "expired", "asked_at": joined,
                "created_at": joined, "birthday": BORN, "joined_rank": rank})  # fmt: skip
            rows[Audit].append({"entity": "booking", "entity_id": booking, "care_day": day,
                "facility_id": facility, "action": "lapse_twice" if had else "end_list",
                "actor": "clock", "channel": "clock", "detail": {}, "at": joined})  # fmt: skip
    with write() as db:
        db.execute(insert(Episode), [{"id": episode, "facility_id": facility,
            "child_id": who.child_id, "complaint": "diagnosed", "illness": "URI",
            "created_at": now()}])  # fmt: skip
        for table, new in rows.items():
            db.execute(insert(table), new)


def by_rank(rank: int, rng: Random) -> bool:
    return rng.random() < SHARES[rank - 1]


def by_lot(_rank: int, rng: Random) -> bool:
    return rng.random() < 0.35


@pytest.fixture
def history(make_town: Callable[..., Town]) -> Callable[..., tuple[Town, Household]]:
    """A town with ten months of waiting behind it, and a family that waits third today."""

    def make(outcomes: Callable[[int, Random], bool]) -> tuple[Town, Household]:
        town = make_town(capacity=1)
        hana = town.family("はな")
        years_of_waiting(town, town.family("むかし"), outcomes)
        town.family("さくら").books()
        town.family("こ1").waits()
        return town, hana

    return make


def test_where_the_rank_tells_the_chance_families_read_it(
    history: Callable[..., tuple[Town, Household]], sign_in: Callable[..., Reader]
) -> None:
    town, hana = history(by_rank)
    page = sign_in(hana).opens(f"/my/bookings/{hana.waits()}")
    page.says("2番目です").says_not("これまでの似た場合")
    assert chances.count(now) == 2  # both rooms
    assert chances.count(now) == 0
    found = row(town)
    assert found.holds
    assert found.score < found.base
    assert (found.entries, found.months) == (700, 8)
    placed, every = found.known["2 eve"]
    assert every == 200
    assert 0.6 <= placed / every <= 0.8
    with statements() as seen:
        page = sign_in(hana).opens(page.path)
    page.says("これまでの似た場合", "10回のうち6〜8回、席をご案内できました")
    page.says("過去の似た場合 200件(申し込んだとき2〜3番目、利用日の前日の申し込み)から")
    page.says("お約束ではありません")
    with write() as db:
        db.execute(delete(FacilityChance))
    with statements() as without:
        sign_in(hana).opens(page.path).says_not("これまでの似た場合")
    assert len(seen) == len(without)


def test_where_it_is_chance_alone_they_read_their_rank_alone(
    history: Callable[..., tuple[Town, Household]], sign_in: Callable[..., Reader]
) -> None:
    town, hana = history(by_lot)
    chances.count(now)
    assert not row(town).holds
    assert row(town).cases >= LEAST
    page = sign_in(hana).opens(f"/my/bookings/{hana.waits()}")
    page.says("2番目です").says_not("これまでの似た場合", "10回のうち")


def test_an_officer_reads_how_the_forecasts_did(
    history: Callable[..., tuple[Town, Household]],
) -> None:
    town, _ = history(by_rank)
    scope = figures.scope
    with read() as db:
        period = scope(db, town.municipality_id, CARE_DAY, CARE_DAY, application_clock.today())
        assert figures.FIGURES["chances"].run(db, period).column("shown") == [
            "見せていません", "見せていません"]  # fmt: skip
    chances.count(now)
    with read() as db:
        table = figures.FIGURES["chances"].run(db, period)
    assert [str(one) for one in table.column("facility")] == ["しーず", "ラビット"]
    assert table.column("shown") == ["見せています", "見せていません"]
    assert table.column("entries") == [700, 0]
    assert table.column("score")[0] < table.column("base")[0]  # type: ignore[operator]
    assert table.rows[1][4:6] == (None, None)


def test_an_entry_from_before_ranks_were_kept_has_its_rank_alone(
    history: Callable[..., tuple[Town, Household]], sign_in: Callable[..., Reader]
) -> None:
    _, hana = history(by_rank)
    entry = hana.waits()
    chances.count(now)
    with write() as db:
        db.execute(BookingRow.__table__.update().values(joined_rank=None))  # type: ignore[attr-defined]
    page = sign_in(hana).opens(f"/my/bookings/{entry}")
    page.says("2番目です").says_not("これまでの似た場合")
