"""The day on which an illness began: asked by a list of days, on whatever form."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import gettext as _

from reservation import clock
from reservation.domain import check_page
from reservation.i18n import near_day


def days() -> list[tuple[str, str]]:
    """(value, words): nothing chosen, today and the days before, and the time before those."""
    today = clock.today()
    found = [today - timedelta(days=n) for n in range(check_page.DAYS_OF_ONSET)]
    earlier = (str(found[-1] - timedelta(days=1)), _("それより前"))
    return [("", _("えらんでください")), *((str(day), near_day(day)) for day in found), earlier]


def read(text: str | None) -> date | None:
    """The day of such a form; None for none, and for what no form of ours sends."""
    offered = {value for value, _words in days() if value}
    return date.fromisoformat(text) if text in offered and text else None


def shown(known: date | None) -> str:
    """The value that stands for a day said before; '' for none."""
    earliest = clock.today() - timedelta(days=check_page.DAYS_OF_ONSET)
    return max(known, earliest).isoformat() if known else ""
