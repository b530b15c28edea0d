"""Who asked and was not served: refusals by reason, and unmet child-days with their cause.

The picture nobody has had: unmet child-days beside the empty places of the same days.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from reservation.domain.refusals import WORDS, Code
from reservation.domain.states import State
from reservation.domain.words import N_
from reservation.figures.opened import CAME_STATES, open_days
from reservation.figures.registry import Cell, Column, Scope, Table, figure
from reservation.figures.use import ALL
from reservation.store.tables.bookings import BookingRow, RefusalRow, WishRow

CAUSES: dict[str, str] = {
    **{code.value: words for code, words in WORDS.items()},
    Code.TOO_YOUNG.value: N_("対象の月齢より小さい"),
    Code.TOO_OLD.value: N_("対象の年齢をこえている"),
    Code.NOT_YET_OPEN.value: N_("予約の受付前"),
    Code.TOO_LATE.value: N_("予約の受付終了後"),
    Code.ALREADY_BOOKED.value: N_("ほかに予約がある"),
    "LIST_ENDED": N_("キャンセル待ちのまま空きが出なかった"),
    "NO_SHOW": N_("来なかった"),
    "LATE_CANCEL": N_("締切後の取消"),
    "ENDED_BY_STAFF": N_("施設の都合・玄関でのお断り"),
    "UNFINISHED": N_("手続きの途中でやめた"),
    "NEED": N_("どこにも空きがなく、申し込まなかった"),
}


@figure(
    "refusals",
    N_("お断り"),
    N_(
        "家族が予約やキャンセル待ちを申し込み、受けられなかった回数を、最初の理由ごとに数えます。"
        "1人の子どもが3つの施設で断られれば3件です。受けられなかった子どもの数は"
        "「満たされなかった人日」を見てください。"
    ),
)
def refusals(db: Session, scope: Scope) -> Table:
    """Refusals by reason and facility; reasons that never occurred are left out."""
    counts: Counter[tuple[str, str]] = Counter()
    for facility_id, code, number in db.execute(
        select(RefusalRow.facility_id, RefusalRow.code, func.count())
        .where(
            RefusalRow.facility_id.in_(scope.ids),
            RefusalRow.care_day.between(scope.first, scope.last),
        )
        .group_by(RefusalRow.facility_id, RefusalRow.code)
    ):
        counts[(facility_id, code)] = number
    codes = sorted({code for _, code in counts})
    columns = (
        Column("reason", N_("理由"), "word"),
        *(Column(room.code, room.name, unit=N_("件")) for room in scope.rooms),
        Column("all", ALL, unit=N_("件")),
    )
    lines: list[tuple[Cell, ...]] = []
    for code in codes:
        numbers = [counts[(room.id, code)] for room in scope.rooms]
        lines.append((CAUSES.get(code, code), *numbers, sum(numbers)))
    sums = [sum(counts[(room.id, code)] for code in codes) for room in scope.rooms]
    return Table(columns, tuple(lines), (ALL, *sums, sum(sums)))


@dataclass(frozen=True, slots=True)
class Unmet:
    """A child-day that was asked for and not served. ``cause`` is a key of CAUSES."""

    day: date
    cause: str


def unmet(db: Session, scope: Scope) -> list[Unmet]:
    """A step: the unmet wishes of the period up to today (answers.md §3).

    A wish is met when one of its bookings reached care, and withdrawn when the family cancelled
    one before its cut-off. The cause is the last refusal, else how its last booking ended.
    """
    of_wish = BookingRow.wish_id == WishRow.id
    met = exists().where(of_wish, BookingRow.state.in_(CAME_STATES))
    withdrawn = exists().where(
        of_wish,
        BookingRow.state == State.CANCELLED.value,
        BookingRow.ended_by == "family",
        BookingRow.late.is_(False),
    )
    still = exists().where(
        of_wish,
        BookingRow.care_day >= scope.today,
        BookingRow.state.in_(["held", "requested", "confirmed", "waiting", "offered"]),
    )
    refused = (
        select(RefusalRow.code)
        .where(RefusalRow.wish_id == WishRow.id)
        .order_by(RefusalRow.at.desc(), RefusalRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    last = (
        select(BookingRow.state)
        .where(of_wish)
        .order_by(
            BookingRow.ended_at.desc().nulls_last(),
            BookingRow.created_at.desc(),
            BookingRow.id.desc(),
        )
        .limit(1)
        .scalar_subquery()
    )
    rows = db.execute(
        select(WishRow.care_day, refused, last).where(
            WishRow.municipality_id == scope.municipality_id,
            scope.within(WishRow.care_day),
            ~met,
            ~withdrawn,
            ~still,
        )
    )
    return [Unmet(row[0], row[1] or _ended(row[2])) for row in rows]


def _ended(state: str | None) -> str:
    """The cause where nobody refused: how the wish's last booking ended, if it had one."""
    if state is None:
        return "NEED"
    return {
        State.NO_SHOW.value: "NO_SHOW",
        State.CANCELLED.value: "LATE_CANCEL",
        State.DECLINED.value: "ENDED_BY_STAFF",
        State.REFUSED_AT_DOOR.value: "ENDED_BY_STAFF",
        State.EXPIRED.value: "LIST_ENDED",
        State.WAITING.value: "LIST_ENDED",
        State.OFFERED.value: "LIST_ENDED",
    }.get(state, "UNFINISHED")


@figure(
    "unmet",
    N_("満たされなかった人日"),
    N_(
        "預け先を求めた子どもと日の組のうち、どの施設にも来室できず、締切前に家族が取り消しても"
        "いないものです。3つの施設に断られても1人日、そのうち1つに入れれば0人日と数えます。"
        "原因は最後のお断りの理由です。"
    ),
)
def unmet_by_cause(db: Session, scope: Scope) -> Table:
    """Unmet child-days by cause, most frequent first."""
    counts = Counter(one.cause for one in unmet(db, scope))
    columns = (
        Column("cause", N_("原因"), "word"),
        Column("child_days", N_("満たされなかった人日"), unit=N_("人日")),
    )
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = tuple((CAUSES.get(cause, cause), number) for cause, number in ordered)
    return Table(columns, rows, (ALL, sum(counts.values())))


@figure(
    "gaps",
    N_("満たされなかった人日と空いた席"),
    N_(
        "同じ日に、満たされなかった人日と、使われなかった席(受入可能数から来室した人数を引いたもの)"
        "を並べます。役立てられた席は、その小さいほうです。"
    ),
)
def gaps(db: Session, scope: Scope) -> Table:
    """Unmet child-days beside the empty places of the same day, for every open day."""
    missing = Counter(one.day for one in unmet(db, scope))
    empty: Counter[date] = Counter()
    for day in open_days(db, scope):
        empty[day.date] += day.empty
    columns = (
        Column("day", N_("日にち"), "date"),
        Column("unmet", N_("満たされなかった人日"), unit=N_("人日")),
        Column("empty", N_("空いた席"), unit=N_("席")),
        Column("would_have_served", N_("役立てられた席"), unit=N_("席")),
    )
    days = sorted(set(missing) | set(empty))
    rows = tuple((day, missing[day], empty[day], min(missing[day], empty[day])) for day in days)
    total = (ALL, missing.total(), empty.total(), sum(row[3] for row in rows))
    return Table(columns, rows, total)


__all__ = ["CAUSES", "Unmet", "gaps", "refusals", "unmet", "unmet_by_cause"]
