"""The section of the rule book about money: tariff, classes of families, surcharges, items.

The tariff is effective-dated because the rule book is: the version in force on the care day
counts. Every amount is whole yen.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from typing import Literal, Self

from pydantic import model_validator

from reservation.domain.rulebook.fields import LocalTime, Section, Text, Title, setting
from reservation.domain.rulebook.sources import TOWN
from reservation.domain.words import N_

Where = Literal["resident", "partner", "other"]
"""Where a family lives: in the municipality, in a town with an agreement, elsewhere."""

ANYONE = "anyone"
LIVES = {
    ANYONE: N_("どこでも"),
    "resident": N_("市区町村内"),
    "partner": N_("協定のある市区町村"),
    "other": N_("そのほかの市区町村"),
}
EDGES = {
    "before": N_("この時刻より前に来室したとき"),
    "after": N_("この時刻より後にお迎えのとき"),
}
ADDED = {"asked": N_("利用したときだけ"), "always": N_("かならず")}
CODE = r"^[a-z0-9_-]{1,20}$"
ANY_LENGTH = 24 * 60
"""Minutes: longer than any step of a tariff says, so the price of the whole day."""


class Rate(Section):
    """One line of the tariff: whom it is for, up to how many hours, how much."""

    amount: int = setting(N_("金額"), ge=0, le=20000, unit=N_("円"), why=N_("1日分の金額です。"))
    hours: int | None = setting(
        N_("何時間まで"),
        None,
        ge=1,
        le=24,
        unit=N_("時間"),
        why=N_("来室からお迎えまで、この時間までの金額です。空は、時間によらない金額です。"),
    )
    lives: Literal["anyone", "resident", "partner", "other"] = setting(
        N_("お住まい"), ANYONE, words=LIVES, why=N_("どこに住む家族の金額かです。")
    )
    classes: tuple[str, ...] = setting(
        N_("料金の区分"), (), why=N_("この区分の家族だけの金額です。空は、どの家族にもです。")
    )
    name: Text = setting(N_("呼び方"), dict, why=N_("「半日」のように、家族が読むことばです。"))

    @property
    def minutes(self) -> int:
        """Up to how many minutes it counts."""
        return ANY_LENGTH if self.hours is None else self.hours * 60


class FeeClass(Section):
    """A class of families that pay less, or nothing: a reduction with its proof."""

    code: str = setting(
        N_("記号"), pattern=CODE, why=N_("区分の短い名前です。同じ市区町村では同じにします。")
    )
    name: Title = setting(
        N_("名前"), why=N_("「生活保護」「C1階層」のように、職員が選ぶ名前です。")
    )
    amount: int | None = setting(
        N_("金額"),
        None,
        ge=0,
        le=20000,
        unit=N_("円"),
        why=N_("1日分がこの金額までになります。空のときは、料金表の行で決まります。"),
        source=TOWN,
    )
    proof: Text = setting(N_("証明になる書類"), dict, why=N_("家族に見せていただく書類です。"))
    proof_month: int | None = setting(
        N_("新しい年度の証明が要る月"),
        None,
        ge=1,
        le=12,
        unit=N_("月"),
        why=N_(
            "毎年この月の1日から、新しい年度の証明が要ります。空は、証明の期限だけで決まります。"
        ),
        source=TOWN,
    )


class Surcharge(Section):
    """What early arrival or late fetching costs more."""

    edge: Literal["before", "after"] = setting(
        N_("いつ"), words=EDGES, why=N_("この時刻ちょうどには、かかりません。")
    )
    at: LocalTime = setting(N_("時刻"), why=N_("この時刻から数えます。"))
    amount: int = setting(
        N_("金額"), ge=0, le=20000, unit=N_("円"), why=N_("1回、または決まった分ごとの金額です。")
    )
    minutes: int | None = setting(
        N_("何分ごと"),
        None,
        ge=1,
        le=240,
        unit=N_("分"),
        why=N_("始まった分まで数えます(30分ごとなら、31分は2回分)。空は、1回だけです。"),
    )


class Item(Section):
    """A meal, a snack, bedding: what is paid beside the day."""

    code: str = setting(N_("記号"), pattern=CODE, why=N_("ファイルで使う短い名前です。"))
    name: Title = setting(N_("名前"), why=N_("「昼食」のように、家族が読むことばです。"))
    amount: int = setting(N_("金額"), ge=0, le=20000, unit=N_("円"), why=N_("1つの金額です。"))
    added: Literal["asked", "always"] = setting(
        N_("かかるとき"),
        "asked",
        words=ADDED,
        why=N_("寝具代のように、全員にかかるものもあります。"),
    )


class PartnerTown(Section):
    """A town with an agreement that is not in this installation, as families choose it."""

    code: str = setting(
        N_("市区町村の番号"),
        pattern=r"^[0-9]{6}$",
        why=N_("全国地方公共団体コードの6けたです。"),
    )
    name: Title = setting(N_("名前"), why=N_("家族がお住まいを選ぶときに読む名前です。"))


class Fees(Section):
    """What a day costs. Amounts are whole yen."""

    resident: int = setting(
        N_("利用料"),
        ge=0,
        le=20000,
        unit=N_("円"),
        why=N_("市区町村に住む家族の1日分です。"),
        source=TOWN,
    )
    non_resident: int | None = setting(
        N_("利用料(市区町村外)"),
        None,
        ge=0,
        le=20000,
        unit=N_("円"),
        why=N_("空のときは、同じ金額です。"),
        source=TOWN,
    )
    partners: tuple[str, ...] = setting(
        N_("協定のある市区町村"),
        (),
        why=N_("協定で使える市区町村の、6けたの番号を並べます。"),
        source=TOWN,
    )
    partner_towns: tuple[PartnerTown, ...] = setting(
        N_("協定のある市区町村の名前"),
        (),
        why=N_(
            "ここに名前のある市区町村を、家族がお住まいに選べます。このシステムを使う市区町村は、書かなくても選べます。"
        ),
    )
    partner: int | None = setting(
        N_("利用料(協定のある市区町村)"),
        None,
        ge=0,
        le=20000,
        unit=N_("円"),
        why=N_("空のときは、市区町村に住む家族と同じ金額です。"),
        source=TOWN,
    )
    rates: tuple[Rate, ...] = setting(
        N_("料金表"),
        (),
        why=N_("時間や区分で金額がちがうときに書きます。行のない家族は、上の利用料です。"),
        source=TOWN,
    )
    classes: tuple[FeeClass, ...] = setting(
        N_("減免と料金の区分"),
        (),
        why=N_(
            "証明を見せていただいた家族の金額です。利用登録の画面で職員が入れ、利用日で決まります。"
        ),
        source=TOWN,
    )
    surcharges: tuple[Surcharge, ...] = setting(
        N_("早朝・延長の料金"), (), why=N_("来室とお迎えの時刻から、お迎えのときに計算します。")
    )
    items: tuple[Item, ...] = setting(
        N_("食事などの料金"), (), why=N_("利用料のほかにいただくものです。")
    )
    taxi: bool = setting(
        N_("お迎えのタクシー代"), False, why=N_("園へのお迎えのタクシー代を家族が払うときです。")
    )
    taxi_cap: int | None = setting(
        N_("タクシー代の上限"),
        None,
        ge=0,
        le=20000,
        unit=N_("円"),
        why=N_("家族が払うのは、かかった金額のうちここまでです。空は、かかった金額です。"),
        source=TOWN,
    )
    notes: tuple[Text, ...] = setting(
        N_("料金の補足"), (), why=N_("食事代や支払い方法など、家族が読むことです。")
    )

    def class_of(self, code: str) -> FeeClass | None:
        """The class with this code, None where the tariff has none."""
        return next((one for one in self.classes if one.code == code), None)

    def day_fee(self, lives: Where) -> int:
        """The day fee in yen without any line of the tariff."""
        if lives == "other" and self.non_resident is not None:
            return self.non_resident
        if lives == "partner" and self.partner is not None:
            return self.partner
        return self.resident

    def rate(self, lives: Where, fee_class: str, minutes: int) -> Rate | None:
        """The tariff's line for a stay of so many minutes; None where the day fee counts.

        Lines that name the family's class come before those for every class, and then lines
        that name where it lives before those for anyone; among them the shortest that is long
        enough.
        """
        found = [r for r in self.rates if r.lives in (ANYONE, lives)]
        found = [r for r in found if not r.classes or fee_class in r.classes]
        found = [r for r in found if r.classes] or found
        found = [r for r in found if r.lives != ANYONE] or found
        fitting = [r for r in found if minutes <= r.minutes]
        return min(fitting, key=lambda r: r.minutes, default=None)

    def amount(self, lives: Where, fee_class: str, minutes: int) -> int:
        """Yen for a stay of so many minutes: by the tariff, never more than the class says."""
        line = self.rate(lives, fee_class, minutes)
        full = self.day_fee(lives) if line is None else line.amount
        limits = [c.amount for c in self.classes if c.code == fee_class and c.amount is not None]
        return min([full, *limits])

    @model_validator(mode="after")
    def _known_classes(self) -> Self:
        codes = [one.code for one in self.classes]
        if len(set(codes)) < len(codes) or len({i.code for i in self.items}) < len(self.items):
            raise ValueError(N_("同じ記号が2回あります。記号は1つずつ変えてください。"))
        if any(code not in codes for rate in self.rates for code in rate.classes):
            raise ValueError(N_("料金表の区分は、「減免と料金の区分」にある記号を書いてください。"))
        return self

    @model_validator(mode="after")
    def _named_towns_have_an_agreement(self) -> Self:
        if any(town.code not in self.partners for town in self.partner_towns):
            raise ValueError(
                N_("名前を書く市区町村の番号は、「協定のある市区町村」にも並べてください。")
            )
        return self

    @model_validator(mode="after")
    def _longer_never_costs_less(self) -> Self:
        for lives, fee_class in self._payers():
            steps = sorted({ANY_LENGTH, *(rate.minutes for rate in self.rates)})
            amounts = [self.amount(lives, fee_class, minutes) for minutes in steps]
            if any(longer < shorter for shorter, longer in pairwise(amounts)):
                raise ValueError(N_("料金表で、長い時間が短い時間より安くなっています。"))
        return self

    def _payers(self) -> Iterator[tuple[Where, str]]:
        places: tuple[Where, ...] = ("resident", "partner", "other")
        return product(places, ("", *(one.code for one in self.classes)))
