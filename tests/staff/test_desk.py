"""Staff decide: accept, decline, conditions, rooms, illness, override, offers by hand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.services import desk, keys, rooming
from reservation.services.outcomes import NotFound, Outcome
from reservation.store import days
from reservation.store.db import read, write
from reservation.store.tables.bookings import BookingRow, Episode, RefusalRow
from reservation.store.tables.records import Audit, Outbox, Task
from tests.conftest import Clock
from tests.databases import both_databases
from tests.domain import build
from tests.town import CARE_DAY, Household, Town, Worker

pytestmark = both_databases
now = application_clock.now
MakeTown = Callable[..., Town]


def row_of(booking_id: str) -> Any:
    with read() as db:
        return db.execute(select(BookingRow.__table__).where(BookingRow.id == booking_id)).one()


def told(booking_id: str) -> set[str]:
    """Kinds of messages to the family."""
    with read() as db:
        return set(db.scalars(select(Outbox.kind).where(Outbox.booking_id == booking_id)))


def open_tasks() -> list[str]:
    with read() as db:
        return list(db.scalars(select(Task.kind).where(Task.done_at.is_(None))))


def audited(action: str) -> Any:
    with read() as db:
        return db.execute(select(Audit.__table__).where(Audit.action == action)).one()


def requests(family: Household, **where: Any) -> str:
    """Hold and submit where staff decide."""
    held = family.holds(**where)
    assert held.booking_id is not None
    assert family.confirms(held.booking_id).code == "requested"
    return held.booking_id


@pytest.fixture
def strict(make_town: MakeTown) -> Town:
    """A town in which staff decide, with one place."""
    return make_town(booking={"review": "staff"}, capacity=1)


def accepts(booking_id: str, worker: Worker) -> Outcome:
    return desk.accept(booking_id, worker.by, None, now)


def test_an_accepted_request_is_confirmed_and_told(strict: Town) -> None:
    sakura, nurse = strict.family("さくら"), strict.worker("staff", "seeds")
    booking = requests(sakura)
    assert accepts(booking, nurse).code == "confirmed"
    assert strict.state(booking) == "confirmed"
    assert told(booking) == {"received", "confirmed"}
    row = audited("accept")
    assert (row.actor, row.actor_id, row.on_behalf_of) == (
        "staff", nurse.account_id, sakura.family_id,
    )  # fmt: skip


def test_a_late_decision_still_counts(strict: Town, clock: Clock) -> None:
    booking = requests(strict.family("さくら"))
    clock.set("2026-11-24 07:59")
    assert accepts(booking, strict.worker("staff", "seeds")).code == "confirmed"


def test_what_the_family_has_cancelled_meanwhile_cannot_be_accepted(strict: Town) -> None:
    sakura = strict.family("さくら")
    booking = requests(sakura)
    sakura.cancels(booking)
    late = accepts(booking, strict.worker("staff", "seeds"))
    assert late.has(Code.NOT_POSSIBLE)
    assert strict.state(booking) == "cancelled"


def test_two_nurses_at_once_decide_once(strict: Town, context: Flask) -> None:
    booking = requests(strict.family("さくら"))
    nurses = [strict.worker("staff", "seeds") for _ in range(2)]
    answers: list[Outcome] = []

    def decides(act: Callable[[], Outcome]) -> None:
        with context.app_context():
            answers.append(act())

    acts = (
        lambda: desk.accept(booking, nurses[0].by, None, now),
        lambda: desk.decline(booking, Code.STAFF, "", nurses[1].by, None, now),
    )
    threads = [threading.Thread(target=decides, args=[act]) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    codes = sorted(a.code for a in answers)
    assert codes in (["confirmed", "refused"], ["declined", "refused"])
    assert len(told(booking)) == 2


def test_the_same_button_twice_acts_once(strict: Town) -> None:
    booking = requests(strict.family("さくら"))
    nurse = strict.worker("staff", "seeds")
    key = keys.key("nurse:accept", "token", {})
    first = desk.accept(booking, nurse.by, key, now)
    assert desk.accept(booking, nurse.by, key, now) == first
    assert told(booking) == {"received", "confirmed"}


def test_accepting_ends_the_childs_other_entries(make_town: MakeTown) -> None:
    town = make_town(booking={"review": "staff"})
    sakura = town.family("さくら")
    entry = sakura.waits(at="rabbit")
    booking = requests(sakura)
    accepts(booking, town.worker("staff", "seeds"))
    assert town.state(entry) == "cancelled"


def test_a_declined_request_tells_why_counts_and_calls_the_next(strict: Town) -> None:
    sakura, hana = strict.family("さくら"), strict.family("はな")
    booking = requests(sakura)
    entry = hana.waits()
    nurse = strict.worker("staff", "seeds")
    answer = desk.decline(booking, Code.STAFF, "保育士が休みました。", nurse.by, None, now)
    assert answer.code == "declined"
    row = row_of(booking)
    assert (row.state, row.reason, row.reason_note) == ("declined", "STAFF", "保育士が休みました。")
    assert "declined" in told(booking)
    assert strict.state(entry) == "offered"
    with read() as db:
        codes = db.scalars(select(RefusalRow.code).where(RefusalRow.channel == "desk")).all()
    assert codes == ["STAFF"]


def test_an_entry_of_the_list_can_be_declined_even_while_it_is_asked(make_town: MakeTown) -> None:
    town = make_town(capacity=1)
    sakura, hana = town.family("さくら"), town.family("はな")
    booking, entry = sakura.books(), hana.waits()
    sakura.cancels(booking)
    assert town.state(entry) == "offered"
    nurse = town.worker("staff", "seeds")
    assert desk.decline(entry, Code.DOCTOR, "", nurse.by, None, now).code == "declined"
    assert "declined" in told(entry)


def test_a_reason_is_one_of_ours(strict: Town) -> None:
    booking = requests(strict.family("さくら"))
    nurse = strict.worker("staff", "seeds")
    for code in (Code.LIST_FIRST, Code.OFFER_ENDED):
        with pytest.raises(ValueError, match="no reason"):
            desk.decline(booking, code, "", nurse.by, None, now)
        with pytest.raises(ValueError, match="no reason"):
            desk.close(booking, code, "", nurse.by, None, now)


def test_staff_elsewhere_and_strangers_find_nothing(town: Town, sakura: Household) -> None:
    booking = sakura.books()
    other = town.worker("staff", "rabbit")
    acts: tuple[Callable[[], Outcome], ...] = (
        lambda: desk.accept(booking, other.by, None, now),
        lambda: desk.decline(booking, Code.STAFF, "", other.by, None, now),
        lambda: desk.close(booking, Code.STAFF, "", other.by, None, now),
        lambda: desk.close_condition(booking, "registration", other.by, None, now),
        lambda: desk.override(booking, "general", "x", other.by, None, now),
        lambda: desk.offer(booking, 10, other.by, None, now),
        lambda: desk.withdraw(booking, other.by, None, now),
        lambda: rooming.move(booking, "general", other.by, None, now),
        lambda: rooming.change_illness(booking, "FLU_A", other.by, None, now),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()
    assert town.state(booking) == "confirmed"


def test_the_facility_cancels_with_a_reason(town: Town, sakura: Household, nurse: Worker) -> None:
    booking = sakura.books()
    answer = desk.close(booking, Code.STAFF, "", nurse.by, None, now)
    assert answer.code == "cancelled"
    row = row_of(booking)
    assert (row.state, row.ended_by, row.reason) == ("cancelled", "staff", "STAFF")
    assert "closed" in told(booking)


def test_a_condition_is_closed_and_opened_again(
    town: Town, sakura: Household, nurse: Worker
) -> None:
    booking = sakura.books("UNDIAGNOSED_RASH")
    assert row_of(booking).state == "requested"
    accepts(booking, nurse)
    (condition,) = row_of(booking).conditions
    assert (condition["code"], condition["closed_at"]) == ("diagnosis", None)
    assert desk.close_condition(booking, "diagnosis", nurse.by, None, now).code == "closed"
    assert row_of(booking).conditions[0]["closed_at"] is not None
    assert desk.close_condition(booking, "diagnosis", nurse.by, None, now).is_refused
    assert desk.close_condition(
        booking, "diagnosis", nurse.by, None, now, reopen=True
    ).code == "opened"  # fmt: skip
    assert desk.close_condition(booking, "registration", nurse.by, None, now).is_refused


def test_another_illness_moves_the_child_to_another_room(
    town: Town, sakura: Household, nurse: Worker
) -> None:
    booking = sakura.books("UNDIAGNOSED_FEVER")
    assert row_of(booking).room == "general"
    answer = rooming.change_illness(booking, "FLU_A", nurse.by, None, now)
    assert (answer.code, answer.values) == ("moved", {"from": "general", "to": "isolation"})
    row = row_of(booking)
    assert (row.illness, row.complaint, row.room) == ("FLU_A", "diagnosed", "isolation")
    with read() as db:
        assert db.scalar(select(Episode.illness)) == "FLU_A"
    audit = audited("change_illness")
    assert audit.note == "UNDIAGNOSED_FEVER → FLU_A"
    assert "FLU" not in str(audit.detail)


def test_the_same_kind_of_illness_keeps_the_room(
    town: Town, sakura: Household, nurse: Worker
) -> None:
    booking = sakura.books("URI")
    assert rooming.change_illness(booking, "BRONCHITIS", nurse.by, None, now).code == "kept"
    assert row_of(booking).room == "general"


def test_without_a_room_the_place_is_kept_and_staff_get_a_task(
    make_town: MakeTown, nurse: Worker
) -> None:
    town = make_town()
    flu, sakura = town.family("はな"), town.family("さくら")
    nurse = town.worker("staff", "seeds")
    flu.books("FLU_A")
    booking = sakura.books("URI")
    answer = rooming.change_illness(booking, "FLU_B", nurse.by, None, now)
    assert (answer.code, answer.values["code"]) == ("unseated", "ILLNESS_MIX")
    assert town.state(booking) == "confirmed"
    assert row_of(booking).illness == "FLU_B"
    assert open_tasks() == ["reseat"]
    again = rooming.change_illness(booking, "URI", nurse.by, None, now)
    assert again.code == "kept"
    assert open_tasks() == []


def test_an_illness_that_is_never_taken_is_a_task_too(make_town: MakeTown) -> None:
    town = make_town(illnesses={"EKC": "never"})
    booking = town.family("さくら").books()
    nurse = town.worker("staff", "seeds")
    answer = rooming.change_illness(booking, "EKC", nurse.by, None, now)
    assert answer.values["code"] == "NEVER_ILLNESS"
    assert open_tasks() == ["reseat"]
    assert town.state(booking) == "confirmed"


def test_an_illness_nobody_knows_is_a_mistake(sakura: Household, nurse: Worker) -> None:
    booking = sakura.books()
    with pytest.raises(ValueError, match="catalogue"):
        rooming.change_illness(booking, "COLD", nurse.by, None, now)


def test_an_offer_that_no_longer_fits_is_withdrawn(make_town: MakeTown) -> None:
    town = make_town(capacity=2, rooms=build.rooms(general=1, isolation=1))
    first, flu, hana = (town.family(n) for n in ("さくら", "もも", "はな"))
    nurse = town.worker("staff", "seeds")
    place = first.books("URI")
    flu.books("FLU_A")
    entry = hana.waits("URI")
    first.cancels(place)
    assert town.state(entry) == "offered"
    rooming.change_illness(entry, "FLU_B", nurse.by, None, now)
    assert town.state(entry) == "waiting"
    assert "withdrawn" in told(entry)


def test_a_child_is_put_into_a_room_by_hand_and_stays(make_town: MakeTown) -> None:
    town = make_town(rooms=[*build.rooms(general=2), build.room("second", 2)], capacity=4)
    booking, nurse = town.family("さくら").books(), town.worker("staff", "seeds")
    there = "second" if row_of(booking).room == "general" else "general"
    answer = rooming.move(booking, there, nurse.by, None, now)
    assert answer.code == "moved"
    row = row_of(booking)
    assert (row.room, row.pinned) == (there, True)
    back = rooming.move(booking, answer.values["from"], nurse.by, None, now, pin=False)
    assert back.code == "moved"
    assert row_of(booking).pinned is False


def test_a_child_is_pinned_to_its_room_and_loosened_again(make_town: MakeTown) -> None:
    rooms = [*build.rooms(isolation=1), build.room("either", 1, "observation", "either")]
    town = make_town(rooms=rooms, capacity=4)
    booking, nurse = town.family("さくら").books("FLU_A"), town.worker("staff", "seeds")
    rooming.move(booking, "either", nurse.by, None, now, pin=False)
    assert rooming.pin(booking, True, nurse.by, None, now).code == "pinned"
    assert row_of(booking).pinned is True
    entry = town.family("はな").waits("URI")
    assert town.state(entry) == "waiting"
    # loose again, it may make room: the list is asked at once
    assert rooming.pin(booking, False, nurse.by, None, now).code == "loose"
    assert (row_of(booking).pinned, town.state(entry)) == (False, "offered")
    assert audited("pin").entity_id == audited("unpin").entity_id == booking
    # an open offer needs the room: pinning would break the promise
    assert rooming.pin(booking, True, nurse.by, None, now).has(Code.LIST_FIRST)


def test_pinning_moves_who_is_in_the_way_and_needs_a_room(make_town: MakeTown) -> None:
    rooms = [build.room("a", 1, "isolation"), build.room("b", 1, "isolation")]
    town = make_town(rooms=rooms, capacity=2)
    first, nurse = town.family("さくら").books("FLU_A"), town.worker("staff", "seeds")
    second = town.family("はな").books("FLU_B")
    was = row_of(first).room
    with write() as db:
        db.execute(update(BookingRow).where(BookingRow.id == second).values(room=was))
    assert rooming.pin(first, True, nurse.by, None, now).code == "pinned"
    assert row_of(second).room != row_of(first).room == was
    entry = town.family("もも").waits("RSV")
    assert rooming.pin(entry, True, nurse.by, None, now).has(Code.NOT_POSSIBLE)


def test_a_move_that_cannot_be_is_refused_with_its_reason(
    town: Town, sakura: Household, nurse: Worker
) -> None:
    booking = sakura.books("URI")
    assert rooming.move(booking, "isolation", nurse.by, None, now).has(Code.ILLNESS_MIX)
    assert rooming.move(booking, "attic", nurse.by, None, now).has(Code.NOT_POSSIBLE)
    sakura.cancels(booking)
    assert rooming.move(booking, "general", nurse.by, None, now).has(Code.NOT_POSSIBLE)


def test_an_override_gives_the_place_and_keeps_the_reason(make_town: MakeTown) -> None:
    town = make_town(capacity=1)
    town.family("さくら").books()
    hana, nurse = town.family("はな"), town.worker("staff", "seeds")
    entry = hana.waits()
    with pytest.raises(ValueError, match="reason"):
        desk.override(entry, "general", "  ", nurse.by, None, now)
    assert desk.override(entry, "attic", "園から", nurse.by, None, now).has(Code.NOT_POSSIBLE)
    answer = desk.override(entry, "general", "兄がいるため", nurse.by, None, now)
    assert answer.code == "confirmed"
    row = row_of(entry)
    assert (row.state, row.room, row.pinned, row.price) == ("confirmed", "general", True, 2000)
    audit = audited("override")
    assert (audit.reason, audit.note) == ("OVERRIDE", "兄がいるため")
    assert "confirmed" in told(entry)


def test_an_override_for_a_child_in_no_list(make_town: MakeTown) -> None:
    town = make_town(capacity=1)
    town.family("さくら").books()
    hana, nurse = town.family("はな"), town.worker("staff", "seeds")
    args = (hana.wants(), "general", "きょうだいと一緒", nurse.by, None, now)
    answer = desk.override_wish(*args)
    assert answer.code == "confirmed"
    assert town.state(answer.booking_id or "") == "confirmed"
    assert row_of(answer.booking_id or "").channel == "desk"
    assert desk.override_wish(*args).has(Code.ALREADY_BOOKED)


def test_an_override_ends_the_place_elsewhere(make_town: MakeTown) -> None:
    town = make_town(capacity=1)
    town.family("さくら").books()
    hana, nurse = town.family("はな"), town.worker("staff", "seeds")
    elsewhere = hana.books(at="rabbit")
    answer = desk.override_wish(hana.wants(), "general", "転院のため", nurse.by, None, now)
    assert answer.code == "confirmed"
    assert town.state(elsewhere) == "cancelled"


def test_staff_offer_by_hand_where_the_rule_book_says_so(make_town: MakeTown) -> None:
    town = make_town(capacity=1, waiting={"mode": "staff"})
    sakura, hana, nurse = town.family("さくら"), town.family("はな"), town.worker("staff", "seeds")
    booking, entry = sakura.books(), hana.waits()
    assert desk.offer(entry, 30, nurse.by, None, now).has(Code.CAPACITY)
    sakura.cancels(booking)
    assert town.state(entry) == "waiting"
    answer = desk.offer(entry, 30, nurse.by, None, now)
    assert answer.code == "offered"
    assert (answer.values["until"] - now()).total_seconds() == 1800
    assert "offer" in told(entry)
    assert hana.says_yes(entry).code == "confirmed"


def test_an_offer_by_hand_ends_with_the_list_at_the_latest(
    make_town: MakeTown, clock: Clock
) -> None:
    town = make_town(capacity=1, waiting={"mode": "staff"})
    hana, nurse = town.family("はな"), town.worker("staff", "seeds")
    entry = hana.waits()
    clock.set("2026-11-24 07:20")
    answer = desk.offer(entry, 30, nurse.by, None, now)
    assert answer.values["until"] == clock.set("07:30")
    desk.withdraw(entry, nurse.by, None, now)
    clock.set("07:30")
    assert desk.offer(entry, 30, nurse.by, None, now).has(Code.TOO_LATE)


def test_an_offer_is_taken_back_and_the_next_is_asked(make_town: MakeTown, clock: Clock) -> None:
    town = make_town(capacity=1)
    sakura, hana, momo = (town.family(n) for n in ("さくら", "はな", "もも"))
    nurse = town.worker("staff", "seeds")
    booking = sakura.books()
    first, second = hana.waits(), momo.waits()
    sakura.cancels(booking)
    clock.forward(seconds=30)
    assert desk.withdraw(first, nurse.by, None, now).code == "waiting"
    assert (town.state(first), town.state(second)) == ("waiting", "offered")
    assert "withdrawn" in told(first)


def test_every_act_raises_the_days_version(strict: Town) -> None:
    booking = requests(strict.family("さくら"))
    nurse = strict.worker("staff", "seeds")
    before = version(strict)
    accepts(booking, nurse)
    rooming.change_illness(booking, "BRONCHITIS", nurse.by, None, now)
    desk.close(booking, Code.STAFF, "", nurse.by, None, now)
    assert version(strict) == before + 3


def version(town: Town) -> int:
    with read() as db:
        return days.load(db, town.facilities["seeds"], CARE_DAY).version
