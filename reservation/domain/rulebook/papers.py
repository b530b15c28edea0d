"""The section of the rule book about the paper that a doctor fills in before a child comes."""

from __future__ import annotations

from typing import Literal

from reservation.domain.rulebook.fields import LocalTime, Section, Text, Title, setting
from reservation.domain.rulebook.sources import TOWN
from reservation.domain.words import N_

NEEDED = {
    "never": N_("いらない"),
    "infectious": N_("うつる病気のときだけ"),
    "always": N_("いつも"),
}


class DoctorForm(Section):
    """The doctor's form: when it is needed, until when, and how long it holds (domain.md §3.2)."""

    needed: Literal["never", "infectious", "always"] = setting(
        N_("必要なとき"),
        "never",
        words=NEEDED,
        why=N_(
            "必要なときは、予約に「提出」の条件がつき、職員が受け取るまで条件付きの確定になります。"
            "うつる病気は、保育室でいっしょにすごさない扱いの病気です。"
        ),
        source=TOWN,
    )
    name: Title = setting(
        N_("用紙の名前"),
        lambda: {"ja": "医師連絡票", "en": "Doctor's form"},
        why=N_("市区町村での呼び名です。家族の画面とメールで、この名前を使います。"),
        source=TOWN,
    )
    note: Text = setting(
        N_("家族への説明"),
        dict,
        why=N_("どこでもらい、だれに書いてもらい、いくらかかるかです。家族がそのまま読みます。"),
    )
    template: str | None = setting(
        N_("用紙の置き場所"),
        None,
        pattern=r"^https://\S{1,290}$",
        why=N_("用紙をダウンロードできるページを https:// から書きます。空なら案内しません。"),
    )
    before_confirming: bool = setting(
        N_("確かめてから予約を確定する"),
        False,
        why=N_("はいにすると、有効な用紙がまだない予約は、職員が確かめてから確定します。"),
        source=TOWN,
    )
    due: LocalTime | None = setting(
        N_("提出の期限(利用日)"),
        None,
        why=N_("この時刻をすぎると職員の画面で赤くなります。空は開室の時刻です。"),
    )
    by_photo: bool = setting(
        N_("写真で送れる"),
        False,
        why=N_(
            "はいにすると、家族は予約のページから用紙の写真を送れます。写真は暗号化し、この施設の"
            "職員だけが開けます。職員が読んで内容を記録すると、条件がそろいます。"
        ),
    )
    valid_days: int = setting(
        N_("有効な日数"),
        7,
        ge=1,
        le=60,
        unit=N_("日間"),
        why=N_("発行日を1日目と数えます。発行日だけ有効なら1です。"),
        source=TOWN,
    )
    void_on_change: bool = setting(
        N_("診断が変わると無効"),
        True,
        why=N_("病気が変わったときは、新しい用紙をもう一度お願いします。"),
        source=TOWN,
    )
    clinics: tuple[str, ...] = setting(
        N_("書いてもらえる医療機関"),
        (),
        why=N_("ここに並べた医療機関の用紙だけを受け取ります。空は、どこでもかまいません。"),
        source=TOWN,
    )
