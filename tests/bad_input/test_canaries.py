"""Words planted through the real forms, and the places where they must never come out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from reservation import clock, jobs, logs, messages
from reservation.channels import mail
from reservation.channels.letter import Letter
from reservation.cli import main
from reservation.domain.illnesses import CATALOGUE
from reservation.services import letters
from reservation.store.db import read
from reservation.store.leader import leader
from reservation.store.tables.people import Guardian
from reservation.store.tables.records import Outbox
from tests.bad_input.stage import Form, Stage
from tests.bad_input.test_addresses import _pages
from tests.databases import environ

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


def _letters() -> list[Letter]:
    """Every message that would go out now."""
    with read() as db:
        facts = [
            (one, letters.facts(db, one, clock.now(), "https://example.org"))
            for one in db.scalars(select(Outbox).where(Outbox.address.is_not(None)))
            if letters.why_not(db, one, clock.now()) is None
        ]
    return [
        Letter(one.id, one.kind, one.address, one.created_at,
               messages.render(one.kind, one.language, known))
        for one, known in facts
    ]  # fmt: skip


def _headers() -> str:
    """The headers of these mails as a mail server's log may keep them, but for whom they go to."""
    mails = [mail.compose(one, "noreply@example.org") for one in _letters()]
    assert len(mails) > 3
    return "\n".join(f"{n}: {v}" for one in mails for n, v in one.items() if n != "To")


def _secrets(stage: Stage) -> list[str]:
    """Mail addresses, codes, links' and browsers' tokens, illnesses: they stand in no log."""
    with read() as db:
        addresses = set(db.scalars(select(Guardian.mail))) | set(db.scalars(select(Outbox.address)))
        params = [json.loads(one) for one in db.scalars(select(Outbox.params)) if one]
    carried = {str(value) for one in params for value in one.values() if len(str(value)) > 5}
    tokens = {cookie.value for jar in stage.cookies.values() for cookie in jar.values()}
    found = addresses | carried | tokens | set(CATALOGUE) | {"発熱"}
    return sorted(one for one in found if one and len(one) > 2)


def _told(text: str, secrets: list[str]) -> list[str]:
    return [one for one in secrets if one in text] + _found(text)


def test_nothing_planted_comes_out_where_it_must_not(stage: Stage, written: StringIO) -> None:
    led = _plant(stage)
    assert _found(" ".join(led)) == []
    secrets = _secrets(stage)
    assert len(secrets) > 20
    assert _told(_headers(), secrets) == []
    metrics = stage.opens("anonymous", "/metrics").text
    assert "reservation_outbox_due" in metrics
    assert _told(metrics, secrets) == []
    mother = stage.opens("parent A", "/my/family").text
    assert "鶯谷みどり" in mother
    for _rule, _who, address in _pages(stage):
        for who in ("parent B", "staff F2", "officer M2", "anonymous"):
            with stage.opens(who, address) as answer:
                assert _found(answer.get_data().decode(errors="replace")) == [], (who, address)
    log = written.getvalue()
    assert log.count('"event": "request"') > 100
    assert _told(log, secrets) == []


def test_the_clocks_work_and_the_commands_tell_nothing(
    stage: Stage, written: StringIO, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    _plant(stage)
    secrets, app = _secrets(stage), stage.scene.app
    for job in jobs.JOBS:
        jobs.run(app, job)

    def breaks(_now: object) -> int:
        raise ValueError("鶯谷みどり 090-7117-4114")

    with pytest.raises(ValueError, match="鶯"):
        jobs.run(app, jobs.Job("breaks", breaks, every=1))
    runner = jobs.Runner(app, leader(app.extensions["settings"]))
    runner._run(jobs.Job("breaks", breaks, every=1))
    log = written.getvalue()
    assert log.count('"event": "job"') > 10
    monkeypatch.setattr(jobs, "JOBS", (jobs.Job("sweep", breaks, every=20),))
    env = environ(app.extensions["settings"].instance)
    said = ""
    for line in (
        "check", "job sweep", f"backup --to {tmp_path}", "settings", "facility list", "serve --no",
    ):  # fmt: skip
        answer = CliRunner().invoke(main, line.split(), env=env)
        said += answer.output + answer.stderr
    assert "sweep: ValueError" in said
    out, err = capfd.readouterr()
    assert _told(log + said + out + err, secrets) == []


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
