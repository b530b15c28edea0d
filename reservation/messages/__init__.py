"""What a message says: (kind, language, facts) → subject, text, calendar file.

Texts are reservation/templates/messages/<kind>.txt, in Japanese and translated like pages. Kinds
are the ``tells`` of the table of steps and what follows here; each has exactly one template.
No text names a child or an illness: a booking is named by its facility and its day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reservation import i18n
from reservation.domain import conditions, doctor_form
from reservation.domain.refusals import WORDS, Code
from reservation.domain.states import STEPS
from reservation.messages import calendar

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "messages"

TOLD_BY_STEPS = frozenset(step.tells for step in STEPS if step.tells)
"""Messages that a step of a booking sends."""

OF_BOOKINGS = TOLD_BY_STEPS | {
    "reminder_evening", "reminder_cutoff", "review_late", "reconfirm", "changed",
    "passed", "coming", "photo_again",
}  # fmt: skip
"""Messages about one booking."""

KINDS = OF_BOOKINGS | {
    "code", "change_mail", "mail_changed", "joined", "invite", "registration_approved",
    "registration_returned", "registration_declined",
}  # fmt: skip
"""Every kind of message there is."""

WITH_CALENDAR = frozenset({"confirmed"})
"""Messages that carry the booking as a calendar file."""

_TEXTS = ("facility", "hours", "town", "form")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its reader gets it. ``sender`` is the name beside the address."""

    subject: str
    text: str
    sender: str
    ics: bytes | None = None


def render(kind: str, language: str, params: Mapping[str, Any]) -> Message:
    """The message in the reader's language; an unknown language reads Japanese.

    ``params`` are plain facts (services/letters.py): ``facility``, ``hours``, ``town``
    and ``form`` are texts by language, care days dates, opening times local times, everything
    else instants. Needs an application context, no request. Raises KeyError for an unknown kind,
    and jinja2's UndefinedError when the template needs a fact that is not there.
    """
    if kind not in KINDS:
        raise KeyError(kind)
    code = language if language in i18n.LANGUAGES else i18n.SOURCE
    with i18n.speaking(code):
        values = _values(params)
        template = _environment(code).get_template(f"{kind}.txt")
        subject = "".join(template.blocks["subject"](template.new_context(values)))
        return Message(
            subject=" ".join(subject.split()),
            text=_tidy(template.render(values)),
            sender=values["house"],
            ics=_calendar(values, code) if kind in WITH_CALENDAR else None,
        )


def _values(params: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with all texts in the reader's language, and what is made from them."""
    values = dict(params)
    for name in _TEXTS:
        values[name] = i18n.text_of(params.get(name) or {}).text
    town = values["town"]
    values["house"] = _("%(name)s 病児保育", name=town) if town else _("病児保育")
    values["tag"] = values["facility"] or values["house"]
    values.setdefault("link", "")
    values.setdefault("telephone", "")
    return values


def _calendar(values: Mapping[str, Any], language: str) -> bytes:
    return calendar.booking_file(
        uid=values["booking_id"],
        title=_("予約(%(place)s)", place=values["facility"]),
        starts=values["starts"],
        ends=values["ends"],
        written=values["written"],
        link=values["link"],
        language=i18n.LANGUAGES[language].html,
    )


@cache
def _environment(language: str) -> Environment:
    """Our own Jinja: plain text, and a missing fact is an error and not a gap."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    catalog = i18n.translations(language)
    environment.install_gettext_translations(catalog, newstyle=True)  # type: ignore[attr-defined]
    for word in (i18n.day, i18n.clock_time, i18n.span, i18n.yen):
        environment.filters[word.__name__] = word
    environment.filters["words"] = lambda texts: i18n.text_of(texts).text
    environment.filters["moment"] = lambda at: f"{i18n.day(at)} {i18n.clock_time(at)}"
    environment.filters["reason"] = lambda code: _(_reason(code))
    environment.filters["condition"] = _condition
    return environment


def _condition(code: str, form: str) -> str:
    """What is still to come; the doctor's form by its name in the town."""
    if code == doctor_form.CODE:
        return str(_(conditions.FORM) % {"name": form})
    return str(_(conditions.WORDS[code]))


def _reason(code: str) -> str:
    """Why not, in words that say nothing about the child's health to whoever reads the mail."""
    told = Code(code)
    return WORDS[Code.CONDITION if told in (Code.FEVER, Code.VACCINE) else told]


def _tidy(text: str) -> str:
    """One empty line at most between paragraphs, none at the ends, no spaces at line ends."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
