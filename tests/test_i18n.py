from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import gettext, ngettext
from markupsafe import Markup

from reservation import i18n
from tests.conftest import Clock

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "きょう"
msgstr "{today}"

msgid "%(num)d人"
msgid_plural "%(num)d人"
msgstr[0] "{one}"
"""


@pytest.fixture
def catalogs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English and やさしい日本語 with two sentences."""
    for code, today, one in (("en", "Today", "%(num)d child"), ("ja_easy", "今日(きょう)", "")):
        path = tmp_path / code / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True)
        text = PO.format(today=today, one=one or "%(num)d 人")
        if code == "en":
            text += 'msgstr[1] "%(num)d children"\n'
        path.write_text(text)
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path)
    i18n.shipped.cache_clear()
    i18n.translations.cache_clear()
    yield
    monkeypatch.undo()
    i18n.shipped.cache_clear()
    i18n.translations.cache_clear()


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "chosen"),
    [
        (None, None, [], "ja"),
        (None, None, ["fr", "en-GB"], "en"),
        (None, "ja_easy", ["en"], "ja_easy"),
        ("en", "ja", ["ja"], "en"),
        ("xx", None, ["ko"], "ja"),
        ("EN", None, [], "en"),
    ],
)
def test_the_address_counts_over_the_profile_over_the_browser(
    catalogs: None, asked: str, kept: str, accepted: list[str], chosen: str
) -> None:
    assert i18n.choose(asked, kept, accepted) == chosen


def test_a_catalogue_is_read_without_compiling_and_keeps_its_plurals(
    catalogs: None, context: Flask
) -> None:
    with i18n.speaking("en"):
        assert gettext("きょう") == "Today"
        assert ngettext("%(num)d人", "%(num)d人", 1) == "1 child"
        assert ngettext("%(num)d人", "%(num)d人", 3) == "3 children"
        assert gettext("ない文") == "ない文"
    assert gettext("きょう") == "きょう"


def test_easy_japanese_is_a_second_catalogue_of_the_same_locale(
    catalogs: None, context: Flask
) -> None:
    with i18n.speaking("ja_easy"):
        assert gettext("きょう") == "今日(きょう)"
        assert i18n.day(date(2026, 11, 24)) == "11月24日(火)"


def test_a_reader_asks_in_the_address(catalogs: None, app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert i18n.language() == "en"
        assert app.jinja_env.globals["text_of"]({"ja": "空き"}) == ("空き", "ja")
        assert i18n.text_of({"ja": "空き", "en": "free"}) == ("free", "en")
    with app.test_request_context("/", headers={"Accept-Language": "en-US,en;q=0.9"}):
        assert i18n.language() == "en"
        # The choice of the browser needs no trace in the links.
        assert app.url_for("public.healthz") == "/healthz"


def test_a_choice_travels_in_the_links_and_sets_no_cookie_on_public_pages(
    catalogs: None, app: Flask
) -> None:
    answer = app.test_client().get("/healthz?lang=en")
    assert "Set-Cookie" not in answer.headers
    with app.test_request_context("/?lang=en"):
        assert app.url_for("public.healthz") == "/healthz?lang=en"


def test_days_times_and_money_are_written_in_the_readers_way(
    catalogs: None, context: Flask, clock: Clock
) -> None:
    clock.set("2026-11-23 22:00")
    late = datetime(2026, 11, 23, 22, 5, tzinfo=UTC)
    assert i18n.day(late) == "11月24日(火)"
    assert i18n.near_day(date(2026, 11, 23)) == "きょう 11月23日(月)"
    assert i18n.near_day(date(2026, 11, 24)) == "あした 11月24日(火)"
    assert i18n.near_day(date(2026, 11, 25)) == "11月25日(水)"
    assert i18n.dated(late) == "11月24日(火)"
    assert i18n.dated(date(2027, 1, 5)) == "2027年1月5日(火)"
    # in Tokyo the new year has begun
    assert i18n.dated(datetime(2025, 12, 31, 15, tzinfo=UTC)) == "1月1日(木)"
    assert i18n.clock_time(late) == "7:05"
    assert i18n.span(time(8), time(18)) == "8:00〜18:00"
    assert i18n.yen(2000) == "2,000円"
    with i18n.speaking("en"):
        assert i18n.near_day(date(2026, 11, 23)) == "today Mon, Nov 23"
        assert i18n.leading(i18n.near_day(date(2026, 11, 23))) == "Today Mon, Nov 23"
        assert i18n.dated(date(2026, 11, 24)) == "Tue, Nov 24"
        assert i18n.dated(date(2027, 1, 5)) == "Tue, Jan 5, 2027"
        assert i18n.span(time(8), time(18)) == "8:00–18:00"
        assert i18n.yen(2000) == "¥2,000"


def test_words_and_sentences_are_joined_in_the_readers_way(
    catalogs: None, context: Flask, clock: Clock
) -> None:
    clock.set("2026-11-23 22:00")
    assert f"はな{i18n.in_brackets('3歳')}" == "はな(3歳)"
    assert (
        i18n.sentences("終わりました。", "", "また来てください。")
        == "終わりました。また来てください。"
    )
    with i18n.speaking("en"):
        assert i18n.in_brackets("<b>") == " (&lt;b&gt;)"
        assert i18n.sentences("It is over.", "", "Come again.") == "It is over. Come again."
        assert i18n.sentences(Markup("A &amp; B."), "C & D.") == "A &amp; B. C &amp; D."
        assert i18n.day_word(date(2026, 11, 23)) == "today"
        assert i18n.month(date(2026, 11, 1)) == "November 2026"
        assert i18n.day_word(date(2026, 11, 26)) == ""


def test_templates_know_sentences_plurals_and_words_with_a_context(context: Flask) -> None:
    template = context.jinja_env.from_string(
        "{{ _('はい') }} {{ pgettext('date', '年') }} {{ ngettext('%(num)s人', '%(num)s人', 2) }}"
    )
    with i18n.speaking("ja"):
        assert template.render().startswith("はい 年 2人")
    with i18n.speaking("en"):
        assert template.render().startswith("Yes Year ")
