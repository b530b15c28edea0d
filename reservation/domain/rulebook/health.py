"""The section of the rule book that says how well a child must be on the morning of the day."""

from __future__ import annotations

from reservation.domain.rulebook.fields import Section, setting
from reservation.domain.rulebook.sources import ROOMS
from reservation.domain.words import N_

REQUIREMENTS = {
    "treatment": N_("治療(薬)を始めている"),
    "no_vomiting": N_("嘔吐がおさまっている"),
    "test_negative": N_("検査で陰性と確かめてある"),
    "can_eat": N_("食事や水分がとれる"),
}
"""What a row of the table of illnesses may ask for (domain.md §4.1)."""


class Health(Section):
    """Limits of the day itself: asked for at the door, and told to families beforehand."""

    hottest: float | None = setting(
        N_("この体温以上は、お預かりしない"),
        None,
        ge=37,
        le=42,
        unit=N_("℃"),
        why=N_("38.5 なら、38.5℃からお断りします。空のときは、体温ではお断りしません。"),
        source=ROOMS,
    )
    hottest_morning: float | None = setting(
        N_("朝の体温の上限"),
        None,
        ge=36,
        le=42,
        unit=N_("℃まで"),
        why=N_("利用日の朝に測った体温です。37.4 なら、37.4℃まで利用できます。"),
        source=ROOMS,
    )
    fever_hours: int | None = setting(
        N_("発熱してからの時間"),
        None,
        ge=1,
        le=72,
        unit=N_("時間以上"),
        why=N_("熱が出てすぐは、検査をしても病気がわからないためです。"),
        source=ROOMS,
    )
    antipyretic_hours: int | None = setting(
        N_("解熱剤を使ってからの時間"),
        None,
        ge=1,
        le=48,
        unit=N_("時間以上"),
        why=N_("薬で下がっている体温では、ようすを見誤るためです。"),
        source=ROOMS,
    )
