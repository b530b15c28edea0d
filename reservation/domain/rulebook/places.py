"""The section of the rule book that says how many, and in which rooms."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from reservation.domain.illnesses import CATALOGUE
from reservation.domain.rulebook.fields import Section, Title, setting
from reservation.domain.rulebook.sources import GUIDELINE, TOWN
from reservation.domain.words import N_

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
        N_("つなげられる部屋"),
        (),
        why=N_(
            "仕切りを開けて1つの部屋として使える部屋の記号です。つなげるのは同じ病気のときだけで、"
            "「使用中の隔離室ごとに職員1人」では1つの部屋と数えます。"
        ),
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


class IllnessCap(Section):
    """At most so many children of some illnesses a day, a capacity inside the capacity."""

    illnesses: tuple[str, ...] = setting(
        N_("数える病気"),
        (),
        why=N_(
            "病気の記号を並べます(診断前の症状の記号も書けます)。"
            "空のときは、保育室でいっしょにすごさない病気をすべて数えます。"
        ),
    )
    at_most: int = setting(
        N_("人数の上限"),
        ge=0,
        unit=N_("人"),
        why=N_("これらの病気のお子さまは、合わせて1日にこの人数までです。"),
    )

    @model_validator(mode="after")
    def _known_illnesses(self) -> Self:
        if not set(self.illnesses) <= CATALOGUE.keys():
            raise ValueError(
                N_("病気の記号は FLU_A のように、病気の表にある記号で書いてください。")
            )
        return self


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

    illness_caps: tuple[IllnessCap, ...] = setting(
        N_("病気ごとの上限"),
        (),
        why=N_("定員5人のうち病児は2人まで、のように病気や症状で人数をかぎります。"),
        source=TOWN,
    )

    infections_by_own_entrance: bool = setting(
        N_("うつる病気は専用の出入口のある部屋だけ"),
        False,
        why=N_(
            "はいにすると、うつる病気のお子さまは、専用の出入口のない部屋には入れません。"
            "ほかのお子さまとすれ違いません。"
        ),
    )

    @model_validator(mode="after")
    def _rooms_differ(self) -> Self:
        ids = [room.id for room in self.rooms]
        if len(set(ids)) != len(ids):
            raise ValueError(N_("同じ記号の部屋が2つあります。"))
        if not {other for room in self.rooms for other in room.combinable_with} <= set(ids):
            raise ValueError(N_("つなげられる部屋には、ある部屋の記号を書いてください。"))
        return self
