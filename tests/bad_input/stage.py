"""Every form of the application, found on the pages that show it, and who may send it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, got_request_exception
from flask.testing import FlaskClient
from sqlalchemy import insert
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from reservation import clock as application_clock
from reservation import logs
from reservation.store.db import write
from reservation.store.tables.people import Registration
from reservation.store.types import new_id
from reservation.web.municipality.defaults import TOPICS
from reservation.web.staff.rulebook.pages import SECTIONS
from tests.bad_input.kept import Kept
from tests.pages import Page, Reader
from tests.test_guards import FORMS, TABLE, Scene, scene
from tests.town import CARE_DAY, SUGINAMI, Household, Town

__all__ = ["scene"]

BY_TOPIC = ("staff.change_rules", "municipality.change_defaults")
"""Forms that are others on each of their pages."""
VISITORS = ("parent A", "manager F1", "officer M1", "anonymous")
"""Who sends the forms: the first of them that may."""
CALL = {
    "day": str(CARE_DAY), "sign": "fever", "call_back": "", "call_day": "0", "call_time": "",
    "why": "",
}  # fmt: skip
BY_HAND: dict[str, dict[str, str]] = {
    "staff.accept": {"key": "k"},
    "staff.decline": {"key": "k", "reason": "STAFF", "note": ""},
    "staff.offer": {"key": "k", "minutes": "15"},
    "staff.withdraw": {"key": "k"},
    "staff.override": {"key": "k", "room": "1", "note": "よい"},
    "staff.set_terms": {"key": "k", "wakes": "1", "takes_until": "", "near": "1"},
    "staff.bill": {"key": "k", "taxi": "", "correction": "-100", "reason": "よい"},
    "staff.move": {"key": "k", "room": "1", "pin": "yes"},
    "staff.pin": {"key": "k", "pinned": "yes"},
    "staff.undo_check_in": {"key": "k"},
    "staff.undo_check_out": {"key": "k"},
    "staff.check_out": {"key": "k"},
    "staff.no_show": {"key": "k"},
    "staff.condition": {"key": "k", "code": "registration", "reopen": ""},
    "staff.reopen_day": {"key": "k"},
    "staff.check_in": {"key": "k", "temperature": "37.5"},
    "staff.take": {"key": "k", "child_id": "0", **CALL},
    "staff.override_call": {"key": "k", "child_id": "0", "room": "1", "note": "よい", **CALL},
    "staff.take_new": {
        "key": "k", "name": "さくら", "reading": "サクラ", "birthday": "2024",
        "telephone": "090-1111-2222", **CALL,
    },
    "municipality.decide_registration": {
        "key": "k", "decision": "return", "answer": "確かめてください", "number": "1",
    },
    "municipality.prove": {"key": "k", "fee_class": "none", "valid_from": "2026"},
    "municipality.show_paper": {"key": "k", "paper": "work", "paper_from": "2026"},
    "municipality.take_back_paper": {"key": "k", "certificate": "0"},
    "staff.show_paper": {"key": "k", "paper": "work", "paper_from": "2026", "paper_to": "1"},
    "staff.take_back_paper": {"key": "k", "certificate": "0"},
    "staff.take_back_certificate": {"key": "k", "certificate": "0"},
    "staff.shown_certificate": {"key": "k", "paper": "work", "paper_from": "2026", "paper_to": "1"},
    "staff.shown_proof": {"key": "k", "fee_class": "none", "valid_from": "2026", "valid_to": "1"},
    "staff.prove": {"key": "k", "fee_class": "none", "valid_from": "2026", "valid_to": "1"},
    "parents.ask_registration": {"facility": "", "next": "/my"},
    "parents.remove": {"sure": "y"},
    "parents.say_coming": {"key": "k"},
    "parents.say_not_coming": {"key": "k"},
    "parents.add_sibling": {"key": "k", "child": "0", "sign": "fever"},
    "parents.wait_for_both": {"key": "k", "child": "0", "sign": "fever"},
    "parents.part": {"key": "k"},
    "parents.set_terms": {"key": "k", "wakes": "1", "takes_until": "", "near": "1"},
    "parents.send_photo": {"key": "k", "photo": "x"},
    "parents.take_photo_away": {"key": "k"},
    "staff.ask_photo_again": {"key": "k"},
    "parents.first_child": {
        "key": "k", "name": "さくら", "kana": "サクラ", "birthday": "2024",
        "facility": "0", "day": str(CARE_DAY), "complaint": "fever",
    },
}  # fmt: skip
"""Forms that stand on a page only in some state; sent at any time they must be answered too."""


@dataclass
class Form:
    """A form as its page showed it."""

    endpoint: str
    action: str
    page: str
    who: str
    fields: dict[str, list[str]]
    shown: set[str] = field(default_factory=set)
    """Fields into which something can be typed."""


@dataclass
class Stage:
    """The scene with all its forms, and a database to come back to."""

    scene: Scene
    forms: list[Form]
    kept: Kept
    cookies: dict[str, Any]
    raised: list[str]
    """Every exception that no page has expected, as the log would tell it."""

    def sends(self, form: Form, fields: Any, **more: Any) -> TestResponse:
        """Send a form as its visitor, from the state that all forms begin with."""
        client = self.visitor(form.who)
        headers = {"Origin": "http://localhost", **more.pop("headers", {})}
        return Context().run(lambda: client.post(form.action, data=fields, headers=headers, **more))

    def visitor(self, who: str) -> FlaskClient:
        """The visitor's browser, with the cookies it came with."""
        client = self.scene.people[who]
        client._cookies = dict(self.cookies[who])
        return client

    def opens(self, who: str, path: str) -> TestResponse:
        """Get a page as a visitor."""
        client = self.visitor(who)
        return Context().run(lambda: client.get(path))

    def page(self, answer: TestResponse) -> Page:
        """The answer, to be read."""
        return Page(Reader(self.scene.app.test_client()), answer.request.path, answer, answer.text)


@pytest.fixture
def stage(scene: Scene, clock: Any) -> Iterator[Stage]:
    """The scene with places held, offered and waited for, and every form there is."""
    ids = _more(scene.town, scene.sakura, scene.values)
    scene.values |= ids
    _doors(scene)
    found = _forms(scene, ids)
    cookies = {who: dict(scene.people[who]._cookies) for who in scene.people}
    kept = Kept()
    raised: list[str] = []

    def note(_app: Flask, exception: BaseException) -> None:
        raised.append(str(logs.fault(exception)))

    # What goes wrong must end as it does for a reader, in a page.
    scene.app.config["PROPAGATE_EXCEPTIONS"] = False
    with got_request_exception.connected_to(note, scene.app):
        yield Stage(scene, found, kept, cookies, raised)
    scene.app.config["PROPAGATE_EXCEPTIONS"] = None
    kept.drop()


def _more(town: Town, sakura: Household, values: dict[str, Any]) -> dict[str, str]:
    """A place held, one offered, one waited for."""
    held = sakura.holds(day=CARE_DAY + timedelta(days=1), at="rabbit").booking_id
    full = [town.family(f"こ{n}") for n in range(4)]
    day = CARE_DAY + timedelta(days=2)
    places = [one.books(day=day) for one in full]
    offered = sakura.waits(day=day)
    last = town.family("つぎ").waits(day=day)
    full[0].cancels(places[0])
    assert held
    assert town.state(offered) == "offered", town.state(offered)
    application = new_id()
    row = {
        "id": application, "child_id": full[1].child_id, "status": "pending",
        "municipality_id": town.municipality_id, "valid_from": CARE_DAY,
        "asked_at": application_clock.now(),
    }  # fmt: skip
    with write() as db:
        db.execute(insert(Registration), [row])
    return {
        "held_id": held, "offered_id": offered, "last_id": last, "application_id": application,
    }  # fmt: skip


def _doors(scene: Scene) -> None:
    """Codes are asked for, so that the second steps have a page."""
    for who, path in (("anonymous", "/signin"), ("parent A", "/my/mail")):
        client = scene.people[who]
        data = {"mail": "new@example.org"}
        answer = Context().run(lambda c=client, p=path, d=data: c.post(p, data=d))
        assert answer.status_code == 303, (who, answer.text)


def _addresses(scene: Scene, ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every page with the visitor who opens it."""
    for rule in sorted(scene.app.url_map.iter_rules(), key=lambda one: one.rule):
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            who = next(one for one in reversed(VISITORS) if one in TABLE[rule.endpoint])
            yield who, scene.address(rule)
    day = CARE_DAY + timedelta(days=2)
    for path in (
        f"hold/{ids['held_id']}",
        f"offers/{ids['offered_id']}",
        f"book?complaint=fever&day={day + timedelta(days=1)}&age=2",
        f"book?complaint=fever&day={day}&age=2",
    ):
        yield "parent A", f"/my/{path}"
    for path in (
        f"day/{day}",
        f"bookings/{ids['offered_id']}",
        f"bookings/{ids['last_id']}",
        *(f"rules/{topic}" for topic in SECTIONS),
    ):
        yield "manager F1", f"/staff/seeds/{path}"
    for topic in TOPICS:
        yield "officer M1", f"/municipality/{SUGINAMI}/defaults/{topic}"


def _forms(scene: Scene, ids: dict[str, str]) -> list[Form]:
    found: dict[tuple[str, ...], Form] = {}
    for who, address in _addresses(scene, ids):
        client = scene.people[who]
        answer = Context().run(lambda c=client, a=address: c.get(a, follow_redirects=True))
        if answer.status_code == 200 and answer.mimetype == "text/html":
            for form in _on_page(scene.app, who, answer):
                rule_book = form.action if form.endpoint in BY_TOPIC else ""
                found.setdefault((form.endpoint, rule_book), form)
    for who in VISITORS:
        _by_hand(scene, who, found)
    return sorted(found.values(), key=lambda form: (form.endpoint, form.action))


def _on_page(app: Flask, who: str, answer: TestResponse) -> Iterator[Form]:
    if 'method="post"' not in answer.text:
        return
    page = Page(Reader(app.test_client()), answer.request.full_path, answer, answer.text)
    elements = list(page.tree.iter("form"))
    for form, element in zip(page.forms(), elements, strict=True):
        if form.method != "post":
            continue
        try:
            endpoint, _ = app.url_map.bind("localhost").match(urlsplit(form.action).path, "POST")
        except HTTPException:
            raise AssertionError(f"{page.path}: a form leads nowhere: {form.action}") from None
        fields = {name: texts for name, texts in form.fields.items() if name != "csrf_token"}
        for name, value, _words in form.buttons:
            if name:
                fields.setdefault(name, [value])
        controls = _controls(element)
        fields = {name: [""] for name in controls} | fields
        typed = {n for n, kind in controls.items() if kind in ("text", "email", "tel")}
        yield Form(endpoint, form.action, answer.request.full_path, who, fields, typed)


def _controls(form: ET.Element) -> dict[str, str]:
    """The type of every control of a form by its name."""
    return {
        one.get("name", ""): "select" if one.tag == "select" else one.get("type", "text")
        for one in form.iter()
        if one.tag in ("input", "textarea", "select") and one.get("name") != "csrf_token"
    }


def _by_hand(scene: Scene, who: str, found: dict[tuple[str, ...], Form]) -> None:
    for rule in scene.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or who not in TABLE[rule.endpoint]:
            continue
        fields = BY_HAND.get(rule.endpoint, FORMS.get(rule.endpoint))
        if fields is not None and (rule.endpoint, "") not in found:
            sent = {name: [text] for name, text in {"key": "k", **fields}.items()}
            found[(rule.endpoint, "")] = Form(rule.endpoint, scene.address(rule), "", who, sent)
