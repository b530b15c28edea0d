"""Marks on past months: something that has been counted has changed since.

Each act that changes a day of a month that is over leaves a mark in its own transaction, so that
whoever sees the change sees the mark. Acts of the month at hand, nearly all, cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from reservation.domain import dates
from reservation.store.tables.bookings import BookingRow, RefusalRow, WishRow
from reservation.store.tables.months import MonthMark
from reservation.store.tables.places import Facility, Municipality
from reservation.store.tables.records import Audit


def first_of(day: date) -> date:
    """The first day of a month."""
    return day.replace(day=1)


def following(month: date) -> date:
    """The first day of the month after."""
    return first_of(month + timedelta(days=31))


def is_over(day: date, at: datetime) -> bool:
    """Whether a care day belongs to a month that was over at this instant, in Tokyo."""
    return day < first_of(dates.local(at).date())


def marks(db: Session, rows: Iterable[tuple[type[Any], Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """A step: the marks that belong to these new rows, as rows themselves.

    Every change of a past day writes one of them: an audit row of a booking or a day, a wish or a
    refusal. A booking's wish may belong to another municipality than its facility: both are marked.
    """
    found: set[tuple[str, date]] = set()
    for table, row in rows:
        if table in _TELLING and (late := _late(row)) is not None:
            ids = db.scalars(_TELLING[table](row)).all()
            found.update((one, late) for one in ids)
    return [{"municipality_id": one, "month": month} for one, month in sorted(found)]


def _late(row: Mapping[str, Any]) -> date | None:
    """The month of the row's care day, when it was over before the row was written."""
    day, at = row.get("care_day"), row.get("at") or row.get("opened_at")
    return first_of(day) if day is not None and at is not None and is_over(day, at) else None


def _of_audit(row: Mapping[str, Any]) -> Any:
    if row["entity"] not in ("booking", "day"):
        return _of_facility(None)
    wish = (
        select(WishRow.municipality_id)
        .join(BookingRow, BookingRow.wish_id == WishRow.id)
        .where(BookingRow.id == row["entity_id"])
    )
    return _of_facility(row.get("facility_id")).union(wish)


def _of_refusal(row: Mapping[str, Any]) -> Any:
    return _of_facility(row["facility_id"]).union(_of_wish(row["wish_id"]))


def _of_new_wish(row: Mapping[str, Any]) -> Any:
    return select(Municipality.id).where(Municipality.id == row["municipality_id"])


def _of_facility(facility_id: str | None) -> Any:
    return select(Facility.municipality_id).where(Facility.id == facility_id)


def _of_wish(wish_id: str) -> Any:
    return select(WishRow.municipality_id).where(WishRow.id == wish_id)


_TELLING: dict[type[Any], Callable[[Mapping[str, Any]], Any]] = {
    Audit: _of_audit,
    RefusalRow: _of_refusal,
    WishRow: _of_new_wish,
}
"""The tables whose new rows tell of a change, and the municipalities that it concerns."""


def mark_since(db: Session, facility_id: str, day: date, at: datetime) -> None:
    """A step: from that day on a facility had other rules than was thought."""
    own = db.execute(
        select(Facility.municipality_id).where(Facility.id == facility_id)
    ).scalar_one()
    begun = begins(db, own).get(own)
    months, month = [], first_of(max(day, begun or first_of(day)))
    while begun and is_over(month, at):
        months.append(month)
        month = following(month)
    if months:
        db.execute(insert(MonthMark), [{"municipality_id": own, "month": one} for one in months])


def begins(db: Session, municipality_id: str | None = None) -> dict[str, date]:
    """A step: the month of each municipality's first booking or wish; of one, when it is named.

    One look into an index per facility, however many bookings there are.
    """
    booking = (
        select(func.min(BookingRow.care_day))
        .where(BookingRow.facility_id == Facility.id)
        .scalar_subquery()
    )
    wish = (
        select(func.min(WishRow.care_day))
        .where(WishRow.municipality_id == Municipality.id)
        .scalar_subquery()
    )
    bookings = select(Facility.municipality_id, booking)
    wishes = select(Municipality.id, wish)
    if municipality_id is not None:
        bookings = bookings.where(Facility.municipality_id == municipality_id)
        wishes = wishes.where(Municipality.id == municipality_id)
    found: dict[str, date] = {}
    for one, day in (*db.execute(bookings), *db.execute(wishes)):
        if day is not None:
            found[one] = min(first_of(day), found.get(one, day))
    return found
