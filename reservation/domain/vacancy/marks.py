"""○ △ × for one child and one day, with words (answers.md §2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reservation.domain import illnesses
from reservation.domain.refusals import NO_PLACE, Code, Refusal
from reservation.domain.vacancy.fitting import (
    Answer,
    FitsAfterMove,
    No,
    fits_and_left,
    is_closed,
)
from reservation.domain.values import Day, Wish
from reservation.domain.words import N_


@dataclass(frozen=True, slots=True)
class Mark:
    """○ 'yes', △ 'few' or × 'no'; ``word`` is a msgid, ``left`` at most nine."""

    kind: Literal["yes", "few", "no"]
    word: str
    left: int
    reasons: tuple[Refusal, ...] = ()
    needs_staff: bool = False


YES = N_("空きあり")
LAST = N_("残りわずか")
AFTER_MOVE = N_("部屋の調整で空き")
BY_STAFF = N_("施設が確認")
FULL = N_("満室")
NOT_HERE = N_("お預かりできません")
AT_THIS_TIME: dict[Code, str] = {
    Code.CLOSED: N_("お休み"),
    Code.NOT_YET_OPEN: N_("受付前"),
    Code.TOO_LATE: N_("受付終了"),
}


def mark(day: Day, wish: Wish, now: datetime, refused: Sequence[Refusal] = ()) -> Mark:
    """The mark for a wish. ``refused`` are reasons of gates.check that the caller knows of:
    with any the mark is ×. ○ two or more left; △ the last place, or after a move, or where
    staff or a doctor decide."""
    needs_staff = illnesses.needs_staff(day.rules, wish.complaint, wish.illness)
    reasons = barred(is_closed(day), refused)
    if reasons:
        return judge(No(reasons), 0, needs_staff)
    answer, left = fits_and_left(day, wish, now)
    return judge(answer, left, needs_staff)


def barred(closed: bool, refused: Sequence[Refusal]) -> tuple[Refusal, ...]:
    """The reasons that stand before any look at places; on a closed day no booking times."""
    if not closed:
        return tuple(refused)
    others = (refusal for refusal in refused if refusal.code not in AT_THIS_TIME)
    return (Refusal(Code.CLOSED), *others)


def judge(answer: Answer, left: int, needs_staff: bool) -> Mark:
    """The mark for an answer, the places left, and whether a person must look at it."""
    if isinstance(answer, No):
        return Mark("no", _word_of(answer.reasons), 0, answer.reasons, needs_staff)
    if needs_staff:
        return Mark("few", BY_STAFF, left, (), needs_staff)
    if left < 2:
        return Mark("few", LAST, left)
    if isinstance(answer, FitsAfterMove):
        return Mark("few", AFTER_MOVE, left)
    return Mark("yes", YES, left)


def _word_of(reasons: Sequence[Refusal]) -> str:
    """The word for ×: not here at all, not at this time, or full."""
    codes = [refusal.code for refusal in reasons]
    if any(code not in NO_PLACE and code not in AT_THIS_TIME for code in codes):
        return NOT_HERE
    return next((AT_THIS_TIME[code] for code in codes if code in AT_THIS_TIME), FULL)
