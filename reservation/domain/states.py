"""What may happen to a booking: states, steps, and the one question who holds a place.

A booking is one child, one facility, one care day. Pages, services, jobs and the diagram in
docs/ ask this table; a new step is one more line of STEPS.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reservation.domain.words import N_


class State(StrEnum):
    """The states of a booking, named as in the glossary."""

    HELD = "held"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"
    REFUSED_AT_DOOR = "refused_at_door"
    NO_SHOW = "no_show"


class Actor(StrEnum):
    """Who may take a step: a guardian, staff of the facility, or time itself."""

    FAMILY = "family"
    STAFF = "staff"
    CLOCK = "clock"


HOLDS_A_PLACE = frozenset({State.HELD, State.REQUESTED, State.CONFIRMED, State.CHECKED_IN})
"""States that take a place and of which a child may have one per day, over all facilities."""

ON_THE_LIST = frozenset({State.WAITING, State.OFFERED})
OPEN = HOLDS_A_PLACE | ON_THE_LIST
UNDECIDED = ON_THE_LIST | {State.HELD, State.REQUESTED}
"""States of which nobody knows yet what becomes of them: siblings share them, or the link ends."""
ENDED = frozenset(State) - OPEN
CAME = frozenset({State.CHECKED_IN, State.COMPLETED})

WORDS: dict[State, str] = {
    State.HELD: N_("確保中"),
    State.REQUESTED: N_("確認中"),
    State.CONFIRMED: N_("予約確定"),
    State.WAITING: N_("キャンセル待ち"),
    State.OFFERED: N_("繰上げご案内中"),
    State.CHECKED_IN: N_("お預かり中"),
    State.COMPLETED: N_("利用済み"),
    State.CANCELLED: N_("キャンセル済み"),
    State.DECLINED: N_("お断り"),
    State.EXPIRED: N_("期限切れ"),
    State.REFUSED_AT_DOOR: N_("当日受入不可"),
    State.NO_SHOW: N_("無断キャンセル"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table: an action, from where to where, by whom, and whom it tells."""

    action: str
    frm: State | None
    to: State
    actors: frozenset[Actor]
    words: str
    tells: str | None = None
    needs_reason: bool = False
    frees: bool = False
    """Whether a place comes back that is new to the list: also to who let an offer go by.

    Never from OFFERED: that place only passes on, and nobody is asked twice about it.
    """


_F, _S, _C = Actor.FAMILY, Actor.STAFF, Actor.CLOCK
_S_ = State


def _step(  # one positional line per row keeps the table readable
    action: str,
    frm: State | None,
    to: State,
    by: tuple[Actor, ...],
    words: str,
    tells: str | None = None,
    *,
    needs_reason: bool = False,
    frees: bool = False,
) -> Step:
    return Step(action, frm, to, frozenset(by), words, tells, needs_reason, frees)


STEPS: tuple[Step, ...] = (
    # a new booking
    _step("hold", None, _S_.HELD, (_F, _S), N_("席をおさえる")),
    _step("join", None, _S_.WAITING, (_F, _S), N_("キャンセル待ちをする"), "waiting"),
    _step("override", None, _S_.CONFIRMED, (_S,), N_("規則によらず受け入れる"), "confirmed",
          needs_reason=True),
    # the minutes of the form
    _step("extend", _S_.HELD, _S_.HELD, (_F, _S), N_("5分のばす")),
    _step("confirm", _S_.HELD, _S_.CONFIRMED, (_F, _S), N_("予約を確定する"), "confirmed"),
    _step("submit", _S_.HELD, _S_.REQUESTED, (_F, _S), N_("予約を申し込む"), "received"),
    _step("release", _S_.HELD, _S_.CANCELLED, (_F, _S), N_("席を放してやめる")),
    _step("lapse", _S_.HELD, _S_.EXPIRED, (_C,), N_("時間切れ")),
    # staff decide
    _step("accept", _S_.REQUESTED, _S_.CONFIRMED, (_S,), N_("受ける"), "confirmed"),
    _step("decline", _S_.REQUESTED, _S_.DECLINED, (_S, _C), N_("断る"), "declined",
          needs_reason=True, frees=True),
    _step("decline", _S_.WAITING, _S_.DECLINED, (_S,), N_("断る"), "declined", needs_reason=True),
    # the waiting list
    _step("offer", _S_.WAITING, _S_.OFFERED, (_C, _S), N_("空きを案内する"), "offer"),
    _step("yes", _S_.OFFERED, _S_.CONFIRMED, (_F, _S), N_("行きます"), "confirmed"),
    _step("yes_for_review", _S_.OFFERED, _S_.REQUESTED, (_F, _S), N_("行きます"), "received"),
    _step("no", _S_.OFFERED, _S_.WAITING, (_F, _S), N_("今回は見送る")),
    _step("taken", _S_.OFFERED, _S_.WAITING, (_C, _F, _S), N_("ほかの方に決まりました"), "taken"),
    _step("withdraw", _S_.OFFERED, _S_.WAITING, (_C, _S), N_("案内を取り下げる"), "withdrawn"),
    _step("lapse_offer", _S_.OFFERED, _S_.WAITING, (_C,), N_("お返事なし"), "offer_lapsed"),
    _step("unreached", _S_.OFFERED, _S_.WAITING, (_C,), N_("夜中のご案内が届きませんでした")),
    _step("lapse_twice", _S_.OFFERED, _S_.EXPIRED, (_C,), N_("お返事なし(2回目)"), "list_ended"),
    _step("take", _S_.WAITING, _S_.CONFIRMED, (_C,), N_("お申し出のとおり席を取りました"),
          "confirmed"),
    _step("take_for_review", _S_.WAITING, _S_.REQUESTED, (_C,),
          N_("お申し出のとおり席を申し込みました"), "received"),
    _step("set_terms", _S_.WAITING, _S_.WAITING, (_F, _S), N_("知らせ方を決める")),
    _step("set_terms", _S_.OFFERED, _S_.OFFERED, (_F, _S), N_("知らせ方を決める")),
    _step("override", _S_.WAITING, _S_.CONFIRMED, (_S,), N_("規則によらず受け入れる"), "confirmed",
          needs_reason=True),
    _step("leave", _S_.WAITING, _S_.CANCELLED, (_F, _S), N_("キャンセル待ちをやめる"), "left"),
    _step("leave", _S_.OFFERED, _S_.CANCELLED, (_F, _S), N_("キャンセル待ちをやめる"), "left"),
    _step("end_list", _S_.WAITING, _S_.EXPIRED, (_C,), N_("空きが出ませんでした"), "list_ended"),
    # siblings who want both places or none
    _step("pair", _S_.HELD, _S_.HELD, (_F,), N_("きょうだいと一緒にする")),
    _step("pair", _S_.WAITING, _S_.WAITING, (_F,), N_("きょうだいと一緒にする")),
    _step("part", _S_.HELD, _S_.HELD, (_F, _S, _C), N_("きょうだいと別々にする")),
    _step("part", _S_.REQUESTED, _S_.REQUESTED, (_F, _S, _C), N_("きょうだいと別々にする")),
    _step("part", _S_.WAITING, _S_.WAITING, (_F, _S, _C), N_("きょうだいと別々にする")),
    _step("part", _S_.OFFERED, _S_.OFFERED, (_F, _S, _C), N_("きょうだいと別々にする")),
    # a place elsewhere ends the child's other requests of that day
    _step("supersede", _S_.HELD, _S_.CANCELLED, (_C, _F, _S), N_("ほかの予約に決まりました"),
          frees=True),
    _step("supersede", _S_.REQUESTED, _S_.CANCELLED, (_C, _F, _S), N_("ほかの予約に決まりました"),
          "superseded", frees=True),
    _step("supersede", _S_.CONFIRMED, _S_.CANCELLED, (_C, _F, _S), N_("ほかの予約に決まりました"),
          "superseded", frees=True),
    _step("supersede", _S_.WAITING, _S_.CANCELLED, (_C, _F, _S), N_("ほかの予約に決まりました"),
          "superseded"),
    _step("supersede", _S_.OFFERED, _S_.CANCELLED, (_C, _F, _S), N_("ほかの予約に決まりました"),
          "superseded"),
    # cancelling
    _step("cancel", _S_.REQUESTED, _S_.CANCELLED, (_F, _S), N_("キャンセルする"), "cancelled",
          frees=True),
    _step("cancel", _S_.CONFIRMED, _S_.CANCELLED, (_F, _S), N_("キャンセルする"), "cancelled",
          frees=True),
    _step("fall", _S_.REQUESTED, _S_.CANCELLED, (_S, _C), N_("続きの日も取り消し"), "cancelled",
          needs_reason=True, frees=True),
    _step("fall", _S_.CONFIRMED, _S_.CANCELLED, (_S, _C), N_("続きの日も取り消し"), "cancelled",
          needs_reason=True, frees=True),
    _step("close", _S_.HELD, _S_.CANCELLED, (_S,), N_("施設の都合で取り消す"), "closed",
          needs_reason=True, frees=True),
    _step("close", _S_.REQUESTED, _S_.CANCELLED, (_S,), N_("施設の都合で取り消す"), "closed",
          needs_reason=True, frees=True),
    _step("close", _S_.CONFIRMED, _S_.CANCELLED, (_S,), N_("施設の都合で取り消す"), "closed",
          needs_reason=True, frees=True),
    _step("close", _S_.WAITING, _S_.CANCELLED, (_S,), N_("施設の都合で取り消す"), "closed",
          needs_reason=True),
    _step("close", _S_.OFFERED, _S_.CANCELLED, (_S,), N_("施設の都合で取り消す"), "closed",
          needs_reason=True),
    # the morning's question whether the child comes
    _step("reconfirm", _S_.CONFIRMED, _S_.CONFIRMED, (_F, _S), N_("行きますと答える")),
    _step("release_unanswered", _S_.CONFIRMED, _S_.CANCELLED, (_C,),
          N_("お返事がなく席を放しました"), "released", needs_reason=True, frees=True),
    # the door
    _step("check_in", _S_.CONFIRMED, _S_.CHECKED_IN, (_S,), N_("来ました")),
    _step("undo_check_in", _S_.CHECKED_IN, _S_.CONFIRMED, (_S,), N_("元に戻す")),
    _step("check_out", _S_.CHECKED_IN, _S_.COMPLETED, (_S,), N_("お迎え")),
    _step("undo_check_out", _S_.COMPLETED, _S_.CHECKED_IN, (_S,), N_("元に戻す")),
    _step("refuse", _S_.CONFIRMED, _S_.REFUSED_AT_DOOR, (_S,), N_("玄関で断る"), "refused",
          needs_reason=True, frees=True),
    _step("no_show", _S_.CONFIRMED, _S_.NO_SHOW, (_S,), N_("来ませんでした"), frees=True),
)  # fmt: skip

_BY_KEY = {(s.frm, s.action): s for s in STEPS}


class NotPossible(Exception):
    """The action is not listed for this state, or not for this actor."""

    def __init__(self, action: str, state: State | None) -> None:
        super().__init__(f"{action} from {state}")
        self.action = action
        self.state = state


def step(state: State | None, action: str, actor: Actor) -> Step:
    """The line of the table for this action.

    Raises NotPossible when the table has no such line or names other actors.
    """
    found = _BY_KEY.get((state, action))
    if found is None or actor not in found.actors:
        raise NotPossible(action, state)
    return found


def possible(state: State | None, actor: Actor) -> tuple[Step, ...]:
    """All steps this actor may take from this state, in the order of the table.

    Pages draw their buttons from this, services ask ``step`` again.
    """
    return tuple(s for s in STEPS if s.frm == state and actor in s.actors)
