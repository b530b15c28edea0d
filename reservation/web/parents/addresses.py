"""The mail address as people type it on a phone."""

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from wtforms import Field, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import EmailInput

from reservation.services import mail_codes


class MailField(StringField):
    """An address; what was typed is shown again, the data is half-width and in small letters."""

    widget = EmailInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Full-width signs and stray spaces are no mistakes."""
        self.data = mail_codes.normal(valuelist[0]) if valuelist else ""


def is_mail(_form: Any, field: Field) -> None:
    """A validator: the shape of an address; whether it exists is not asked."""
    try:
        validate_email(field.data or "", check_deliverability=False)
    except EmailNotValidError:
        raise ValidationError(
            _("メールアドレスを、name@example.jp の形で入力してください")
        ) from None
