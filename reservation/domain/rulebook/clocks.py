"""The sections of the rule book that say when: booking, cancelling, the list, reminders."""

from __future__ import annotations

from datetime import time
from typing import Literal, Self

from pydantic import model_validator

from reservation.domain.rulebook.fields import LocalTime, Section, setting
from reservation.domain.words import N_

REVIEWS = {
    "automatic": N_("空いていればその場で確定する"),
    "staff": N_("職員が確かめてから確定する"),
}
UNREVIEWED = {"stay": N_("席を残し、職員が決める"), "decline": N_("お断りにする")}
AFTERWARDS = {"page": N_("画面から取り消せる"), "telephone": N_("電話だけで受ける")}
MODES = {
    "automatic": N_("空きが出たら順に自動で案内する"),
    "staff": N_("職員が案内する"),
    "none": N_("受け付けない"),
}


class Clock(Section):
    """A local time on the care day or on an open day before it."""

    days_before: int = setting(
        N_("何開室日前"),
        0,
        ge=0,
        le=60,
        unit=N_("日前"),
        why=N_("0 は利用日当日。1 は前の開室日(月曜日の分は金曜日)。"),
    )
    at: LocalTime = setting(N_("時刻"))

    @property
    def key(self) -> tuple[int, time]:
        """Orders clocks of the same care day: more days before comes first."""
        return (-self.days_before, self.at)


class BookingTimes(Section):
    """When a request may be made, and what happens to it."""

    opens: Clock = setting(N_("予約受付の開始"), lambda: Clock(days_before=1, at=time(8, 45)))
    closes: Clock = setting(N_("予約受付の終了"), lambda: Clock(days_before=0, at=time(7, 0)))
    same_day_from: LocalTime | None = setting(N_("当日受付の開始"), None)
    same_day_until: LocalTime | None = setting(N_("当日受付の終了"), None)
    hold_minutes: int = setting(N_("席をおさえる時間"), 10, ge=2, le=60, unit=N_("分"))
    extension_minutes: int = setting(N_("のばせる時間"), 5, ge=0, le=30, unit=N_("分"))
    review: Literal["automatic", "staff"] = setting(N_("予約の決め方"), "automatic", words=REVIEWS)
    review_due_evening: LocalTime = setting(N_("確認の期限(前日)"), time(20, 0))
    review_due_morning: LocalTime = setting(N_("確認の期限(当日)"), time(7, 15))
    unreviewed: Literal["stay", "decline"] = setting(
        N_("確認が間に合わないとき"), "stay", words=UNREVIEWED
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.closes.key <= self.opens.key:
            raise ValueError(N_("予約受付の終了は、開始より後にしてください。"))
        if (self.same_day_from is None) != (self.same_day_until is None):
            raise ValueError(N_("当日受付は、開始と終了の両方を書いてください。"))
        if self.same_day_from and self.same_day_until and self.same_day_until <= self.same_day_from:
            raise ValueError(N_("当日受付の終了は、開始より後の時刻にしてください。"))
        return self


class Cancelling(Section):
    """Until when a family may cancel, and what is different afterwards."""

    until: Clock = setting(N_("キャンセルの締切"), lambda: Clock(days_before=0, at=time(7, 0)))
    afterwards: Literal["page", "telephone"] = setting(N_("締切の後"), "page", words=AFTERWARDS)
    late_fee: int = setting(N_("締切後のキャンセル料"), 0, ge=0, le=20000, unit=N_("円"))


class LadderStep(Section):
    """Until this local time, a family has so many minutes, and so many are asked at once."""

    until: LocalTime | None = setting(
        N_("この時刻まで"), None, why=N_("空のときは、案内を終える時刻までです。")
    )
    minutes: int = setting(N_("返事の時間"), ge=1, le=240, unit=N_("分"))
    at_once: int = setting(N_("同時に案内する人数"), 1, ge=1, le=10, unit=N_("人"))


EVENING = (
    LadderStep(until=time(21, 0), minutes=30),
    LadderStep(until=time(22, 45), minutes=15),
)
MORNING = (
    LadderStep(until=time(7, 0), minutes=10),
    LadderStep(until=None, minutes=5, at_once=1),
)


class WaitingList(Section):
    """The waiting list: how freed places are offered (product.md §7, answers.md §1.7)."""

    mode: Literal["automatic", "staff", "none"] = setting(
        N_("キャンセル待ち"), "automatic", words=MODES
    )
    evening: tuple[LadderStep, ...] = setting(N_("夜まで"), EVENING)
    quiet_from: LocalTime = setting(N_("夜間の始まり"), time(23, 0))
    quiet_until: LocalTime = setting(N_("夜間の終わり"), time(6, 0))
    morning: tuple[LadderStep, ...] = setting(N_("朝から"), MORNING)
    smallest_minutes: int = setting(
        N_("案内する最短の時間"),
        10,
        ge=1,
        le=60,
        unit=N_("分"),
        why=N_("夜間までの残りがこれより短いときは、朝に案内します。"),
    )
    stop_before_opening: int = setting(N_("開室の何分前まで"), 30, ge=0, le=240, unit=N_("分前"))
    lapses_allowed: int = setting(N_("返事なしを許す回数"), 1, ge=0, le=5, unit=N_("回"))


class Reminders(Section):
    """When a family is reminded of what it booked."""

    evening_at: LocalTime = setting(N_("前日のお知らせ"), time(19, 0))
    before_cutoff_minutes: int = setting(
        N_("キャンセル締切の何分前"), 45, ge=0, le=600, unit=N_("分前"), why=N_("0 は送りません。")
    )
