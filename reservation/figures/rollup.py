"""Past months counted once and kept: which are due, counting them, and proof against a recount."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from reservation.domain import dates
from reservation.figures import counting
from reservation.figures.counted import stored
from reservation.figures.counts import Counts
from reservation.figures.registry import Scope, scope
from reservation.store import months
from reservation.store.months import first_of, following
from reservation.store.tables.months import FacilityMonth, MonthMark, MunicipalityMonth
from reservation.store.tables.places import Municipality

SETTLED = timedelta(hours=1)
"""So long after its end a month is left alone: acts of its last minute have been stored by then."""
AGAIN = timedelta(days=40)
"""Months that ended this recently are counted again each time, marked or not."""
AT_ONCE = 12
"""Months of one transaction."""


@dataclass(frozen=True, slots=True)
class Run:
    """Months of a municipality that follow each other, named by their first days."""

    municipality_id: str
    first: date
    last: date


def due(db: Session, at: datetime) -> list[Run]:
    """A step: what is to be counted now: months that were never kept, that have changed since, and
    those just over."""
    end = first_of(dates.local(at - SETTLED).date())
    settled = dates.local(at).date() - AGAIN
    begins = months.begins(db)
    kept = _by_municipality(db, MunicipalityMonth)
    marked = _by_municipality(db, MonthMark)
    found: list[Run] = []
    for municipality_id in sorted(begins):
        wanted, month = [], begins[municipality_id]
        while month < end:
            fresh = month in kept.get(municipality_id, ()) and following(month) <= settled
            if not fresh or month in marked.get(municipality_id, ()):
                wanted.append(month)
            month = following(month)
        found += _runs(municipality_id, wanted)
    return found


def keep(db: Session, run: Run, at: datetime) -> int:
    """A step: count the months of a run and keep them. Returns how many.

    Marks are read before anything is counted, and only those are deleted: what is changed
    meanwhile leaves a mark of its own and the month is counted again.
    """
    # Another scheduler counts after us. Not FOR UPDATE: that would keep families from booking.
    db.execute(
        select(Municipality.id)
        .where(Municipality.id == run.municipality_id)
        .with_for_update(key_share=True)
    )
    marks = select(MonthMark.id).where(
        MonthMark.municipality_id == run.municipality_id,
        MonthMark.month.between(run.first, run.last),
    )
    seen = db.scalars(marks).all()
    where = _scope(db, run, dates.local(at).date())
    counts = counting.count(db, where)
    _forget(db, run, where.ids)
    month, done = run.first, 0
    while month <= run.last:
        _write(db, run.municipality_id, month, counts.get(month, Counts()), where.ids, at)
        month, done = following(month), done + 1
    for first in range(0, len(seen), 500):
        db.execute(delete(MonthMark).where(MonthMark.id.in_(seen[first : first + 500])))
    return done


def differences(db: Session, today: date, *, back: int = 13) -> list[str]:
    """A step: kept months, so many back, whose numbers are not those of a recount, as
    "municipality's code, month"; empty is right. Months marked as changed are not looked at:
    nobody reads them."""
    last = first_of(today) - timedelta(days=1)
    first = first_of(last)
    for _ in range(back - 1):
        first = first_of(first - timedelta(days=1))
    wrong: list[str] = []
    for code, municipality_id in db.execute(select(Municipality.code, Municipality.id)):
        where = _scope(db, Run(municipality_id, first, first_of(last)), today)
        kept = stored(db, where)
        counted = counting.count(db, where) if kept else {}
        wrong += [
            f"{code} {month:%Y-%m}"
            for month, counts in sorted(kept.items())
            if counts.tidied() != counted.get(month, Counts()).tidied()
        ]
    return wrong


def _by_municipality(
    db: Session, table: type[MunicipalityMonth] | type[MonthMark]
) -> dict[str, set[date]]:
    found: dict[str, set[date]] = {}
    for municipality_id, month in db.execute(select(table.municipality_id, table.month)):
        found.setdefault(municipality_id, set()).add(month)
    return found


def _runs(municipality_id: str, wanted: list[date]) -> Iterator[Run]:
    run: list[date] = []
    for month in wanted:
        if run and (month != following(run[-1]) or len(run) == AT_ONCE):
            yield Run(municipality_id, run[0], run[-1])
            run = []
        run.append(month)
    if run:
        yield Run(municipality_id, run[0], run[-1])


def _scope(db: Session, run: Run, today: date) -> Scope:
    last = following(run.last) - timedelta(days=1)
    return scope(db, run.municipality_id, run.first, last, today)


def _forget(db: Session, run: Run, facilities: list[str]) -> None:
    db.execute(
        delete(FacilityMonth).where(
            FacilityMonth.facility_id.in_(facilities),
            FacilityMonth.month.between(run.first, run.last),
        )
    )
    db.execute(
        delete(MunicipalityMonth).where(
            MunicipalityMonth.municipality_id == run.municipality_id,
            MunicipalityMonth.month.between(run.first, run.last),
        )
    )


def _write(
    db: Session,
    municipality_id: str,
    month: date,
    counts: Counts,
    facilities: list[str],
    at: datetime,
) -> None:
    tidy = counts.tidied()
    rows = [
        {"facility_id": one, "month": month, **asdict(tidy.facilities[(one, month)])}
        for one in facilities
        if (one, month) in tidy.facilities
    ]
    if rows:
        db.execute(insert(FacilityMonth), rows)
    row = {
        "municipality_id": municipality_id,
        "month": month,
        "counted_at": at,
        "details": tidy.details(),
    }
    db.execute(insert(MunicipalityMonth), [row])
