"""The form of a bill: one box for each item of the rule book, taxi, correction and its reason."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import Length, ValidationError

from reservation.domain import fees
from reservation.domain.fees import Extras
from reservation.i18n import text_of, yen
from reservation.reads.child_card import Card
from reservation.services.bills import MOST_YEN, Added
from reservation.web.fields import NumberField, YenField
from reservation.web.staff.forms import NOTE

ITEM = "item_"


class BillForm(FlaskForm):
    """What staff add by hand; the boxes of items are made for each rule book."""

    taxi = YenField(_l("タクシー代(かかった金額)"))
    correction = YenField(_l("訂正する金額"), signed=True)
    reason = StringField(
        _l("訂正の理由"),
        [Length(max=NOTE, message=_l("理由は、200字までで入力してください"))],
        filters=[lambda text: text.strip() if text else ""],
    )

    def items(self) -> list[Field]:
        """The boxes of the items, in the order of the rule book."""
        return [one for one in self if one.short_name.startswith(ITEM)]

    def validate_taxi(self, field: Field) -> None:
        """Not more than a taxi can cost."""
        _must_fit(field)

    def validate_correction(self, field: Field) -> None:
        """Not more than a day can cost."""
        _must_fit(field)

    def validate_reason(self, field: Field) -> None:
        """A must with a correction."""
        if self.correction.data and not field.data:
            raise ValidationError(_("訂正する理由を入力してください"))

    def added(self) -> Added:
        """What the act takes."""
        counts = {
            one.short_name.removeprefix(ITEM): one.data
            for one in self.items()
            if one.data is not None
        }
        taxi = self.taxi.data if "taxi" in self else None
        extras = Extras(items=counts, taxi=taxi, correction=self.correction.data or 0)
        return Added(extras, self.reason.data or "")


def bill_form(card: Card) -> BillForm:
    """The form for a card, filled with what was entered before or has just been sent."""
    extras = card.money.extras
    stored: dict[str, Any] = {f"{ITEM}{code}": n for code, n in extras.items.items()}
    stored |= {"taxi": extras.taxi, "correction": extras.correction or None}
    form = _form(tuple(item.code for item in card.items))(
        data=stored | {"reason": card.money.reason}
    )
    if not card.taxi:
        del form.taxi
    for item in card.items:
        label = _("%(name)s(%(yen)s)", name=text_of(item.name).text, yen=yen(item.amount))
        form[f"{ITEM}{item.code}"].label.text = label
    return form


@cache
def _form(codes: tuple[str, ...]) -> type[BillForm]:
    boxes = {f"{ITEM}{code}": NumberField("", [_few]) for code in codes}
    return type("ItemsBillForm", (BillForm,), boxes)


def _few(_form: Any, field: Field) -> None:
    if (field.data or 0) > fees.MOST:
        raise ValidationError(_("%(n)s までの数で入力してください", n=fees.MOST))


def _must_fit(field: Field) -> None:
    if abs(field.data or 0) > MOST_YEN:
        raise ValidationError(_("%(yen)s までの金額で入力してください", yen=yen(MOST_YEN)))
