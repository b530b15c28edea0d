"""Proofs for lower fees: entered at the desk and in the office, read by the family, kept sealed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text

from reservation import clock as application_clock
from reservation.domain.exemptions import Proof
from reservation.reads import my_export
from reservation.services import audit, exemptions, keys, leaving
from reservation.services.outcomes import NotFound
from reservation.services.registrations import Place
from reservation.services.shown import Shown
from reservation.store.db import read
from reservation.store.tables.people import Exemption, Registration
from reservation.store.tables.records import Audit
from tests.databases import both_databases
from tests.staff.conftest import signed_in
from tests.staff2.test_registration_pages import DESK, OFFICE, add
from tests.town import CARE_DAY, book

now = application_clock.now
BUTTON = "証明を確かめて、区分を保存する"
FEES: dict[str, Any] = {
    "resident": 2000,
    "classes": [
        {"code": "welfare", "name": {"ja": "生活保護"}, "amount": 0},
        {"code": "taxed", "name": {"ja": "市民税非課税"}, "amount": 500, "proof_month": 9,
         "proof": {"ja": "課税証明書"}},
    ],
}  # fmt: skip
APRIL = {"valid_from": ["2026", "4", "1"]}


@pytest.fixture
def fees(town):
    """しーず has classes."""
    town.rules(book("seeds", valid_from="2026-11-01", fees=FEES))


@pytest.fixture
def registration(town, fees, sakura):
    """さくら's registration with the town."""
    with read() as db:
        return db.scalars(
            select(Registration.id).where(Registration.child_id == sakura.child_id)
        ).one()


def price(booking: str) -> Any:
    """The price promised with a booking."""
    with read() as db:
        return db.execute(
            text("select price from booking where id = :id"), {"id": booking}
        ).scalar()


@both_databases
def test_an_officer_enters_a_proof_and_the_next_booking_costs_less(
    town, registration, office, sakura, officer
):
    page = office.opens(f"{OFFICE}/{registration}")
    page.says("料金の減免", "証明は、まだ見せていただいていません。", "課税証明書", "毎年9月から")
    done = page.submit(BUTTON, fee_class="welfare", **APRIL)
    done.says("料金の区分を保存しました", "生活保護", "2026年4月1日の利用から", "いまの区分")
    done.says("証明を確かめた人：officer(2026年11月23日)")
    assert price(sakura.books()) == 0
    with read() as db:
        stored = db.execute(text("select fee_class from exemption")).scalar_one()
        seen = db.scalars(select(Audit).where(Audit.entity == "exemption")).one()
    assert "welfare" not in stored
    assert (seen.action, seen.actor_id, seen.detail) == ("see_proof", officer.account_id, {})


def test_history_stays_and_the_last_seen_counts(registration, office, sakura):
    page = office.opens(f"{OFFICE}/{registration}")
    page.submit(BUTTON, fee_class="taxed", valid_from=["2026", "5", "1"])
    run_out = office.opens(f"{OFFICE}/{registration}").says("2026年8月31日まで", "期限切れ")
    run_out.submit(BUTTON, fee_class="welfare", valid_from=["2026", "9", "1"])
    ended = office.opens(f"{OFFICE}/{registration}").submit(
        BUTTON, fee_class="none", valid_from=["2026", "11", "1"]
    )
    ended.says("市民税非課税", "生活保護", "なし(通常の料金)").says_not("いまの区分", "期限切れ")
    assert price(sakura.books()) == 2000


def test_what_is_wrong_stands_beside_its_field(registration, office):
    page = office.opens(f"{OFFICE}/{registration}")
    page.submit(BUTTON, 422).says("料金の区分を選んでください")
    ends = {"valid_to": ["2026", "3", "31"]}
    page.submit(BUTTON, 422, fee_class="welfare", **APRIL, **ends).says("はじまりの日より前です")
    page.submit(BUTTON, 422, fee_class="welfare", valid_from=["1999", "4", "1"]).says(
        "年をもう一度確かめてください"
    )
    page.submit(BUTTON, 422, fee_class="welfare", valid_from=["", "", ""]).says(
        "いつの利用からかを入力してください"
    )


def test_a_reviewer_looks_and_a_room_without_classes_asks_nothing(
    town, registration, context, office
):
    reviewer = signed_in(context, town.worker("reviewer").account_id)
    reviewer.opens(f"{OFFICE}/{registration}").says("料金の減免").says_not(BUTTON)
    town.rules(book("seeds", valid_from="2026-11-02"))
    office.opens(f"{OFFICE}/{registration}").says_not("料金の減免")


@both_databases
def test_a_facility_enters_what_its_own_families_show(make_town, context):
    town = make_town(registering={"scope": "facility"}, fees=FEES)
    sakura = town.family("さくら")
    own, foreign = add(town, sakura, status="approved"), add(town, sakura, "rabbit")
    desk = signed_in(context, town.worker("staff", "seeds").account_id)
    page = desk.opens(f"{DESK}/{own}")
    until = {"valid_to": ["2026", "11", "23"]}
    page.submit(BUTTON, 422, fee_class="")
    page.submit(BUTTON, fee_class="welfare", **APRIL, **until).says("2026年11月23日まで")
    token = page.form(BUTTON).fields["csrf_token"]
    desk.posts(f"{DESK}/{foreign}/proof", {"csrf_token": token, "fee_class": "welfare"}, 404)
    assert price(sakura.books()) == 2000  # the proof ends the evening before


def officer_by(officer):
    """The officer acting for the office."""
    return audit.account(officer.account_id)


def test_it_is_in_the_export_and_goes_with_the_family(registration, sakura, officer):
    place, by = Place(sakura.town.municipality_id), officer_by(officer)
    exemptions.enter(
        Shown(place=place, registration_id=registration), Proof("welfare", CARE_DAY), by, None, now
    )
    told = my_export.everything(sakura.family_id, now())
    assert [one["fee_class"] for one in told["exemptions"]] == ["welfare"]
    assert leaving.leave(sakura.by, now).code == "left"
    with read() as db:
        assert db.scalars(select(Exemption)).all() == []


def test_the_same_form_twice_keeps_one_row(registration, sakura, officer):
    place, by = Place(sakura.town.municipality_id), officer_by(officer)
    key = keys.key("office", "t", {})
    for _time in range(2):
        exemptions.enter(
            Shown(place=place, registration_id=registration),
            Proof("welfare", CARE_DAY),
            by,
            key,
            now,
        )
    with read() as db:
        assert len(db.scalars(select(Exemption)).all()) == 1


@pytest.mark.parametrize(
    "seen", [Proof("steak", CARE_DAY), Proof("welfare", CARE_DAY, date(2026, 11, 23))]
)
def test_what_the_form_would_not_send_is_refused(registration, sakura, officer, seen):
    place, by = Place(sakura.town.municipality_id), officer_by(officer)
    with pytest.raises(ValueError, match="no proof"):
        exemptions.enter(Shown(place=place, registration_id=registration), seen, by, None, now)
    with pytest.raises(NotFound):
        exemptions.enter(
            Shown(place=Place(None, "0" * 32), registration_id=registration), seen, by, None, now
        )


@both_databases
def test_a_room_without_registration_enters_it_with_a_booking(make_town, context):
    town = make_town(registering={"scope": "none"}, fees=FEES)
    sakura, elsewhere = town.family("さくら"), town.family("はな")
    booked, foreign = sakura.books(), elsewhere.books(at="rabbit")
    desk = signed_in(context, town.worker("staff", "seeds").account_id)
    desk.opens(DESK).says("利用登録はいりません", "見せていただいた書類")
    card = desk.opens(f"/staff/seeds/bookings/{booked}")
    page = card.follow("見せていただいた書類").says("さくら の家族の書類", "課税証明書")
    page.submit(BUTTON, 422, fee_class="").says("料金の区分を選んでください")
    page.submit(BUTTON, fee_class="welfare", **APRIL).says("料金の区分を保存しました", "生活保護")
    desk.opens(f"/staff/seeds/bookings/{foreign}/papers", 404)
    sakura.cancels(booked)
    assert price(sakura.books()) == 0


def test_a_card_leads_to_no_papers_where_none_are_asked_for(town, sakura, nurse, context):
    desk = signed_in(context, nurse.account_id)
    desk.opens(f"/staff/seeds/bookings/{sakura.books()}").says_not("見せていただいた書類")
