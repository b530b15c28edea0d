"""A manager's page: who works here; invite, send a new link, take access away."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug import Response
from wtforms import Field, RadioField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from reservation import clock
from reservation.domain.words import N_
from reservation.reads import people as reads
from reservation.services import staff_accounts
from reservation.services.staff_accounts import Post
from reservation.web import roles
from reservation.web.desk_acts import say_reused
from reservation.web.fields import options
from reservation.web.staff import acts, bp

ROLES = {"staff": N_("職員"), "manager": N_("施設の責任者")}
STATUSES = {
    "active": (N_("使用中"), "yes"),
    "invited": (N_("招待中"), "wait"),
    "expired": (N_("招待の期限切れ"), "few"),
    "disabled": (N_("停止中"), "no"),
}


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


def _mail(_form: FlaskForm, field: Field) -> None:
    try:
        validate_email(field.data, check_deliverability=False)
    except EmailNotValidError as error:
        raise ValidationError(
            _("メールアドレスを、例：morita@example.jp のように入力してください")
        ) from error


def _on_offer(_form: FlaskForm, field: Field) -> None:
    if field.data not in ROLES:
        raise ValidationError(_("役割をえらんでください"))


class InviteForm(FlaskForm):
    """A new colleague."""

    name = StringField(
        _l("名前"),
        [
            DataRequired(_l("名前を入力してください")),
            Length(max=100, message=_l("名前は、100文字までで入力してください")),
        ],
        filters=[_strip],
    )
    mail = StringField(
        _l("メールアドレス"),
        [
            DataRequired(_l("メールアドレスを入力してください")),
            Length(max=254, message=_l("メールアドレスが長すぎます")),
            _mail,
        ],
        filters=[_strip],
    )
    role = RadioField(_l("役割"), [_on_offer], default="staff", validate_choice=False)

    @classmethod
    def of(cls) -> InviteForm:
        """The form with the roles of a facility."""
        form = cls()
        form.role.choices = options((code, _(words)) for code, words in ROLES.items())
        return form


@bp.get("/staff/<facility_code>/people")
@roles.only("manager")
def people(facility_code: str) -> ResponseReturnValue:
    """Everybody with a role here, and the form of an invitation."""
    return _page(InviteForm.of())


@bp.post("/staff/<facility_code>/people")
@roles.only("manager")
def invite(facility_code: str) -> ResponseReturnValue:
    """Invite by mail; who has an account already only gets the role."""
    form = InviteForm.of()
    if not form.validate():
        return _page(form), 422
    post = Post(role=form.role.data, facility_id=roles.facility_id())
    invited = staff_accounts.invite(
        form.mail.data or "", form.name.data or "", post, roles.by(), acts.act_key(), clock.now
    )
    say_reused(invited.outcome)
    if invited.outcome.code == "invited":
        flash(_("招待のメールを送りました。72時間のうちに設定してもらってください。"), "yes")
    else:
        flash(_("すでにアカウントのある人です。この施設の役割を加えました。"), "yes")
    return _back(facility_code)


@bp.post("/staff/<facility_code>/people/<account_id>/reset")
@roles.only("manager")
def reset_account(facility_code: str, account_id: str) -> ResponseReturnValue:
    """A new link: for a lost telephone, a forgotten password, or a link that has run out."""
    done = staff_accounts.reset(account_id, roles.by(), acts.act_key(), clock.now)
    say_reused(done.outcome)
    if done.outcome.is_refused:
        flash(
            _("ほかの施設でも働いている人です。設定のやり直しは、市区町村の担当にご連絡ください。"),
            "few",
        )
    else:
        flash(_("設定をやり直すためのメールを送りました。いまのログインは切れました。"), "yes")
    return _back(facility_code)


@bp.post("/staff/<facility_code>/people/<account_id>/disable")
@roles.only("manager")
def disable_account(facility_code: str, account_id: str) -> ResponseReturnValue:
    """Take the access to this facility away, at once."""
    outcome = staff_accounts.disable(account_id, roles.by(), acts.act_key(), clock.now)
    say_reused(outcome)
    if outcome.is_refused:
        flash(_("ご自分のアカウントは止められません。"), "few")
    elif outcome.code == "revoked":
        flash(_("この施設には入れなくなりました。ほかの施設の役割はそのままです。"), "yes")
    else:
        flash(_("アカウントを止めました。いまのログインも切れました。"), "yes")
    return _back(facility_code)


def _back(facility_code: str) -> Response:
    return redirect(url_for("staff.people", facility_code=facility_code), 303)


def _page(form: InviteForm) -> str:
    return render_template(
        "staff/people.html",
        form=form,
        people=reads.people(roles.facility_id(), clock.now()),
        me=roles.me().account_id,
        role_words={code: _(words) for code, words in ROLES.items()},
        statuses={code: (_(words), tone) for code, (words, tone) in STATUSES.items()},
        new_key=acts.new_key,
    )
