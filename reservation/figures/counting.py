"""Counting a period from the rows themselves: bookings, wishes, refusals, days, rule books."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from reservation.domain.refusals import Code
from reservation.domain.states import State
from reservation.figures.counts import Counts
from reservation.figures.opened import CAME_STATES, open_days
from reservation.figures.registry import Scope
from reservation.figures.unmet import unmet
from reservation.store.months import first_of
from reservation.store.tables.bookings import BookingRow as B
from reservation.store.tables.bookings import RefusalRow, WishRow
from reservation.store.tables.records import Audit

OLDEST = 6
"""Children of six years and more are counted together."""


Months = dict[date, Counts]
"""By the first day of a month; a month in which nothing was found may be missing."""


def count(db: Session, scope: Scope) -> Months:
    """A step: everything that the figures need of a period, counted now."""
    found: Months = defaultdict(Counts)
    for part in (_days, _came, _cancelled, _refused, _waited):
        part(db, scope, found)
    for one in unmet(db, scope):
        found[first_of(one.day)].unmet[(one.day, one.cause)] += 1
    return found


def _days(db: Session, scope: Scope, found: Months) -> None:
    for day in open_days(db, scope):
        month = first_of(day.date)
        count = found[month].of(day.facility_id, month)
        count.open_days += 1
        count.used += day.used
        count.official += day.official
        count.effective += day.effective
        count.full_days += day.used >= day.effective
        found[month].empty[day.date] += day.empty


def _came(db: Session, scope: Scope, found: Months) -> None:
    """Child-days, and each by what the children have in common."""
    rows = db.execute(
        select(B.facility_id, B.care_day, B.illness, B.residence, B.channel, WishRow.age_months)
        .join(WishRow, WishRow.id == B.wish_id)
        .where(B.facility_id.in_(scope.ids), scope.within(B.care_day), B.state.in_(CAME_STATES))
    )
    for facility_id, day, illness, residence, channel, months in rows:
        month = first_of(day)
        found[month].of(facility_id, month).child_days += 1
        found[month].came.update(
            (
                ("illness", illness),
                ("residence", residence),
                ("channel", channel),
                ("weekday", str(day.weekday())),
                ("age", str(min(months // 12, OLDEST))),
            )
        )


def _cancelled(db: Session, scope: Scope, found: Months) -> None:
    """Confirmed bookings, and those of them that ended before care."""
    # Silence in the morning gives a place back as a word would, and so do the later days with it.
    silent = func.coalesce(B.reason, "").in_([Code.NOT_RECONFIRMED.value, Code.CHAIN.value])
    family = (B.state == State.CANCELLED.value) & ((B.ended_by == "family") | silent)
    early, lead = family & B.late.is_(False), func.coalesce(B.lead_hours, 0)
    no_show = B.state == State.NO_SHOW.value
    rows = db.execute(
        select(
            B.facility_id,
            B.care_day,
            func.count().label("confirmed"),
            _sum(early & (lead >= 24)).label("day_before"),
            _sum(early & lead.between(12, 23)).label("evening"),
            _sum(early & (lead < 12)).label("night"),
            _sum(family & B.late.is_(True)).label("late"),
            _sum(no_show).label("no_show"),
            _sum((B.state == State.CANCELLED.value) & (B.ended_by == "staff") & ~silent).label(
                "by_facility"
            ),
            _sum((family & B.same_day.is_(True)) | no_show).label("same_day"),
        )
        .where(B.facility_id.in_(scope.ids), scope.within(B.care_day), B.confirmed_at.is_not(None))
        .group_by(B.facility_id, B.care_day)
    )
    for row in rows.mappings():
        month = first_of(row["care_day"])
        count = found[month].of(row["facility_id"], month)
        for name, number in row.items():
            if name not in ("facility_id", "care_day"):
                setattr(count, name, getattr(count, name) + int(number))


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _refused(db: Session, scope: Scope, found: Months) -> None:
    """Refusals of the period, of coming days too."""
    rows = db.execute(
        select(RefusalRow.facility_id, RefusalRow.care_day, RefusalRow.code, func.count())
        .where(
            RefusalRow.facility_id.in_(scope.ids),
            RefusalRow.care_day.between(scope.first, scope.last),
        )
        .group_by(RefusalRow.facility_id, RefusalRow.care_day, RefusalRow.code)
    )
    for facility_id, day, code, number in rows:
        found[first_of(day)].refusals[(facility_id, code)] += number


def _waited(db: Session, scope: Scope, found: Months) -> None:
    """Entries of the waiting lists, and after how many hours they became bookings."""
    rows = db.execute(
        select(B.facility_id, B.care_day, B.asked_at, B.confirmed_at)
        .join(Audit, (Audit.entity_id == B.id) & (Audit.entity == "booking"))
        .where(
            Audit.action == "join",
            B.facility_id.in_(scope.ids),
            scope.within(B.care_day),
        )
    )
    for facility_id, day, asked_at, confirmed_at in rows:
        hours = (confirmed_at - asked_at).total_seconds() / 3600 if confirmed_at else None
        found[first_of(day)].waits.setdefault(facility_id, []).append(hours)
