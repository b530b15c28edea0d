"""The family: who belongs to it, its children, and their registrations."""

from secrets import token_urlsafe

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock
from reservation.domain import families as words
from reservation.reads import my_family
from reservation.reads.my_family import ChildLine, FamilyPage
from reservation.services import families, joining, registrations
from reservation.web import town
from reservation.web.parents import bp
from reservation.web.parents.acts import act_key
from reservation.web.parents.child_forms import ChildForm
from reservation.web.parents.family_forms import (
    GuardianForm,
    HomeForm,
    JoinForm,
    town_choices,
)
from reservation.web.parents.session import is_own, me

INVITED = "invited"


def page() -> FamilyPage:
    """The family of the reader."""
    return my_family.family(me().guardian_id, me().family_id, clock.now())


@bp.get("/my/family")
def family() -> ResponseReturnValue:
    """Everybody and everything the family has said."""
    found, names = page(), dict(town_choices())
    return render_template(
        "parents/family.html",
        family=found,
        town=names.get(found.residence, ""),
        works_in=names.get(found.works_in, ""),
        invited=_invited(),
        **_choices(),
    )


@bp.get("/my/children/new")
def new_child() -> ResponseReturnValue:
    """An empty form for one more child."""
    return _child_page(_child_form()(), None)


@bp.post("/my/children/new")
def add_child() -> ResponseReturnValue:
    """One more child."""
    form = _child_form()()
    if not form.validate_on_submit():
        return _child_page(form, None), 422
    key = act_key("add_child")
    outcome = families.add_child(form.facts(), me().by, key, clock.now)
    flash(_("お子さまを登録しました。"), "yes")
    return redirect(url_for("parents.child", child_id=outcome.values["child_id"]), 303)


@bp.get("/my/children/<child_id>")
def child(child_id: str) -> ResponseReturnValue:
    """What is known of a child, to correct it, and its registrations."""
    seen = page()
    found = _own(seen, child_id)
    return _child_page(ChildForm.asking(seen.vaccines).of(found), found)


@bp.post("/my/children/<child_id>")
def edit_child(child_id: str) -> ResponseReturnValue:
    """Change what is known of a child."""
    seen = page()
    found = _own(seen, child_id)
    form = ChildForm.asking(seen.vaccines)()
    if not form.validate_on_submit():
        return _child_page(form, found), 422
    families.edit_child(child_id, form.facts(), me().by, clock.now)
    flash(_("内容を保存しました。"), "yes")
    return redirect(url_for("parents.child", child_id=child_id), 303)


@bp.post("/my/children/<child_id>/registrations")
def ask_registration(child_id: str) -> ResponseReturnValue:
    """Ask that a child be registered, in one click once everything has been said."""
    version = _consent_version()
    facility = request.form.get("facility", "")
    outcome = registrations.ask(child_id, facility, version, me().by, clock.now)
    if outcome.code == "incomplete":
        missing = [_(words.MISSING[code]) for code in outcome.values["missing"]]
        flash(
            _(
                "登録を申し込む前に、次のことを入力してください：%(what)s",
                what=_("、").join(missing),
            ),
            "few",
        )
        return redirect(url_for("parents.child", child_id=child_id), 303)
    flash(_("利用登録を申し込みました。結果はメールでお知らせします。"), "yes")
    back = request.form.get("next", "")
    own = back if is_own(back) else url_for("parents.child", child_id=child_id)
    return redirect(own, 303)


@bp.get("/my/family/me")
def guardian() -> ResponseReturnValue:
    """What is known of the guardian who is signed in."""
    return render_template("parents/guardian.html", form=GuardianForm.of(page().me))


@bp.post("/my/family/me")
def edit_guardian() -> ResponseReturnValue:
    """Change it."""
    form = GuardianForm()
    if not form.validate_on_submit():
        return render_template("parents/guardian.html", form=form), 422
    families.edit_guardian(form.facts(), me().by, clock.now)
    flash(_("内容を保存しました。"), "yes")
    return redirect(url_for("parents.family"), 303)


@bp.get("/my/family/home")
def home_form() -> ResponseReturnValue:
    """Where the family lives."""
    return render_template("parents/home_form.html", form=HomeForm.of(page()))


@bp.post("/my/family/home")
def edit_home() -> ResponseReturnValue:
    """Change it."""
    form = HomeForm.of(page())
    if not form.validate_on_submit():
        return render_template("parents/home_form.html", form=form), 422
    families.edit_home(form.facts(), me().by, clock.now)
    flash(_("内容を保存しました。"), "yes")
    return redirect(url_for("parents.family"), 303)


@bp.post("/my/family/invite")
def invite() -> ResponseReturnValue:
    """A one-time code for a second guardian, shown on this browser until it ends."""
    code, until = joining.invite(me().by, clock.now)
    session[INVITED] = {"code": code, "until": until.isoformat()}
    return redirect(url_for("parents.family", _anchor="invite"), 303)


@bp.get("/my/join")
def join_form() -> ResponseReturnValue:
    """Where a second guardian types the code."""
    return render_template("parents/join.html", form=JoinForm())


@bp.post("/my/join")
def join() -> ResponseReturnValue:
    """Belong to the family of the code."""
    form = JoinForm()
    if not form.validate_on_submit():
        return render_template("parents/join.html", form=form), 422
    outcome = joining.join(form.code.data, me().by, clock.now)
    if outcome.code == "joined":
        flash(_("ご家族に加わりました。予約とお知らせを、いっしょに見られます。"), "yes")
        return redirect(url_for("parents.home"), 303)
    form.code.errors = [_refused(outcome.code)]
    return render_template("parents/join.html", form=form), 422


def _invited() -> dict[str, object] | None:
    """The code that was made in this browser, as long as it is good."""
    made = session.get(INVITED)
    if made is None or clock.read(made["until"]) <= clock.now():
        return None
    return {"code": made["code"], "until": clock.read(made["until"])}


def _refused(code: str) -> str:
    if code == "too_often":
        return _("短い時間に何度も入力したため、いまは確かめられません。1時間ほど待ってください")
    if code == "not_empty":
        return _(
            "このアカウントには、お子さまが登録されています。いっしょにするには、お電話でご連絡ください"
        )
    return _("番号がちがうか、期限が切れています。もう一度確かめてください")


def _child_form() -> type[ChildForm]:
    return ChildForm.asking(page().vaccines)


def _own(family_page: FamilyPage, child_id: str) -> ChildLine:
    return family_page.child(child_id) or abort(404)


def _child_page(form: ChildForm, found: ChildLine | None) -> str:
    return render_template(
        "parents/child.html",
        form=form,
        child=found,
        token=token_urlsafe(),
        consent=town.of(me().municipality_id),
        agreed=bool(found) and _consent_version() in page().consents,
        **_choices(),
    )


def _consent_version() -> str:
    home = town.of(me().municipality_id)
    return home.consent_version if home else ""


def _choices() -> dict[str, object]:
    return {
        "relations": words.RELATIONS,
        "missing_words": words.MISSING,
        "work_words": words.WORK,
    }
