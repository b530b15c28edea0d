"""The rule book in the console: managers change a section after a preview, others read it."""

from __future__ import annotations

import hashlib
import re

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from reservation import clock, i18n
from reservation.domain.rulebook import RuleBook
from reservation.domain.rulebook.catalogue import everything, sections, settings
from reservation.domain.rulebook.defaults import Followed
from reservation.domain.rulebook.documents import write
from reservation.domain.rulebook.preview import preview
from reservation.domain.words import N_
from reservation.reads import rule_books
from reservation.reads import rule_proposals as proposals
from reservation.reads.rule_books import Editing
from reservation.services import keys
from reservation.services import rule_books as acts
from reservation.services.rule_proposals import Place
from reservation.store.types import new_id
from reservation.web import roles, rule_proposals
from reservation.web.staff import bp, frame
from reservation.web.staff.rulebook import town, words
from reservation.web.staff.rulebook.forms import filled, to_rulebook
from reservation.web.staff.rulebook.seen import Seen, seen

_NAMES = {"illnesses": "handling", "doctor_form": "papers", "vaccines": "handbook"}
SECTIONS = {_NAMES.get(info.path, info.path): info for info in sections()}
"""Sections by their name in addresses, where no word of health may stand."""

frame.tab("staff.rules", N_("きまり"))


@bp.get("/staff/<facility_code>/rules")
@bp.get("/staff/<facility_code>/rules/<topic>")
def rules(facility_code: str, topic: str = "booking") -> str:
    """A section of the rule book: for managers as a form, for others to read."""
    section, now = _section(topic), rule_books.editing(roles.facility_id(), clock.today())
    return _page(now, section, _form(now, section) if roles.here().is_manager else None)


@bp.post("/staff/<facility_code>/rules/<topic>")
@roles.only("manager")
def change_rules(facility_code: str, topic: str) -> ResponseReturnValue:
    """A section as it was sent: what it would change, and after that the change itself."""
    section, now = _section(topic), rule_books.editing(roles.facility_id(), clock.today())
    form = _form(now, section)
    book = to_rulebook(now.book, section, form, now.earliest) if form.validate() else None
    changed = town.changed(now, section, book, form) if book else None
    if changed is None:
        return _page(now, section, form), 422
    shown = _preview(now.book, changed)
    if request.form.get("do") != "use" or request.form.get("mark") != shown.mark:
        return _page(now, section, form, shown)
    return _change(now, section, changed)


@bp.post("/staff/<facility_code>/proposals/<proposal_id>")
@roles.only("manager")
def decide_proposal(facility_code: str, proposal_id: str) -> ResponseReturnValue:
    """Approve or reject a change that waits for a second person."""
    back = url_for("staff.rules", facility_code=facility_code)
    place = Place(facility_id=roles.facility_id())
    return rule_proposals.decide(proposal_id, place, roles.by(), back)


def _waiting() -> list[rule_proposals.Shown]:
    """What waits here for a second person."""
    code = roles.here().code
    return rule_proposals.shown(
        proposals.waiting(clock.now(), facility_id=roles.facility_id()),
        lambda one: url_for("staff.decide_proposal", facility_code=code, proposal_id=one),
    )


def _section(topic: str) -> str:
    return SECTIONS[topic].path if topic in SECTIONS else abort(404)


def _form(now: Editing, section: str) -> FlaskForm:
    return filled(now.book, section, town.suggested(now))


def _change(now: Editing, section: str, changed: Followed) -> ResponseReturnValue:
    scope, book = f"{roles.me().account_id}:rules", changed.book
    sent = {"book": write(book, changed.follows)}
    key = keys.key(scope, request.form.get("key", ""), sent)
    outcome = acts.change(
        roles.facility_id(), book, looked_at(), roles.by(), key, clock.now, changed.follows
    )
    if outcome.code == "proposed":
        flash(_("変更の案を出しました。別の責任者か市区町村の担当者が認めると使います。"), "yes")
    elif outcome.is_refused:
        flash(
            _("ほかの人がきまりを変えたため、まだ変えていません。いまのきまりをご確認ください。"),
            "few",
        )
    else:
        flash(_("%(day)s から使うように変えました。", day=i18n.dated(book.valid_from)), "yes")
    return redirect(_address(book, section), 303)


def looked_at() -> int:
    """The version on which the form was filled in, as it was sent; 0 for none."""
    version = request.form.get("version", "")
    return int(version) if re.fullmatch("[0-9]{1,9}", version) else 0


def _address(book: RuleBook, section: str) -> str:
    topic = next(name for name, info in SECTIONS.items() if info.path == section)
    return url_for("staff.rules", facility_code=book.code, topic=topic)


def _preview(old: RuleBook, changed: Followed) -> Seen:
    new = changed.book
    stored = rule_books.coming(roles.facility_id(), new.valid_from)
    mark = hashlib.sha256(write(new, changed.follows).encode()).hexdigest()[:16]
    return seen(preview(old, new, stored, clock.now()), new.valid_from, mark)


def _page(now: Editing, section: str, form: FlaskForm | None, shown: Seen | None = None) -> str:
    inside = [info for info in settings() if info.path.startswith(f"{section}.")]
    part = getattr(now.book, section)
    return render_template(
        "staff/rulebook/section.html",
        section=everything()[section],
        address=_address(now.book, section),
        topics=[
            (_address(now.book, info.path), _(info.label), info.path == section)
            for info in SECTIONS.values()
        ],
        form=form,
        seen=shown,
        key=new_id(),
        version=now.version,
        versions=[(one, words.history(one)) for one in now.versions],
        proposals=_waiting(),
        may_act=roles.here().is_manager,
        second=now.book.changing.second_person,
        followed=town.followed(now, section),
        offers=town.offers(now, section),
        back=request.form.getlist("back"),
        lines=[
            (words.label(info), words.value(info, _at(part, info.path.split(".")[1:])))
            for info in inside
            if "[]" not in info.path and "{}" not in info.path
        ],
    )  # fmt: skip


def _at(part: object, names: list[str]) -> object:
    for name in names:
        part = getattr(part, name)
    return part
