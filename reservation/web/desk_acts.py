"""Forms of the desk and of the office: what was sent before, who was faster, days in addresses."""

from datetime import date

from flask import abort, flash
from flask_babel import gettext as _

from reservation.services.outcomes import Outcome
from reservation.web import fields


def say_reused(outcome: Outcome) -> None:
    """A known key with other content is no error: what was sent first counts, and is shown."""
    if outcome.reused:
        flash(
            _("この内容は、すでに送信されています。はじめに送った内容の結果をお見せしています。"),
            "few",
        )


def is_stale(outcome: Outcome) -> bool:
    """Whether nothing was done because somebody else was faster; says so."""
    if outcome.is_refused:
        flash(_("ほかの人が先に変えたため、変えていません。いまの内容をご確認ください。"), "few")
    return outcome.is_refused


def day_of(text: str) -> date:
    """The day in an address, 2026-11-24. Anything else answers 404."""
    return fields.day(text) or abort(404)
