"""A board in words: what `templates/public/_board.html` shows, and what board.js needs to go on.

Scripts change marks in place from the bytes of /vacancy.json, which are codes; the words for them
travel with the page, in the reader's language.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask import g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from reservation.domain.refusals import NO_PLACE, Code, Refusal
from reservation.domain.vacancy.marks import (
    AFTER_MOVE,
    AT_THIS_TIME,
    BY_STAFF,
    FULL,
    LAST,
    NOT_HERE,
    YES,
)
from reservation.reads.board import Board, RoomCard
from reservation.reads.municipalities import House
from reservation.reads.vacancy_bytes import REASONS, strings
from reservation.web import refusals
from reservation.web.public import choices
from reservation.web.public.choices import Asked

Here = Callable[..., str]
"""The address of this page with some choices changed: here(day=…), here(complaint=…)."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the six large radios."""

    value: str
    label: str
    icon: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """The form above a board: what may be chosen, and what is."""

    asked: Asked
    action: str
    ages: list[tuple[str, str]]
    """(value, words); [] where the child is known."""
    hidden: dict[str, str]

    @property
    def tiles(self) -> list[Tile]:
        """The complaints."""
        return [
            Tile(c.value, _(words), choices.ICONS.get(c, c.value), c is self.asked.complaint)
            for c, words in choices.COMPLAINTS.items()
        ]

    @property
    def told(self) -> list[tuple[str, str]]:
        """(value, words) of every diagnosis."""
        return choices.told_options()


@dataclass(frozen=True, slots=True)
class BoardView:
    """A board, the addresses around it, and its words."""

    board: Board
    asked: Asked
    house: House
    here: Here
    ask: Ask

    @property
    def title(self) -> str:
        """あした 11月24日(火)の空き"""
        if self.board.day is None:
            return _("病児保育室の空き")
        return _("%(day)sの空き", day=self.near(self.board.day))

    @property
    def chosen(self) -> str:
        """発熱 ・ 3歳"""
        return choices.words_of(self.asked)

    @property
    def closed(self) -> str:
        """The days on which every room is closed, in one sentence's words."""
        return _("、").join(self.near(day) for day in self.board.closed)

    def near(self, day: date) -> str:
        """あした 11月24日(火)"""
        return choices.near(day)

    def tab_words(self, n: int) -> str:
        """空き 2室 – under a day."""
        return _tab(n)

    @property
    def answer(self) -> Markup:
        """The h1: how many rooms can be had."""
        if self.board.day is None:
            return Markup(_("いま予約を受け付けている日はありません"))
        return self.answers[self.board.free]

    @property
    def answers(self) -> list[Markup]:
        """The answer for none, one, two … rooms."""
        return [_answer(n) for n in range(len(self.board.rooms) + 1)]

    @property
    def live(self) -> dict[str, str]:
        """data-… of the element that scripts keep up to date."""
        choice = self.board.choice
        return {
            "topic": f"m/{self.house.code}",
            "bytes": url_for("public.vacancy", m=self.house.code, town=None, lang=None),
            "day": self.board.day.isoformat() if self.board.day else "",
            "sign": choice.sign,
            "months": str(choice.months),
            "grade": str(choice.grade),
            "family": "yes" if self.board.of_family else "no",
        }

    def words(self) -> str:
        """What board.js says, as JSON; {n} {time} {before} {after} are filled in there."""
        words = {
            "answers": self.answers,
            "tabs": [_tab(n) for n in range(len(self.board.rooms) + 1)],
            "kinds": {"yes": _(YES), "last": _(LAST), "move": _(AFTER_MOVE), "staff": _(BY_STAFF)},
            "reasons": _general_reasons(),
            "left": _("のこり <b>%(n)s</b>", n="{n}"),
            "waiting": _("待ち <b>%(n)s</b>人", n="{n}"),
            "rank": _("いま申し込むと <b>%(n)s番目</b> です", n="{n}"),
            "changed": _("%(time)s 更新", time="{time}"),
            "from_to": _(
                "%(before)s から %(after)s になりました", before="{before}", after="{after}"
            ),
            "auto": _("自動で更新されます"),
            "elsewhere": _("別の病児保育室をご覧ください。"),
            "no_place": "".join(sorted(REASONS[code] for code in NO_PLACE)),
        }
        return json.dumps(words, ensure_ascii=False)

    @property
    def town(self) -> str | None:
        """The municipality's code where addresses must name it: on /m/ pages, and on a family's
        page, which may stand under another host name."""
        return None if request.blueprint == "public" and not g.get("town") else self.house.code

    def card(self, room: RoomCard) -> CardWords:
        """The words of one card."""
        return CardWords(room, self)


@dataclass(frozen=True, slots=True)
class CardWords:
    """One room's card, ready for the template."""

    room: RoomCard
    view: BoardView

    @property
    def word(self) -> str:
        """Beside the mark."""
        return _(self.room.mark.word)

    @property
    def why(self) -> list[tuple[str, str]]:
        """(sentence, next step) of each reason."""
        return [refusals.explain(reason) for reason in self.room.mark.reasons]

    @property
    def step(self) -> str:
        """What to do next, in a sentence; '' where a button or link says it."""
        linked = any(r.code is Code.NOT_UNDIAGNOSED for r in self.room.mark.reasons)
        if self.room.joins or linked or not self.why:
            return ""
        if all(reason.code in NO_PLACE for reason in self.room.mark.reasons):
            return _("別の病児保育室をご覧ください。")
        return self.why[0][1]

    @property
    def links(self) -> list[tuple[str, str]]:
        """Next steps that are links: a complaint becomes a diagnosis once a doctor has seen it."""
        if any(r.code is Code.NOT_UNDIAGNOSED for r in self.room.mark.reasons):
            return [
                (self.view.here(complaint="diagnosed"), _("受診がすんだら「診断名あり」で見る"))
            ]
        return []

    @property
    def until(self) -> str:
        """あす 7:00"""
        return refusals.when(self.room.until) if self.room.until else ""

    @property
    def facility_url(self) -> str:
        """The facility's page."""
        return url_for("public.facility", code=self.room.code, town=self.view.town)

    @property
    def cell(self) -> tuple[str, str]:
        """The card as the bytes would write it: places left, reason."""
        return strings([self.room.mark])

    @property
    def reasons(self) -> str:
        """What board.js says of the reasons that carry this room's own times, as JSON."""
        own = {REASONS[one.code]: _reason(one) for one in self.room.clock_reasons}
        return json.dumps(own, ensure_ascii=False)


def ask_form(asked: Asked, action: str, ages: tuple[tuple[int, int], ...] = ()) -> Ask:
    """The form above a board, sent to ``action``; without ``ages`` the age is not asked."""
    hidden = {"day": asked.day.isoformat()} if asked.day else {}
    if request.args.get("lang"):
        hidden["lang"] = request.args["lang"]
    return Ask(asked, action, choices.age_options(ages), hidden)


def _tab(n: int) -> str:
    return ngettext("空き %(num)s室", "空き %(num)s室", n) if n else _("空きなし")


def _answer(n: int) -> Markup:
    if n == 0:
        return Markup(_("予約できる病児保育室は、いまありません"))
    return Markup(
        ngettext(
            "予約できる病児保育室が<em> %(num)sつ </em>あります",
            "予約できる病児保育室が<em> %(num)sつ </em>あります",
            n,
        )
    )


def _general_reasons() -> dict[str, dict[str, str]]:
    """By the character of the bytes: reasons that need no value of a room."""
    return {REASONS[code]: _reason(Refusal(code)) for code in (*sorted(NO_PLACE), Code.CLOSED)}


def _reason(refusal: Refusal) -> dict[str, str]:
    sentence, step = refusals.explain(refusal)
    word = AT_THIS_TIME.get(refusal.code, FULL if refusal.code in NO_PLACE else NOT_HERE)
    return {"word": _(word), "text": sentence, "step": step}
