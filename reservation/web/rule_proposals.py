"""Waiting changes of rule books, for a facility's managers and for the municipality's officers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock, i18n
from reservation.reads.rule_proposals import Proposal
from reservation.services import rule_proposals as acts
from reservation.services.audit import By
from reservation.services.outcomes import NotFound
from reservation.services.rule_proposals import Place
from reservation.web import roles
from reservation.web.staff.acts import act_key
from reservation.web.staff.rulebook import words


@dataclass(frozen=True)
class Shown:
    """A proposal in the reader's words, and where the two buttons lead."""

    one: Proposal
    address: str
    name: str
    begins: str
    changes: list[words.Line]
    days: list[tuple[str, list[words.Line]]]
    own: bool
    """Whether the reader proposed it: then it can only be taken back."""


def shown(found: tuple[Proposal, ...], address: Callable[[str], str]) -> list[Shown]:
    """Proposals for components of templates."""
    return [
        Shown(
            one,
            address(one.id),
            i18n.text_of(one.facility).text,
            i18n.dated(one.book.valid_from),
            [words.change(each) for each in one.seen.changes if each.path != "valid_from"],
            [(i18n.dated(day.date), words.day_line(day)) for day in one.seen.days if day.differs],
            one.proposed_by == roles.me().account_id,
        )
        for one in found
    ]


def decide(proposal_id: str, place: Place, by: By, back: str) -> ResponseReturnValue:
    """What the button says, and 303 to the page it stands on; 404 for another place's proposal."""
    act = acts.approve if request.form.get("do") == "approve" else acts.reject
    try:
        outcome = act(proposal_id, place, by, act_key(), clock.now)
    except NotFound:
        abort(404)
    if outcome.is_refused:
        flash(_("この変更の案は、もう使えないか、あなたには認められません。"), "few")
    elif outcome.code == "changed":
        flash(_("変更を認めました。その日の利用から使います。"), "yes")
    else:
        flash(_("変更の案を取り下げました。きまりは、いまのままです。"), "yes")
    return redirect(back, 303)
