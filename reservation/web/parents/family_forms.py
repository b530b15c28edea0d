"""Forms about the family. They check shape; what a family may do is decided by the acts."""

import unicodedata
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from reservation import clock, i18n
from reservation.domain import families
from reservation.domain.kana import is_reading, katakana
from reservation.i18n import LANGUAGES, text_of
from reservation.reads import my_family
from reservation.reads.my_family import FamilyPage, GuardianLine
from reservation.services import telephones
from reservation.services.families import GuardianFacts, HomeFacts
from reservation.web.fields import options
from reservation.web.parents.addresses import MailField, is_mail

WORK = options([(code, _l(words)) for code, words in families.WORK.items()])


class NameField(StringField):
    """A name, exactly as typed but for spaces around it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Never normalises: 髙 stays 髙."""
        self.data = valuelist[0].strip() if valuelist else ""


class KanaField(StringField):
    """フリガナ: hiragana and half-width kana become katakana."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """What was typed is shown as it is stored."""
        self.data = katakana(valuelist[0]) if valuelist else ""


def reading(_form: Any, field: Field) -> None:
    """A validator: kana or Latin letters."""
    if field.data and not is_reading(field.data):
        raise ValidationError(_("フリガナは、ひらがなかカタカナで入力してください"))


def short(field_words: Any, most: int = 100) -> Length:
    """A validator: not longer than the column."""
    return Length(
        max=most,
        message=_l("%(field)sは、%(most)s文字までで入力してください", field=field_words, most=most),
    )


class GuardianForm(FlaskForm):
    """The guardian who is signed in."""

    name = NameField(
        _l("保護者の氏名"), [DataRequired(_l("保護者の氏名を入力してください")), short(_l("氏名"))]
    )
    kana = KanaField(
        _l("フリガナ"),
        [DataRequired(_l("フリガナを入力してください")), reading, short(_l("フリガナ"))],
    )
    relation = RadioField(
        _l("お子さまから見て"), validators=[InputRequired(_l("お子さまとの関係を選んでください"))]
    )
    telephone = StringField(
        _l("電話番号"), [DataRequired(_l("日中につながる電話番号を入力してください"))]
    )
    language = SelectField(_l("お知らせのことば"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.relation.choices = options(
            [(code, _(words)) for code, words in families.RELATIONS.items()]
        )
        self.language.choices = options([(code, LANGUAGES[code].name) for code in i18n.shipped()])

    @classmethod
    def of(cls, me: GuardianLine) -> "GuardianForm":
        """The form as it was filled before."""
        names = ("name", "kana", "relation", "telephone", "language")
        return cls(data={name: getattr(me, name) for name in names})

    def validate_telephone(self, field: Field) -> None:
        """Any way of writing a number."""
        if field.data and telephones.digits(field.data) is None:
            raise ValidationError(_("電話番号を、03-1234-5678 のように数字で入力してください"))

    def facts(self) -> GuardianFacts:
        """The guardian as the act takes them."""
        return GuardianFacts(
            name=self.name.data,
            kana=self.kana.data,
            relation=self.relation.data,
            telephone=self.telephone.data,
            language=self.language.data,
        )


class HomeForm(FlaskForm):
    """Where the family lives."""

    residence = SelectField(
        _l("お住まいの市区町村"), [InputRequired(_l("お住まいの市区町村を選んでください"))]
    )
    postcode = StringField(_l("郵便番号"), [Optional()])
    address = StringField(_l("住所"), [Optional(), short(_l("住所"), 300)])
    works_in = SelectField(_l("働いている市区町村"), [Optional()])
    on_leave = BooleanField(_l("保護者が育児休業中です"))
    guardians_work = RadioField(_l("保護者のお仕事"), [Optional()], choices=WORK)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        towns = town_choices()
        self.residence.choices = options([("", _("選んでください")), *towns])
        self.works_in.choices = options([("", _("働いていない・答えない")), *towns])

    @classmethod
    def of(cls, page: FamilyPage) -> "HomeForm":
        """The form as it was filled before, or is sent; it asks for work where a room does."""
        names = ("residence", "postcode", "address", "works_in", "on_leave", "guardians_work")
        form = cls(data={name: getattr(page, name) for name in names})
        if not page.asks_work:
            del form.guardians_work
        return form

    def validate_postcode(self, field: Field) -> None:
        """Seven digits, 〒 and dashes as people write them."""
        field.data = postcode(field.data or "")
        if field.data and not (len(field.data) == 8 and field.data.replace("-", "").isdigit()):
            raise ValidationError(_("郵便番号を、166-0012 のように数字7けたで入力してください"))

    def facts(self) -> HomeFacts:
        """The home as the act takes it."""
        return HomeFacts(
            residence=self.residence.data,
            postcode=self.postcode.data or None,
            address=(self.address.data or "").strip() or None,
            on_leave=self.on_leave.data,
            works_in=self.works_in.data or "",
            guardians_work=(self.guardians_work.data or None) if self.guardians_work else None,
        )


class JoinForm(FlaskForm):
    """A one-time code from a family's page or from a facility."""

    code = StringField(_l("家族の番号"), [DataRequired(_l("家族の番号を入力してください"))])


class NewMailForm(FlaskForm):
    """The address to change to."""

    mail = MailField(
        _l("新しいメールアドレス"),
        [InputRequired(_l("新しいメールアドレスを入力してください")), is_mail],
    )


class LeaveForm(FlaskForm):
    """A yes that nobody gives by accident."""

    sure = BooleanField(
        _l("消した内容は元に戻せないことを確かめました"),
        [InputRequired(_l("確かめたうえで、チェックを入れてください"))],
    )


def town_choices() -> list[tuple[str, str]]:
    """The municipalities of this installation, those with an agreement, and elsewhere."""
    names = my_family.towns_by_name(clock.today())
    own = [(code, text_of(name).text) for code, name in names]
    return [*own, (families.ELSEWHERE, _("そのほかの市区町村"))]


def postcode(text: str) -> str:
    """166-0012, however it was typed; what is no postcode comes back as it was."""
    plain = unicodedata.normalize("NFKC", text).replace("〒", "")
    digits = "".join(sign for sign in plain if sign.isdecimal())
    return f"{digits[:3]}-{digits[3:]}" if len(digits) == 7 else text.strip()
