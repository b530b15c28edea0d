"""The section of the rule book about several days of one illness."""

from __future__ import annotations

from datetime import time
from typing import Literal

from reservation.domain.rulebook.clocks import Clock
from reservation.domain.rulebook.fields import LocalTime, Section, setting
from reservation.domain.rulebook.sources import TOWN
from reservation.domain.words import N_

COUNTED = {
    "calendar": N_("休みの日も数える"),
    "open": N_("開室日だけ数える"),
}
MODELS = {
    "none": N_("ほかの日は変わらない"),
    "cascade": N_("その後の日もすべて取り消す"),
    "conditional": N_("園に行くときは後の日も取り消し、家で休むときは残す"),
    "daily": N_("1日ずつ予約し、ほかの日は変わらない"),
}


class Chain(Section):
    """How many days of one illness, how many of them at once, and what cancelling one does."""

    most_days: int = setting(
        N_("1つの病気で使える日数"),
        0,
        ge=0,
        le=60,
        unit=N_("日"),
        why=N_("最初の利用日から数えます。0 は、限りがありません。"),
        source=TOWN,
    )
    counted: Literal["calendar", "open"] = setting(
        N_("日数の数え方"),
        "calendar",
        words=COUNTED,
        why=N_("最初の利用日から最後の利用日までの、どの日を数えるかです。"),
        source=TOWN,
    )
    at_once: int = setting(
        N_("まとめて予約できる日数"),
        0,
        ge=0,
        le=14,
        unit=N_("日"),
        why=N_(
            "同じ病気の予約を、一度にこの日数まで受けます。続きは、その最後の日の朝からです。"
            "0 は、限りがありません。"
        ),
    )
    further_from: LocalTime = setting(
        N_("続きの受付"),
        time(8, 30),
        why=N_("まとめて予約した最後の日の、この時刻から続きを受けます。"),
    )
    model: Literal["none", "cascade", "conditional", "daily"] = setting(
        N_("途中の日を取り消したとき"),
        "none",
        words=MODELS,
        why=N_("何日か予約した家族が途中の日を取り消すと、同じ病気の後の日がどうなるかです。"),
    )
    returning_days: int = setting(
        N_("続けて使う子の優先"),
        0,
        ge=0,
        le=14,
        unit=N_("日目まで"),
        why=N_(
            "前の開室日に利用するお子さまの予約を、連続でこの日数になるまで、先に受けます。"
            "キャンセル待ちでも先になります。0 は、優先しません。"
        ),
    )
    returning_opens: Clock = setting(
        N_("続けて使う子の受付の開始"),
        lambda: Clock(days_before=1, at=time(8, 0)),
        why=N_("ほかの家族の受付が始まるまで、続けて使うお子さまだけが予約できます。"),
    )

    @property
    def at_most_at_once(self) -> int:
        """``at_once``, and one where each day is a booking of its own; 0 for no limit."""
        return 1 if self.model == "daily" else self.at_once
