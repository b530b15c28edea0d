"""The account: another mail address, one's own data as a file, and leaving."""

import json

from flask import Response, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock, i18n
from reservation.reads import my_export
from reservation.services import leaving as service
from reservation.services import mail_change
from reservation.services.mail_codes import Denied, TooOften
from reservation.web.parents import bp
from reservation.web.parents.family_forms import LeaveForm, NewMailForm
from reservation.web.parents.session import finish, me
from reservation.web.parents.sign_in import KEPT_CODES, CodeForm, denied

NEW_MAIL = "new_mail"


@bp.get("/my/mail")
def new_mail() -> ResponseReturnValue:
    """Where to change to."""
    return render_template("parents/new_mail.html", form=NewMailForm(formdata=None))


@bp.post("/my/mail")
def ask_new_mail() -> ResponseReturnValue:
    """Send a code to the new address."""
    form = NewMailForm()
    if not form.validate_on_submit():
        return render_template("parents/new_mail.html", form=form), 422
    sent = mail_change.ask(form.mail.data, me().by, i18n.language(), clock.now)
    if isinstance(sent, TooOften):
        form.mail.errors = [
            _("短い時間に何度も送ったため、いまは送れません。1時間ほど待ってください")
        ]
        return render_template("parents/new_mail.html", form=form), 429
    earlier = session.get(NEW_MAIL, {})
    ids = earlier.get("ids", []) if earlier.get("mail") == form.mail.data else []
    session[NEW_MAIL] = {
        "mail": form.mail.data,
        "ids": [*ids, sent.id][-KEPT_CODES:],
        "until": sent.ends_at.isoformat(),
    }
    return redirect(url_for("parents.new_mail_code"), 303)


@bp.get("/my/mail/code")
def new_mail_code() -> ResponseReturnValue:
    """Where the code from the new address is typed."""
    if NEW_MAIL not in session:
        return redirect(url_for("parents.new_mail"), 303)
    return _code_page(CodeForm())


@bp.post("/my/mail/code")
def take_new_mail() -> ResponseReturnValue:
    """Change the address; both are told."""
    form = CodeForm()
    asked = session.get(NEW_MAIL)
    if asked is None:
        return redirect(url_for("parents.new_mail"), 303)
    if not form.validate_on_submit():
        return _code_page(form), 422
    outcome = mail_change.enter(asked["ids"], form.code.data, me().by, clock.now)
    if isinstance(outcome, Denied):
        form.code.errors = [denied(outcome.reason)]
        return _code_page(form), 422
    del session[NEW_MAIL]
    if outcome.code == "taken":
        flash(_("このアドレスは、ほかのアカウントで使われています。"), "few")
        return redirect(url_for("parents.new_mail"), 303)
    flash(_("メールアドレスを変えました。新旧どちらのアドレスにもお知らせしました。"), "yes")
    return redirect(url_for("parents.family"), 303)


@bp.get("/my/export")
def export() -> ResponseReturnValue:
    """Everything about the family as a file."""
    found = my_export.everything(me().family_id, clock.now())
    text = json.dumps(found, ensure_ascii=False, indent=2)
    name = f"my-data-{clock.today().isoformat()}.json"
    return Response(
        text,
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.get("/my/leave")
def leaving() -> ResponseReturnValue:
    """What leaving erases and what stays."""
    return render_template("parents/leave.html", form=LeaveForm(formdata=None))


@bp.post("/my/leave")
def leave() -> ResponseReturnValue:
    """Erase, and say goodbye."""
    form = LeaveForm()
    if not form.validate_on_submit():
        return render_template("parents/leave.html", form=form), 422
    outcome = service.leave(me().by, clock.now)
    if outcome.code == "has_bookings":
        flash(_("まだ予約かキャンセル待ちがあります。先に取り消してください。"), "few")
        return redirect(url_for("parents.home"), 303)
    response = finish(redirect(url_for("door.ask"), 303))
    flash(_("登録した内容を消しました。ご利用ありがとうございました。"), "yes")
    return response


def _code_page(form: CodeForm) -> str:
    asked = session[NEW_MAIL]
    return render_template(
        "parents/new_mail_code.html",
        form=form,
        mail=asked["mail"],
        until=clock.read(asked["until"]),
    )
