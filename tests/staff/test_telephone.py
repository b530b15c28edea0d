"""Calls: the same rules and the same queue; the time of the call; families without mail; tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from reservation import clock as application_clock
from reservation.domain.refusals import Code
from reservation.domain.values import Channel, Complaint
from reservation.services import audit, desk, facilities, joining, keys, tasks, telephone
from reservation.services.children import Wanted
from reservation.services.outcomes import NotFound, Outcome
from reservation.services.telephone import Call, NewChild
from reservation.store.db import read, write
from reservation.store.tables.bookings import RefusalRow, WishRow
from reservation.store.tables.people import ChildRow, Family, Guardian, Registration
from reservation.store.tables.records import Audit, Task
from tests.conftest import Clock
from tests.databases import both_databases
from tests.staff.test_desk import open_tasks, row_of
from tests.town import CARE_DAY, MUNICIPALITY, OPERATOR, Household, Town, Worker

pytestmark = both_databases
now = application_clock.now
MakeTown = Callable[..., Town]


def calls(family: Household, worker: Worker, illness: str = "URI", **call: Any) -> Outcome:
    """The family telephones and the nurse enters it."""
    wanted = replace(family.wants(illness), asked_at=call.pop("asked_at", None))
    by = audit.staff(worker.account_id, worker.facility_id or "", Channel.TELEPHONE)
    return telephone.take_call(Call(wanted=wanted, **call), by, None, now)


def new_family_calls(
    town: Town, worker: Worker, telephone_number: str = "090-0000-1234"
) -> tuple[Outcome, str | None]:
    """A family nobody knew telephones and the nurse enters it."""
    new = NewChild(
        name="さくら", kana="さくら", birthday=date(2024, 5, 15), telephone=telephone_number
    )
    wanted = Wanted(
        child_id="",
        facility_id=town.facilities["seeds"],
        care_day=CARE_DAY,
        complaint=Complaint.DIAGNOSED,
        told="URI",
    )
    by = audit.staff(worker.account_id, worker.facility_id or "", Channel.TELEPHONE)
    return telephone.take_new(new, Call(wanted=wanted), by, None, now)


def open_task(kind: str) -> str:
    with read() as db:
        return str(db.scalar(select(Task.id).where(Task.kind == kind, Task.done_at.is_(None))))


def test_a_place_is_given_while_the_caller_is_on_the_line(
    town: Town, sakura: Household, nurse: Worker
) -> None:
    answer = calls(sakura, nurse, call_back="090-0000-7788")
    assert answer.code == "confirmed"
    row = row_of(answer.booking_id or "")
    assert (row.channel, row.room, row.price) == ("telephone", "general", 2000)
    assert row.remark == "☎ 090-0000-7788"
    with read() as db:
        assert db.scalars(select(WishRow.opened_by)).all() == ["telephone"]


def test_where_staff_decide_a_call_is_a_request_too(make_town: MakeTown) -> None:
    town = make_town(booking={"review": "staff"})
    assert calls(town.family("さくら"), town.worker("staff", "seeds")).code == "requested"


def test_no_place_means_the_list_and_counts_as_a_refusal(make_town: MakeTown) -> None:
    town = make_town(capacity=1)
    nurse = town.worker("staff", "seeds")
    town.family("さくら").books()
    answer = calls(town.family("はな"), nurse)
    assert (answer.code, answer.values["rank"]) == ("waiting", 1)
    with read() as db:
        assert db.scalars(select(RefusalRow.code)).all() == ["CAPACITY"]


def test_a_second_call_reads_the_same_rank(make_town: MakeTown) -> None:
    town = make_town(capacity=1)
    hana, nurse = town.family("はな"), town.worker("staff", "seeds")
    town.family("さくら").books()
    first = calls(hana, nurse)
    assert calls(hana, nurse) == first


def test_who_may_not_come_is_refused_on_the_telephone_too(make_town: MakeTown) -> None:
    town = make_town(illnesses={"EKC": "never"})
    answer = calls(town.family("さくら"), town.worker("staff", "seeds"), "EKC")
    assert answer.has(Code.NEVER_ILLNESS)


def test_without_a_list_the_call_ends_with_a_no(make_town: MakeTown) -> None:
    town = make_town(capacity=1, waiting={"mode": "none"})
    town.family("さくら").books()
    answer = calls(town.family("はな"), town.worker("staff", "seeds"))
    assert answer.has(Code.NO_LIST)
    assert answer.has(Code.CAPACITY)


def test_who_has_a_place_already_is_told_where(
    town: Town, sakura: Household, nurse: Worker
) -> None:
    sakura.books(at="rabbit")
    answer = calls(sakura, nurse)
    assert answer.refusals[0].values == {"facility_id": town.facilities["rabbit"]}


def test_after_the_closing_time_staff_may_still_enter(
    town: Town, sakura: Household, nurse: Worker, clock: Clock
) -> None:
    clock.set("2026-11-24 07:10")
    assert sakura.holds().has(Code.TOO_LATE)
    assert calls(sakura, nurse).code == "confirmed"


def test_the_time_of_the_call_decides_the_rank(make_town: MakeTown, clock: Clock) -> None:
    town = make_town(capacity=1)
    nurse = town.worker("staff", "seeds")
    town.family("さくら").books()
    called_at = clock.now()
    clock.forward(minutes=20)
    town.family("もも").waits()
    answer = calls(town.family("はな"), nurse, asked_at=called_at, why="留守番電話 18:00")
    assert answer.values["rank"] == 1
    assert row_of(answer.booking_id or "").asked_at == called_at
    with read() as db:
        note = db.scalars(select(Audit.note).where(Audit.action == "set_call_time")).one()
    assert note == "留守番電話 18:00"


@pytest.mark.parametrize(
    ("minutes", "why"), [(1, "先の時刻"), (-24 * 60 - 1, "おとといの電話"), (-10, "")]
)
def test_a_time_ahead_too_far_back_or_without_reason_is_refused(
    town: Town, sakura: Household, nurse: Worker, minutes: int, why: str
) -> None:
    asked_at = now() + timedelta(minutes=minutes)
    assert calls(sakura, nurse, asked_at=asked_at, why=why).has(Code.NOT_POSSIBLE)


def test_nobody_stands_in_the_queue_before_it_was_opened(
    town: Town, sakura: Household, nurse: Worker, clock: Clock
) -> None:
    clock.set("2026-11-18 08:50")  # three open days before the 24th: opened at 8:45
    early = now() - timedelta(minutes=10)
    answer = calls(sakura, nurse, asked_at=early, why="留守番電話")
    assert answer.has(Code.NOT_YET_OPEN)
    clock.set("08:40")
    assert calls(sakura, nurse).has(Code.NOT_YET_OPEN)


def test_a_family_nobody_knew_is_entered_and_not_telephoned_again(
    town: Town, nurse: Worker
) -> None:
    answer, code = new_family_calls(town, nurse)
    assert answer.code == "confirmed"
    assert len(code or "") == joining.LENGTH + 1
    assert open_tasks() == []
    row = row_of(answer.booking_id or "")
    assert [c["code"] for c in row.conditions] == ["registration"]
    with read() as db:
        child = db.execute(select(ChildRow.name, ChildRow.kana)).one()
        guardian = db.execute(select(Guardian.mail, Guardian.telephone)).one()
    assert tuple(child) == ("さくら", "サクラ")
    assert tuple(guardian) == (None, "09000001234")


def test_a_number_that_is_none_enters_nobody(town: Town, nurse: Worker) -> None:
    with pytest.raises(ValueError, match="telephone"):
        new_family_calls(town, nurse, "わからない")
    with read() as db:
        assert db.scalars(select(ChildRow.id)).all() == []


def test_the_same_new_child_sent_twice_is_one_family(town: Town, nurse: Worker) -> None:
    new = NewChild(name="さくら", kana="サクラ", birthday=date(2024, 5, 15), telephone="0900000123")
    wanted = Wanted(
        child_id="", facility_id=town.facilities["seeds"], care_day=CARE_DAY,
        complaint=Complaint.FEVER,
    )  # fmt: skip
    key = keys.key("nurse:new", "token", {})
    first, code = telephone.take_new(new, Call(wanted=wanted), nurse.by, key, now)
    again, none = telephone.take_new(new, Call(wanted=wanted), nurse.by, key, now)
    assert (again, none) == (first, None)
    assert code
    with read() as db:
        assert len(db.scalars(select(ChildRow.id)).all()) == 1


def test_a_child_of_another_town_is_not_there(town: Town, sakura: Household, nurse: Worker) -> None:
    elsewhere = facilities.put_municipality({**MUNICIPALITY, "code": "131121"}, OPERATOR, now)
    with write() as db:
        db.execute(update(Family).values(municipality_id=elsewhere))
        db.execute(delete(Registration))
    with pytest.raises(NotFound):
        calls(sakura, nurse)


@pytest.fixture
def asked(make_town: MakeTown) -> tuple[Town, Worker, str, str]:
    """A telephone family whose turn has come: the town, the nurse, the entry, the next entry."""
    town = make_town(capacity=1)
    nurse = town.worker("staff", "seeds")
    momo = town.family("もも")
    place = momo.books()
    entry = new_family_calls(town, nurse)[0].booking_id or ""
    behind = town.family("はな").waits()
    momo.cancels(place)
    assert (town.state(entry), open_tasks()) == ("offered", ["call_offer"])
    return town, nurse, entry, behind


def test_an_offer_to_a_telephone_family_is_answered_by_staff(
    asked: tuple[Town, Worker, str, str],
) -> None:
    town, nurse, entry, _ = asked
    answer = tasks.answer(open_task("call_offer"), "yes", nurse.by, None, now)
    assert answer.code == "confirmed"
    assert town.state(entry) == "confirmed"
    assert open_tasks() == []


def test_a_no_on_the_telephone_asks_the_next(asked: tuple[Town, Worker, str, str]) -> None:
    town, nurse, entry, behind = asked
    task = open_task("call_offer")
    assert tasks.answer(task, "no", nurse.by, None, now).code == "passed"
    assert (town.state(entry), town.state(behind)) == ("waiting", "offered")
    assert tasks.answer(task, "no", nurse.by, None, now).has(Code.NOT_POSSIBLE)


def test_no_answer_is_noted_and_the_task_stays(asked: tuple[Town, Worker, str, str]) -> None:
    _, nurse, _, _ = asked
    task = open_task("call_offer")
    for _ in range(2):
        assert tasks.answer(task, "no_answer", nurse.by, None, now).code == "no_answer"
    with read() as db:
        tries = db.scalars(select(Audit.at).where(Audit.action == "no_answer")).all()
    assert len(tries) == 2
    assert open_tasks() == ["call_offer"]


def test_an_answer_after_the_offer_has_ended_comes_too_late(
    asked: tuple[Town, Worker, str, str], clock: Clock
) -> None:
    town, nurse, entry, _ = asked
    task = open_task("call_offer")
    clock.forward(minutes=31)
    assert tasks.answer(task, "yes", nurse.by, None, now).has(Code.OFFER_ENDED)
    assert town.state(entry) == "waiting"
    assert task not in open_tasks()


def test_a_task_of_another_facility_is_not_there(asked: tuple[Town, Worker, str, str]) -> None:
    town, _, _, _ = asked
    other = town.worker("staff", "rabbit")
    for said in tasks.ANSWERS:
        with pytest.raises(NotFound):
            tasks.answer(open_task("call_offer"), said, other.by, None, now)
    with pytest.raises(ValueError, match="no answer"):
        tasks.answer(open_task("call_offer"), "maybe", other.by, None, now)


def test_news_is_told_once(make_town: MakeTown) -> None:
    town = make_town(booking={"review": "staff"})
    nurse = town.worker("staff", "seeds")
    booking = new_family_calls(town, nurse)[0].booking_id or ""
    from_desk = tasks_after_close(booking, nurse)
    assert tasks.answer(from_desk, "done", nurse.by, None, now).code == "done"
    assert open_tasks() == []
    assert tasks.answer(from_desk, "done", nurse.by, None, now).has(Code.NOT_POSSIBLE)


def tasks_after_close(booking: str, nurse: Worker) -> str:
    desk.close(booking, Code.STAFF, "", nurse.by, None, now)
    return open_task("call_news")
