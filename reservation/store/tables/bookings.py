"""The booking transaction's tables. ``facility_id`` leads every index (answers.md §8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from reservation.domain.states import HOLDS_A_PLACE, State
from reservation.store.db import Base
from reservation.store.types import Encrypted, Id, Instant, new_id

_HOLDING = ", ".join(f"'{state}'" for state in sorted(HOLDS_A_PLACE))
_STATES = ", ".join(f"'{state}'" for state in State)


def literals(states: Iterable[State]) -> list[ColumnElement[str]]:
    """Some states as a query names them in so many words: a list of values would be written into
    the statement anew each time, and the planner would not know the index made for it."""
    return [literal_column(f"'{state.value}'", String) for state in sorted(states)]


class Episode(Base):
    """The days of one illness of one child at one facility."""

    __tablename__ = "episode"
    __table_args__ = (
        UniqueConstraint("facility_id", "id"),
        Index("ix_episode_child", "facility_id", "child_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    child_id: Mapped[str] = mapped_column(ForeignKey("child.id"))
    complaint: Mapped[str] = mapped_column(String(12))
    illness: Mapped[str] = mapped_column(String(40))
    onset: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(Instant)


class WishRow(Base):
    """A family that needed a place for a child on a day: one row, whatever it asked.

    The id is made from child and day, so that opening a wish twice costs no look-up. It belongs
    to no facility: one wish may ask at several (docs/decisions.md).
    """

    __tablename__ = "wish"
    __table_args__ = (
        UniqueConstraint("child_id", "care_day"),
        Index("ix_wish_office", "municipality_id", "care_day"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"))
    child_id: Mapped[str] = mapped_column(ForeignKey("child.id"))
    care_day: Mapped[date] = mapped_column(Date)
    opened_by: Mapped[str] = mapped_column(String(10))
    """'hold', 'refused', 'join', 'telephone' or 'need'."""
    channel: Mapped[str] = mapped_column(String(10))
    complaint: Mapped[str] = mapped_column(String(12))
    illness: Mapped[str] = mapped_column(String(40))
    age_months: Mapped[int] = mapped_column(Integer)
    opened_at: Mapped[datetime] = mapped_column(Instant)


class RefusalRow(Base):
    """A "no" that a family was given, with every reason: the statistic that officials lack."""

    __tablename__ = "refusal"
    __table_args__ = (
        UniqueConstraint("facility_id", "id"),
        Index("ix_refusal_day", "facility_id", "care_day"),
        Index("ix_refusal_wish", "wish_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    wish_id: Mapped[str] = mapped_column(ForeignKey("wish.id"))
    care_day: Mapped[date] = mapped_column(Date)
    code: Mapped[str] = mapped_column(String(20))
    """The first reason: the one counted."""
    codes: Mapped[list[str]] = mapped_column(JSON)
    illness: Mapped[str] = mapped_column(String(40))
    age_months: Mapped[int] = mapped_column(Integer)
    channel: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant)


class RoundRow(Base):
    """An offer of n places to some families at once, until ``ends_at``; without places a look at
    the list that found nobody whom what is free suits."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("facility_id", "id"),
        Index("ix_round_day", "facility_id", "care_day"),
        Index("ix_round_open", "closed_at", "ends_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    care_day: Mapped[date] = mapped_column(Date)
    places: Mapped[int] = mapped_column(Integer, default=1)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    skipped: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Who was passed over, before the asked or altogether, and why: {booking, code}."""


class BookingRow(Base):
    """One child, one facility, one care day, in one state (domain/states.py).

    The unique index ``one_place_a_day`` guards what must never happen twice: a child holding
    two places on one day, over all facilities (answers.md §1.2).
    """

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("facility_id", "id"),
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("state <> 'held' or ends_at is not null", name="hold_ends"),
        CheckConstraint("state <> 'offered' or round_id is not null", name="offer_in_round"),
        Index("ix_booking_day", "facility_id", "care_day", "state"),
        Index("ix_booking_family", "family_id", "care_day"),
        Index("ix_booking_child", "child_id", "care_day"),
        Index("ix_booking_due", "state", "ends_at"),
        Index(
            "one_place_a_day",
            "child_id",
            "care_day",
            unique=True,
            sqlite_where=text(f"state in ({_HOLDING})"),
            postgresql_where=text(f"state in ({_HOLDING})"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    family_id: Mapped[str] = mapped_column(ForeignKey("family.id"))
    child_id: Mapped[str] = mapped_column(ForeignKey("child.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"))
    wish_id: Mapped[str] = mapped_column(ForeignKey("wish.id"))
    care_day: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(16))
    # what the rules look at
    complaint: Mapped[str] = mapped_column(String(12))
    illness: Mapped[str] = mapped_column(String(40))
    birthday: Mapped[date] = mapped_column(Date)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    room: Mapped[str | None] = mapped_column(String(20))
    pinned: Mapped[bool] = mapped_column(default=False)
    round_id: Mapped[str | None] = mapped_column(ForeignKey("round.id"))
    lapses: Mapped[int] = mapped_column(Integer, default=0)
    passed_at: Mapped[datetime | None] = mapped_column(Instant)
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    extended: Mapped[bool] = mapped_column(default=False)
    isolated: Mapped[bool] = mapped_column(default=False, server_default=false())
    """By a doctor's form: seating must know it (services/doctor_forms.py)."""
    together: Mapped[str | None] = mapped_column(Id)
    """The mark that siblings share who want both places or none."""
    # on which terms the family waits
    wakes: Mapped[bool] = mapped_column(default=False, server_default=false())
    takes_until: Mapped[datetime | None] = mapped_column(Instant)
    near: Mapped[bool] = mapped_column(default=False, server_default=false())
    examined: Mapped[bool] = mapped_column(default=False, server_default=false())
    joined_rank: Mapped[int | None] = mapped_column(Integer)
    """The place in the list as the family joined it, from 1."""
    # what the family was promised (answers.md §5)
    cancel_until: Mapped[datetime | None] = mapped_column(Instant)
    price: Mapped[int | None] = mapped_column(Integer)
    review_due: Mapped[datetime | None] = mapped_column(Instant)
    # what the family said
    brings: Mapped[str] = mapped_column(String(20), default="")
    arrives_at: Mapped[str] = mapped_column(String(5), default="")
    temperature: Mapped[str | None] = mapped_column(Encrypted("booking.temperature"))
    since: Mapped[str | None] = mapped_column(Encrypted("booking.since"))
    remark: Mapped[str | None] = mapped_column(Encrypted("booking.remark"))
    # what is counted later
    channel: Mapped[str] = mapped_column(String(10))
    residence: Mapped[str] = mapped_column(String(6), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    checked_in_at: Mapped[datetime | None] = mapped_column(Instant)
    checked_out_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str | None] = mapped_column(String(10))
    """'family', 'staff' or 'clock'."""
    reason: Mapped[str | None] = mapped_column(String(20))
    reason_note: Mapped[str | None] = mapped_column(Encrypted("booking.reason_note"))
    late: Mapped[bool] = mapped_column(default=False)
    same_day: Mapped[bool] = mapped_column(default=False)
    lead_hours: Mapped[int | None] = mapped_column(Integer)
    """Whole hours from a family's cancellation to the day's opening; negative after it."""
    # which reminders have gone out
    evening_reminded_at: Mapped[datetime | None] = mapped_column(Instant)
    cutoff_reminded_at: Mapped[datetime | None] = mapped_column(Instant)
    review_warned_at: Mapped[datetime | None] = mapped_column(Instant)
    # the morning's question whether the child comes
    reconfirm_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    reconfirm_called_at: Mapped[datetime | None] = mapped_column(Instant)
    """When staff were told that the answer is missing."""
    reconfirmed_at: Mapped[datetime | None] = mapped_column(Instant)
