"""Waiting changes of rule books, for a facility's managers and for the municipality's officers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reservation import clock, i18n
from reservation.domain.rulebook.changes import Change
from reservation.reads.rule_defaults import Proposal as TownProposal
from reservation.reads.rule_proposals import Proposal
from reservation.services import rule_defaults
from reservation.services import rule_proposals as acts
from reservation.services.audit import By
from reservation.services.outcomes import NotFound, Outcome
from reservation.services.rule_proposals import Place
from reservation.web import roles
from reservation.web.staff.acts import act_key
from reservation.web.staff.rulebook import words


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A proposal in the reader's words, and where the two buttons lead."""

    address: str
    name: str
    begins: str
    changes: list[words.Line]
    days: int
    """How many of the first 14 days differ, at any room."""
    misfits: int
    rooms: list[str]
    """The rooms that would change; empty for a proposal of one room."""
    who: str
    proposed_at: datetime
    ends_at: datetime
    own: bool
    """Whether the reader proposed it: then it can only be taken back."""


def shown(found: tuple[Proposal, ...], address: Callable[[str], str]) -> list[Shown]:
    """Proposals of rooms for components of templates."""
    return [
        Shown(
            address=address(one.id),
            name=i18n.text_of(one.facility).text,
            begins=i18n.dated(one.book.valid_from),
            changes=_lines(one.seen.changes),
            days=sum(day.differs for day in one.seen.days),
            misfits=len(one.seen.misfits),
            rooms=[],
            who=one.who,
            proposed_at=one.proposed_at,
            ends_at=one.ends_at,
            own=one.proposed_by == roles.me().account_id,
        )
        for one in found
    ]


def shown_words(found: tuple[TownProposal, ...], address: Callable[[str], str]) -> list[Shown]:
    """The same of what a municipality would say for all its rooms."""
    return [
        Shown(
            address=address(one.id),
            name=_("全施設の標準"),
            begins=i18n.dated(one.said.valid_from),
            changes=_lines(one.changes),
            days=len({day.date for seen in one.seen for day in seen.days if day.differs}),
            misfits=sum(len(seen.misfits) for seen in one.seen),
            rooms=[i18n.text_of(each.name).text for each in one.effects if each.previews],
            who=one.who,
            proposed_at=one.proposed_at,
            ends_at=one.ends_at,
            own=one.proposed_by == roles.me().account_id,
        )
        for one in found
    ]


def _lines(changes: tuple[Change, ...]) -> list[words.Line]:
    return [words.change(each) for each in changes if each.path != "valid_from"]


def decide(proposal_id: str, place: Place, by: By, back: str) -> ResponseReturnValue:
    """What the button says of a room's proposal; 404 for another place's."""
    act = acts.approve if _is_approved() else acts.reject
    return _decided(lambda: act(proposal_id, place, by, act_key(), clock.now), back)


def decide_words(proposal_id: str, municipality_id: str, by: By, back: str) -> ResponseReturnValue:
    """The same of what the municipality would say."""
    act = rule_defaults.approve if _is_approved() else rule_defaults.reject
    return _decided(lambda: act(proposal_id, municipality_id, by, act_key(), clock.now), back)


def _is_approved() -> bool:
    return request.form.get("do") == "approve"


def _decided(act: Callable[[], Outcome], back: str) -> ResponseReturnValue:
    """Say what became of it, and 303 to the page it stands on."""
    try:
        outcome = act()
    except NotFound:
        abort(404)
    if outcome.is_refused:
        flash(_("この変更の案は、もう使えないか、あなたには認められません。"), "few")
    elif outcome.code == "changed":
        flash(_("変更を認めました。その日の利用から使います。"), "yes")
    else:
        flash(_("変更の案を取り下げました。きまりは、いまのままです。"), "yes")
    return redirect(back, 303)
