"""The sections of the rule book that say what, where, when and how many."""

from __future__ import annotations

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
from reservation.domain.rulebook.sources import GUIDELINE, TOWN
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


class Hours(Section):
    """Opening hours of one weekday, local times."""

    opens: LocalTime = setting(N_("開室"), why=N_("お子さまをお預かりし始める時刻です。"))
    closes: LocalTime = setting(N_("閉室"), why=N_("お迎えの最終の時刻です。"))

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError(N_("閉室は開室より後の時刻にしてください。"))
        return self


class Closure(Section):
    """Days on which the facility is closed, first and last included."""

    first: CalendarDay = setting(N_("休みの初日"), why=N_("この日もふくみます。"))
    last: CalendarDay = setting(
        N_("休みの最終日"), why=N_("この日もふくみます。1日だけなら初日と同じ日を書きます。")
    )
    reason: Title = setting(
        N_("理由"), lambda: {"ja": "休室"}, why=N_("家族がカレンダーで読む理由です。")
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(N_("休みの最終日は初日と同じか後の日にしてください。"))
        return self


class About(Section):
    """What a family reads about the facility."""

    name: Title = setting(N_("施設の名前"), why=N_("通知や書類にのせる正式な名前です。"))
    short_name: Title = setting(N_("短い名前"), why=N_("一覧やメールで使います。"))
    kana: str = setting(N_("フリガナ"), "", why=N_("さがすときと、読み上げに使います。"))
    kinds: tuple[Literal["sick", "convalescent"], ...] = setting(
        N_("事業の類型"),
        ("sick",),
        min_length=1,
        words=KINDS,
        why=N_("病児対応型は回復期の前から、病後児対応型は回復期のお子さまをお預かりします。"),
        source=GUIDELINE,
    )
    operator: str = setting(N_("運営者"), "", why=N_("事業を行う法人や医院の名前です。"))
    postcode: str = setting(N_("郵便番号"), "", why=N_("168-0001 のように書きます。"))
    address: Text = setting(
        N_("所在地"), lambda: {"ja": ""}, why=N_("家族が行くときに使う住所です。")
    )
    town: Text = setting(N_("町名"), lambda: {"ja": ""}, why=N_("一覧で使う短い所在地です。"))
    access: Text = setting(
        N_("行き方"), lambda: {"ja": ""}, why=N_("最寄り駅やバス停、駐車場について書きます。")
    )
    latitude: float | None = setting(
        N_("緯度"), None, ge=20, le=46, why=N_("地図の印の位置です。空のときは地図に出しません。")
    )
    longitude: float | None = setting(
        N_("経度"), None, ge=122, le=154, why=N_("地図の印の位置です。緯度といっしょに書きます。")
    )
    telephone: str = setting(
        N_("電話番号"),
        min_length=1,
        max_length=20,
        why=N_("困ったとき、家族が必ずかけられる番号です。"),
    )
    telephone_hours: Text = setting(
        N_("電話の受付時間"), lambda: {"ja": ""}, why=N_("電話に出られる曜日と時間です。")
    )
    languages: tuple[Language, ...] = setting(
        N_("話せることば"), ("ja",), why=N_("職員が話せることばの記号です(ja en zh_Hans など)。")
    )
    notices: tuple[Text, ...] = setting(
        N_("お知らせ"), (), why=N_("施設のページの上に出す、いま大切なことです。")
    )
    belongings: tuple[Text, ...] = setting(
        N_("持ち物"), (), why=N_("予約の確認と前日のお知らせにものせます。")
    )
    papers: tuple[Text, ...] = setting(N_("書類"), (), why=N_("当日に持ってくる書類です。"))


class Opening(Section):
    """Open days and hours."""

    week: dict[str, Hours] = setting(N_("曜日ごとの時間"), why=N_("書かれていない曜日は休みです。"))
    on_holidays: bool = setting(
        N_("祝日も開ける"), False, why=N_("はいにすると、祝日も曜日どおりに開きます。")
    )
    closures: tuple[Closure, ...] = setting(
        N_("臨時の休み"), (), why=N_("年末年始や研修などの休みです。その日の予約は受け付けません。")
    )

    @model_validator(mode="after")
    def _known_weekdays(self) -> Self:
        unknown = set(self.week) - set(WEEKDAYS)
        if unknown:
            raise ValueError(N_("曜日は mon tue wed thu fri sat sun で書いてください。"))
        return self


class Room(Section):
    """A room, its size, and what it may be used for."""

    id: str = setting(
        N_("部屋の記号"),
        min_length=1,
        max_length=20,
        pattern=r"^[a-z0-9_-]+$",
        why=N_("半角の短い記号です。予約の記録に残るので変えません。"),
    )
    label: Title = setting(N_("部屋の名前"), why=N_("職員と家族が見る名前です。"))
    kind: Literal["general", "isolation", "observation"] = setting(
        N_("種類"),
        words=ROOM_KINDS,
        why=N_("隔離室と観察室は、うつる病気のお子さまに使えます。"),
        source=GUIDELINE,
    )
    places: int = setting(
        N_("定員"), ge=1, le=30, unit=N_("人"), why=N_("この部屋に同時にいられる人数です。")
    )
    takes: Literal["general", "infectious", "either"] | None = setting(
        N_("使い方"),
        None,
        why=N_("指定しないとき、保育室はうつらない病気、隔離室と観察室はうつる病気に使います。"),
        words=ROOM_USES,
    )
    own_entrance: bool = setting(
        N_("専用の出入口"), False, why=N_("ほかのお子さまと会わずに入れる部屋です。")
    )
    combinable_with: tuple[str, ...] = setting(
        N_("つなげられる部屋"), (), why=N_("仕切りを開けて1つの部屋として使える部屋の記号です。")
    )

    @property
    def use(self) -> str:
        """'general', 'infectious' or 'either', with the default of the kind applied."""
        return self.takes or ("general" if self.kind == "general" else "infectious")


class AgeWeight(Section):
    """How many points a child below this age counts."""

    below_months: int = setting(
        N_("月齢の上限"),
        ge=1,
        unit=N_("か月未満"),
        why=N_("利用日の月齢がこれより小さいお子さまに使います。"),
    )
    points: float = setting(
        N_("点数"), gt=0, unit=N_("点"), why=N_("1人を何点と数えるかです。1点がふつうの1人分です。")
    )


class AgeCap(Section):
    """At most so many children of an age band, ages in months on the care day."""

    from_months: int = setting(
        N_("月齢から"), 0, ge=0, why=N_("利用日の月齢がこれ以上のお子さまを数えます。")
    )
    below_months: int = setting(
        N_("月齢まで"),
        ge=1,
        unit=N_("か月未満"),
        why=N_("利用日の月齢がこれより小さいお子さまを数えます。"),
    )
    at_most: int = setting(
        N_("人数の上限"),
        ge=0,
        unit=N_("人"),
        why=N_("この年齢のお子さまは、1日にこの人数までです。"),
    )


class Places(Section):
    """Capacity and rooms."""

    official_capacity: int = setting(
        N_("定員"),
        ge=1,
        le=60,
        unit=N_("人"),
        why=N_("市区町村に届け出た定員です。統計と補助金の計算に使います。"),
        source=TOWN,
    )
    may_exceed: bool = setting(
        N_("受入可能数は定員をこえてよい"),
        False,
        why=N_("職員が、その日の受入可能数を定員より多くできるようにします。"),
        source=TOWN,
    )
    rooms: tuple[Room, ...] = setting(
        N_("部屋"), min_length=1, why=N_("お預かりに使うすべての部屋です。"), source=GUIDELINE
    )
    points: float | None = setting(
        N_("1日の点数"),
        None,
        gt=0,
        unit=N_("点"),
        why=N_(
            "年齢ごとの点数の合計が、これをこえない人数まで受け入れます。"
            "空のときは人数だけで数えます。"
        ),
    )
    age_weights: tuple[AgeWeight, ...] = setting(
        N_("年齢ごとの点数"),
        (),
        why=N_("小さいお子さまを1人より多く数えます。上から見て、最初に当てはまる行を使います。"),
    )
    age_caps: tuple[AgeCap, ...] = setting(
        N_("年齢ごとの上限"), (), why=N_("0歳児は2人まで、のように年齢で人数をかぎります。")
    )

    @model_validator(mode="after")
    def _rooms_differ(self) -> Self:
        ids = [room.id for room in self.rooms]
        if len(set(ids)) != len(ids):
            raise ValueError(N_("同じ記号の部屋が2つあります。"))
        if not {other for room in self.rooms for other in room.combinable_with} <= set(ids):
            raise ValueError(N_("つなげられる部屋には、ある部屋の記号を書いてください。"))
        return self
