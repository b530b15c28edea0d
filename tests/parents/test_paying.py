"""What a family is to pay, line by line."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from reservation import clock as application_clock
from reservation.domain.exemptions import Proof
from reservation.domain.fees import Extras
from reservation.services import audit, bills, bookings, door, exemptions
from reservation.services.bills import Added
from reservation.services.registrations import Place
from reservation.services.shown import Shown
from reservation.store.db import read
from reservation.store.tables.people import Registration
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


def test_the_family_reads_its_class_and_that_its_proof_has_run_out(
    town: Town, sakura: Household, officer: Worker, phone: Reader, clock: Clock
) -> None:
    taxed = {"code": "taxed", "name": {"ja": "非課税"}, "amount": 500, "proof_month": 9}
    town.rules(book("seeds", valid_from="2026-11-01", fees={"resident": 2000, "classes": [taxed]}))
    phone.opens("/my/family").says_not("料金の減免")
    booking = sakura.books()
    phone.opens(f"/my/bookings/{booking}").says("2,000円").says_not("減免")
    shows(town, sakura, officer, Proof("taxed", date(2026, 4, 1)))
    phone.opens("/my/family").says("料金の減免", "非課税", "2026年8月31日まで", "期限切れ")
    words = "減免(非課税)の証明は 2026年8月31日 で期限が切れるため、通常の料金です"
    phone.opens(f"/my/bookings/{booking}").says(words)
    clock.set("18:05")
    shows(town, sakura, officer, Proof("taxed", date(2026, 9, 1)))
    phone.opens(f"/my/bookings/{booking}").says("減免：非課税")
    phone.opens("/my/family").says("いまの区分", "2027年8月31日まで").says_not("期限切れ")


def shows(town: Town, family: Household, officer: Worker, proof: Proof) -> None:
    """An officer sees the proof."""
    with read() as db:
        registration = db.scalars(
            select(Registration.id).where(Registration.child_id == family.child_id)
        ).one()
    place, by = Place(town.municipality_id), audit.account(officer.account_id)
    exemptions.enter(Shown(place=place, registration_id=registration), proof, by, None, now)
