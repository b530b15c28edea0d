"""Words of the chance of who waits: from how many to how many of ten, and of what that was counted.

Never a promise, and never a single number: it would look surer than it is.
"""

from __future__ import annotations

from flask_babel import gettext as _

from reservation.domain.chances import Chance
from reservation.domain.words import N_
from reservation.web.parents import bp

RANKS = {
    1: N_("申し込んだとき1番目"),
    2: N_("申し込んだとき2〜3番目"),
    4: N_("申し込んだとき4〜6番目"),
    7: N_("申し込んだとき7番目から後ろ"),
}
LEADS = {
    "day": N_("利用日の当日の申し込み"),
    "eve": N_("利用日の前日の申し込み"),
    "earlier": N_("利用日の2日以上前の申し込み"),
}


@bp.app_template_filter("chance_words")
def chance_words(chance: Chance) -> str:
    """10回のうち6〜8回、席をご案内できました。"""
    low, high = chance.tenths
    if low == 0:
        return _("席をご案内できたのは、10回のうち多くて%(high)s回でした。", high=high)
    if high == 10:
        return _("10回のうち%(low)s回以上、席をご案内できました。", low=low)
    return _("10回のうち%(low)s〜%(high)s回、席をご案内できました。", low=low, high=high)


@bp.app_template_filter("chance_source")
def chance_source(chance: Chance) -> str:
    """Of which cases, and how many."""
    alike = [_(RANKS[chance.rank])] + ([_(LEADS[chance.lead])] if chance.lead else [])
    return _(
        "過去の似た場合 %(n)s件(%(alike)s)から計算しました。お約束ではありません。",
        n=chance.cases,
        alike=_("、").join(alike),
    )
