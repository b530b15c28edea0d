"""What a family brings, on its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from reservation.domain import belongings
from reservation.i18n import text_of
from reservation.reads.my_bookings import Booked
from reservation.web.parents import bp


@bp.app_template_filter("to_bring")
def to_bring(booked: Booked) -> tuple[Mapping[str, str], ...]:
    """What this child brings on the care day, texts by language."""
    return belongings.to_bring(booked.rules, booked.booking.birthday, booked.day)


@bp.app_template_filter("texts")
def texts(several: Sequence[Mapping[str, str]]) -> str:
    """Several texts of a rule book in one line."""
    return _("、").join(text_of(one).text for one in several)
