"""Languages: which there are, which one a reader gets, and how days, times and money are written.

The source language is Japanese. Catalogues are read from `.po` (no compile step). やさしい日本語
is a second catalogue of the same locale; a sentence it lacks falls back to plain Japanese.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from babel.dates import format_skeleton
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_app_context, has_request_context, request
from flask_babel import Babel, Domain, force_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from reservation import clock

TRANSLATIONS = Path(__file__).parent / "translations"
SOURCE = "ja"
COOKIE = "lang"


@dataclass(frozen=True)
class Language:
    """A language on offer: our code, its name in itself, Babel's locale, the HTML `lang`."""

    code: str
    name: str
    locale: str
    html: str


# Offered as soon as a catalogue lies in translations/<code>.
LANGUAGES = {
    one.code: one
    for one in (
        Language("ja", "日本語", "ja", "ja"),
        Language("ja_easy", "やさしい日本語", "ja", "ja"),
        Language("en", "English", "en", "en"),
        Language("zh_Hans", "简体中文", "zh_Hans", "zh-Hans"),
        Language("ko", "한국어", "ko", "ko"),
        Language("ne", "नेपाली", "ne", "ne"),
        Language("vi", "Tiếng Việt", "vi", "vi"),
    )
}


class Text(NamedTuple):
    """A text of a facility and the language it is really in."""

    text: str
    lang: str


class PoDomain(Domain):  # type: ignore[misc]
    """Flask-Babel's domain, fed from `.po` files and from our own language codes."""

    def get_translations(self) -> NullTranslations:
        return translations(language())


def init_app(app: Flask) -> None:
    """Read the catalogues and give templates the filters below, by their names."""
    babel = Babel()
    babel.init_app(
        app,
        default_locale="ja",
        default_timezone="Asia/Tokyo",
        locale_selector=lambda: LANGUAGES[language()].locale,
    )
    app.extensions["babel"].instance.domain_instance = PoDomain()
    for code in shipped():
        translations(code)
    for word in (day, dated, near_day, clock_time, span, yen, text_of, leading, in_brackets):
        app.add_template_filter(word)
    # Flask-Babel would look for babel, domain and catalogue at each sentence: a tenth of a page.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: translations(language()).ugettext(text),
        lambda one, many, n: translations(language()).ungettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: translations(language()).upgettext(context, text),
    )
    app.jinja_env.globals |= {"text_of": text_of, "sentences": sentences}
    app.context_processor(
        lambda: {"language": LANGUAGES[language()], "languages": [LANGUAGES[c] for c in shipped()]}
    )


@cache
def shipped() -> tuple[str, ...]:
    """The codes of the languages on offer: the source and each one that has a catalogue."""
    return tuple(code for code in LANGUAGES if code == SOURCE or catalog_path(code).exists())


def catalog_path(code: str) -> Path:
    """Where the catalogue of a language lies or would lie."""
    return TRANSLATIONS / code / "LC_MESSAGES" / "messages.po"


@cache
def translations(code: str) -> NullTranslations:
    """The catalogue of a language, ready to use; for the source language an empty one."""
    path = catalog_path(code)
    if code == SOURCE or not path.exists():
        return Translations()
    with path.open("rb") as file:
        # Without the locale the plural rule is lost.
        catalog: Catalog = read_po(file, locale=LANGUAGES[code].locale)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def language() -> str:
    """Our code of the language in use: the forced one, the reader's choice, or the source."""
    if not has_app_context():
        return SOURCE
    # Asked for each sentence of a page: the proxies' own work would be a sixth of it.
    here: Any = g._get_current_object()
    found: str | None = here.get("forced_language")
    if found:
        return found
    if not has_request_context():
        return SOURCE
    found = here.get("language")
    if found is None:
        found = here.language = choose(
            request.args.get("lang"),
            here.get("profile_language") or request.cookies.get(COOKIE),
            request.accept_languages.values(),
        )
    return found


def choose(asked: str | None, kept: str | None, accepted: object = ()) -> str:
    """The first language on offer among the address, the profile or cookie, and the browser's."""
    offered = {code.lower().replace("-", "_"): code for code in shipped()}
    offered |= {code.split("_")[0]: full for code, full in offered.items() if code == "zh_hans"}
    wanted = [asked or "", kept or "", *(str(one) for one in accepted)]  # type: ignore[attr-defined]
    for one in wanted:
        name = one.lower().replace("-", "_")
        found = offered.get(name) or offered.get(name.split("_")[0])
        if found:
            return found
    return SOURCE


class speaking:
    """`with speaking("en"):` – another reader's language, e.g. for a message. Needs an app context.

    Raises KeyError for a language that does not exist.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.inner = force_locale(LANGUAGES[code].locale)

    def __enter__(self) -> None:
        self.before = g.get("forced_language")
        g.forced_language = self.code
        self.inner.__enter__()

    def __exit__(self, *error: object) -> None:
        self.inner.__exit__(*error)
        g.forced_language = self.before


def text_of(texts: Mapping[str, str], lang: str | None = None) -> Text:
    """A facility's text in that language (default: the reader's), else in Japanese, marked so."""
    code = lang or language()
    if texts.get(code):
        return Text(texts[code], LANGUAGES[code].html)
    return Text(texts.get(SOURCE, ""), SOURCE)


def day(value: date) -> str:
    """11月24日(火) · Tue, Nov 24. An instant is read in Asia/Tokyo."""
    value = _local(value)
    locale = LANGUAGES[language()].locale
    if locale == "ja":
        return f"{value.month}月{value.day}日({'月火水木金土日'[value.weekday()]})"
    return format_skeleton("MMMEd", datetime.combine(value, time()), locale=locale)


def dated(value: date, now: datetime | None = None) -> str:
    """The same, with the year where it is not this one: 2027年1月5日(火) · Tue, Jan 5, 2027.

    For histories and plans. Without `now` the clock's.
    """
    value = _local(value)
    if value.year == (now or clock.now()).astimezone(clock.TOKYO).year:
        return day(value)
    locale = LANGUAGES[language()].locale
    if locale == "ja":
        return f"{value.year}年{day(value)}"
    return format_skeleton("yMMMEd", datetime.combine(value, time()), locale=locale)


def month(value: date) -> str:
    """2026年11月 · November 2026."""
    locale = LANGUAGES[language()].locale
    if locale == "ja":
        return f"{value.year}年{value.month}月"
    return format_skeleton("yMMMM", datetime.combine(value, time()), locale=locale)


def near_day(value: date, now: datetime | None = None) -> str:
    """きょう 11月24日(火) · tomorrow Wed, Nov 25 · the day alone. Without `now` the clock's.

    Written as it stands inside a sentence; `leading` makes it begin one.
    """
    word = day_word(value, now)
    return f"{word} {day(value)}" if word else day(value)


def day_word(value: date, now: datetime | None = None) -> str:
    """きのう, きょう, あした or '' · yesterday, today, tomorrow. Without `now` the clock's."""
    ahead = _local(value) - (now or clock.now()).astimezone(clock.TOKYO).date()
    if not -1 <= ahead.days <= 1:
        return ""
    word = str(_("きのう") if ahead.days < 0 else _("あした") if ahead.days else _("きょう"))
    return f"{word[:1].lower()}{word[1:]}"


def leading(text: str) -> str:
    """The text as it begins a line: with a capital where the script has them."""
    return f"{text[:1].upper()}{text[1:]}"


def in_brackets(text: str) -> Markup:
    """(3歳) · (age 3) behind a word, with a space before it where the language wants one."""
    space = "" if LANGUAGES[language()].locale == "ja" else " "
    return Markup(f"{space}({escape(text)})")


def sentences(*several: str) -> str:
    """Sentences that follow each other; empty ones are left out."""
    between = "" if LANGUAGES[language()].locale == "ja" else " "
    said = [one for one in several if one]
    return (Markup(between) if any(isinstance(one, Markup) for one in said) else between).join(said)


def clock_time(value: time | datetime) -> str:
    """7:00 – in Asia/Tokyo for an instant, as it is for a local time; the same in all languages."""
    local = value.astimezone(clock.TOKYO) if isinstance(value, datetime) else value
    return f"{local.hour}:{local.minute:02}"


def span(start: time | datetime, end: time | datetime) -> str:
    """8:00〜18:00 · 8:00–18:00."""
    between = "〜" if LANGUAGES[language()].locale == "ja" else "–"
    return f"{clock_time(start)}{between}{clock_time(end)}"


def yen(amount: int) -> str:
    """2,000円 · ¥2,000."""
    locale = LANGUAGES[language()].locale
    number = _number(amount, locale)
    return f"{number}円" if locale == "ja" else f"¥{number}"


@lru_cache(1024)
def _number(amount: int, locale: str) -> str:
    return format_decimal(amount, locale=locale)


def _local(value: date) -> date:
    return value.astimezone(clock.TOKYO).date() if isinstance(value, datetime) else value
