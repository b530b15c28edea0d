"""Deciding about a registration: the bookings, the family, and who may."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from reservation import clock as application_clock
from reservation.services import audit, registration_desk
from reservation.services.keys import key
from reservation.services.outcomes import NotFound
from reservation.services.registration_desk import Decision
from reservation.services.registrations import Place
from reservation.store import days
from reservation.store.db import read, write
from reservation.store.tables.people import Guardian, Registration
from reservation.store.tables.records import Audit, Outbox, Task
from reservation.store.types import new_id
from tests.databases import both_databases
from tests.town import CARE_DAY, book

pytestmark = both_databases
APPROVE = Decision("approve", number="24-017")
RETURN = Decision("return", "アレルギーのことをもう少しおしらせください")
DECLINE = Decision("decline", "区内にお住まいの方が対象です")


def waiting(town, family, facility=None):
    """This family's registration, with the town or with a facility, is not decided yet; its id."""
    place = {"municipality_id": None if facility else town.municipality_id, "facility_id": facility}
    mine = Registration.child_id == family.child_id
    with write() as db:
        db.execute(update(Registration).where(mine).values(status="pending", **place))
        return db.scalar(select(Registration.id).where(mine))


def officer_by(officer):
    """The officer acting."""
    return audit.account(officer.account_id)


def stored(registration_id):
    with read() as db:
        return db.execute(
            select(Registration.__table__).where(Registration.id == registration_id)
        ).one()


def conditions(town, booking_id, at="seeds"):
    """The open conditions of a booking."""
    with read() as db:
        day = days.load(db, town.facilities[at], CARE_DAY)
    return [c.code for c in day.booking(booking_id).conditions if c.is_open]


def decide(town, registration_id, decision, by, sent=None, facility=None):
    place = Place(None, facility) if facility else Place(town.municipality_id)
    return registration_desk.decide(
        registration_id, place, decision, by, sent, application_clock.now
    )


def test_approval_closes_the_condition_and_tells_the_family(town, sakura, officer):
    from_office = officer_by(officer)
    registration = waiting(town, sakura)
    booking = sakura.books()
    assert conditions(town, booking) == ["registration"]
    outcome = decide(town, registration, APPROVE, from_office)
    assert (outcome.code, outcome.values) == ("approved", {"closed": 1, "told": 1})
    assert conditions(town, booking) == []
    row = stored(registration)
    assert (row.status, row.number, row.decided_by) == ("approved", "24-017", officer.account_id)
    with read() as db:
        kinds = db.scalars(select(Outbox.kind).where(Outbox.address == sakura.mail)).all()
        acts = db.scalars(select(Audit.action).where(Audit.entity == "registration")).all()
    assert "registration_approved" in kinds
    assert acts == ["approve"]


def test_a_question_goes_back_with_its_words(town, sakura, officer):
    registration = waiting(town, sakura)
    booking = sakura.books()
    outcome = decide(town, registration, RETURN, officer_by(officer))
    assert outcome.code == "returned"
    assert conditions(town, booking) == ["registration"]
    assert stored(registration).answer == RETURN.answer
    assert decide(town, registration, APPROVE, officer_by(officer)).code == "approved"


def test_a_declined_child_keeps_its_bookings_for_staff_to_decide(town, sakura, officer):
    registration = waiting(town, sakura)
    booking = sakura.books()
    assert decide(town, registration, DECLINE, officer_by(officer)).code == "declined"
    assert town.state(booking) == "confirmed"
    assert conditions(town, booking) == ["registration"]
    assert decide(town, registration, APPROVE, officer_by(officer)).is_refused


def test_two_officers_decide_once_and_the_same_form_twice_too(town, sakura, officer):
    registration = waiting(town, sakura)
    sent = key("x", "token", {})
    first = decide(town, registration, APPROVE, officer_by(officer), sent)
    again = decide(town, registration, APPROVE, officer_by(officer), sent)
    assert first.code == again.code == "approved"
    assert decide(town, registration, APPROVE, officer_by(officer)).is_refused


def test_words_are_a_must_where_the_family_has_to_act(town, sakura, officer):
    registration = waiting(town, sakura)
    for bad in (Decision("return", " "), Decision("decline"), Decision("perhaps", "x")):
        with pytest.raises(ValueError, match="no decision"):
            decide(town, registration, bad, officer_by(officer))


def test_a_facility_decides_about_its_own_only(make_town):
    town = make_town(registering={"scope": "facility", "renewal": "fiscal_year"})
    nurse, sakura = town.worker("staff", "seeds"), town.family("さくら")
    seeds, rabbit = town.facilities["seeds"], town.facilities["rabbit"]
    registration = waiting(town, sakura, seeds)
    booking = sakura.books()
    with pytest.raises(NotFound):
        decide(town, registration, APPROVE, nurse.by, facility=rabbit)
    with pytest.raises(NotFound):
        decide(town, registration, APPROVE, nurse.by)
    with pytest.raises(NotFound):
        decide(town, new_id(), APPROVE, nurse.by, facility=seeds)
    assert decide(town, registration, APPROVE, nurse.by, facility=seeds).values["closed"] == 1
    assert conditions(town, booking) == []
    assert stored(registration).valid_to.isoformat() == "2027-03-31"


def test_a_family_without_mail_becomes_a_call_at_the_facility(make_town):
    town = make_town(registering={"scope": "facility"})
    nurse, sakura = town.worker("staff", "seeds"), town.family("さくら")
    with write() as db:
        db.execute(update(Guardian).where(Guardian.id == sakura.guardian_id).values(mail=None))
    seeds = town.facilities["seeds"]
    registration = waiting(town, sakura, seeds)
    outcome = decide(town, registration, RETURN, nurse.by, facility=seeds)
    assert outcome.values["told"] == 0
    with read() as db:
        assert db.scalars(select(Task.about)).all() == ["registration_returned"]


def test_another_scope_keeps_its_own_condition(town, sakura, officer):
    """An approval by the municipality says nothing to a room that registers by itself."""
    town.rules(book("own", registering={"scope": "facility"}))
    with write() as db:
        row = {"id": new_id(), "child_id": sakura.child_id, "status": "pending",
               "facility_id": town.facilities["own"], "valid_from": CARE_DAY,
               "asked_at": application_clock.now()}  # fmt: skip
        db.execute(insert(Registration), [{**row, "valid_from": CARE_DAY.replace(month=4)}])
    with read() as db:
        office = db.scalar(
            select(Registration.id).where(Registration.municipality_id == town.municipality_id)
        )
    with write() as db:
        db.execute(update(Registration).where(Registration.id == office).values(status="pending"))
    booking = sakura.books(at="own")
    assert decide(town, office, APPROVE, officer_by(officer)).values["closed"] == 0
    assert conditions(town, booking, "own") == ["registration"]
