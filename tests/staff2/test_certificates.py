"""Papers of enrolment and work on screen: at the door, with a booking, and with a registration."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from reservation import clock as application_clock
from reservation.domain.certificates import Certificate
from reservation.reads import my_export
from reservation.services import certificates, leaving
from reservation.services.outcomes import NotFound
from reservation.services.registrations import Place
from reservation.services.shown import Shown
from reservation.store.db import read
from reservation.store.tables.bookings import BookingRow
from reservation.store.tables.people import CertificateRow, Registration
from reservation.store.tables.records import Audit
from tests.databases import both_databases
from tests.staff.conftest import signed_in
from tests.staff2.test_registration_pages import DESK, OFFICE, add
from tests.town import CARE_DAY

now = application_clock.now
BUTTON = "書類を確かめて、記録する"
ASKING = {"certificates": ["enrolment", "work"], "certificates_renewal": "fiscal_year"}
MUSASHINO = "132039"


@pytest.fixture
def asking(make_town):
    """A town whose rooms ask for papers of children who go to nursery outside."""
    return make_town(eligibility=ASKING, registering={"scope": "none"})


@pytest.fixture
def sora(asking):
    """Who goes to nursery in Musashino."""
    return asking.family("そら", nursery_in=MUSASHINO)


@pytest.fixture
def desk(asking, context):
    """The nurse of しーず at her screen."""
    return signed_in(context, asking.worker("staff", "seeds").account_id)


def papers():
    """All that was seen."""
    with read() as db:
        return db.scalars(select(CertificateRow)).all()


def waiting_for(booking):
    """Codes of the open conditions of a booking."""
    with read() as db:
        found = db.get_one(BookingRow, booking).conditions
    return [one["code"] for one in found if not one["closed_at"]]


@both_databases
def test_at_the_door_a_paper_is_seen_once_and_kept(asking, sora, desk):
    booked = sora.books()
    other = sora.books(day=CARE_DAY.replace(day=25))
    card = desk.opens(f"/staff/seeds/bookings/{booked}")
    card.says("在園証明書の提示 まだ", "就労証明書の提示 まだ")
    forms = [one for one in card.forms() if one.fields.get("code") == ["certificate_work"]]
    desk.posts(forms[0].action, forms[0].fields).says("就労証明書の提示を記録しました")
    assert [waiting_for(one) for one in (booked, other)] == [["certificate_enrolment"]] * 2
    (kept,) = papers()
    assert (kept.paper, kept.valid_from, kept.valid_to) == ("work", CARE_DAY.replace(day=23), None)
    with read() as db:
        seen = db.scalars(select(Audit).where(Audit.entity == "certificate")).one()
    assert (seen.action, seen.on_behalf_of) == ("see_certificate", sora.family_id)


def test_the_papers_of_a_booking_are_entered_and_taken_back(asking, sora, desk):
    booked = sora.books()
    card = desk.opens(f"/staff/seeds/bookings/{booked}")
    page = card.follow("見せていただいた書類").says("書類は、まだ見せていただいていません")
    page.submit(BUTTON, 422, paper="").says("書類を選んでください")
    ends = {"paper_from": ["2026", "4", "1"], "paper_to": ["2026", "3", "1"]}
    page.submit(BUTTON, 422, paper="work", **ends).says("はじまりの日より前です")
    page.submit(BUTTON, 422, paper="work", paper_from=["", "", ""]).says("いつの利用からか")
    page = page.submit(BUTTON, paper="work", paper_from=["2026", "4", "1"])
    page.says("就労証明書 2026年4月1日の利用から、2027年3月31日まで", "確かめた人：staff")
    assert waiting_for(booked) == ["certificate_enrolment"]
    page.submit("記録を取り消す").says("書類の記録を取り消しました")
    assert (papers(), waiting_for(booked)) == ([], ["certificate_enrolment", "certificate_work"])


def test_a_paper_that_has_run_out_is_marked_and_asked_for_again(asking, sora, desk):
    booked = sora.books()
    page = desk.opens(f"/staff/seeds/bookings/{booked}/papers")
    days = {"paper_from": ["2025", "4", "1"], "paper_to": ["", "", ""]}
    page.submit(BUTTON, paper="work", **days).says("2026年3月31日まで", "期限切れ")
    assert "certificate_work" in waiting_for(booked)


def test_a_condition_of_a_paper_is_not_opened_by_hand(asking, sora, desk):
    booked = sora.books()
    token = desk.opens(f"/staff/seeds/bookings/{booked}").form().fields["csrf_token"]
    sent = {"csrf_token": token, "code": "certificate_work", "reopen": "yes"}
    desk.posts(f"/staff/seeds/bookings/{booked}/condition", sent, 400)


@both_databases
def test_an_officer_records_it_with_the_registration_before_any_booking(make_town, context):
    town = make_town(eligibility=ASKING)
    sora = town.family("そら", nursery_in=MUSASHINO)
    with read() as db:
        mine = select(Registration.id).where(Registration.child_id == sora.child_id)
        registration = db.scalars(mine).one()
    office = signed_in(context, town.worker("officer").account_id)
    page = office.opens(f"{OFFICE}/{registration}").says("在園と就労の書類")
    page.submit(BUTTON, 422, paper="").says("書類を選んでください")
    for paper in ("enrolment", "work"):
        page = page.submit(BUTTON, paper=paper)
    assert waiting_for(sora.books()) == []
    page.submit("記録を取り消す").says("取り消しました")
    assert len(papers()) == 1
    reviewer = signed_in(context, town.worker("reviewer").account_id)
    reviewer.opens(f"{OFFICE}/{registration}").says("在園と就労の書類").says_not(BUTTON, "取り消す")


def test_a_facility_records_it_with_its_own_registration(make_town, context):
    town = make_town(eligibility=ASKING, registering={"scope": "facility"})
    sora = town.family("そら", nursery_in=MUSASHINO)
    own = add(town, sora, status="approved")
    desk = signed_in(context, town.worker("staff", "seeds").account_id)
    page = desk.opens(f"{DESK}/{own}").submit(BUTTON, 422, paper="")
    page = page.submit(BUTTON, paper="work")
    page.submit("記録を取り消す").says("取り消しました")
    assert papers() == []


def test_another_facility_may_not_enter_it(asking, sora):
    booked = sora.books()
    elsewhere = Shown(place=Place(facility_id=asking.facilities["rabbit"]), booking_id=booked)
    other = asking.worker("staff", "rabbit").by
    with pytest.raises(NotFound):
        certificates.enter(elsewhere, Certificate("work", CARE_DAY), other, None, now)


def test_it_is_in_the_export_and_goes_with_the_family(asking, sora):
    booked = sora.books()
    at_desk = Shown(place=Place(facility_id=asking.facilities["seeds"]), booking_id=booked)
    nurse = asking.worker("staff", "seeds").by
    for paper in ("enrolment", "work"):
        certificates.enter(at_desk, Certificate(paper, CARE_DAY), nurse, None, now)
    told = my_export.everything(sora.family_id, now())["certificates"]
    assert {one["paper"] for one in told} == {"enrolment", "work"}
    sora.cancels(booked)
    assert leaving.remove_child(sora.child_id, sora.by, now).code == "removed"
    assert [one.paper for one in papers()] == ["work"]
    assert leaving.leave(sora.by, now).code == "left"
    assert papers() == []
