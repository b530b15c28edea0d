"""Signing in with password and second factor; the invitation's page; the list of places."""

import segno
from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from reservation import clock
from reservation.demo.accounts import ACCOUNTS, Account
from reservation.services import accounts, passwords, totp
from reservation.services.mail_codes import Denied, TooOften
from reservation.web import cookies, roles
from reservation.web.parents.addresses import MailField, is_mail
from reservation.web.staff import bp, desk_door, session


class SignInForm(FlaskForm):
    """Address, password and the six digits, on one page."""

    mail = MailField(
        _l("メールアドレス"), [InputRequired(_l("メールアドレスを入力してください")), is_mail]
    )
    password = PasswordField(_l("パスワード"), [InputRequired(_l("パスワードを入力してください"))])
    code = StringField(
        _l("確認アプリの番号"),
        [InputRequired(_l("確認アプリに出ている6けたの番号を入力してください"))],
    )


class InviteForm(FlaskForm):
    """The first password, and a code that proves the application is set up."""

    password = PasswordField(
        _l("パスワード"),
        [
            InputRequired(_l("パスワードを入力してください")),
            Length(passwords.SHORTEST, 200, _l("パスワードは、12文字以上で決めてください")),
        ],
    )
    code = StringField(
        _l("確認アプリの番号"),
        [InputRequired(_l("確認アプリに出ている6けたの番号を入力してください"))],
    )


@desk_door.get("/staff/sign-in")
def ask() -> ResponseReturnValue:
    """The form; who is signed in goes on at once."""
    if roles.clerk() is not None:
        return redirect(session.start(roles.me().account_id), 303)
    return _form(SignInForm())


@desk_door.post("/staff/sign-in")
def enter() -> ResponseReturnValue:
    """Sign in. What was wrong is not told apart."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _form(form), 422
    known = cookies.known(session.KNOWN, form.mail.data)
    source = request.remote_addr or ""
    answer = accounts.sign_in(
        form.mail.data,
        form.password.data,
        form.code.data,
        source,
        known,
        session.browser(),
        clock.now,
    )
    if isinstance(answer, TooOften):
        form.mail.errors = [
            _(
                "短い時間に何度も試したため、いまは入れません。しばらく待って、もう一度お試しください。"
            )
        ]
        return _form(form), 429
    if isinstance(answer, Denied):
        form.mail.errors = [
            _(
                "メールアドレス、パスワード、番号のどれかがちがいます。番号は、新しく出たものを入力してください。"
            )
        ]
        return _form(form), 422
    return session.begin(answer)


@desk_door.get("/staff/invite/<token>")
def invited(token: str) -> str:
    """Where a new colleague sets the password and the application."""
    return _invite(InviteForm(), token)


@desk_door.post("/staff/invite/<token>")
def accept(token: str) -> ResponseReturnValue:
    """Password and application are set: signed in, and the link is used up."""
    form = InviteForm()
    if not form.validate_on_submit():
        return _invite(form, token), 422
    answer = accounts.accept(
        token, form.password.data, form.code.data, session.browser(), clock.now
    )
    if isinstance(answer, Denied):
        form.code.errors = [_("番号がちがいます。確認アプリに新しく出た番号を入力してください")]
        return _invite(form, token), 422
    flash(_("設定が終わりました。次からは、パスワードと確認アプリの番号で入ります。"), "yes")
    return session.begin(answer)


@desk_door.get("/staff/invite/<token>/code.svg")
def square(token: str) -> Response:
    """The secret as a square code for the application's camera."""
    found = accounts.invitation(token, clock.now)
    code = segno.make(totp.address(found.secret, found.mail, _("病児保育")))
    return Response(code.svg_inline(scale=5, border=4, light="#fff"), mimetype="image/svg+xml")


@bp.get("/staff")
def home() -> ResponseReturnValue:
    """The person's only place, or a list of them."""
    posts = roles.me().person.posts
    if len(posts) == 1:
        return redirect(roles.place_of(posts[0]), 303)
    places = [(roles.place_of(post), roles.shown(post)) for post in posts]
    return render_template("staff/home.html", places=places)


@bp.post("/staff/sign-out")
def leave() -> ResponseReturnValue:
    """Sign this browser out."""
    accounts.sign_out(roles.me().device_id, roles.me().account_id, clock.now)
    response = session.finish(redirect(url_for("desk_door.ask"), 303))
    flash(_("ログアウトしました。"), "yes")
    return response


@desk_door.record
def _demo(state: BlueprintSetupState) -> None:
    # One click sign-in exists in the demo only: elsewhere the address does not exist at all.
    if state.app.extensions["settings"].mode == "demo":
        state.add_url_rule("/staff/sign-in/demo", "demo", enter_demo, methods=["POST"])


def enter_demo() -> ResponseReturnValue:
    """Sign in as one of the demo's people."""
    mail = request.form.get("mail", "")
    if mail not in {one.mail for one in _demo_people()}:
        abort(404)
    return session.begin(accounts.enter_demo(mail, session.browser(), clock.now))


def _demo_people() -> list[Account]:
    if current_app.extensions["settings"].mode != "demo":
        return []
    return [one for one in ACCOUNTS if one.kind == "staff"]


def _form(form: SignInForm) -> str:
    return render_template("staff/sign_in.html", form=form, accounts=_demo_people())


def _invite(form: InviteForm, token: str) -> str:
    found = accounts.invitation(token, clock.now)
    return render_template(
        "staff/invite.html", form=form, found=found, token=token, secret=totp.spaced(found.secret)
    )
