"""The sections of the rule book that say who, where, when and how many."""

from __future__ import annotations

from datetime import time
from typing import Literal, Self

from pydantic import model_validator

from reservation.domain.rulebook.fields import (
    CalendarDay,
    Language,
    LocalTime,
    Section,
    Text,
    Title,
    setting,
)
from reservation.domain.words import N_

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

KINDS = {"sick": N_("病児対応型"), "convalescent": N_("病後児対応型")}
ROOM_KINDS = {
    "general": N_("保育室"),
    "isolation": N_("隔離室"),
    "observation": N_("観察室・安静室"),
}
ROOM_USES = {
    "general": N_("うつらない病気だけ"),
    "infectious": N_("うつる病気だけ(一度に1つ)"),
    "either": N_("どちらか一方"),
}
SCOPES = {
    "municipality": N_("市区町村で1回(どの室でも使える)"),
    "facility": N_("この施設だけ"),
    "none": N_("登録はいらない"),
}
RENEWALS = {"never": N_("更新はいらない"), "fiscal_year": N_("年度ごとに更新")}


class Hours(Section):
    """Opening hours of one weekday, local times."""

    opens: LocalTime = setting(N_("開室"))
    closes: LocalTime = setting(N_("閉室"))

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError(N_("閉室は開室より後の時刻にしてください。"))
        return self


class Closure(Section):
    """Days on which the facility is closed, first and last included."""

    first: CalendarDay = setting(N_("休みの初日"))
    last: CalendarDay = setting(N_("休みの最終日"))
    reason: Title = setting(N_("理由"), lambda: {"ja": "休室"})

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(N_("休みの最終日は初日と同じか後の日にしてください。"))
        return self


class About(Section):
    """What a family reads about the facility."""

    name: Title = setting(N_("施設の名前"))
    short_name: Title = setting(N_("短い名前"), why=N_("一覧やメールで使います。"))
    kana: str = setting(N_("フリガナ"), "")
    kinds: tuple[Literal["sick", "convalescent"], ...] = setting(
        N_("事業の類型"), ("sick",), min_length=1, words=KINDS
    )
    operator: str = setting(N_("運営者"), "")
    postcode: str = setting(N_("郵便番号"), "")
    address: Text = setting(N_("所在地"), lambda: {"ja": ""})
    town: Text = setting(N_("町名"), lambda: {"ja": ""}, why=N_("一覧で使う短い所在地です。"))
    access: Text = setting(N_("行き方"), lambda: {"ja": ""})
    latitude: float | None = setting(N_("緯度"), None, ge=20, le=46)
    longitude: float | None = setting(N_("経度"), None, ge=122, le=154)
    telephone: str = setting(N_("電話番号"), min_length=1, max_length=20)
    telephone_hours: Text = setting(N_("電話の受付時間"), lambda: {"ja": ""})
    languages: tuple[Language, ...] = setting(N_("話せることば"), ("ja",))
    notices: tuple[Text, ...] = setting(N_("お知らせ"), ())
    belongings: tuple[Text, ...] = setting(N_("持ち物"), ())
    papers: tuple[Text, ...] = setting(N_("書類"), ())


class Opening(Section):
    """Open days and hours."""

    week: dict[str, Hours] = setting(N_("曜日ごとの時間"), why=N_("書かれていない曜日は休みです。"))
    on_holidays: bool = setting(N_("祝日も開ける"), False)
    closures: tuple[Closure, ...] = setting(N_("臨時の休み"), ())

    @model_validator(mode="after")
    def _known_weekdays(self) -> Self:
        unknown = set(self.week) - set(WEEKDAYS)
        if unknown:
            raise ValueError(N_("曜日は mon tue wed thu fri sat sun で書いてください。"))
        return self


class Room(Section):
    """A room, its size, and what it may be used for."""

    id: str = setting(N_("部屋の記号"), min_length=1, max_length=20, pattern=r"^[a-z0-9_-]+$")
    label: Title = setting(N_("部屋の名前"))
    kind: Literal["general", "isolation", "observation"] = setting(N_("種類"), words=ROOM_KINDS)
    places: int = setting(N_("定員"), ge=1, le=30, unit=N_("人"))
    takes: Literal["general", "infectious", "either"] | None = setting(
        N_("使い方"),
        None,
        why=N_("指定しないとき、保育室はうつらない病気、隔離室と観察室はうつる病気に使います。"),
        words=ROOM_USES,
    )
    own_entrance: bool = setting(N_("専用の出入口"), False)
    combinable_with: tuple[str, ...] = setting(N_("つなげられる部屋"), ())

    @property
    def use(self) -> str:
        """'general', 'infectious' or 'either', with the default of the kind applied."""
        return self.takes or ("general" if self.kind == "general" else "infectious")


class AgeWeight(Section):
    """How many points a child below this age counts."""

    below_months: int = setting(N_("月齢の上限"), ge=1, unit=N_("か月未満"))
    points: float = setting(N_("点数"), gt=0, unit=N_("点"))


class AgeCap(Section):
    """At most so many children of an age band, ages in months on the care day."""

    from_months: int = setting(N_("月齢から"), 0, ge=0)
    below_months: int = setting(N_("月齢まで"), ge=1, unit=N_("か月未満"))
    at_most: int = setting(N_("人数の上限"), ge=0, unit=N_("人"))


class Places(Section):
    """Capacity and rooms."""

    official_capacity: int = setting(N_("定員"), ge=1, le=60, unit=N_("人"))
    may_exceed: bool = setting(N_("受入可能数は定員をこえてよい"), False)
    rooms: tuple[Room, ...] = setting(N_("部屋"), min_length=1)
    points: float | None = setting(N_("1日の点数"), None, gt=0, unit=N_("点"))
    age_weights: tuple[AgeWeight, ...] = setting(N_("年齢ごとの点数"), ())
    age_caps: tuple[AgeCap, ...] = setting(N_("年齢ごとの上限"), ())

    @model_validator(mode="after")
    def _rooms_differ(self) -> Self:
        ids = [room.id for room in self.rooms]
        if len(set(ids)) != len(ids):
            raise ValueError(N_("同じ記号の部屋が2つあります。"))
        if not {other for room in self.rooms for other in room.combinable_with} <= set(ids):
            raise ValueError(N_("つなげられる部屋には、ある部屋の記号を書いてください。"))
        return self


class Staffing(Section):
    """Ratios of the national guideline (domain.md 1.3) and the usual staff."""

    children_per_worker: int = setting(N_("保育士1人あたりの子ども"), 3, ge=1, le=10, unit=N_("人"))
    children_per_nurse: int = setting(
        N_("看護師等1人あたりの子ども"), 10, ge=1, le=30, unit=N_("人")
    )
    minimum_adults: int = setting(N_("最少の職員数"), 2, ge=1, le=10, unit=N_("人"))
    adult_per_isolation: bool = setting(N_("使用中の隔離室ごとに職員1人"), False)
    standard_workers: int = setting(N_("ふだんの保育士"), 2, ge=0, le=30, unit=N_("人"))
    standard_nurses: int = setting(N_("ふだんの看護師等"), 1, ge=0, le=10, unit=N_("人"))


class Ages(Section):
    """Ages accepted on the care day."""

    youngest_months: int = setting(N_("対象の月齢(下)"), 6, ge=0, le=72, unit=N_("か月"))
    oldest_grade: int = setting(
        N_("対象の学年(上)"), 0, ge=0, le=6, why=N_("0 は就学前まで、3 は小学3年生まで。")
    )


class Eligibility(Section):
    """Who may use the facility."""

    residents: bool = setting(N_("市区町村に住んでいる"), True)
    nursery_in_municipality: bool = setting(N_("市区町村内の園に通っている"), True)
    anyone: bool = setting(N_("だれでも"), False)
    not_on_leave: bool = setting(N_("育児休業中は対象外"), False)


class Registering(Section):
    """Registration before use."""

    scope: Literal["municipality", "facility", "none"] = setting(
        N_("登録の範囲"), "municipality", words=SCOPES
    )
    before_approval: bool = setting(
        N_("承認の前でも予約できる"), True, why=N_("予約に「登録の承認待ち」の条件がつきます。")
    )
    approval_due: LocalTime = setting(N_("承認の期限(利用日)"), time(8, 0))
    renewal: Literal["never", "fiscal_year"] = setting(N_("更新"), "never", words=RENEWALS)
