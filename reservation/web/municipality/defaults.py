"""What the municipality says for all its rooms: officers change a topic after a preview."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from reservation import clock, i18n
from reservation.domain.rulebook.catalogue import SettingInfo, everything, within
from reservation.domain.rulebook.defaults import Defaults, as_room, values_in
from reservation.domain.rulebook.mistakes import BrokenRuleBook
from reservation.domain.words import N_
from reservation.reads import rule_defaults as reads
from reservation.reads.rule_defaults import Editing, Effect
from reservation.services import keys
from reservation.services import rule_defaults as acts
from reservation.store.types import new_id
from reservation.web import roles, rule_proposals
from reservation.web.municipality import bp
from reservation.web.municipality.frame import tab
from reservation.web.staff.rulebook import forms, words
from reservation.web.staff.rulebook.pages import SECTIONS, looked_at
from reservation.web.staff.rulebook.seen import Seen, seen

TOPICS = {name: info for name, info in SECTIONS.items() if info.path != "about"}
"""Sections that a municipality may say something of; what is a room's own name it does not."""
OWN = frozenset({"places.official_capacity", "places.rooms"})
"""Units that every room has of its own."""


@dataclass(frozen=True)
class Room:
    """What would become of one room, in the reader's words."""

    name: str
    previews: list[Seen]
    mistakes: list[str]
    """Why it would have no rules; then nothing can be changed anywhere."""


@bp.get("/<municipality_code>/defaults")
@bp.get("/<municipality_code>/defaults/<topic>")
def defaults(municipality_code: str, topic: str = "booking") -> str:
    """A topic of what the municipality says: for officers as a form, for reviewers to read."""
    section, now = _section(topic), _editing()
    form = forms.filled(now.book, section, _suggested(now)) if _may_change() else None
    return _page(now, section, form, set(now.values))


tab("municipality.defaults", N_("きまりの標準"))


@bp.post("/<municipality_code>/defaults/<topic>")
@roles.only("officer")
def change_defaults(municipality_code: str, topic: str) -> ResponseReturnValue:
    """A topic as it was sent: what it would change at which room, and after that the change."""
    section, now = _section(topic), _editing()
    form = forms.filled(now.book, section, _suggested(now))
    ticked = {info.path for info in _offered(section)} & set(request.form.getlist("says"))
    said = _said(now, section, form, ticked) if form.validate() else None
    if said is None:
        return _page(now, section, form, ticked), 422
    effects = reads.effects(municipality_code, said, clock.now())
    mark = _mark(now, said, effects)
    is_sure = request.form.get("do") == "use" and request.form.get("mark") == mark
    if is_sure and not any(one.broken for one in effects):
        return _change(municipality_code, topic, said)
    return _page(now, section, form, ticked, (said, effects, mark))


@bp.post("/<municipality_code>/defaults/proposals/<town_proposal_id>")
@roles.only("officer")
def decide_defaults(municipality_code: str, town_proposal_id: str) -> ResponseReturnValue:
    """Approve or reject a change that waits for a second officer."""
    back = url_for("municipality.proposals", municipality_code=municipality_code)
    town = roles.here().municipality_id
    return rule_proposals.decide_words(town_proposal_id, town, roles.officer_by(), back)


def waiting() -> list[rule_proposals.Shown]:
    """What waits here for a second officer."""
    here = roles.here()
    return rule_proposals.shown_words(
        reads.waiting(here.municipality_id, clock.now()),
        lambda one: url_for(
            "municipality.decide_defaults", municipality_code=here.code, town_proposal_id=one
        ),
    )


def _editing() -> Editing:
    return reads.editing(roles.here().municipality_id, clock.today())


def _section(topic: str) -> str:
    return TOPICS[topic].path if topic in TOPICS else abort(404)


def _offered(section: str) -> list[SettingInfo]:
    return [info for info in within(section) if info.path not in OWN]


def _suggested(now: Editing) -> date:
    """The day from which a change counts unless the officer says another."""
    return max(now.earliest, clock.today() + timedelta(days=1))


def _may_change() -> bool:
    return roles.here().role == "officer"


def _said(now: Editing, section: str, form: FlaskForm, ticked: set[str]) -> Defaults | None:
    """What the municipality would say; None where that is nothing, and the form says why.

    What was written without a tick is not thrown away: it is asked about.
    """
    offered = {info.path: info for info in _offered(section)}
    kept = {u: v for u, v in now.values.items() if u not in offered or u in ticked}
    try:
        book = forms.to_rulebook(
            as_room(kept, now.earliest), section, form, now.earliest, units=ticked
        )
    except BrokenRuleBook as broken:
        form.form_errors += [forms.words(mistake) for mistake in broken.mistakes]
        book = None
    forgotten = (forms.written_in(now.book, section, form) & offered.keys()) - ticked
    for unit in forgotten:
        forms.add_error(
            form[offered[unit].name],
            _(
                "標準にするときは、上の欄に印をつけてください。しないときは、元の値に戻してください。"
            ),
        )
    if book is None or forgotten:
        return None
    return Defaults(book.valid_from, kept | values_in(book, ticked))


def _mark(now: Editing, said: Defaults, effects: tuple[Effect, ...]) -> str:
    """A mark of all that the preview showed: another answer, and it is shown again first."""
    rooms = [[one.code, [repr(seen.changes) for seen in one.previews]] for one in effects]
    shown = [now.version, said.valid_from.isoformat(), dict(said.values), rooms]
    text = json.dumps(shown, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _change(code: str, topic: str, said: Defaults) -> ResponseReturnValue:
    scope = f"{roles.me().account_id}:defaults"
    sent = {"from": said.valid_from.isoformat(), "said": dict(said.values)}
    key = keys.key(scope, request.form.get("key", ""), sent)
    town, by = roles.here().municipality_id, roles.officer_by()
    outcome = acts.change(town, said, looked_at(), by, key, clock.now)
    if outcome.code == "proposed":
        flash(_("変更の案を出しました。市区町村の別の担当者が認めると使います。"), "yes")
    elif outcome.is_refused:
        flash(
            _("ほかの人がきまりを変えたため、まだ変えていません。いまのきまりをご確認ください。"),
            "few",
        )
    else:
        day, rooms = i18n.dated(said.valid_from), len(outcome.values["rooms"])
        flash(_("%(day)s から使うように変えました。変わる施設：%(n)s", day=day, n=rooms), "yes")
    return redirect(url_for("municipality.defaults", municipality_code=code, topic=topic), 303)


def _rooms(said: Defaults, effects: tuple[Effect, ...]) -> list[Room]:
    return [
        Room(
            i18n.text_of(one.name).text or one.code,
            [seen(each, each.days[0].date) for each in one.previews],
            [forms.words(mistake) for mistake in one.broken.mistakes] if one.broken else [],
        )
        for one in effects
    ]


def _page(
    now: Editing,
    section: str,
    form: FlaskForm | None,
    ticked: set[str],
    preview: tuple[Defaults, tuple[Effect, ...], str] | None = None,
) -> str:
    rooms, mark, begins, may_use = [], "", "", False
    if preview is not None:
        said, effects, mark = preview
        rooms, begins = _rooms(said, effects), i18n.dated(said.valid_from)
        may_use = (said.values != now.values) and not any(one.broken for one in effects)
    return render_template(
        "municipality/defaults.html",
        section=everything()[section],
        address=_address(section),
        topics=[
            (_address(info.path), _(info.label), info.path == section) for info in TOPICS.values()
        ],
        form=form,
        units=[(info.path, words.label(info), info.name) for info in _offered(section)],
        ticked=ticked,
        key=new_id(),
        version=now.version,
        preview=preview is not None,
        rooms=rooms,
        mark=mark,
        begins=begins,
        may_use=may_use,
        second=bool(now.values.get("changing.second_person")),
        proposals=waiting(),
        versions=[(one, words.history(one)) for one in now.versions],
        lines=_lines(now, section, now.values),
    )  # fmt: skip


def _lines(now: Editing, section: str, said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is said in this topic, to read."""
    part = getattr(now.book, section)
    return [
        (words.label(info), words.value(info, getattr(part, info.name)))
        for info in _offered(section)
        if info.path in said
    ]


def _address(section: str) -> str:
    topic = next(name for name, info in TOPICS.items() if info.path == section)
    return url_for("municipality.defaults", municipality_code=roles.here().code, topic=topic)
