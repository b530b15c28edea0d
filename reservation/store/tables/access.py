"""Who may come in: devices, codes, attempts, staff accounts and their roles."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from reservation.store.db import Base
from reservation.store.types import Encrypted, Id, Instant, new_id


class Device(Base):
    """A signed-in browser. The cookie carries a token of which only the hash is stored."""

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("(guardian_id is null) <> (account_id is null)", name="owner"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    guardian_id: Mapped[str | None] = mapped_column(ForeignKey("guardian.id"), index=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    label: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class MailCode(Base):
    """A six-digit code sent by mail, for signing in or for a new address."""

    __tablename__ = "mail_code"
    __table_args__ = (Index("ix_mail_code_lookup", "mail", "purpose"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    mail: Mapped[str] = mapped_column(String(254))
    purpose: Mapped[str] = mapped_column(String(20))
    """'sign_in' or 'change_mail'."""
    guardian_id: Mapped[str | None] = mapped_column(Id)
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class JoinCode(Base):
    """A one-time code: a second guardian joins a family, or a telephone family its account."""

    __tablename__ = "join_code"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    family_id: Mapped[str] = mapped_column(ForeignKey("family.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    """'guardian' or 'claim'."""
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Attempt(Base):
    """One try at something that is throttled; counted over a window, never a lock-out."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_window", "scope", "subject", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    scope: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(64))
    """A blind index of the address, account or source, never the plain value."""
    at: Mapped[datetime] = mapped_column(Instant)


class Account(Base):
    """A staff account: password (argon2id) and TOTP. Separate from any guardian account."""

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    mail: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(Encrypted("account.totp_secret"))
    totp_last_step: Mapped[int | None] = mapped_column(Integer)
    invite_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    invite_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    single_keys: Mapped[bool] = mapped_column(default=True)
    """Whether single letters act on staff screens (WCAG 2.1.4)."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)


class Role(Base):
    """What an account may do, and where: at one facility, at one municipality, or everywhere."""

    __tablename__ = "role"
    __table_args__ = (
        CheckConstraint(
            "(role in ('staff','manager') and facility_id is not null and municipality_id is null)"
            " or (role in ('reviewer','officer') and municipality_id is not null"
            " and facility_id is null)"
            " or (role = 'operator' and facility_id is null and municipality_id is null)",
            name="place",
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    facility_id: Mapped[str | None] = mapped_column(ForeignKey("facility.id"), index=True)
    municipality_id: Mapped[str | None] = mapped_column(ForeignKey("municipality.id"), index=True)
