"""The four fields of a call, the time it came, and a child nobody knows yet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import TelInput

from reservation import clock, i18n
from reservation.domain import illnesses, kana, morning
from reservation.domain.rulebook import RuleBook
from reservation.domain.values import Complaint
from reservation.domain.words import N_
from reservation.services import telephone, telephones
from reservation.web import onset
from reservation.web.fields import DatePartsField, options
from reservation.web.public import choices
from reservation.web.staff.forms import on_offer

CARRIED = ("day", "sign", "call_back", "call_day", "call_time", "why")
"""What the answer's buttons send again."""
RECENT = {"0": N_("きょう"), "1": N_("きのう")}
"""The days on which a call can have come, by how many days ago."""


def is_number(_form: Any, field: Field) -> None:
    """A validator: a telephone number, typed in any way."""
    if field.data and telephones.digits(field.data) is None:
        raise ValidationError(_("電話番号を、090-0000-0000 の形で入力してください"))


@dataclass(frozen=True)
class Asked:
    """The fields of a call as acts and reads take them."""

    day: date
    complaint: Complaint
    told: str | None
    asked_at: datetime | None


class CallForm(FlaskForm):
    """What the caller wants. ``who`` (a reading or a number) is not asked of a known child."""

    who = StringField(
        _l("お子さま(カナか番号)"),
        [InputRequired(_l("お子さまのカナか、電話番号を入力してください"))],
    )
    day = SelectField(_l("日"), [on_offer], validate_choice=False)
    sign = SelectField(_l("ようす"), [on_offer], validate_choice=False)
    call_back = StringField(_l("折り返しの電話"), [is_number], widget=TelInput())
    call_day = SelectField(_l("電話があった日"), [on_offer], validate_choice=False)
    call_time = StringField(_l("電話があった時刻"))
    why = StringField(_l("時刻を直す理由"), [Length(max=200)])
    onset = SelectField(_l("症状が出た日"), [on_offer], validate_choice=False)

    @classmethod
    def of(cls, days: Iterable[date], *, known: bool = False) -> CallForm:
        """The form with the days that can be asked for; ``known`` leaves the first field out."""
        form = cls()
        form.day.choices = options((str(day), i18n.near_day(day)) for day in days)
        form.sign.choices = options(choices.signs())
        form.call_day.choices = options((day, _(words)) for day, words in RECENT.items())
        form.call_day.data = form.call_day.data or "0"
        form.onset.choices = options(onset.days())
        form.onset.data = form.onset.data or ""
        if known:
            del form.who
        return form

    def validate_call_time(self, field: Field) -> None:
        """Empty is now; else a time of today or yesterday, not ahead, at most a day back."""
        if not (field.data or "").strip():
            return
        at = self.asked_at
        if at is None:
            raise ValidationError(_("時刻を、6:30 の形で入力してください"))
        now = clock.now()
        if not now - telephone.FARTHEST <= at <= now:
            raise ValidationError(_("24時間前から今までの時刻を入力してください"))

    def validate_why(self, field: Field) -> None:
        """Another time needs its reason."""
        if (self.call_time.data or "").strip() and not (field.data or "").strip():
            raise ValidationError(_("時刻を直す理由を入力してください(例：留守番電話)"))

    @property
    def asked_at(self) -> datetime | None:
        """When the call came, if another time than now was typed."""
        typed = kana.katakana(self.call_time.data or "").replace("：", ":")
        read = re.fullmatch("([01]?[0-9]|2[0-3]):([0-5]?[0-9])", typed)
        if read is None or self.call_day.data not in RECENT:
            return None
        day = clock.today() - timedelta(days=int(self.call_day.data))
        return clock.read(f"{day}T{int(read[1]):02}:{int(read[2]):02}")

    @property
    def asked(self) -> Asked:
        """The fields in the words of the domain."""
        complaint, told = choices.read_sign(self.sign.data)
        return Asked(date.fromisoformat(self.day.data), complaint, told, self.asked_at)

    def asks_onset(self, rules: RuleBook, birthday: date | None) -> bool:
        """Whether the rules of the day count the days since the illness began."""
        asked = self.asked
        illness = illnesses.illness_for(rules, asked.complaint, asked.told)
        return morning.asks_onset(rules, illness, birthday, asked.day)

    def misses_onset(self, rules: RuleBook, birthday: date | None) -> bool:
        """Whether the day of onset must be said and is not; says so beside the field."""
        if self.asks_onset(rules, birthday) and not self.onset.data:
            self.onset.errors = [_("症状が出た日を選んでください")]
        return bool(self.onset.errors)

    def carried(self) -> dict[str, str]:
        """The fields for the buttons of the answer."""
        return {name: str(self[name].data or "") for name in CARRIED}


class NewChildForm(FlaskForm):
    """A child nobody knows: four fields more."""

    name = StringField(
        _l("お子さまの名前"),
        [InputRequired(_l("お子さまの名前を入力してください")), Length(max=100)],
    )
    reading = StringField(
        _l("フリガナ"), [InputRequired(_l("フリガナを入力してください")), Length(max=100)]
    )
    birthday = DatePartsField(_l("生年月日"), [InputRequired(_l("生年月日を入力してください"))])
    telephone = StringField(
        _l("ご家族の電話番号"),
        [InputRequired(_l("ご家族の電話番号を入力してください")), is_number],
        widget=TelInput(),
    )

    def validate_reading(self, field: Field) -> None:
        """Kana in any form; kept as katakana."""
        if not kana.is_reading(kana.katakana(field.data or "")):
            raise ValidationError(_("フリガナを、カタカナかひらがなで入力してください"))

    def validate_birthday(self, field: DatePartsField) -> None:
        """Not ahead, and not older than school."""
        today = clock.today()
        if field.data and not today - timedelta(days=16 * 366) <= field.data <= today:
            raise ValidationError(_("生年月日を確かめてください"))
