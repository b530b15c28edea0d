"""Child-days split by what the children have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservation.domain import illnesses
from reservation.domain.words import N_
from reservation.figures.counted import counts
from reservation.figures.registry import Cell, Column, Scope, Table, figure, percent
from reservation.figures.use import ALL
from reservation.store.tables.places import Municipality

WEEKDAYS = (
    N_("月曜日"), N_("火曜日"), N_("水曜日"), N_("木曜日"), N_("金曜日"), N_("土曜日"), N_("日曜日")
)  # fmt: skip
CHANNELS = {"web": N_("画面から"), "telephone": N_("電話"), "desk": N_("窓口")}
AGES = (N_("0歳"), N_("1歳"), N_("2歳"), N_("3歳"), N_("4歳"), N_("5歳"), N_("6歳以上"))


def _split(label: str, names: Mapping[str, str], found: Mapping[str, int]) -> Table:
    columns = (
        Column("of", label, "word"),
        Column("child_days", N_("延べ利用児童数"), unit=N_("人日")),
        Column("share", N_("割合"), "percent", "%"),
    )
    whole = sum(found.values())
    rows: list[tuple[Cell, ...]] = [
        (names[code], found.get(code, 0), percent(found.get(code, 0), whole)) for code in names
    ]
    return Table(columns, tuple(rows), (ALL, whole, percent(whole, whole)))


@figure("weekdays", N_("曜日"), N_("延べ利用児童数を、利用日の曜日で分けたものです。"))
def weekdays(db: Session, scope: Scope) -> Table:
    """Child-days by weekday."""
    names = {str(n): name for n, name in enumerate(WEEKDAYS)}
    return _split(N_("曜日"), names, counts(db, scope).split("weekday"))


@figure("ages", N_("年齢"), N_("延べ利用児童数を、利用日の年齢で分けたものです。"))
def ages(db: Session, scope: Scope) -> Table:
    """Child-days by completed years of age on the care day."""
    names = {str(n): name for n, name in enumerate(AGES)}
    return _split(N_("年齢"), names, counts(db, scope).split("age"))


@figure(
    "diagnoses",
    N_("病気"),
    N_(
        "延べ利用児童数を、病気の大きな分類で分けたものです。診断が後でついたものは診断名で数えます。"
    ),
)
def by_illness(db: Session, scope: Scope) -> Table:
    """Child-days by group of illnesses."""
    found: Counter[str] = Counter()
    for code, number in counts(db, scope).split("illness").items():
        found[illnesses.CATALOGUE[code].group] += number
    return _split(N_("分類"), illnesses.GROUPS, found)


@figure(
    "residence",
    N_("住まい"),
    N_("延べ利用児童数を、利用した日の住まいで分けたものです。"),
)
def residence(db: Session, scope: Scope) -> Table:
    """Child-days of residents, of others, and of families whose residence is not known."""
    own = db.scalar(select(Municipality.code).where(Municipality.id == scope.municipality_id))
    found: Counter[str] = Counter()
    for code, number in counts(db, scope).split("residence").items():
        found["own" if code == own else "other" if code else "unknown"] += number
    names = {"own": N_("市区町村内"), "other": N_("市区町村外"), "unknown": N_("不明")}
    return _split(N_("住まい"), names, found)


@figure("channels", N_("申し込みの方法"), N_("延べ利用児童数を、申し込みの方法で分けたものです。"))
def channels(db: Session, scope: Scope) -> Table:
    """Child-days by the way the request came."""
    return _split(N_("方法"), CHANNELS, counts(db, scope).split("channel"))
