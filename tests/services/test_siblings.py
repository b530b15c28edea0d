"""Siblings who want both places or none: one act for both, in every state, and when it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.domain.values import Terms
from reservation.reads import integrity
from reservation.services import bookings, desk, holds, offers, rooming, siblings, taking
from reservation.services.bookings import CheckPage
from reservation.services.outcomes import Outcome
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow, RoundRow
from reservation.store.tables.records import Audit
from tests.conftest import Clock
from tests.databases import both_databases
from tests.domain.build import rooms, tokyo
from tests.parents.steps import add_sibling
from tests.services.siblings_weeks import SiblingWeeks, of_two
from tests.town import Household, Town, book

pytestmark = both_databases
now = application_clock.now
MakeTown = Callable[..., Town]
SAID = CheckPage(brings="mother")


class Pair:
    """さくら and her brother そら, and what is asked for both."""

    def __init__(self, town: Town, clock: Clock) -> None:
        self.town = town
        self.sakura = town.family("さくら")
        self.sora = replace(self.sakura, child_id=add_sibling(self.sakura, clock), name="そら")

    def adds(self, first: str, illness: str = "URI") -> Outcome:
        """Ask for そら beside his sister."""
        return siblings.add(first, self.sora.wants(illness), self.sakura.by, None, now)

    def held(self) -> tuple[str, str]:
        """Both held."""
        first = str(self.sakura.holds().booking_id)
        return first, str(self.adds(first).booking_id)

    def waits(self) -> tuple[str, str]:
        """Both in the list."""
        first = self.sakura.waits()
        return first, str(self.adds(first).booking_id)

    def confirms(self, *ids: str, **said: Any) -> Outcome:
        """One tap for all of these."""
        pages = {one: replace(SAID, **said.get(one, {})) for one in ids}
        return siblings.confirm(ids[0], pages, self.sakura.by, None, now)

    def states(self, *ids: str) -> list[str]:
        """The state of each."""
        return [self.town.state(one) for one in ids]


def row(booking_id: str) -> BookingRow:
    """The booking as stored."""
    with read() as db:
        return db.get_one(BookingRow, booking_id)


def skipped() -> list[tuple[str, str]]:
    """Who was passed over, and why, as it is kept."""
    with read() as db:
        kept = db.scalars(select(RoundRow.skipped).order_by(RoundRow.started_at)).all()
    return [(one["booking"], one["code"]) for rows in kept for one in rows]


def unbroken() -> None:
    """Every rule holds but the one about mail, which nobody sends here."""
    assert [one for one in integrity.check(now) if one.code != "I8"] == []


def full(make_town: MakeTown, clock: Clock, places: int = 2, **rules: Any):
    """Every place is somebody's, and the pair does not wait yet."""
    town = make_town(capacity=places, **rules)
    others = [town.family(f"こ{n}") for n in range(places)]
    return Pair(town, clock), [(one, one.books()) for one in others]


# -- held and confirmed together ------------------------------------------------------------------


def test_both_are_held_as_long_and_confirmed_by_one_tap(town: Town, clock: Clock) -> None:
    pair = Pair(town, clock)
    first = str(pair.sakura.holds().booking_id)
    clock.forward(minutes=4)
    second = str(pair.adds(first).booking_id)
    assert row(first).ends_at == row(second).ends_at
    assert row(first).together == row(second).together is not None
    unbroken()
    assert pair.confirms(first, second).code == "confirmed"
    assert pair.states(first, second) == ["confirmed", "confirmed"]
    assert (row(first).price, row(second).price) == (2000, 2000)
    unbroken()


def test_one_that_finds_no_place_leaves_the_other_alone(make_town: MakeTown, clock: Clock) -> None:
    town = make_town(capacity=1)
    pair = Pair(town, clock)
    first = str(pair.sakura.holds().booking_id)
    answer = pair.adds(first)
    assert [one.code for one in answer.refusals] == [Code.CAPACITY]
    assert row(first).together is None
    unbroken()


def test_both_or_none_where_one_is_not_well_enough(make_town: MakeTown, clock: Clock) -> None:
    town = make_town(health={"hottest": 38})
    clock.set("2026-11-24 06:30")
    pair = Pair(town, clock)
    first, second = pair.held()
    answer = pair.confirms(first, second, **{second: {"temperature": "38.5"}})
    assert [one.code for one in answer.refusals] == [Code.FEVER]
    assert answer.values[siblings.WHOSE] == [second]
    assert pair.states(first, second) == ["held", "held"]
    assert pair.confirms(first, second).code == "confirmed"
    unbroken()


def test_a_page_about_one_of_them_confirms_nothing(town: Town, clock: Clock) -> None:
    pair = Pair(town, clock)
    first, second = pair.held()
    assert pair.sakura.confirms(first).has(Code.NOT_POSSIBLE)
    assert pair.confirms(first).has(Code.NOT_POSSIBLE)
    assert pair.states(first, second) == ["held", "held"]


def test_the_minutes_are_one_for_both(town: Town, clock: Clock) -> None:
    pair = Pair(town, clock)
    first, second = pair.held()
    holds.extend(second, pair.sakura.by, None, now)
    assert row(first).ends_at == row(second).ends_at
    assert row(first).extended
    clock.forward(minutes=16)
    assert pair.confirms(first, second).has(Code.HOLD_ENDED)
    offers.sweep(now)
    assert pair.states(first, second) == ["expired", "expired"]
    unbroken()


def test_both_let_go_or_one_alone(town: Town, clock: Clock) -> None:
    pair = Pair(town, clock)
    first, second = pair.held()
    bookings.release(second, pair.sakura.by, None, now, alone=True)
    assert pair.states(first, second) == ["held", "cancelled"]
    assert row(first).together is None
    assert pair.sakura.confirms(first).code == "confirmed"
    unbroken()


def test_letting_go_lets_both_go(town: Town, clock: Clock) -> None:
    pair = Pair(town, clock)
    first, second = pair.held()
    bookings.release(first, pair.sakura.by, None, now)
    assert pair.states(first, second) == ["cancelled", "cancelled"]
    unbroken()


def test_a_pair_is_one_hold_for_the_limit(make_town: MakeTown, clock: Clock) -> None:
    pair = Pair(make_town(booking={"family_holds": 1}), clock)
    first, second = pair.held()
    assert pair.states(first, second) == ["held", "held"]


def test_only_a_brother_or_sister_for_the_same_day_and_room(town: Town, clock: Clock) -> None:
    pair = Pair(town, clock)
    first = str(pair.sakura.holds().booking_id)
    by = pair.sakura.by
    for wanted in (pair.sakura.wants(), pair.sora.wants(at="rabbit")):
        assert siblings.add(first, wanted, by, None, now).has(Code.NOT_POSSIBLE)
    pair.sakura.confirms(first)
    assert pair.adds(first).has(Code.NOT_POSSIBLE)


# -- staff decide ---------------------------------------------------------------------------------


@pytest.mark.parametrize("accepts", [True, False])
def test_staff_decide_about_both_at_once(make_town: MakeTown, clock: Clock, accepts: bool) -> None:
    town = make_town(booking={"review": "staff"})
    nurse, pair = town.worker("staff", "seeds"), Pair(town, clock)
    first, second = pair.held()
    assert pair.confirms(first, second).code == "requested"
    if accepts:
        desk.accept(second, nurse.by, None, now)
    else:
        desk.decline(second, Code.STAFF, "", nurse.by, None, now)
    assert pair.states(first, second) == ["confirmed" if accepts else "declined"] * 2
    unbroken()


def test_staff_decide_about_both_where_one_needs_it(make_town: MakeTown, clock: Clock) -> None:
    town = make_town(illnesses={"table": {"FLU_A": {"handling": "doctor"}}})
    pair = Pair(town, clock)
    first = str(pair.sakura.holds().booking_id)
    second = str(pair.adds(first, "FLU_A").booking_id)
    assert pair.confirms(first, second).code == "requested"
    assert pair.states(first, second) == ["requested", "requested"]
    assert row(first).review_due == row(second).review_due is not None


@pytest.mark.parametrize("requested", [True, False])
def test_what_the_facility_closes_leaves_the_other(
    make_town: MakeTown, clock: Clock, requested: bool
) -> None:
    town = make_town(booking={"review": "staff"})
    nurse, pair = town.worker("staff", "seeds"), Pair(town, clock)
    first, second = pair.held()
    if requested:
        pair.confirms(first, second)
    desk.close(first, Code.STAFF, "", nurse.by, None, now)
    assert pair.states(first, second) == ["cancelled", "requested" if requested else "held"]
    assert row(second).together is None
    unbroken()


def test_a_booking_cancelled_later_leaves_the_other(town: Town, clock: Clock) -> None:
    pair = Pair(town, clock)
    first, second = pair.held()
    pair.confirms(first, second)
    pair.sakura.cancels(first)
    assert pair.states(first, second) == ["cancelled", "confirmed"]
    unbroken()


# -- in the list ----------------------------------------------------------------------------------


def test_one_place_is_no_place_for_two_and_goes_to_the_next(
    make_town: MakeTown, clock: Clock
) -> None:
    pair, taken = full(make_town, clock)
    first, second = pair.waits()
    hana = pair.town.family("はな")
    entry = hana.waits()
    taken[0][0].cancels(taken[0][1])
    assert pair.states(first, second, entry) == ["waiting", "waiting", "offered"]
    both = {(first, Code.TOGETHER.value), (second, Code.TOGETHER.value)}
    assert set(skipped()) == both
    unbroken()


def test_a_pair_that_waits_keeps_nobody_from_one_free_place(
    make_town: MakeTown, clock: Clock
) -> None:
    pair, taken = full(make_town, clock)
    pair.waits()
    taken[0][0].cancels(taken[0][1])
    assert pair.town.family("はな").holds().code == "held"


def test_two_places_are_offered_to_both_and_a_yes_takes_both(
    make_town: MakeTown, clock: Clock
) -> None:
    pair, taken = full(make_town, clock)
    first, second = pair.waits()
    for family, place in taken:
        family.cancels(place)
    assert pair.states(first, second) == ["offered", "offered"]
    assert row(first).ends_at == row(second).ends_at
    assert pair.town.family("はな").holds().is_refused
    unbroken()
    assert pair.sakura.says_yes(second).code == "confirmed"
    assert pair.states(first, second) == ["confirmed", "confirmed"]
    unbroken()


def test_a_no_and_a_silence_are_for_both(make_town: MakeTown, clock: Clock) -> None:
    pair, taken = full(make_town, clock)
    first, second = pair.waits()
    for family, place in taken:
        family.cancels(place)
    assert pair.sakura.says_no(first).code == "passed"
    assert pair.states(first, second) == ["waiting", "waiting"]
    unbroken()


def test_who_does_not_answer_is_passed_by_with_both(make_town: MakeTown, clock: Clock) -> None:
    pair, taken = full(make_town, clock)
    first, second = pair.waits()
    for family, place in taken:
        family.cancels(place)
    clock.forward(minutes=31)
    offers.sweep(now)
    assert pair.states(first, second) == ["waiting", "waiting"]
    assert (row(first).lapses, row(second).lapses) == (1, 1)
    unbroken()


def test_the_turn_comes_where_the_last_of_them_stands(make_town: MakeTown, clock: Clock) -> None:
    pair, taken = full(make_town, clock)
    first = pair.sakura.waits()
    hana = pair.town.family("はな")
    entry = hana.waits()
    clock.forward(seconds=1)
    second = str(pair.adds(first).booking_id)
    taken[0][0].cancels(taken[0][1])
    assert pair.states(first, entry, second) == ["waiting", "offered", "waiting"]
    assert skipped() == [(first, Code.TOGETHER.value)]
    unbroken()


def test_one_alone_is_enough_is_said_at_any_time(make_town: MakeTown, clock: Clock) -> None:
    pair, taken = full(make_town, clock)
    first, second = pair.waits()
    taken[0][0].cancels(taken[0][1])
    assert pair.states(first, second) == ["waiting", "waiting"]
    assert siblings.part(second, pair.sakura.by, None, now).code == "parted"
    assert sorted(pair.states(first, second)) == ["offered", "waiting"]
    assert row(first).together is row(second).together is None
    unbroken()


@pytest.mark.parametrize("offered", [True, False])
def test_who_leaves_the_list_leaves_the_other_there(
    make_town: MakeTown, clock: Clock, offered: bool
) -> None:
    pair, taken = full(make_town, clock)
    first, second = pair.waits()
    for family, place in taken if offered else ():
        family.cancels(place)
    pair.sakura.cancels(first)
    assert pair.states(first, second) == ["cancelled", "offered" if offered else "waiting"]
    assert row(second).together is None
    unbroken()


def test_no_place_for_both_means_waiting_for_both(make_town: MakeTown, clock: Clock) -> None:
    pair = Pair(make_town(capacity=1), clock)
    held = str(pair.sakura.holds().booking_id)
    answer = siblings.wait(held, pair.sora.wants(), pair.sakura.by, None, now)
    assert answer.code == "waiting"
    with read() as db:
        rows = db.scalars(select(BookingRow).where(BookingRow.state == "waiting")).all()
    assert len(rows) == 2
    assert len({one.together for one in rows}) == 1
    assert pair.town.state(held) == "cancelled"
    unbroken()


def test_without_a_list_the_held_place_stays(make_town: MakeTown, clock: Clock) -> None:
    pair = Pair(make_town(capacity=1, waiting={"mode": "none"}), clock)
    held = str(pair.sakura.holds().booking_id)
    answer = siblings.wait(held, pair.sora.wants(), pair.sakura.by, None, now)
    assert answer.has(Code.NO_LIST)
    assert pair.town.state(held) == "held"


def test_a_day_that_must_be_said_leaves_everything_as_it_was(
    make_town: MakeTown, clock: Clock
) -> None:
    flu = {"table": {"FLU_A": {"handling": "cohort", "days_before_school": 2}}}
    pair = Pair(make_town(capacity=1, illnesses=flu), clock)
    held = str(pair.sakura.holds("FLU_A").booking_id)
    answer = siblings.wait(held, pair.sora.wants(), pair.sakura.by, None, now)
    assert answer.has(Code.NOT_POSSIBLE)
    assert pair.town.state(held) == "held"
    with read() as db:
        assert len(db.scalars(select(BookingRow)).all()) == 1
    onset = tokyo(6, 0).date().replace(day=20)
    said = siblings.wait(held, pair.sora.wants(), pair.sakura.by, None, now, onset=onset)
    assert said.code == "waiting"


# -- terms, staff, rooms --------------------------------------------------------------------------


def test_places_are_taken_for_both_as_the_family_wished(make_town: MakeTown, clock: Clock) -> None:
    pair, taken = full(make_town, clock, waiting={"takes_for_family": True})
    first, second = pair.waits()
    pair.sakura.sets(second, Terms(takes_until=tokyo(6, 30)))
    assert row(first).takes_until == row(second).takes_until == tokyo(6, 30)
    clock.set("2026-11-24 03:00")
    taken[0][0].cancels(taken[0][1])
    assert taking.due(now) == 0
    taken[1][0].cancels(taken[1][1])
    assert taking.due(now) == 1
    assert pair.states(first, second) == ["confirmed", "confirmed"]
    unbroken()


def test_a_child_cared_for_elsewhere_waits_no_more(make_town: MakeTown, clock: Clock) -> None:
    pair, taken = full(make_town, clock)
    first, second = pair.waits()
    pair.sakura.books(at="rabbit")
    assert pair.states(first, second) == ["cancelled", "waiting"]
    assert row(second).together is None
    unbroken()


def test_staff_offer_to_both_or_to_nobody_and_take_it_back(
    make_town: MakeTown, clock: Clock
) -> None:
    pair, taken = full(make_town, clock, waiting={"mode": "staff"})
    nurse = pair.town.worker("staff", "seeds")
    first, second = pair.waits()
    taken[0][0].cancels(taken[0][1])
    assert desk.offer(first, 30, nurse.by, None, now).has(Code.TOGETHER)
    taken[1][0].cancels(taken[1][1])
    assert desk.offer(first, 30, nurse.by, None, now).code == "offered"
    assert pair.states(first, second) == ["offered", "offered"]
    unbroken()
    assert desk.withdraw(second, nurse.by, None, now).code == "waiting"
    assert pair.states(first, second) == ["waiting", "waiting"]
    unbroken()


def test_an_illness_that_no_longer_fits_takes_both_offers_back(
    make_town: MakeTown, clock: Clock
) -> None:
    pair, taken = full(make_town, clock, places=2, rooms=rooms(general=2))
    nurse = pair.town.worker("staff", "seeds")
    first, second = pair.waits()
    for family, place in taken:
        family.cancels(place)
    assert pair.states(first, second) == ["offered", "offered"]
    rooming.change_illness(first, "FLU_A", nurse.by, None, now)
    assert pair.states(first, second) == ["waiting", "waiting"]
    unbroken()


def test_the_history_says_that_they_are_together(town: Town, clock: Clock) -> None:
    pair = Pair(town, clock)
    first, _second = pair.held()
    siblings.part(first, pair.sakura.by, None, now)
    with read() as db:
        steps = db.scalars(
            select(Audit.action).where(Audit.entity_id == first).order_by(Audit.seq)
        ).all()
    assert steps == ["hold", "pair", "part"]
    unbroken()


def test_nobody_links_a_strangers_child(town: Town, clock: Clock, stranger: Household) -> None:
    pair = Pair(town, clock)
    first = str(pair.sakura.holds().booking_id)
    with pytest.raises(LookupError):
        siblings.add(first, stranger.wants(), pair.sakura.by, None, now)
    with pytest.raises(LookupError):
        siblings.add(first, stranger.wants(), stranger.by, None, now)


def test_days_of_families_with_two_children(
    make_town: MakeTown, clock: Clock, database: str
) -> None:
    """Never half of a pair, whatever anybody does: every rule is asked after every step."""
    town = make_town()
    town.rules(book("seeds", capacity=3, rooms=rooms(general=2, isolation=1)))
    staff = {"review": "staff"}
    town.rules(book("rabbit", capacity=2, rooms=rooms(either=2), booking=staff))
    families = [town.family(f"家族{n}", months=8 + 5 * n) for n in range(8)]
    others = [
        replace(one, child_id=add_sibling(one, clock), name=f"{one.name}の弟") for one in families
    ]
    nurses = {code: town.worker("staff", code) for code in town.facilities}
    weeks = SiblingWeeks(town, of_two(families, others), nurses, seed=5)
    while weeks.lasted() < timedelta(days=5 if database == "sqlite" else 1):
        weeks.step()
    with read() as db:
        done = set(db.scalars(select(Audit.action).distinct()))
    if database == "sqlite":
        assert done >= {"pair", "part", "confirm", "offer", "yes"}
