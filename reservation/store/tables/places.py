"""Municipalities, facilities, their rule books, and the day of a facility (the row to lock)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from reservation.store.db import Base
from reservation.store.types import Id, Instant, new_id


class Municipality(Base):
    """A town whose office commissions the rooms. ``code`` is the 全国地方公共団体コード."""

    __tablename__ = "municipality"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(6), unique=True)
    host: Mapped[str | None] = mapped_column(String(200), unique=True)
    name: Mapped[dict[str, str]] = mapped_column(JSON)
    telephone: Mapped[str] = mapped_column(String(20))
    telephone_hours: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    consent_version: Mapped[str] = mapped_column(String(20))
    consent_text: Mapped[dict[str, str]] = mapped_column(JSON)
    office: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Section, address and mail for the imprint, by name, each a text by language."""


class Facility(Base):
    """The bookable place. What differs between facilities stands in its rule books."""

    __tablename__ = "facility"
    __table_args__ = (UniqueConstraint("municipality_id", "code"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(Integer, default=0)
    rules_version: Mapped[int] = mapped_column(Integer, default=0)
    """Raised with each new rule book: the key of the process's cache of rule books."""


class RuleBookRow(Base):
    """One version of a facility's rule book, in force from ``valid_from`` (a care day).

    Nothing is overwritten: for the same date the higher version counts.
    """

    __tablename__ = "rule_book"
    __table_args__ = (UniqueConstraint("facility_id", "version"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[date] = mapped_column(Date)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str | None] = mapped_column(Id)
    follows: Mapped[list[str] | None] = mapped_column(JSON)
    """The units that come from the municipality (domain/rulebook/defaults.py); empty: none."""
    town_version: Mapped[int | None] = mapped_column(Integer)
    """The municipality's word that made this version; None for the room's own."""


class RuleDefaultsRow(Base):
    """What a municipality says for its rooms, from ``valid_from`` on; nothing is overwritten."""

    __tablename__ = "rule_defaults"
    __table_args__ = (UniqueConstraint("municipality_id", "version"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"))
    version: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[date] = mapped_column(Date)
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Plain values by unit."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str | None] = mapped_column(Id)


class ProposalRow(Base):
    """A change of a rule book that waits for a second person.

    ``state`` is 'waiting', 'approved' or 'rejected'; one that waits past ``ends_at``, or whose
    ``seen`` is no longer the facility's version, counts for nothing.
    """

    __tablename__ = "rule_proposal"
    __table_args__ = (Index("ix_rule_proposal_facility", "facility_id", "state"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    seen: Mapped[int] = mapped_column(Integer)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    follows: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    proposed_by: Mapped[str] = mapped_column(Id)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(Id)


class DefaultsProposalRow(Base):
    """A change of what a municipality says that waits for a second person; as ProposalRow."""

    __tablename__ = "rule_defaults_proposal"
    __table_args__ = (Index("ix_rule_defaults_proposal_town", "municipality_id", "state"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"))
    seen: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[date] = mapped_column(Date)
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    proposed_by: Mapped[str] = mapped_column(Id)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(Id)


class DayRow(Base):
    """One facility on one care day: what staff set for it, and the row every booking locks.

    Empty columns mean that the rule book's defaults count. ``version`` is raised by each change.
    """

    __tablename__ = "day"
    __table_args__ = (
        CheckConstraint("effective_capacity >= 0", name="effective_capacity"),
        CheckConstraint(
            "am_workers >= 0 and am_nurses >= 0 and pm_workers >= 0 and pm_nurses >= 0",
            name="duty",
        ),
    )

    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"), primary_key=True)
    date: Mapped[date] = mapped_column(Date, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, default=0)
    closed: Mapped[str | None] = mapped_column(String(200))
    effective_capacity: Mapped[int | None] = mapped_column(Integer)
    closed_rooms: Mapped[list[str]] = mapped_column(JSON, default=list)
    room_uses: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    """What a room is used for that day, by its id, where the rule book says otherwise."""
    am_workers: Mapped[int | None] = mapped_column(Integer)
    am_nurses: Mapped[int | None] = mapped_column(Integer)
    pm_workers: Mapped[int | None] = mapped_column(Integer)
    pm_nurses: Mapped[int | None] = mapped_column(Integer)
    freed_at: Mapped[datetime | None] = mapped_column(Instant)


class SnapshotRow(Base):
    """The planned head-count of a day, frozen at the facility's hour (domain.md 1.5)."""

    __tablename__ = "snapshot"

    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"), primary_key=True)
    date: Mapped[date] = mapped_column(Date, primary_key=True)
    planned: Mapped[int] = mapped_column(Integer)
    waiting: Mapped[int] = mapped_column(Integer)
    official_capacity: Mapped[int] = mapped_column(Integer)
    effective_capacity: Mapped[int] = mapped_column(Integer)
    taken_at: Mapped[datetime] = mapped_column(Instant)
