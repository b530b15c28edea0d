"""Another password of one's own, while signed in: for everybody with a staff account."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField
from wtforms.validators import InputRequired, Length, ValidationError

from reservation import clock
from reservation.services import accounts, passwords
from reservation.services.mail_codes import Denied, TooOften
from reservation.web import roles
from reservation.web.staff import bp


class PasswordForm(FlaskForm):
    """The password there is, and the one to come."""

    old = PasswordField(
        _l("いまのパスワード"), [InputRequired(_l("いまのパスワードを入力してください"))]
    )
    new = PasswordField(
        _l("新しいパスワード"),
        [
            InputRequired(_l("新しいパスワードを入力してください")),
            Length(passwords.SHORTEST, 200, _l("パスワードは、12文字以上で決めてください")),
        ],
    )

    def validate_new(self, field: Field) -> None:
        """A new one is another one."""
        if field.data == self.old.data:
            raise ValidationError(_("いまと同じパスワードです。ちがうものに決めてください"))


@bp.get("/staff/password")
def password() -> str:
    """The empty form."""
    return _page(PasswordForm(formdata=None))


@bp.post("/staff/password")
def set_password() -> ResponseReturnValue:
    """Change it; other browsers are signed out, this one stays."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return _page(form), 422
    me = roles.me()
    answer = accounts.change_password(
        me.account_id, me.device_id, form.old.data, form.new.data, clock.now
    )
    if isinstance(answer, TooOften):
        form.old.errors = [
            _("短い時間に何度も試したため、いまは変えられません。10分ほど待ってください")
        ]
        return _page(form), 429
    if isinstance(answer, Denied):
        form.old.errors = [
            _("いまのパスワードがちがいます。忘れたときは、施設の責任者にお知らせください")
        ]
        return _page(form), 422
    flash(_("パスワードを変えました。ほかの端末のログインは切れました。"), "yes")
    return redirect(url_for("staff.home"), 303)


def _page(form: PasswordForm) -> str:
    return render_template("staff/password.html", form=form, mail=roles.me().person.mail)
