"""The sections of the rule book that say when: booking, cancelling."""

from __future__ import annotations

from datetime import time
from typing import Literal, Self

from pydantic import model_validator

from reservation.domain.illnesses import CATALOGUE
from reservation.domain.rulebook.fields import LocalTime, Section, setting
from reservation.domain.rulebook.sources import TOWN
from reservation.domain.words import N_

REVIEWS = {
    "automatic": N_("空いていればその場で確定する"),
    "staff": N_("職員が確かめてから確定する"),
}
UNREVIEWED = {"stay": N_("席を残し、職員が決める"), "decline": N_("お断りにする")}
AFTERWARDS = {"page": N_("画面から取り消せる"), "telephone": N_("電話だけで受ける")}


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
    at: LocalTime = setting(
        N_("時刻"),
        why=N_("その日のこの時刻ちょうどからです。締切なら、この時刻には終わっています。"),
    )

    @property
    def key(self) -> tuple[int, time]:
        """Orders clocks of the same care day: more days before comes first."""
        return (-self.days_before, self.at)


class BookingTimes(Section):
    """When a request may be made, and what happens to it."""

    opens: Clock = setting(
        N_("予約受付の開始"),
        lambda: Clock(days_before=1, at=time(8, 45)),
        why=N_("これより前の申し込みは受け付けません。"),
        source=TOWN,
    )
    closes: Clock = setting(
        N_("予約受付の終了"),
        lambda: Clock(days_before=0, at=time(7, 0)),
        why=N_("これより後は、当日受付がなければ受け付けません。"),
        source=TOWN,
    )
    same_day_from: LocalTime | None = setting(
        N_("当日受付の開始"),
        None,
        why=N_("利用日の朝に、残った席を受け付ける時間です。空のときは、ありません。"),
    )
    same_day_until: LocalTime | None = setting(
        N_("当日受付の終了"), None, why=N_("当日受付の開始といっしょに書きます。")
    )
    predictable_earlier: int = setting(
        N_("経過のわかる病気の受付"),
        0,
        ge=0,
        le=14,
        unit=N_("開室日早く"),
        why=N_(
            "休む日数の決まった病気だけ、ふだんの受付の開始よりこれだけ前の開室日から受けます。"
            "0 は、ほかの病気と同じです。"
        ),
        source=TOWN,
    )
    predictable: tuple[str, ...] = setting(
        N_("経過のわかる病気"),
        ("FLU_A", "FLU_B", "MUMPS"),
        why=N_("早く受ける病気の記号を並べます。受付を早めないときは、使いません。"),
    )
    hold_minutes: int = setting(
        N_("席をおさえる時間"),
        10,
        ge=2,
        le=60,
        unit=N_("分"),
        why=N_("家族が入力している間、席をほかの人に渡さない時間です。"),
    )
    extension_minutes: int = setting(
        N_("のばせる時間"),
        5,
        ge=0,
        le=30,
        unit=N_("分"),
        why=N_("家族は1度だけ、これだけのばせます。0 はのばせません。"),
    )
    family_holds: int = setting(
        N_("1家族が同時におさえられる席"),
        2,
        ge=1,
        le=10,
        unit=N_("件"),
        why=N_("入力の途中の席です。どの施設の席も合わせて数えます。"),
    )
    family_asks: int = setting(
        N_("1家族が1時間に申し込める回数"),
        10,
        ge=1,
        le=100,
        unit=N_("回"),
        why=N_("自動のくり返しで席がふさがらないようにします。どの施設も合わせて数えます。"),
    )
    family_bookings: int | None = setting(
        N_("1家族の先の予約"),
        None,
        ge=1,
        le=60,
        unit=N_("件"),
        why=N_(
            "この施設の、きょうからの予約です。きょうだいの分も1件ずつ数え、キャンセル待ちは数えません。"
            "空は、上限なしです。"
        ),
        source=TOWN,
    )
    review: Literal["automatic", "staff"] = setting(
        N_("予約の決め方"),
        "automatic",
        words=REVIEWS,
        why=N_("空きとお子さまの条件が合うとき、その場で決めるか、職員が決めるかです。"),
    )
    review_due_evening: LocalTime = setting(
        N_("確認の期限(前日)"),
        time(20, 0),
        why=N_("前日のこの時刻までの申し込みに、この時刻までに返事をします。"),
    )
    review_due_morning: LocalTime = setting(
        N_("確認の期限(当日)"),
        time(7, 15),
        why=N_("その後の申し込みに、利用日のこの時刻までに返事をします。"),
    )
    unreviewed: Literal["stay", "decline"] = setting(
        N_("確認が間に合わないとき"),
        "stay",
        words=UNREVIEWED,
        why=N_("職員が期限までに決めなかった申し込みをどうするかです。"),
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

    @model_validator(mode="after")
    def _known_illnesses(self) -> Self:
        if not set(self.predictable) <= CATALOGUE.keys():
            raise ValueError(
                N_("病気の記号は FLU_A のように、病気の表にある記号で書いてください。")
            )
        return self


class Cancelling(Section):
    """Until when a family may cancel, and what is different afterwards."""

    until: Clock = setting(
        N_("キャンセルの締切"),
        lambda: Clock(days_before=0, at=time(7, 0)),
        why=N_("この時刻より前なら、理由を問わず取り消せます。"),
        source=TOWN,
    )
    afterwards: Literal["page", "telephone"] = setting(
        N_("締切の後"),
        "page",
        words=AFTERWARDS,
        why=N_("締切の後に家族が取り消す方法です。"),
        source=TOWN,
    )
    late_fee: int = setting(
        N_("締切後のキャンセル料"),
        0,
        ge=0,
        le=20000,
        unit=N_("円"),
        why=N_("締切の後に取り消したときの金額です。0 はいただきません。"),
        source=TOWN,
    )
