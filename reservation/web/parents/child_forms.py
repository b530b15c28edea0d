"""Forms about a child. They check shape; what a family may do is decided by the acts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError

from reservation import clock
from reservation.domain import vaccines
from reservation.reads.my_family import ChildLine
from reservation.services.families import ChildFacts
from reservation.web.fields import DatePartsField, options
from reservation.web.parents.family_forms import KanaField, NameField, reading, short, town_choices

OLDEST = timedelta(days=366 * 19)
NONE, SOME = "none", "some"
QUESTION = "vaccine_"
"""Begins the name of a field that asks about a vaccination."""
ANSWERS = options([(NONE, _l("ない")), (SOME, _l("ある"))])


def past(_form: Any, field: Field) -> None:
    """A validator: a child's birthday is not ahead and not twenty years ago."""
    today = clock.today()
    if field.data and not today - OLDEST <= field.data <= today:
        raise ValidationError(_("生年月日をもう一度確かめてください"))


class FirstChildForm(FlaskForm):
    """All that is asked of a first-timer at night."""

    name = NameField(
        _l("お子さまの氏名"),
        [DataRequired(_l("お子さまの氏名を入力してください")), short(_l("氏名"))],
    )
    kana = KanaField(
        _l("フリガナ"),
        [DataRequired(_l("フリガナを入力してください")), reading, short(_l("フリガナ"))],
    )
    birthday = DatePartsField(
        _l("生年月日"), [InputRequired(_l("生年月日を入力してください")), past]
    )

    def facts(self) -> ChildFacts:
        """The child as the act takes it."""
        return ChildFacts(name=self.name.data, kana=self.kana.data, birthday=self.born())

    def born(self) -> date:
        """The birthday of a form that has been checked."""
        found = self.birthday.data
        if found is None:
            raise LookupError("this form was not checked")
        return found


class ChildForm(FirstChildForm):
    """A child with all that a registration needs."""

    allergies = RadioField(
        _l("アレルギー"),
        choices=ANSWERS,
        validators=[InputRequired(_l("アレルギーがあるかどうかを選んでください"))],
    )
    allergies_text = TextAreaField(_l("アレルギーの内容"), [short(_l("アレルギーの内容"), 1000)])
    medical_care = RadioField(
        _l("持病・医療的ケア"),
        choices=ANSWERS,
        validators=[InputRequired(_l("持病や医療的ケアがあるかどうかを選んでください"))],
    )
    medical_care_text = TextAreaField(
        _l("持病・医療的ケアの内容"), [short(_l("持病・医療的ケアの内容"), 1000)]
    )
    family_doctor = StringField(_l("かかりつけ医"), [Optional(), short(_l("かかりつけ医"), 200)])
    nursery = StringField(_l("通っている園・学校"), [Optional(), short(_l("園・学校の名前"))])
    nursery_in = SelectField(_l("園・学校のある市区町村"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.nursery_in.choices = options([("", _("通っていない・わからない")), *town_choices()])

    @classmethod
    def asking(cls, asked: tuple[str, ...]) -> type[ChildForm]:
        """This form with a question for each of these vaccines."""
        return cast("type[ChildForm]", type("AskingForm", (cls,), _questions(asked)))

    @classmethod
    def of(cls, child: ChildLine) -> ChildForm:
        """The form as the family has filled it before."""
        return cls(
            data={
                **{QUESTION + vaccine: answer for vaccine, answer in child.vaccines.items()},
                **{
                    n: getattr(child, n) or "" for n in ("name", "kana", "family_doctor", "nursery")
                },
                "birthday": child.birthday,
                "nursery_in": child.nursery_in,
                "allergies": _answered(child.allergies),
                "allergies_text": child.allergies or "",
                "medical_care": _answered(child.medical_care),
                "medical_care_text": child.medical_care or "",
            }
        )

    def validate_allergies_text(self, field: Field) -> None:
        """Whoever says yes says what."""
        if self.allergies.data == SOME and not (field.data or "").strip():
            raise ValidationError(_("アレルギーの内容を入力してください"))

    def validate_medical_care_text(self, field: Field) -> None:
        """Whoever says yes says what."""
        if self.medical_care.data == SOME and not (field.data or "").strip():
            raise ValidationError(_("持病・医療的ケアの内容を入力してください"))

    def facts(self) -> ChildFacts:
        """The child as the act takes it."""
        return ChildFacts(
            name=self.name.data,
            kana=self.kana.data,
            birthday=self.born(),
            allergies=_told(self.allergies.data, self.allergies_text.data),
            medical_care=_told(self.medical_care.data, self.medical_care_text.data),
            family_doctor=(self.family_doctor.data or "").strip(),
            nursery=(self.nursery.data or "").strip(),
            nursery_in=self.nursery_in.data or "",
            vaccines=vaccines.written(self._told_vaccines()),
        )

    @property
    def questions(self) -> list[Field]:
        """Those about vaccinations."""
        return [field for field in self if field.name.startswith(QUESTION)]

    def _told_vaccines(self) -> dict[str, str]:
        return {one.name.removeprefix(QUESTION): one.data for one in self.questions if one.data}


def _questions(asked: tuple[str, ...]) -> dict[str, Field]:
    answers = options([(code, _l(words)) for code, words in vaccines.ANSWERS.items()])
    return {
        QUESTION + one: RadioField(
            _l("%(vaccine)sの予防接種", vaccine=_l(vaccines.WORDS[one])),
            [Optional()],
            choices=answers,
        )
        for one in asked
    }


def _answered(text: str | None) -> str | None:
    return None if text is None else SOME if text else NONE


def _told(answer: str | None, text: str | None) -> str | None:
    return None if answer is None else "" if answer == NONE else (text or "").strip()
