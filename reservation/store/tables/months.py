"""What past months came to: counted once, kept, and counted anew when a past day changes.

A month of a municipality counts from here only while no ``MonthMark`` speaks against it
(store/months.py says who writes marks, figures/counted.py who reads). ``FacilityChance`` is counted
anew every night instead.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from reservation.store.db import Base
from reservation.store.types import Instant, new_id


class FacilityMonth(Base):
    """One facility in one past month. ``month`` is its first day; all else are counts."""

    __tablename__ = "facility_month"

    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"), primary_key=True)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    child_days: Mapped[int]
    open_days: Mapped[int]
    used: Mapped[int]
    official: Mapped[int]
    effective: Mapped[int]
    full_days: Mapped[int]
    confirmed: Mapped[int]
    day_before: Mapped[int]
    evening: Mapped[int]
    night: Mapped[int]
    late: Mapped[int]
    no_show: Mapped[int]
    by_facility: Mapped[int]
    same_day: Mapped[int]


class MunicipalityMonth(Base):
    """One municipality in one past month: its row says that the month has been counted."""

    __tablename__ = "municipality_month"

    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"), primary_key=True)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    counted_at: Mapped[datetime] = mapped_column(Instant)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The splits, the refusals and waits of each facility, the days: what no query asks."""


class MonthMark(Base):
    """Something of this past month has changed since: a row per change, deleted when the month
    has been counted anew. Never unique: a mark that another act's mark stood for would be lost
    with it."""

    __tablename__ = "month_mark"
    __table_args__ = (Index("ix_month_mark_month", "municipality_id", "month"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"))
    month: Mapped[date] = mapped_column(Date)


class FacilityChance(Base):
    """How often waiting led to a place at one facility, and whether families are told
    (domain/chances.py)."""

    __tablename__ = "facility_chance"

    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"), primary_key=True)
    counted_at: Mapped[datetime] = mapped_column(Instant)
    known: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    """Kind → placed, all."""
    entries: Mapped[int]
    """All cases that were counted."""
    cases: Mapped[int]
    """Forecasts that were tried, in so many ``months``."""
    months: Mapped[int]
    score: Mapped[float | None] = mapped_column(Float)
    base: Mapped[float | None] = mapped_column(Float)
    holds: Mapped[bool]
    """Whether families are told."""
