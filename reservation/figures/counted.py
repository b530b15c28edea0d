"""The counts of a period: past months as they were kept, everything else counted now.

A kept month counts only while nothing has changed since (store/months.py), so both ways give the
same numbers at every moment; ``differences`` in rollup.py looks whether they do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from reservation.figures import counting
from reservation.figures.counts import NAMES, Counts, FacilityCount
from reservation.figures.registry import Scope
from reservation.store.months import first_of, following
from reservation.store.tables.months import FacilityMonth, MonthMark, MunicipalityMonth
from reservation.store.types import AnyRow


def counts(db: Session, scope: Scope) -> Counts:
    """A step: what the figures add up. Counted once in a question's session, which sees one
    moment however many figures ask, and the month at hand once for all periods that it ends."""
    known: dict[Scope, Counts] = db.info.setdefault("counts", {})
    if scope not in known:
        kept = stored(db, scope)
        found = Counts()
        for one in kept.values():
            found.add(one)
        for rest in _rest(scope, kept):
            found.add(_now(db, rest))
        known[scope] = found
    return known[scope]


def _now(db: Session, rest: Scope) -> Counts:
    """What is counted from the rows."""
    known: dict[Scope, Counts] = db.info.setdefault("counted now", {})
    if rest not in known:
        found = Counts()
        for one in counting.count(db, rest).values():
            found.add(one)
        known[rest] = found
    return known[rest]


def stored(db: Session, scope: Scope) -> dict[date, Counts]:
    """A step: the kept months that lie wholly in the period and before the month at hand, without
    those that something has changed in since."""
    row = MunicipalityMonth
    marked = exists().where(
        MonthMark.municipality_id == row.municipality_id, MonthMark.month == row.month
    )
    months = db.execute(
        select(row.month, row.details).where(
            row.municipality_id == scope.municipality_id,
            row.month >= scope.first,
            row.month <= min(scope.last, scope.today),
            ~marked,
        )
    ).all()
    found = {
        one.month: Counts.restored(one.details)
        for one in months
        if following(one.month) <= min(first_of(scope.today), scope.last + timedelta(days=1))
    }
    if found:
        _add_facilities(db, scope, found)
    return found


def _add_facilities(db: Session, scope: Scope, found: dict[date, Counts]) -> None:
    table = FacilityMonth.__table__
    rows = db.execute(
        select(table).where(
            FacilityMonth.facility_id.in_(scope.ids),
            FacilityMonth.month.between(min(found), max(found)),
        )
    )
    for row in rows:
        if row.month in found:
            found[row.month].facilities[(row.facility_id, row.month)] = _facility(row)


def _facility(row: AnyRow) -> FacilityCount:
    return FacilityCount(*(getattr(row, name) for name in NAMES))


def _rest(scope: Scope, kept: dict[date, Counts]) -> Iterator[Scope]:
    """The runs of days that no kept month covers."""
    first = scope.first
    for month in sorted(kept):
        if first < month:
            yield replace(scope, first=first, last=month - timedelta(days=1))
        first = following(month)
    if first <= scope.last:
        yield replace(scope, first=first)
