"""Signing in by a code sent by mail, in two steps; signing out; the demo's one click."""

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, ValidationError

from reservation import clock, i18n
from reservation.demo.accounts import ACCOUNTS, Account
from reservation.i18n import text_of
from reservation.reads import municipalities
from reservation.services import devices, mail_codes
from reservation.services import sign_in as service
from reservation.services.mail_codes import Denied, TooOften
from reservation.web import town
from reservation.web.fields import options
from reservation.web.parents import bp, door
from reservation.web.parents.addresses import MailField, is_mail
from reservation.web.parents.session import (
    begin,
    browser,
    finish,
    keep_next,
    known,
    me,
    take_next,
    viewer,
)

CODES = "codes"
KEPT_CODES = 3
"""How many codes a browser may have under way: mails sometimes overtake each other."""


class MailForm(FlaskForm):
    """Step one: where to send the code."""

    mail = MailField(
        _l("メールアドレス"), [InputRequired(_l("メールアドレスを入力してください")), is_mail]
    )
    town = SelectField(_l("お住まいの市区町村"), validate_choice=False)


class CodeForm(FlaskForm):
    """Step two: the six digits."""

    code = StringField(
        _l("6けたの番号"), [InputRequired(_l("メールで届いた6けたの番号を入力してください"))]
    )
    stay = BooleanField(_l("この端末では、次から番号を聞かない"), default=True)

    def validate_code(self, field: StringField) -> None:
        """Six digits, however they were pasted."""
        if len(mail_codes.typed(field.data or "")) != mail_codes.DIGITS:
            raise ValidationError(_("番号は、数字6けたで入力してください"))


@door.get("/signin")
def ask() -> ResponseReturnValue:
    """Step one; a reader who is signed in goes on at once."""
    keep_next(request.args.get("next", ""))
    if viewer() is not None:
        return redirect(take_next(), 303)
    mail = session.get(CODES, {}).get("mail", "")
    return _first(MailForm(data={"mail": mail}))


@door.post("/signin")
def send() -> ResponseReturnValue:
    """Send a code; the answer is the same for every address."""
    form = MailForm()
    if not form.validate_on_submit():
        return _first(form), 422
    mail = mail_codes.normal(form.mail.data)
    sent = service.ask_code(
        mail, request.remote_addr or "", known(mail), i18n.language(), clock.now
    )
    if isinstance(sent, TooOften):
        form.mail.errors = [
            _(
                "短い時間に何度も送ったため、いまは送れません。しばらく待って、もう一度お試しください。"
            )
        ]
        return _first(form), 429
    earlier = session.get(CODES, {})
    ids = earlier.get("ids", []) if earlier.get("mail") == mail else []
    session[CODES] = {
        "mail": mail,
        "ids": [*ids, sent.id][-KEPT_CODES:],
        "until": sent.ends_at.isoformat(),
        "town": form.town.data or "",
    }
    return redirect(url_for("door.code"), 303)


@door.get("/signin/code")
def code() -> ResponseReturnValue:
    """Step two."""
    if viewer() is not None:
        return redirect(take_next(), 303)
    if CODES not in session:
        return redirect(url_for("door.ask"), 303)
    return _second(CodeForm())


@door.post("/signin/code")
def enter() -> ResponseReturnValue:
    """Sign in, and go on to the page that was asked for."""
    form = CodeForm()
    asked = session.get(CODES)
    if asked is None:
        flash(_("番号の期限が切れました。もう一度、メールアドレスを入力してください。"), "few")
        return redirect(url_for("door.ask"), 303)
    if not form.validate_on_submit():
        return _second(form), 422
    entered = service.enter_code(
        asked["ids"],
        form.code.data,
        browser(stay=form.stay.data),
        _town(asked),
        i18n.language(),
        clock.now,
    )
    if isinstance(entered, Denied):
        form.code.errors = [denied(entered.reason)]
        return _second(form), 422
    return begin(entered, stay=form.stay.data)


@bp.post("/signout")
def sign_out() -> ResponseReturnValue:
    """Sign this device out."""
    devices.end(me().device_id, me().owner, me().by, clock.now)
    response = finish(redirect(url_for("door.ask"), 303))
    flash(_("ログアウトしました。"), "yes")
    return response


@door.record
def _demo(state: BlueprintSetupState) -> None:
    # One click sign-in exists in the demo only: elsewhere the address does not exist at all.
    if state.app.extensions["settings"].mode == "demo":
        state.add_url_rule("/signin/demo", "demo", enter_demo, methods=["POST"])


def enter_demo() -> ResponseReturnValue:
    """Sign in as one of the demo's families."""
    mail = request.form.get("mail", "")
    if mail not in {one.mail for one in _demo_families()}:
        abort(404)
    return begin(service.enter_demo(mail, browser(stay=True), clock.now), stay=True)


def _demo_families() -> list[Account]:
    if current_app.extensions["settings"].mode != "demo":
        return []
    return [one for one in ACCOUNTS if one.kind == "parent"]


def _first(form: MailForm) -> str:
    towns = [] if town.asked() else [one for one, _host in municipalities.every()]
    form.town.choices = options([(one.id, text_of(one.name).text) for one in towns])
    return render_template("parents/sign_in.html", form=form, accounts=_demo_families())


def _second(form: CodeForm) -> str:
    asked = session[CODES]
    return render_template(
        "parents/code.html", form=form, mail=asked["mail"], until=clock.read(asked["until"])
    )


def _town(asked: dict[str, str]) -> str | None:
    found = town.asked()
    return found.id if found else asked["town"]


def denied(reason: str) -> str:
    if reason == "wrong":
        return _("番号がちがいます。メールで届いた6けたの番号を、もう一度入力してください")
    return _("この番号は、もう使えません。「もう一度送る」から新しい番号を受け取ってください")
