"""Words planted through the real forms, and the places where they must never come out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO

import pytest
from sqlalchemy import select

from reservation import clock, logs, messages
from reservation.services import letters
from reservation.store.db import read
from reservation.store.tables.records import Outbox
from tests.bad_input.stage import Form, Stage
from tests.bad_input.test_addresses import _pages

CANARIES = {
    "name": "鶯谷みどり", "kana": "ウグイスダニミドリ", "allergies_text": "落花生鶯",
    "medical_care_text": "吸入鶯", "remark": "鳴き声が鶯", "temperature": "41.7",
    "telephone": "090-7117-4114", "address": "鶯町七丁目", "note": "鶯のメモ", "reason": "鶯の休み",
}  # fmt: skip
CHOSEN = {
    "allergies": "some", "medical_care": "some", "relation": "mother", "brings": "mother",
    "arrives_at": "8:30", "family_doctor": "鶯医院",
}  # fmt: skip
PLANTED = ("parents.edit_child", "parents.edit_guardian", "parents.edit_home", "parents.confirm")
ENDS = frozenset({"parents.leave", "parents.sign_out", "parents.end_device", "parents.remove"})
"""After these there would be nothing to look for."""
SECRET = re.compile(r"鶯|ウグイス|090-?7117-?4114|(?<![:\d])41\.7(?!\d)")
"""The temperature only where it is no part of a time."""


@pytest.fixture
def written(stage: Stage) -> Iterator[StringIO]:
    """Everything the log writes, from the lowest level on."""
    lines = StringIO()
    logs.set_up("debug", lines)
    yield lines
    logs.set_up(stage.scene.app.extensions["settings"].log_level)


def _plant(stage: Stage) -> list[str]:
    """Send them through every form that has a place for one; where the answers lead."""
    led = []
    forms = sorted(stage.forms, key=lambda form: form.endpoint not in PLANTED)
    for form in forms:
        if form.endpoint in ENDS:
            continue
        fields = dict(form.fields)
        fields |= {name: [text] for name, text in {**CANARIES, **CHOSEN}.items() if name in fields}
        if "birthday" in fields:
            fields["birthday"] = ["2024", "5", "24"]
        answer = stage.sends(form, fields)
        if form.endpoint in PLANTED:
            assert answer.status_code == 303, (form.endpoint, answer.text)
        led.append(answer.headers.get("Location", ""))
    return led


def _found(text: str) -> list[str]:
    return SECRET.findall(text)


def test_nothing_planted_comes_out_where_it_must_not(stage: Stage, written: StringIO) -> None:
    led = _plant(stage)
    assert _found(" ".join(led)) == []
    with read() as db:
        waiting = db.scalars(select(Outbox).where(Outbox.address.is_not(None))).all()
        facts = [
            (one.kind, one.language, letters.facts(db, one, clock.now(), "https://example.org"))
            for one in waiting
            if letters.why_not(db, one, clock.now()) is None
        ]
    sent = [messages.render(kind, language, known) for kind, language, known in facts]
    assert len(sent) > 3
    assert _found(" ".join(one.subject for one in sent)) == []
    mother = stage.opens("parent A", "/my/family").text
    assert "鶯谷みどり" in mother
    for _rule, _who, address in _pages(stage):
        for who in ("parent B", "staff F2", "officer M2", "anonymous"):
            with stage.opens(who, address) as answer:
                assert _found(answer.get_data().decode(errors="replace")) == [], (who, address)
    log = written.getvalue()
    assert log.count('"event": "request"') > 100
    assert _found(log) == []


def test_faults_tell_no_values(
    stage: Stage, written: StringIO, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def breaks(*_values: object, **_named: object) -> None:
        raise ValueError("鶯谷みどり")

    monkeypatch.setattr("reservation.services.families.edit_child", breaks)
    form: Form = next(one for one in stage.forms if one.endpoint == "parents.edit_child")
    fields = {**form.fields, **{n: [t] for n, t in {**CANARIES, **CHOSEN}.items()}}
    answer = stage.sends(form, {**fields, "birthday": ["2024", "5", "24"]})
    assert answer.status_code == 500
    out, err = capfd.readouterr()
    assert _found(answer.text + out + err + written.getvalue()) == []
    assert '"event": "fault"' in written.getvalue()
