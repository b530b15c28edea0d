"""What is written beside each act: audit, idempotency keys, tasks, messages, settings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from reservation.store.db import Base
from reservation.store.types import Encrypted, Id, Instant, new_id

SITE = "{site}"


class Audit(Base):
    """One row per change of state, in the order of commits: who did what, for whom, and why."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_entity", "entity", "entity_id", "seq"),
        Index("ix_audit_facility", "facility_id", "care_day", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    entity: Mapped[str] = mapped_column(String(20))
    entity_id: Mapped[str] = mapped_column(String(64))
    facility_id: Mapped[str | None] = mapped_column(Id)
    care_day: Mapped[date | None] = mapped_column(Date)
    action: Mapped[str] = mapped_column(String(30))
    frm: Mapped[str | None] = mapped_column(String(16))
    to: Mapped[str | None] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(10))
    """'family', 'staff', 'clock' or 'operator'."""
    actor_id: Mapped[str | None] = mapped_column(Id)
    on_behalf_of: Mapped[str | None] = mapped_column(Id)
    channel: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(Encrypted("audit.note"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Codes and numbers only: never a name, an illness or free text."""
    at: Mapped[datetime] = mapped_column(Instant)


class KeyRow(Base):
    """The outcome of a POST, replayed when the same form comes again (answers.md §6)."""

    __tablename__ = "idempotency_key"

    scope: Mapped[str] = mapped_column(String(100), primary_key=True)
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)


class Task(Base):
    """Something staff must do by telephone or decide, with a clock time."""

    __tablename__ = "task"
    __table_args__ = (Index("ix_task_open", "facility_id", "done_at", "due_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    kind: Mapped[str] = mapped_column(String(20))
    """'call_offer', 'call_coming', 'call_news', 'undelivered', 'review_late', 'reseat' or
    'photo'."""
    care_day: Mapped[date | None] = mapped_column(Date)
    booking_id: Mapped[str | None] = mapped_column(ForeignKey("booking.id"), index=True)
    family_id: Mapped[str | None] = mapped_column(ForeignKey("family.id"), index=True)
    about: Mapped[str] = mapped_column(String(30), default="")
    """The kind of message that should have reached the family."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    done_by: Mapped[str | None] = mapped_column(Id)
    result: Mapped[str | None] = mapped_column(String(20))


class Outbox(Base):
    """A message, written with the fact it tells and sent afterwards. One row, one Message-ID."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("status in ('queued','sending','sent','dead','dropped')", name="status"),
        Index("ix_outbox_due", "status", "due_at"),
        Index("ix_outbox_booking", "booking_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    dedupe: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    channel: Mapped[str] = mapped_column(String(10), default="mail")
    facility_id: Mapped[str | None] = mapped_column(Id)
    booking_id: Mapped[str | None] = mapped_column(Id)
    guardian_id: Mapped[str | None] = mapped_column(Id)
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(10), default="ja")
    params: Mapped[str | None] = mapped_column(Encrypted("outbox.params"))
    """JSON of what the text needs beside the booking, such as a code. Cleared when sent."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    useful_until: Mapped[datetime | None] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str | None] = mapped_column(String(200))
    shown: Mapped[str | None] = mapped_column(Encrypted("outbox.shown"))
    """The rendered message, kept only in demo mode for /dev/messages, with ``SITE`` where the
    site's address stood: the demo may start at another port tomorrow."""


class Installation(Base):
    """Facts about this database by name: the mode it was created in, the demo's anchor."""

    __tablename__ = "installation"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
