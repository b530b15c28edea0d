"""Who may open what: every endpoint of the application against every kind of visitor.

TO ADD AN ENDPOINT: add one line to TABLE, endpoint → who may pass (PUBLIC, FAMILIES, SAKURA, …).
A parameter of its address that VALUES does not know gets a value there: for an id one that belongs
to さくら (parent A), to しーず (F1) and to Suginami (M1). That is all; an endpoint without a line
fails.

Whoever may not pass must read 404, or be sent to sign in, or (own place, wrong role) read 403; and
an id that belongs to somebody else must answer exactly like one that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextvars import Context
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from werkzeug.routing import Rule

from reservation import clock as application_clock
from reservation import settings
from reservation.domain.rulebook.defaults import Defaults, Followed
from reservation.services import accounts, devices, outbox, rule_defaults, rule_proposals, totp
from reservation.services.devices import Owner
from reservation.store import photos
from reservation.store.db import read, write
from reservation.store.tables.access import Account, Device, Role
from reservation.store.tables.papers import DoctorFormPhoto
from reservation.store.tables.people import Registration
from reservation.store.tables.places import Municipality
from reservation.store.tables.records import Task
from reservation.store.types import new_id
from reservation.web import access
from tests.domain.pictures import jpeg
from tests.town import CARE_DAY, SUGINAMI, Household, Town, Worker, book

ANYBODY = (
    "anonymous", "parent A", "parent B", "staff F1", "manager F1", "staff F2",
    "reviewer M1", "officer M1", "officer M2", "operator", "disabled staff",
)  # fmt: skip

PUBLIC = frozenset(ANYBODY)
FAMILIES = frozenset({"parent A", "parent B"})
SAKURA = frozenset({"parent A"})
"""Pages with an id that belongs to parent A."""
SIGNED_IN_STAFF = PUBLIC - FAMILIES - {"anonymous", "disabled staff"}
DESK = frozenset({"staff F1", "manager F1"})
MANAGER = frozenset({"manager F1"})
OFFICE = frozenset({"reviewer M1", "officer M1"})
OFFICER = frozenset({"officer M1"})

TABLE: Mapping[str, frozenset[str]] = {
    "static": PUBLIC,
    # public
    "public.healthz": PUBLIC,
    "public.readyz": PUBLIC,
    "public.metrics": PUBLIC,
    "public.board": PUBLIC,
    "public.vacancy": PUBLIC,
    "public.facility": PUBLIC,
    "public.privacy": PUBLIC,
    "public.accessibility": PUBLIC,
    "public.imprint": PUBLIC,
    # families: the way in
    "door.ask": PUBLIC,
    "door.send": PUBLIC,
    "door.code": PUBLIC,
    "door.enter": PUBLIC,
    # families
    "parents.sign_out": FAMILIES,
    "parents.home": FAMILIES,
    "parents.devices": FAMILIES,
    "parents.end_device": SAKURA,
    "parents.new_mail": FAMILIES,
    "parents.ask_new_mail": FAMILIES,
    "parents.new_mail_code": FAMILIES,
    "parents.take_new_mail": FAMILIES,
    "parents.export": FAMILIES,
    "parents.leaving": FAMILIES,
    "parents.leave": FAMILIES,
    "parents.family": FAMILIES,
    "parents.guardian": FAMILIES,
    "parents.edit_guardian": FAMILIES,
    "parents.home_form": FAMILIES,
    "parents.edit_home": FAMILIES,
    "parents.invite": FAMILIES,
    "parents.join_form": FAMILIES,
    "parents.join": FAMILIES,
    "parents.new_child": FAMILIES,
    "parents.add_child": FAMILIES,
    "parents.child": SAKURA,
    "parents.edit_child": SAKURA,
    "parents.ask_registration": SAKURA,
    "parents.removing": SAKURA,
    "parents.remove": SAKURA,
    "parents.book": FAMILIES,
    "parents.hold": FAMILIES,
    "parents.join_list": FAMILIES,
    "parents.need": FAMILIES,
    "parents.first_child": FAMILIES,
    "parents.refused": FAMILIES,
    "parents.check": SAKURA,
    "parents.confirm": SAKURA,
    "parents.extend": SAKURA,
    "parents.release": SAKURA,
    "parents.booking": SAKURA,
    "parents.set_terms": SAKURA,
    "parents.sibling": SAKURA,
    "parents.add_sibling": SAKURA,
    "parents.wait_for_both": SAKURA,
    "parents.part": SAKURA,
    "parents.coming": SAKURA,
    "parents.say_coming": SAKURA,
    "parents.say_not_coming": SAKURA,
    "parents.cancelling": SAKURA,
    "parents.cancel": SAKURA,
    "parents.calendar": SAKURA,
    "parents.send_photo": SAKURA,
    "parents.take_photo_away": SAKURA,
    "parents.offer": SAKURA,
    "parents.say_yes": SAKURA,
    "parents.say_not_this_time": SAKURA,
    "parents.history": FAMILIES,
    # staff: the way in
    "desk_door.ask": PUBLIC,
    "desk_door.enter": PUBLIC,
    "desk_door.invited": PUBLIC,
    "desk_door.accept": PUBLIC,
    "desk_door.square": PUBLIC,
    "staff.home": SIGNED_IN_STAFF,
    "staff.leave": SIGNED_IN_STAFF,
    "staff.password": SIGNED_IN_STAFF,
    "staff.set_password": SIGNED_IN_STAFF,
    # staff: the desk
    "staff.today": DESK,
    "staff.day": DESK,
    "staff.board": DESK,
    "staff.booking": DESK,
    "staff.accept": DESK,
    "staff.decline": DESK,
    "staff.condition": DESK,
    "staff.close": DESK,
    "staff.cancel": DESK,
    "staff.offer": DESK,
    "staff.withdraw": DESK,
    "staff.override": DESK,
    "staff.bill": DESK,
    "staff.paper": DESK,
    "staff.photo": DESK,
    "staff.ask_photo_again": DESK,
    "staff.illness": DESK,
    "staff.set_terms": DESK,
    "staff.move": DESK,
    "staff.pin": DESK,
    "staff.check_in": DESK,
    "staff.undo_check_in": DESK,
    "staff.check_out": DESK,
    "staff.undo_check_out": DESK,
    "staff.refuse": DESK,
    "staff.no_show": DESK,
    "staff.task": DESK,
    "staff.telephone": DESK,
    "staff.look": DESK,
    "staff.take": DESK,
    "staff.take_new": DESK,
    "staff.override_call": DESK,
    "staff.settings": DESK,
    "staff.set_keys": DESK,
    "staff.rules": DESK,
    "staff.change_rules": MANAGER,
    "staff.decide_proposal": MANAGER,
    # staff: capacity, registrations, people, paper
    "staff.week": DESK,
    "staff.capacity": DESK,
    "staff.set_capacity": DESK,
    "staff.closing": DESK,
    "staff.close_day": DESK,
    "staff.reopen_day": DESK,
    "staff.day_sheet": DESK,
    "staff.registrations": DESK,
    "staff.registration": DESK,
    "staff.decide_registration": DESK,
    "staff.prove": DESK,
    "staff.show_paper": DESK,
    "staff.take_back_paper": DESK,
    "staff.shown_papers": DESK,
    "staff.shown_proof": DESK,
    "staff.shown_certificate": DESK,
    "staff.take_back_certificate": DESK,
    "staff.people": MANAGER,
    "staff.invite": MANAGER,
    "staff.reset_account": MANAGER,
    "staff.disable_account": MANAGER,
    # the office
    "municipality.home": SIGNED_IN_STAFF,
    "municipality.rooms": OFFICE,
    "municipality.proposals": OFFICE,
    "municipality.decide_proposal": OFFICER,
    "municipality.defaults": OFFICE,
    "municipality.change_defaults": OFFICER,
    "municipality.decide_defaults": OFFICER,
    "municipality.figures": OFFICE,
    "municipality.figure_csv": OFFICE,
    "municipality.workbook": OFFICE,
    "municipality.registrations": OFFICE,
    "municipality.registration": OFFICE,
    "municipality.decide_registration": OFFICER,
    "municipality.prove": OFFICER,
    "municipality.show_paper": OFFICER,
    "municipality.take_back_paper": OFFICER,
}

FORMS: Mapping[str, Mapping[str, str]] = {
    "staff.decline": {"reason": "STAFF"},
    "staff.close": {"reason": "STAFF"},
    "staff.refuse": {"reason": "FEVER"},
    "staff.condition": {"code": "registration"},
    "staff.illness": {"illness": "BRONCHITIS"},
}
"""What a POST must carry to get as far as asking whose the id is; others need nothing."""


@dataclass
class Scene:
    """A town with everything an address may name, belonging to さくら, しーず and Suginami."""

    app: Flask
    town: Town
    sakura: Household
    people: dict[str, FlaskClient]
    values: dict[str, Any] = field(default_factory=dict)

    def address(self, rule: Rule, **other: Any) -> str:
        """The address of a rule, filled in."""
        unknown = rule.arguments - set(self.values)
        assert not unknown, f"{rule.endpoint}: tell VALUES in tests/test_guards.py about {unknown}"
        values = {name: {**self.values, **other}[name] for name in rule.arguments}
        with self.app.test_request_context(base_url="http://localhost"):
            return str(self.app.url_for(rule.endpoint, **values))


def values(town: Town, sakura: Household, **ids: str) -> dict[str, Any]:
    """VALUES: what stands in an address for each name of a parameter."""
    return {
        "filename": "css/base.css",
        "facility_code": "seeds",
        "municipality_code": SUGINAMI,
        "town": SUGINAMI,
        "code": "seeds",
        "facility_id": town.facilities["seeds"],
        "topic": "booking",
        "figure": "use",
        "day": CARE_DAY,
        "date": CARE_DAY,
        "child_id": sakura.child_id,
        "guardian_id": sakura.guardian_id,
        **ids,
    }


@pytest.fixture
def scene(context: Flask, town: Town, sakura: Household, hana: Household) -> Iterator[Scene]:
    """The town of this test, with forms that need no token (the guard comes after it)."""
    context.config["WTF_CSRF_ENABLED"] = False
    workers = _workers(town)
    people = {name: _browser(context, account_id=w.account_id) for name, w in workers.items()}
    people["anonymous"] = context.test_client()
    ids = _ids(town, sakura)
    people["parent A"] = _browser(context, guardian_id=sakura.guardian_id)
    people["parent B"] = _browser(context, guardian_id=hana.guardian_id)
    _disable(workers["disabled staff"])
    ids["account_id"] = workers["staff F1"].account_id
    ids["token"] = _invitation(town)
    yield Scene(context, town, sakura, people, values(town, sakura, **ids))
    context.config["WTF_CSRF_ENABLED"] = True


def _workers(town: Town) -> dict[str, Worker]:
    elsewhere = Town(new_id(), {})
    with write() as db:
        row = {
            "id": elsewhere.municipality_id, "code": "131121", "name": {"ja": "世田谷区"},
            "telephone": "03-0000-0001", "consent_version": "1", "consent_text": {"ja": "同意文"},
        }  # fmt: skip
        db.execute(insert(Municipality), [row])
        account = new_id()
        at = application_clock.now()
        operator = {"id": account, "mail": "operator@example.org", "name": "o", "created_at": at}
        db.execute(insert(Account), [operator])
        db.execute(insert(Role), [{"id": new_id(), "account_id": account, "role": "operator"}])
    return {
        "staff F1": town.worker("staff", "seeds"),
        "manager F1": town.worker("manager", "seeds"),
        "staff F2": town.worker("staff", "rabbit"),
        "reviewer M1": town.worker("reviewer"),
        "officer M1": town.worker("officer"),
        "officer M2": elsewhere.worker("officer"),
        "operator": Worker(account, "operator@example.org"),
        "disabled staff": town.worker("staff", "seeds"),
    }


def _browser(app: Flask, **owner: str) -> FlaskClient:
    with write() as db:
        at = application_clock.now()
        token = devices.open_device(db, Owner(**owner), "x", at, accounts.LASTS)
    client = app.test_client()
    client.set_cookie("device" if "guardian_id" in owner else "desk", token)
    return client


def _disable(worker: Worker) -> None:
    """Without ending the device: the account alone must be enough."""
    with write() as db:
        at = application_clock.now()
        db.execute(update(Account).where(Account.id == worker.account_id).values(disabled_at=at))


def _ids(town: Town, sakura: Household) -> dict[str, str]:
    booking = sakura.books()
    at = application_clock.now()
    registration = new_id()
    with write() as db:
        outbox.add_task(
            db, "call_news", town.facilities["seeds"], at, booking_id=booking,
            family_id=sakura.family_id, care_day=CARE_DAY, about="confirmed",
        )  # fmt: skip
        row = {
            "id": registration, "child_id": sakura.child_id, "status": "pending",
            "facility_id": town.facilities["seeds"], "valid_from": CARE_DAY, "asked_at": at,
        }  # fmt: skip
        db.execute(insert(Registration), [row])
    with write() as db:
        devices.open_device(db, Owner(guardian_id=sakura.guardian_id), "old", at, accounts.LASTS)
    boss = town.worker("manager", "seeds").by
    with write() as db:
        changed = Followed(book("seeds", capacity=5, valid_from="2026-12-01"))
        proposal = rule_proposals.propose(db, town.facilities["seeds"], changed, 1, boss, at)
        said = Defaults(date(2026, 12, 1), {"booking.hold_minutes": 8})
        words = rule_defaults.propose(db, town.municipality_id, said, 0, boss, at)
    with read() as db:
        task = db.scalar(select(Task.id))
        device = db.scalar(select(Device.id).where(Device.guardian_id == sakura.guardian_id))
        application = db.scalar(
            select(Registration.id).where(Registration.municipality_id == town.municipality_id)
        )
    return {
        "booking_id": booking, "task_id": task, "registration_id": registration,
        "photo_id": _photo(booking, at),
        "device_id": device, "application_id": application, "proposal_id": proposal,
        "town_proposal_id": words,
    }  # fmt: skip


def _photo(booking_id: str, at: datetime) -> str:
    photo_id, content = new_id(), jpeg()
    key = photos.put(settings.current().photos, photo_id, content, at)
    row = {
        "id": photo_id, "booking_id": booking_id, "kind": "jpeg", "size": len(content),
        "key": key, "sent_at": at,
    }  # fmt: skip
    with write() as db:
        db.execute(insert(DoctorFormPhoto), [row])
    return photo_id


def _invitation(town: Town) -> str:
    from_operator = accounts.new_token()
    account = town.worker("staff", "seeds").account_id
    with write() as db:
        at = application_clock.now()
        invited = {
            "invite_hash": accounts.token_hash(from_operator),
            "invite_ends_at": at + accounts.LASTS,
            "totp_secret": totp.new_secret(),
        }
        db.execute(update(Account).where(Account.id == account).values(invited))
    return from_operator


def _ask(client: FlaskClient, rule: Rule, address: str) -> Any:
    """As a browser asks, with a POST where nothing else is taken.

    In a context of its own: the application context that the scene has pushed would lend each
    request the last one's `g`, and with it who was signed in.
    """

    def ask() -> Any:
        if "GET" in (rule.methods or ()):
            with client.get(address) as answer:
                return answer
        fields = FORMS.get(rule.endpoint, {})
        return client.post(address, data=fields, headers={"Origin": "http://localhost"})

    return Context().run(ask)


def _is_kept_out(answer: Any) -> bool:
    to_sign_in = re.search(r"/(signin|staff/sign-in)(\?|$)", answer.headers.get("Location", ""))
    return answer.status_code in (403, 404) or (
        answer.status_code == 303 and to_sign_in is not None
    )


def _leads_in_or_out(app: Flask, rule: Rule) -> bool:
    """Whether being sent to sign in is this page's own answer: it belongs to the way in or out."""
    public = access.kind_of(app, rule.endpoint) == "public"
    return public or rule.endpoint in ("staff.leave", "parents.sign_out", "parents.leave")


def _rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def test_every_endpoint_stands_in_the_table(app: Flask) -> None:
    there = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert there - set(TABLE) == set(), "add a line to TABLE in tests/test_guards.py"
    assert set(TABLE) - there == set(), "TABLE names endpoints that are gone"


@pytest.mark.parametrize("endpoint", sorted(TABLE))
def test_nobody_else_passes(endpoint: str, scene: Scene) -> None:
    wrong = []
    for rule in (r for r in _rules(scene.app) if r.endpoint == endpoint):
        address = scene.address(rule)
        for name in ANYBODY:
            if name in TABLE[endpoint]:
                continue
            answer = _ask(scene.people[name], rule, address)
            if not _is_kept_out(answer):
                wrong.append((name, address, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("endpoint", sorted(TABLE))
def test_who_may_passes(endpoint: str, scene: Scene) -> None:
    wrong = []
    for rule in (r for r in _rules(scene.app) if r.endpoint == endpoint):
        address = scene.address(rule)
        for name in sorted(TABLE[endpoint]):
            answer = _ask(scene.people[name], rule, address)
            kept_out = _is_kept_out(answer) and not _leads_in_or_out(scene.app, rule)
            broken = answer.status_code >= 500 and endpoint != "public.readyz"
            if kept_out or broken:
                wrong.append((name, address, answer.status_code, answer.headers.get("Location")))
    assert wrong == []


ID = re.compile(r"_id$")


def _foreign(app: Flask) -> Iterator[tuple[Rule, str, str, dict[str, str]]]:
    """Each rule with an id, a visitor who has no right to さくら's, and the own place."""
    for rule in _rules(app):
        kind = access.kind_of(app, rule.endpoint)
        for name in sorted(n for n in rule.arguments if ID.search(n)):
            if kind == "parents":
                yield rule, name, "parent B", {}
            elif kind == "staff":
                yield rule, name, "staff F2", {"facility_code": "rabbit"}
                yield rule, name, "manager F2", {"facility_code": "rabbit"}
            elif kind == "municipality":
                yield rule, name, "officer M2", {"municipality_code": "131121"}


def test_somebody_elses_id_answers_like_one_that_does_not_exist(scene: Scene) -> None:
    boss = scene.town.worker("manager", "rabbit").account_id
    scene.people["manager F2"] = _browser(scene.app, account_id=boss)
    wrong = []
    for rule, parameter, name, place in _foreign(scene.app):
        foreign = _ask(scene.people[name], rule, scene.address(rule, **place))
        missing = _ask(
            scene.people[name], rule, scene.address(rule, **place, **{parameter: new_id()})
        )
        alike = _bare(foreign.text) == _bare(missing.text)
        if not (foreign.status_code == missing.status_code in (403, 404) and alike):
            wrong.append((rule.rule, name, foreign.status_code, missing.status_code))
    assert wrong == []


def _bare(text: str) -> str:
    """Without what differs by chance: the request's number and tokens."""
    return re.sub(r"[0-9a-f-]{12,}|value=\"[^\"]*\"", "", text)


def test_a_reviewer_looks_and_does_not_act(scene: Scene) -> None:
    acting = [
        rule
        for rule in _rules(scene.app)
        if access.kind_of(scene.app, rule.endpoint) == "municipality"
        and "GET" not in (rule.methods or ())
        and "municipality_code" in rule.arguments
    ]
    answers = {
        rule.endpoint: _ask(scene.people["reviewer M1"], rule, scene.address(rule)).status_code
        for rule in acting
    }
    assert {one for one, status in answers.items() if status != 403} == set()
