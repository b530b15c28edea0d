"""Child-days split by what the children have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from reservation.domain import illnesses
from reservation.domain.words import N_
from reservation.figures.opened import CAME_STATES, used_by_day
from reservation.figures.registry import Cell, Column, Scope, Table, figure, percent
from reservation.figures.use import ALL
from reservation.store.tables.bookings import BookingRow, WishRow
from reservation.store.tables.places import Municipality

WEEKDAYS = (
    N_("月曜日"), N_("火曜日"), N_("水曜日"), N_("木曜日"), N_("金曜日"), N_("土曜日"), N_("日曜日")
)  # fmt: skip
CHANNELS = {"web": N_("画面から"), "telephone": N_("電話"), "desk": N_("窓口")}
AGES = (N_("0歳"), N_("1歳"), N_("2歳"), N_("3歳"), N_("4歳"), N_("5歳"), N_("6歳以上"))


def _split(label: str, names: Mapping[str, str], counts: Mapping[str, int]) -> Table:
    columns = (
        Column("of", label, "word"),
        Column("child_days", N_("延べ利用児童数"), unit=N_("人日")),
        Column("share", N_("割合"), "percent", "%"),
    )
    whole = sum(counts.values())
    rows: list[tuple[Cell, ...]] = [
        (names[code], counts.get(code, 0), percent(counts.get(code, 0), whole)) for code in names
    ]
    return Table(columns, tuple(rows), (ALL, whole, percent(whole, whole)))


def _count_by(db: Session, scope: Scope, what: SQLColumnExpression[Any]) -> Counter[str]:
    rows = db.execute(
        select(what, func.count())
        .select_from(BookingRow)
        .join(WishRow, WishRow.id == BookingRow.wish_id)
        .where(
            BookingRow.facility_id.in_(scope.ids),
            scope.within(BookingRow.care_day),
            BookingRow.state.in_(CAME_STATES),
        )
        .group_by(what)
    )
    return Counter({str(row[0]): row[1] for row in rows})


@figure("weekdays", N_("曜日"), N_("延べ利用児童数を、利用日の曜日で分けたものです。"))
def weekdays(db: Session, scope: Scope) -> Table:
    """Child-days by weekday."""
    counts: Counter[str] = Counter()
    for (_, day), number in used_by_day(db, scope).items():
        counts[str(day.weekday())] += number
    return _split(N_("曜日"), {str(n): name for n, name in enumerate(WEEKDAYS)}, counts)


@figure("ages", N_("年齢"), N_("延べ利用児童数を、利用日の年齢で分けたものです。"))
def ages(db: Session, scope: Scope) -> Table:
    """Child-days by completed years of age on the care day."""
    by_months = _count_by(db, scope, WishRow.age_months)
    counts: Counter[str] = Counter()
    for months, number in by_months.items():
        counts[str(min(int(months) // 12, 6))] += number
    return _split(N_("年齢"), {str(n): name for n, name in enumerate(AGES)}, counts)


@figure(
    "diagnoses",
    N_("病気"),
    N_(
        "延べ利用児童数を、病気の大きな分類で分けたものです。診断が後でついたものは診断名で数えます。"
    ),
)
def by_illness(db: Session, scope: Scope) -> Table:
    """Child-days by group of illnesses."""
    counts: Counter[str] = Counter()
    for code, number in _count_by(db, scope, BookingRow.illness).items():
        counts[illnesses.CATALOGUE[code].group] += number
    return _split(N_("分類"), illnesses.GROUPS, counts)


@figure(
    "residence",
    N_("住まい"),
    N_("延べ利用児童数を、利用した日の住まいで分けたものです。"),
)
def residence(db: Session, scope: Scope) -> Table:
    """Child-days of residents, of others, and of families whose residence is not known."""
    own = db.scalar(select(Municipality.code).where(Municipality.id == scope.municipality_id))
    counts: Counter[str] = Counter()
    for code, number in _count_by(db, scope, BookingRow.residence).items():
        counts["own" if code == own else "other" if code else "unknown"] += number
    names = {"own": N_("市区町村内"), "other": N_("市区町村外"), "unknown": N_("不明")}
    return _split(N_("住まい"), names, counts)


@figure("channels", N_("申し込みの方法"), N_("延べ利用児童数を、申し込みの方法で分けたものです。"))
def channels(db: Session, scope: Scope) -> Table:
    """Child-days by the way the request came."""
    counts = _count_by(db, scope, BookingRow.channel)
    return _split(N_("方法"), CHANNELS, counts)
