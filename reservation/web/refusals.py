"""A refusal in the reader's words: the reason, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from flask_babel import gettext as _

from reservation import i18n
from reservation.domain.refusals import NO_PLACE, Refusal
from reservation.i18n import text_of
from reservation.reads import facility_page


def explain(refusal: Refusal) -> tuple[str, str]:
    """(sentence, next step) in the reader's language; the step is '' where only the telephone is
    left. Instants are shown in Asia/Tokyo, facilities by name."""
    values = {name: _shown(name, value) for name, value in refusal.values.items()}
    if "facility_id" in refusal.values:
        values["facility"] = _facility(str(refusal.values["facility_id"]))
    return _filled(refusal.words, values), _filled(refusal.next_step, values)


def explain_at_desk(refusals: Sequence[Refusal]) -> str:
    """Every sentence, and one thing that staff can do, in the reader's language."""
    # Where something other than a place is missing, the list would be bad advice.
    first = next((one for one in refusals if one.code not in NO_PLACE), refusals[0])
    steps = [_filled(first.staff_step, {})]
    return " ".join(filter(None, [explain(one)[0] for one in refusals] + steps))


def when(instant: datetime) -> str:
    """あした 8:45 · 11月26日(木) 8:45, in Asia/Tokyo."""
    return f"{i18n.day_word(instant) or i18n.day(instant)} {i18n.clock_time(instant)}"


def _shown(name: str, value: object) -> str:
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, date):
        return i18n.day(value)
    # The oldest grade is a sentence of the domain (gates.UPTO).
    return _(value) if name == "upto" else str(value)


def _facility(facility_id: str) -> str:
    found = facility_page.name_of(facility_id)
    return text_of(found).text if found else _("別の病児保育室")


def _filled(sentence: str, values: Mapping[str, str]) -> str:
    return _(sentence, **values) if sentence else ""
