"""Every message as its reader gets it: snapshots, and what no message may say."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from flask import Flask

from reservation import i18n, messages
from reservation.domain import conditions, illnesses
from reservation.domain.refusals import Code
from reservation.domain.states import STEPS
from tests.messages.samples import BASE, SAMPLES, facts

SNAPSHOTS = Path(__file__).parent / "snapshots"
EXTRAS = {
    "code", "change_mail", "mail_changed", "reminder_evening", "reminder_cutoff",
    "registration_approved", "registration_returned", "registration_declined", "review_late",
    "joined", "invite", "reconfirm", "changed", "passed", "coming", "photo_again",
}  # fmt: skip
LANGUAGES = ("ja", "en")


@pytest.fixture
def english(context: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The English catalogue, also while it is only begun and not yet offered to readers."""
    begun = i18n.TRANSLATIONS / "en" / "LC_MESSAGES" / "begun.po"
    if not i18n.catalog_path("en").exists():
        folder = tmp_path / "en" / "LC_MESSAGES"
        folder.mkdir(parents=True)
        shutil.copy(begun, folder / "messages.po")
        monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path)
    _forget()
    yield
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    i18n.shipped.cache_clear()
    i18n.translations.cache_clear()
    messages._environment.cache_clear()


def as_text(message: messages.Message) -> str:
    file = "(with 予約.ics)\n" if message.ics else ""
    return f"From: {message.sender}\nSubject: {message.subject}\n{file}\n{message.text}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_message_reads_as_its_snapshot(english: None, name: str, language: str) -> None:
    """RESERVATION_TEST_SNAPSHOTS=write writes them anew, to be read in the diff."""
    got = as_text(messages.render(SAMPLES[name][0], language, facts(name)))
    path = SNAPSHOTS / language / f"{name}.txt"
    if os.environ.get("RESERVATION_TEST_SNAPSHOTS") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(got, encoding="utf-8")
    assert got == path.read_text(encoding="utf-8")


def test_kinds_are_what_steps_tell_and_the_extras() -> None:
    assert {step.tells for step in STEPS if step.tells} | EXTRAS == messages.KINDS
    assert {kind for kind, _ in SAMPLES.values()} == messages.KINDS


def test_each_kind_has_one_template_and_each_template_its_kind() -> None:
    found = {path.stem for path in messages.TEMPLATES.glob("*.txt")}
    assert {name for name in found if not name.startswith("_")} == messages.KINDS


def test_every_snapshot_belongs_to_a_sample() -> None:
    for language in LANGUAGES:
        assert {path.stem for path in (SNAPSHOTS / language).glob("*")} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_english_messages_hold_no_japanese(english: None, name: str) -> None:
    got = as_text(messages.render(SAMPLES[name][0], "en", facts(name)))
    allowed = got.replace("予約.ics", "").replace("台風のため", "")
    assert re.findall("[\u3040-\u30ff\u4e00-\u9fff【】：]", allowed) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SAMPLES)
def test_no_message_tells_an_illness(english: None, name: str, language: str) -> None:
    """Nor in any reason that staff may give, nor in any open condition."""
    kind = SAMPLES[name][0]
    telling = {one.words for one in illnesses.CATALOGUE.values()} | {"発熱", "体温", "予防接種"}
    with i18n.speaking(language):
        telling |= {i18n._(words) for words in telling}
    every = [(code, None) for code in conditions.WORDS]
    for reason in [None, *Code]:
        more = {"reason": reason.value if reason else None, "open_conditions": every}
        text = as_text(messages.render(kind, language, facts(name) | more))
        assert not [words for words in telling if words in text], reason


@pytest.mark.parametrize("name", SAMPLES)
def test_each_message_names_the_telephone_and_leads_somewhere(context: Flask, name: str) -> None:
    message = messages.render(SAMPLES[name][0], "ja", facts(name))
    assert "03-0000-000" in message.text
    assert (BASE in message.text) is (SAMPLES[name][0] not in ("code", "change_mail"))
    assert len(message.subject) <= 60


def test_an_unknown_language_reads_japanese(context: Flask) -> None:
    got = messages.render("confirmed", "tlh", facts("confirmed"))
    assert got == messages.render("confirmed", "ja", facts("confirmed"))


def test_a_missing_fact_is_an_error_and_not_a_gap(context: Flask) -> None:
    told = facts("confirmed")
    del told["cancel_until"]
    with pytest.raises(jinja2.UndefinedError):
        messages.render("confirmed", "ja", told)


def test_an_unknown_kind_is_refused(context: Flask) -> None:
    with pytest.raises(KeyError):
        messages.render("gossip", "ja", {})


def test_only_a_confirmation_carries_a_calendar_file(context: Flask) -> None:
    files = {name for name in SAMPLES if messages.render(SAMPLES[name][0], "ja", facts(name)).ics}
    assert files == {name for name in SAMPLES if SAMPLES[name][0] == "confirmed"}
