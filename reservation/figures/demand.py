"""Who asked and was not served: refusals by reason, and unmet child-days with their cause.

The picture nobody has had: unmet child-days beside the empty places of the same days.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy.orm import Session

from reservation.domain.refusals import WORDS, Code
from reservation.domain.words import N_
from reservation.figures.counted import counts
from reservation.figures.registry import Cell, Column, Scope, Table, figure
from reservation.figures.use import ALL

CAUSES: dict[str, str] = {
    **{code.value: words for code, words in WORDS.items()},
    Code.TOO_YOUNG.value: N_("対象の月齢より小さい"),
    Code.TOO_OLD.value: N_("対象の年齢をこえている"),
    Code.NOT_YET_OPEN.value: N_("予約の受付前"),
    Code.TOO_LATE.value: N_("予約の受付終了後"),
    Code.TOO_MANY_DAYS.value: N_("1つの病気で使える日数をこえている"),
    Code.TOO_MANY_AT_ONCE.value: N_("まとめて予約できる日数をこえている"),
    Code.PROVISIONAL_FULL.value: N_("登録の承認を待つ予約の上限"),
    Code.ALREADY_BOOKED.value: N_("ほかに予約がある"),
    Code.TOO_MANY_BOOKINGS.value: N_("1家族の予約の上限をこえている"),
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
    found = counts(db, scope).refusals
    codes = sorted({code for _, code in found})
    columns = (
        Column("reason", N_("理由"), "word"),
        *(Column(room.code, room.name, unit=N_("件")) for room in scope.rooms),
        Column("all", ALL, unit=N_("件")),
    )
    lines: list[tuple[Cell, ...]] = []
    for code in codes:
        numbers = [found[(room.id, code)] for room in scope.rooms]
        lines.append((CAUSES.get(code, code), *numbers, sum(numbers)))
    sums = [sum(found[(room.id, code)] for code in codes) for room in scope.rooms]
    return Table(columns, tuple(lines), (ALL, *sums, sum(sums)))


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
    found: Counter[str] = Counter()
    for (_, cause), number in counts(db, scope).unmet.items():
        found[cause] += number
    columns = (
        Column("cause", N_("原因"), "word"),
        Column("child_days", N_("満たされなかった人日"), unit=N_("人日")),
    )
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    rows = tuple((CAUSES.get(cause, cause), number) for cause, number in ordered)
    return Table(columns, rows, (ALL, found.total()))


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
    counted = counts(db, scope)
    empty = counted.empty
    missing: Counter[date] = Counter()
    for (day, _), number in counted.unmet.items():
        missing[day] += number
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
