"""The chance of a place for who waits: the cases, how often they were placed, and the proof."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from reservation.domain import chances, dates
from reservation.domain.chances import Case
from reservation.domain.states import State
from reservation.domain.words import N_
from reservation.figures.registry import Cell, Column, Name, Scope, Table, figure
from reservation.store.months import first_of
from reservation.store.tables.bookings import BookingRow as B
from reservation.store.tables.months import FacilityChance
from reservation.store.tables.records import Audit

BACK = timedelta(days=731)
"""So old may a case be: rooms and their rules change."""
HAD = frozenset(
    {"yes", "yes_for_review", "take", "take_for_review", "no", "lapse_offer", "lapse_twice"}
)
"""Steps after which a family has had the place, or has let go by what was offered in time."""


def cases(db: Session, facility_id: str, today: date) -> list[Case]:
    """A step: the entries of a facility's list that waited to the end on days before today.

    Asked and too late (another was faster) is no place. Who left, found a place elsewhere or was
    told by staff before anybody asked is no case.
    """
    had = exists().where(
        Audit.entity == "booking", Audit.entity_id == B.id, Audit.action.in_(sorted(HAD))
    )
    rows = db.execute(
        select(B.care_day, B.joined_rank, B.created_at, B.state, had.label("had")).where(
            B.facility_id == facility_id,
            B.care_day >= today - BACK,
            B.care_day < today,
            B.joined_rank.is_not(None),
        )
    )
    return [
        Case(first_of(row.care_day), row.joined_rank, _lead(row), bool(row.had))
        for row in rows
        if row.had or row.state == State.EXPIRED.value
    ]


def _lead(row: Any) -> str:
    return chances.lead_of(row.created_at, row.care_day)


def counted(db: Session, facility_id: str, at: datetime) -> dict[str, Any]:
    """A step: the row of ``facility_chance`` as it is now."""
    found = cases(db, facility_id, dates.local(at).date())
    return {
        "facility_id": facility_id,
        "counted_at": at,
        "known": {kind: list(two) for kind, two in chances.count(found).items()},
        "entries": len(found),
        **asdict(chances.trial(found)),
    }


COLUMNS = (
    Column("facility", N_("施設"), "text"),
    Column("entries", N_("最後まで待った"), unit=N_("件")),
    Column("cases", N_("確かめた見込み"), unit=N_("件")),
    Column("months", N_("確かめた月"), unit=N_("か月")),
    Column("score", N_("見込みの誤差"), "decimal"),
    Column("base", N_("施設の平均だけのときの誤差"), "decimal"),
    Column("shown", N_("家族への表示"), "word"),
)


@figure(
    "chances",
    N_("キャンセル待ちの見込み"),
    N_(
        "キャンセル待ちの家族に見せる見込みを、過去の似た場合(同じ施設、近い順番、同じころの申し込みで"
        "30件以上)から毎晩計算し、月ごとに、その前の月までの記録だけで予想して確かめたものです。期間に"
        "よらず、この2年のものです。誤差(ブライアスコア)は小さいほど正確です。6か月以上、30件以上で、"
        "施設の平均だけで予想するより偶然とはいえないほど正確なときだけ見せます。席をご案内する前に"
        "取り消した方や、ほかの施設に決まった方は数えません。"
    ),
)
def figure_of_chances(db: Session, scope: Scope) -> Table:
    """How the forecasts did at each room, and whether its families read one."""
    rows = db.execute(
        select(FacilityChance.__table__).where(FacilityChance.facility_id.in_(scope.ids))
    )
    found = {row.facility_id: row for row in rows}
    return Table(COLUMNS, tuple(_line(room.name, found.get(room.id)) for room in scope.rooms))


def _line(name: Name, row: Any) -> tuple[Cell, ...]:
    if row is None:  # before the facility's first night
        return (name, 0, 0, 0, None, None, N_("見せていません"))
    shown = N_("見せています") if row.holds else N_("見せていません")
    return (name, row.entries, row.cases, row.months, _short(row.score), _short(row.base), shown)


def _short(score: float | None) -> float | None:
    return None if score is None else round(score, 3)
