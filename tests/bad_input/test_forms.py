"""Every form with every field filled in wrongly: answered by a page, nothing lost or written."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from werkzeug.test import TestResponse

from reservation.domain.kana import katakana
from reservation.web.sent import clean
from tests.bad_input.kept import THROTTLES
from tests.bad_input.stage import Form, Stage
from tests.bad_input.values import BYTES, TEXTS

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
MOST = 6
"""How many fields of a form are tried alone; the longest has more than a hundred."""
NORMAL = str.maketrans("０１２３４５６７８９", "0123456789")
"""Digits at half width."""


def test_every_act_has_a_form(stage: Stage) -> None:
    posts = {
        rule.endpoint
        for rule in stage.scene.app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    }
    found = {form.endpoint for form in stage.forms}
    assert posts - found == set(), "put the form on the stage, or its fields into BY_HAND"


@pytest.mark.parametrize("part", range(2))
def test_each_field_takes_anything(stage: Stage, part: int) -> None:
    wrong = []
    for form in stage.forms[part::2]:
        for name, body in _bodies(form):
            answer = stage.sends(form, body, content_type=FORM)
            wrong += [(form.action, name, why) for why in faults(stage, answer)]
            wrong += [(form.action, name, why) for why in lost(form, body, answer)]
            stage.kept.restore()
    assert wrong == []


def _bodies(form: Form) -> Iterator[tuple[str, str]]:
    """Each name of a try with its body: all fields alike, and each alone with one value in turn."""
    raw = {name: quote(text) for name, text in TEXTS.items()} | BYTES
    for bad, text in raw.items():
        yield f"all {bad}", _body(form, {name: [text] for name in form.fields})
    some = list(form.fields)[:: len(form.fields) // MOST + 1]
    for number, name in enumerate(some):
        bad, text = list(raw.items())[number % len(raw)]
        yield f"{name} {bad}", _body(form, {name: [text]})
        own = [quote(one) for one in form.fields[name]]
        yield f"{name} twice", _body(form, {name: [*own, "x", *own]})
        yield f"{name} missing", _body(form, {name: []})


def _body(form: Form, raw: dict[str, list[str]]) -> str:
    whole = {name: [quote(one) for one in texts] for name, texts in form.fields.items()} | raw
    return "&".join(f"{quote(name)}={text}" for name, texts in whole.items() for text in texts)


def faults(stage: Stage, answer: TestResponse) -> Iterator[str]:
    """What is wrong with the answer to a form that was sent wrongly."""
    status = answer.status_code
    if status >= 500 or status not in (200, 303, 400, 403, 404, 413, 415, 422, 429):
        yield f"{status} {stage.raised[-1:]}"
        return
    if status == 303:
        there = answer.headers["Location"]
        if not there.startswith("/") or there.startswith("//"):
            yield f"leads away: {there}"
        return
    yield from page_faults(answer)
    written = stage.kept.changed() - THROTTLES
    if written:
        yield f"{status} and wrote {sorted(written)}"


def page_faults(answer: TestResponse) -> Iterator[str]:
    """What a page of ours must have, quickly looked at."""
    text = answer.text
    if answer.mimetype != "text/html" or '<html lang="ja"' not in text:
        yield f"{answer.status_code} is no page in Japanese: {text[:200]}"
        return
    if len(re.findall(r"<h1[ >]", text)) != 1:
        yield "no heading"
    main = text.partition("<main")[2].partition("</main>")[0]
    if "<a " not in main and "<form" not in main:
        yield "no next step"
    if "<script>alert" in text:
        yield "a script of the sender"
    if answer.status_code == 422:
        if 'class="summary"' not in text:
            yield "422 without summary"
        # A mistake about a whole section of rules stands in the summary only.
        if 'class="error"' not in text and "/rules/" not in answer.request.path:
            yield "422 without a message beside a field"


def lost(form: Form, body: str, answer: TestResponse) -> Iterator[str]:
    """What was typed and does not stand on the page that came back."""
    if answer.status_code != 422:
        return
    pairs = reversed(parse_qsl(body))
    sent = {name: clean(text).strip() for name, text in pairs if "\ufffd" not in text}
    # Addresses come back in small letters, readings in katakana, digits at half width.
    shown = html.unescape(answer.text).lower()
    for name in form.shown & set(sent):
        typed = sent[name].lower()
        folded = typed.translate(NORMAL)
        if typed and not any(text in shown for text in (typed, folded, katakana(typed))):
            yield f"{name} has lost {typed[:30]}"


def test_signs_that_no_keyboard_makes_are_dropped(stage: Stage) -> None:
    form = next(one for one in stage.forms if one.endpoint == "parents.edit_guardian")
    sent = {**form.fields, "name": ["はる\x00か\x07"], "kana": ["ハルカ"], "relation": ["mother"]}
    assert stage.sends(form, {**sent, "telephone": ["03-1234-5678"]}).status_code == 303
    assert "はるか" in stage.opens("parent A", "/my/family").text


def test_what_is_no_form_is_answered_by_a_page(stage: Stage) -> None:
    wrong = []
    for form in stage.forms:
        first = next(iter(form.fields), "x")
        whole: dict[str, object] = dict(form.fields)
        bodies: list[dict[str, object]] = [
            {"data": {**whole, first: (BytesIO(b"x"), "x.txt")}},
            {"data": b'{"key": {"a": 1}, "name": "\\ud800", "mail": 1}', "content_type": JSON},
            {"data": b"<a/>", "content_type": "text/xml"},
            {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
            {"data": urlencode({first: "x" * 700_000}), "content_type": FORM},
        ]
        for number, body in enumerate(bodies):
            answer = stage.sends(form, body.pop("data"), **body)
            wrong += [(form.action, number, why) for why in faults(stage, answer)]
            stage.kept.restore()
    assert wrong == []
