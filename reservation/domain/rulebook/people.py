"""The sections of the rule book that say with whom and for whom: staff, ages, families."""

from __future__ import annotations

from datetime import time
from typing import Literal

from reservation.domain.rulebook.clocks import Clock
from reservation.domain.rulebook.fields import LocalTime, Section, setting
from reservation.domain.rulebook.sources import GUIDELINE, ROOMS, TOWN
from reservation.domain.words import N_

SCOPES = {
    "municipality": N_("市区町村で1回(どの室でも使える)"),
    "facility": N_("この施設だけ"),
    "none": N_("登録はいらない"),
}
CERTIFICATES = {"enrolment": N_("在園証明書"), "work": N_("就労証明書")}
SHOWING = {"outside": N_("市区町村の外の園に通うお子さま"), "everyone": N_("すべてのお子さま")}
RENEWALS = {"never": N_("更新はいらない"), "fiscal_year": N_("年度ごとに更新")}


class Staffing(Section):
    """Ratios of the national guideline (domain.md 1.3) and the usual staff."""

    children_per_worker: int = setting(
        N_("保育士1人あたりの子ども"),
        3,
        ge=1,
        le=10,
        unit=N_("人"),
        why=N_("国の基準はおおむね3人に1人です。"),
        source=GUIDELINE,
    )
    children_per_nurse: int = setting(
        N_("看護師等1人あたりの子ども"),
        10,
        ge=1,
        le=30,
        unit=N_("人"),
        why=N_("国の基準はおおむね10人に1人です。"),
        source=GUIDELINE,
    )
    minimum_adults: int = setting(
        N_("最少の職員数"),
        2,
        ge=1,
        le=10,
        unit=N_("人"),
        why=N_("お子さまが1人でも、これより少ない職員では開けません。"),
        source=GUIDELINE,
    )
    adult_per_isolation: bool = setting(
        N_("使用中の隔離室ごとに職員1人"),
        False,
        why=N_("隔離室を使うたびに、職員が1人そばにいる施設ではいにします。"),
    )
    standard_workers: int = setting(
        N_("ふだんの保育士"),
        2,
        ge=0,
        le=30,
        unit=N_("人"),
        why=N_("その日の人数を入れていないとき、この人数で計算します。"),
    )
    standard_nurses: int = setting(
        N_("ふだんの看護師等"),
        1,
        ge=0,
        le=10,
        unit=N_("人"),
        why=N_("その日の人数を入れていないとき、この人数で計算します。"),
    )


class Ages(Section):
    """Ages accepted on the care day."""

    youngest_months: int = setting(
        N_("対象の月齢(下)"),
        6,
        ge=0,
        le=72,
        unit=N_("か月"),
        why=N_("利用日にこの月齢になっていれば利用できます。"),
        source=TOWN,
    )
    oldest_grade: int = setting(
        N_("対象の学年(上)"),
        0,
        ge=0,
        le=6,
        why=N_("0 は就学前まで、3 は小学3年生まで。"),
        source=GUIDELINE,
    )
    older_grade: int | None = setting(
        N_("小さい子が先：この学年から後"),
        None,
        ge=1,
        le=6,
        why=N_("この学年以上のお子さまは、下の時刻まで待ちます。空のときは、みな同じです。"),
        source=ROOMS,
    )
    older_opens: Clock = setting(
        N_("上の学年の受付の開始"),
        lambda: Clock(days_before=1, at=time(12, 0)),
        why=N_("上の学年のお子さまは、これより前には申し込めません。"),
        source=ROOMS,
    )


class Eligibility(Section):
    """Who may use the facility."""

    residents: bool = setting(
        N_("市区町村に住んでいる"),
        True,
        why=N_("お子さまの住所が市区町村の中にある家族です。"),
        source=TOWN,
    )
    nursery_in_municipality: bool = setting(
        N_("市区町村内の園に通っている"),
        True,
        why=N_("住所はほかの市区町村でもかまいません。"),
        source=TOWN,
    )
    works_in_municipality: bool = setting(
        N_("保護者が市区町村内で働いている"),
        False,
        why=N_("住所も園も、ほかの市区町村でかまいません。料金は住所で決まります。"),
        source=TOWN,
    )
    partners: bool = setting(
        N_("協定のある市区町村に住んでいる"),
        False,
        why=N_("市区町村の番号は「料金」の「協定のある市区町村」に並べます。"),
        source=TOWN,
    )
    anyone: bool = setting(
        N_("だれでも"), False, why=N_("住所や園がどこでも利用できます。"), source=TOWN
    )
    not_on_leave: bool = setting(
        N_("育児休業中は対象外"),
        False,
        why=N_("育児休業中の保護者の家族は利用できません。"),
        source=TOWN,
    )
    all_working: bool = setting(
        N_("保護者は全員働いている"),
        False,
        why=N_(
            "はいにすると家族にたずね、働いていない保護者がいると答えた家族は利用できません。"
            "育児休業中は、働いているうちに数えます。"
        ),
        source=TOWN,
    )
    certificates: tuple[Literal["enrolment", "work"], ...] = setting(
        N_("見せていただく書類"),
        (),
        words=CERTIFICATES,
        why=N_(
            "まだ見せていただいていないとき、予約に条件がつきます。"
            "一度確かめると、期限までは、どの予約でもたずねません。"
        ),
        source=TOWN,
    )
    certificates_of: Literal["outside", "everyone"] = setting(
        N_("書類が要るお子さま"),
        "outside",
        words=SHOWING,
        why=N_("「すべて」で更新がいらなければ、初めての利用のときだけになります。"),
        source=TOWN,
    )
    certificates_renewal: Literal["never", "fiscal_year"] = setting(
        N_("書類の更新"),
        "never",
        words=RENEWALS,
        why=N_("年度ごとなら、毎年4月からの利用に、新しい書類を見せていただきます。"),
        source=TOWN,
    )


class Registering(Section):
    """Registration before use."""

    scope: Literal["municipality", "facility", "none"] = setting(
        N_("登録の範囲"),
        "municipality",
        words=SCOPES,
        why=N_("一度登録すれば、どこまで使えるかです。"),
        source=TOWN,
    )
    before_approval: bool = setting(
        N_("承認の前でも予約できる"),
        True,
        why=N_("予約に「登録の承認待ち」の条件がつきます。"),
        source=TOWN,
    )
    provisional_most: int = setting(
        N_("承認の前の予約の上限"),
        0,
        ge=0,
        le=50,
        unit=N_("人"),
        why=N_("承認を待つお子さまの予約を、1日にこの人数まで受けます。0 は、限りがありません。"),
    )
    approval_due: LocalTime = setting(
        N_("承認の期限(利用日)"),
        time(8, 0),
        why=N_("この時刻までに承認されないときは、職員が決めます。"),
    )
    renewal: Literal["never", "fiscal_year"] = setting(
        N_("更新"),
        "never",
        words=RENEWALS,
        why=N_("登録がいつまで有効かです。年度は4月から始まります。"),
        source=TOWN,
    )
