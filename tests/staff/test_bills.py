"""Bills: made at pick-up from the times at the door, with what staff add and correct."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.domain.fees import Extras
from reservation.domain.refusals import Code
from reservation.reads import bills as reads
from reservation.services import bills, door, leaving
from reservation.services.bills import Added
from reservation.store.db import read
from reservation.store.tables.money import BillRow
from reservation.store.tables.records import Audit
from tests.conftest import Clock
from tests.databases import both_databases
from tests.pages import Reader
from tests.town import Household, Town, Worker, book

now = application_clock.now
CARD = "/staff/seeds/bookings/{}"
MONEY: dict[str, Any] = {
    "resident": 2000,
    "rates": [{"hours": 4, "amount": 1000, "name": {"ja": "半日"}}],
    "surcharges": [{"edge": "after", "at": "17:30", "amount": 500, "minutes": 30}],
    "items": [
        {"code": "lunch", "name": {"ja": "昼食"}, "amount": 400},
        {"code": "diaper", "name": {"ja": "おむつ"}, "amount": 50},
    ],
    "taxi": True,
    "taxi_cap": 1000,
}


@pytest.fixture
def booking(town: Town, sakura: Household, nurse: Worker, clock: Clock) -> str:
    """さくら in care since 8:30 of the care day, where the tariff of MONEY counts."""
    town.rules(book("seeds", valid_from="2026-11-01", fees=MONEY))
    made = sakura.books()
    clock.set("2026-11-24 08:30")
    door.check_in(made, nurse.by, None, now)
    return made


def row(booking: str) -> BillRow:
    """The stored bill."""
    with read() as db:
        return db.scalars(select(BillRow).where(BillRow.booking_id == booking)).one()


def lines(booking: str) -> list[tuple[str, int]]:
    """Code and yen of its lines."""
    with read() as db:
        bill = reads.of(db, [booking])[booking].bill
    assert bill is not None
    return [(line.code, line.amount) for line in bill.lines]


def add(booking: str, nurse: Worker, reason: str = "", **extras: Any) -> str:
    """Staff add this; what became of it."""
    return bills.change(booking, Added(Extras(**extras), reason), nurse.by, None, now).code


@both_databases
def test_pick_up_makes_the_bill_from_the_times_at_the_door(
    booking: str, nurse: Worker, clock: Clock
) -> None:
    clock.set("12:30")
    door.check_out(booking, nurse.by, None, now)
    assert (lines(booking), row(booking).total) == ([("day", 1000)], 1000)
    door.undo_check_out(booking, nurse.by, None, now)
    assert (row(booking).lines, row(booking).total, row(booking).made_at) == (None, None, None)
    clock.set("17:31")
    door.check_out(booking, nurse.by, None, now)
    assert lines(booking) == [("day", 2000), ("after", 500)]
    assert (row(booking).total, row(booking).made_at) == (2500, clock.now())


@both_databases
def test_what_staff_add_before_and_after_pick_up_is_on_the_bill_and_in_the_log(
    booking: str, nurse: Worker, clock: Clock
) -> None:
    assert add(booking, nurse, items={"lunch": 1, "diaper": 3}) == "billed"
    assert row(booking).total is None
    clock.set("16:00")
    door.check_out(booking, nurse.by, None, now)
    assert lines(booking) == [("day", 2000), ("item", 400), ("item", 150)]
    assert add(booking, nurse, "遅れはこちらの都合", items={"lunch": 1}, taxi=2740, correction=-300)
    assert lines(booking) == [("day", 2000), ("item", 400), ("taxi", 1000), ("correction", -300)]
    assert row(booking).total == 3100
    with read() as db:
        last = db.scalars(select(Audit).where(Audit.action == "bill").order_by(Audit.seq)).all()[-1]
    assert (last.note, last.actor_id) == ("遅れはこちらの都合", nurse.by.id)
    assert last.detail == {"lunch": 1, "taxi": 2740, "correction": -300}


def test_the_price_promised_is_kept_when_the_tariff_rises(
    town: Town, booking: str, nurse: Worker, clock: Clock
) -> None:
    town.rules(book("seeds", valid_from="2026-11-02", fees={"resident": 2600}))
    clock.set("17:00")
    door.check_out(booking, nurse.by, None, now)
    assert lines(booking) == [("day", 2600), ("promise", -600)]


def test_nothing_is_added_to_a_child_that_has_not_come(
    town: Town, sakura: Household, nurse: Worker
) -> None:
    made = sakura.books()
    refused = bills.change(made, Added(Extras()), nurse.by, None, now)
    assert refused.has(Code.NOT_POSSIBLE)


@pytest.mark.parametrize(
    "wrong",
    [
        Added(Extras(items={"steak": 1})), Added(Extras(items={"lunch": 21})),
        Added(Extras(items={"lunch": -1})), Added(Extras(taxi=50_001)),
        Added(Extras(correction=-50_001), "why"), Added(Extras(correction=1), " "),
    ],
)  # fmt: skip
def test_what_the_form_would_not_send_is_refused(booking: str, nurse: Worker, wrong: Added) -> None:
    with pytest.raises(ValueError, match=r"no bill|its reason"):
        bills.change(booking, wrong, nurse.by, None, now)


def test_the_desk_sees_the_bill_line_by_line_and_corrects_it(
    booking: str, nurse: Worker, clock: Clock, at_desk: Callable[[Worker], Reader]
) -> None:
    desk = at_desk(nurse)
    desk.opens(CARD.format(booking)).says("お迎えのときに、来室とお迎えの時刻から計算します。")
    clock.set("17:45")
    door.check_out(booking, nurse.by, None, now)
    desk = at_desk(nurse)  # by now the morning's session is over
    card = desk.opens(CARD.format(booking))
    card.says("利用料 2,000円", "17:30 より後のお迎え(15分) 500円", "合計 2,500円", "昼食(400円)")
    wrong = card.submit(
        "料金に入れる", status=422, item_lunch="50", taxi="たくさん", correction="-1"
    )
    wrong.says("20 までの数で", "円の数字で入力してください", "訂正する理由を入力してください")
    done = card.submit(
        "料金に入れる",
        item_lunch="1",
        item_diaper="2",
        taxi="1,200",
        correction="-500",
        reason="お詫び",
    )
    done.says("料金に入れました。")
    desk.opens(CARD.format(booking)).says(
        "昼食 400円", "おむつ × 2 100円", "お迎えのタクシー代 1,000円", "職員による訂正 −500円",
        "合計 3,500円", "料金を直した", "お詫び",
    )  # fmt: skip
    sheet = desk.opens("/staff/seeds/day/2026-11-24/sheet")
    sheet.says("昼食 400円", "合計 3,500円")


def test_who_leaves_takes_the_lines_along_and_the_sum_stays(
    booking: str, sakura: Household, nurse: Worker, clock: Clock
) -> None:
    add(booking, nurse, "お詫び", correction=-100)
    clock.set("17:00")
    door.check_out(booking, nurse.by, None, now)
    assert leaving.leave(sakura.by, now).code == "left"
    assert (row(booking).lines, row(booking).reason, row(booking).total) == (None, None, 1900)
