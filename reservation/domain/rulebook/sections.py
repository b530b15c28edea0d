"""The sections of the rule book that say what, where and when."""

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


class AgeBelonging(Section):
    """One more thing to bring for children of an age band, ages in months on the care day."""

    item: Title = setting(N_("持ち物"), why=N_("「おむつ 6枚」のように、家族が読むことばです。"))
    from_months: int = setting(
        N_("月齢から"),
        0,
        ge=0,
        unit=N_("か月"),
        why=N_("利用日の月齢がこれ以上のお子さまに案内します。"),
    )
    below_months: int | None = setting(
        N_("月齢まで"),
        None,
        ge=1,
        unit=N_("か月未満"),
        why=N_("利用日の月齢がこれより小さいお子さまに案内します。空は、上の限りがありません。"),
    )

    @model_validator(mode="after")
    def _suits_somebody(self) -> Self:
        if self.below_months is not None and self.below_months <= self.from_months:
            raise ValueError(N_("持ち物の月齢の上は、下より大きくしてください。"))
        return self

    def suits(self, months: int) -> bool:
        """Whether a child of this age in months on the care day brings it."""
        return self.from_months <= months and (
            self.below_months is None or months < self.below_months
        )


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
    belongings_by_age: tuple[AgeBelonging, ...] = setting(
        N_("年齢ごとの持ち物"),
        (),
        why=N_("おむつやミルクなど、利用日の月齢で変わるものです。持ち物のあとに案内します。"),
        source=TOWN,
    )
    papers: tuple[Text, ...] = setting(N_("書類"), (), why=N_("当日に持ってくる書類です。"))


class Pause(Section):
    """A time of the day at which nobody comes or is fetched; children stay cared for."""

    first: LocalTime = setting(
        N_("受け渡しの休みの始まり"), why=N_("この時刻から、受け入れとお迎えを休みます。")
    )
    last: LocalTime = setting(
        N_("受け渡しの休みの終わり"), why=N_("この時刻から、また受け入れとお迎えができます。")
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last <= self.first:
            raise ValueError(N_("受け渡しの休みの終わりは、始まりより後の時刻にしてください。"))
        return self


class Opening(Section):
    """Open days and hours."""

    week: dict[str, Hours] = setting(N_("曜日ごとの時間"), why=N_("書かれていない曜日は休みです。"))
    on_holidays: bool = setting(
        N_("祝日も開ける"), False, why=N_("はいにすると、祝日も曜日どおりに開きます。")
    )
    pauses: tuple[Pause, ...] = setting(
        N_("受け渡しの休み"),
        (),
        why=N_("昼休みなどです。お預かりは続けます。この時刻は、着く時刻に選べません。"),
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
