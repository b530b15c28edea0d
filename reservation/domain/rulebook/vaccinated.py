"""The section of the rule book that says which vaccinations a child needs, from which age on."""

from __future__ import annotations

from typing import Literal

from reservation.domain.rulebook.fields import Section, setting
from reservation.domain.rulebook.sources import ROOMS
from reservation.domain.words import N_

WORDS = {
    "MR": N_("MR(麻しん・風しん)"),
    "VARICELLA": N_("水ぼうそう"),
    "MUMPS": N_("おたふくかぜ"),
    "DPT_IPV": N_("四種混合・五種混合"),
    "HIB": N_("ヒブ(Hib)"),
    "PCV": N_("小児用肺炎球菌"),
    "BCG": N_("BCG"),
}
"""The vaccines a rule book may name, by their page in the mother-child handbook."""


class Needed(Section):
    """One vaccination, and the age from which a child without it is not taken."""

    vaccine: Literal["MR", "VARICELLA", "MUMPS", "DPT_IPV", "HIB", "PCV", "BCG"] = setting(
        N_("予防接種"), words=WORDS, why=N_("母子健康手帳で確かめる予防接種です。")
    )
    from_months: int = setting(
        N_("この月齢から"),
        ge=0,
        le=155,
        unit=N_("か月"),
        why=N_("利用日にこの月齢になっているお子さまに必要です。"),
    )


class Vaccines(Section):
    """The gate of vaccinations (domain.md §10, line 19)."""

    needed: tuple[Needed, ...] = setting(
        N_("必要な予防接種"),
        (),
        why=N_(
            "家族に「受けましたか」とたずねます。「まだ」のお子さまは予約できず、"
            "「わからない」ときは母子健康手帳を玄関で確かめます。空は、たずねません。"
        ),
        source=ROOMS,
    )
