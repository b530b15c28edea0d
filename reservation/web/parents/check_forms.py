"""The check page's form: who brings the child, when, and how the child is."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from reservation.domain import check_page
from reservation.domain.refusals import Code, Refusal
from reservation.reads.my_bookings import Booked
from reservation.services.bookings import CheckPage
from reservation.web import onset
from reservation.web.fields import options
from reservation.web.refusals import explain

COOLEST, HOTTEST = Decimal(34), Decimal(43)


class CheckForm(FlaskForm):
    """Everything but who brings may be left open."""

    brings = SelectField(_l("送る人"), [InputRequired(_l("送る人を選んでください"))])
    arrives_at = SelectField(_l("着く時刻"), [InputRequired(_l("着く時刻を選んでください"))])
    temperature = StringField(_l("体温"), [Optional()])
    since = SelectField(_l("いつから"), [Optional()])
    onset = SelectField(_l("症状が出た日"), [InputRequired(_l("症状が出た日を選んでください"))])
    remark = TextAreaField(
        _l("気になること"),
        [Optional(), Length(max=500, message=_l("気になることは、500文字までで入力してください"))],
    )

    def __init__(self, booked: Booked, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.brings.choices = options((c, _(words)) for c, words in check_page.BRINGS.items())
        pauses = booked.rules.opening.pauses
        times = check_page.arrivals(booked.hours, pauses) if booked.hours else ()
        self.arrives_at.choices = options((each, each) for each in times)
        if booked.asks_onset:
            self.onset.choices = options(onset.days())
        else:
            del self.onset
        since = [("", _("えらんでください"))]
        since += [(code, _(words)) for code, words in check_page.SINCE.items()]
        self.since.choices = options(since)

    def validate_temperature(self, field: Field) -> None:
        """38.2, in any width and with a comma or a sign behind it."""
        found = degrees(field.data or "")
        if found is None or not COOLEST <= found <= HOTTEST:
            raise ValidationError(_("体温を、38.2 のように数字で入力してください"))

    def explain(self, refusals: Sequence[Refusal]) -> bool:
        """Say beside its field why the day is ruled out; False where no field is to blame."""
        for one in refusals:
            field = {Code.TOO_EARLY: self.onset, Code.FEVER: self.temperature}.get(one.code)
            if field is not None:
                field.errors = [*field.errors, " ".join(explain(one))]
        return bool(self.errors)

    def said(self, comes: CheckForm | None = None) -> CheckPage:
        """What the act takes; a brother or sister ``comes`` with another, and as it does."""
        comes = comes or self
        found = degrees(self.temperature.data or "")
        return CheckPage(
            brings=comes.brings.data,
            arrives_at=comes.arrives_at.data,
            temperature=f"{found:.1f}" if found is not None else None,
            since=self.since.data or None,
            onset=onset.read(self.onset.data) if self.onset else None,
            remark=(self.remark.data or "").strip() or None,
        )


class SiblingForm(CheckForm):
    """How a brother or sister is who comes with the child of the page; ``number`` tells them
    apart."""

    def __init__(self, booked: Booked, number: int, **kwargs: Any) -> None:
        super().__init__(booked, prefix=f"sibling{number}-", **kwargs)
        del self.brings
        del self.arrives_at


def degrees(text: str) -> Decimal | None:
    """A temperature as people type it; None when it is none."""
    plain = unicodedata.normalize("NFKC", text).strip().rstrip("°C℃度").replace(",", ".")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
