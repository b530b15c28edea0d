"""What a family is to pay, line by line."""

from __future__ import annotations

from typing import Any

from reservation import clock as application_clock
from reservation.domain.fees import Extras
from reservation.services import bills, bookings, door
from reservation.services.bills import Added
from tests.conftest import Clock
from tests.pages import Reader
from tests.town import Household, Town, Worker, book

now = application_clock.now
MONEY: dict[str, Any] = {
    "resident": 2000,
    "rates": [{"hours": 4, "amount": 1000, "name": {"ja": "半日"}}],
    "items": [{"code": "lunch", "name": {"ja": "昼食"}, "amount": 400}],
}


def test_the_family_reads_the_same_lines(
    town: Town, sakura: Household, nurse: Worker, clock: Clock, phone: Reader
) -> None:
    town.rules(book("seeds", valid_from="2026-11-01", fees=MONEY))
    booking = sakura.books()
    clock.set("2026-11-24 08:30")
    door.check_in(booking, nurse.by, None, now)
    phone.opens(f"/my/bookings/{booking}").says_not("お支払い")
    clock.set("12:00")
    bills.change(booking, Added(Extras(items={"lunch": 1})), nurse.by, None, now)
    door.check_out(booking, nurse.by, None, now)
    page = phone.opens(f"/my/bookings/{booking}").says("お支払い")
    page.says("半日(3時間30分、4時間まで) 1,000円", "昼食 400円", "合計 1,400円").says_not("bill")


def test_a_late_cancellation_shows_its_fee(
    town: Town, sakura: Household, clock: Clock, phone: Reader
) -> None:
    town.rules(book("seeds", valid_from="2026-11-01", cancelling={"late_fee": 500}))
    made = sakura.books()
    clock.set("2026-11-24 07:30")
    bookings.cancel(made, sakura.by, None, now)
    phone.opens(f"/my/bookings/{made}").says("お支払い", "締切後のキャンセル料 500円", "合計 500円")
