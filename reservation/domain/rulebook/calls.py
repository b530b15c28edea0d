"""The sections of the rule book that say when families are told: the waiting list, reminders."""

from __future__ import annotations

from datetime import time
from typing import Literal

from reservation.domain.rulebook.fields import LocalTime, Section, setting
from reservation.domain.rulebook.sources import ROOMS
from reservation.domain.words import N_

MODES = {
    "automatic": N_("空きが出たら順に自動で案内する"),
    "staff": N_("職員が案内する"),
    "none": N_("受け付けない"),
}


class LadderStep(Section):
    """Until this local time, a family has so many minutes, and so many are asked at once."""

    until: LocalTime | None = setting(
        N_("この時刻まで"), None, why=N_("空のときは、案内を終える時刻までです。")
    )
    minutes: int = setting(
        N_("返事の時間"), ge=1, le=240, unit=N_("分"), why=N_("案内してから、返事を待つ時間です。")
    )
    at_once: int = setting(
        N_("同時に案内する人数"),
        1,
        ge=1,
        le=10,
        unit=N_("人"),
        why=N_("2人以上のときは、最初に返事をした家族が使えます。"),
    )


EVENING = (
    LadderStep(until=time(21, 0), minutes=30),
    LadderStep(until=time(22, 45), minutes=15),
)
MORNING = (
    LadderStep(until=time(7, 0), minutes=10),
    LadderStep(until=None, minutes=5, at_once=3),
)


class WaitingList(Section):
    """The waiting list: how freed places are offered (product.md §7, answers.md §1.7)."""

    mode: Literal["automatic", "staff", "none"] = setting(
        N_("キャンセル待ち"),
        "automatic",
        words=MODES,
        why=N_("空きが出たとき、だれが次の家族へ知らせるかです。"),
    )
    examined_first: bool = setting(
        N_("当院で受診した子が先"),
        False,
        why=N_(
            "はいにすると、家族はキャンセル待ちで「こちらの医院で受診しました」と知らせることができ、"
            "そのお子さまが、続けて利用する子の次に先になります。"
        ),
        source=ROOMS,
    )
    evening: tuple[LadderStep, ...] = setting(
        N_("夜まで"), EVENING, why=N_("利用日の前日に、時刻ごとにどれだけ返事を待つかです。")
    )
    quiet_from: LocalTime = setting(
        N_("夜間の始まり"), time(23, 0), why=N_("この時刻から朝までは、案内を送りません。")
    )
    quiet_until: LocalTime = setting(
        N_("夜間の終わり"), time(6, 0), why=N_("この時刻から、また案内を始めます。")
    )
    morning: tuple[LadderStep, ...] = setting(
        N_("朝から"), MORNING, why=N_("利用日の朝に、時刻ごとにどれだけ返事を待つかです。")
    )
    smallest_minutes: int = setting(
        N_("案内する最短の時間"),
        10,
        ge=1,
        le=60,
        unit=N_("分"),
        why=N_("夜間までの残りがこれより短いときは、朝に案内します。"),
    )
    stop_before_opening: int = setting(
        N_("開室の何分前まで"),
        30,
        ge=0,
        le=240,
        unit=N_("分前"),
        why=N_("これより後は案内せず、最後のお知らせを送ります。"),
    )
    lapses_allowed: int = setting(
        N_("返事なしを許す回数"),
        1,
        ge=0,
        le=5,
        unit=N_("回"),
        why=N_("これをこえて返事がない家族は、その日の順番から外れます。"),
    )
    wake_minutes: int = setting(
        N_("夜中の案内への返事の時間"),
        0,
        ge=0,
        le=120,
        unit=N_("分"),
        why=N_(
            "前の晩は、「夜中も知らせる」を選んだ家族だけに、夜間も案内します。0 は案内しません。"
        ),
    )
    takes_for_family: bool = setting(
        N_("家族に代わって席を取る"),
        False,
        why=N_("家族が決めた時刻までに空きが出たら、たずねずに予約を確定します。夜間も同じです。"),
    )
    second_chance_until: LocalTime | None = setting(
        N_("当日の空きを案内する時刻"),
        None,
        why=N_(
            "「60分以内に来られる」を選んだ家族には、この時刻まで当日の空きを案内します。空のときは案内しません。"
        ),
    )
    second_chance_minutes: int = setting(
        N_("当日の空きへの返事の時間"),
        10,
        ge=1,
        le=60,
        unit=N_("分"),
        why=N_("開室の前後に出た空きを案内してから、返事を待つ時間です。"),
    )


RECONFIRM = {
    "off": N_("たずねない"),
    "ask": N_("たずねて、返事がなければ職員に知らせる"),
    "release": N_("たずねて、返事がなければ席を放す"),
}


class Reminders(Section):
    """When a family is reminded of what it booked."""

    evening_at: LocalTime = setting(
        N_("前日のお知らせ"),
        time(19, 0),
        why=N_("利用日の前日のこの時刻に、持ち物と時間を知らせます。"),
    )
    before_cutoff_minutes: int = setting(
        N_("キャンセル締切の何分前"), 45, ge=0, le=600, unit=N_("分前"), why=N_("0 は送りません。")
    )
    reconfirm: Literal["off", "ask", "release"] = setting(
        N_("当日の朝の確認"),
        "off",
        words=RECONFIRM,
        why=N_("利用日の朝に、来るかどうかをメールでたずねるかです。"),
    )
    reconfirm_at: LocalTime = setting(
        N_("確認を送る時刻"), time(6, 0), why=N_("利用日のこの時刻に、来るかどうかをたずねます。")
    )
    reconfirm_until: LocalTime = setting(
        N_("確認への返事の期限"),
        time(7, 0),
        why=N_("半ばで返事のない家族は職員に知らせ、席を放す施設はこの時刻に放します。"),
    )
