"""Families: guardians, children, registrations, consent."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from reservation.store.db import Base
from reservation.store.types import Encrypted, Id, Instant, new_id


class Family(Base):
    """Guardians and children who book together. Locked before any day (answers.md §1.8)."""

    __tablename__ = "family"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"), index=True)
    residence: Mapped[str] = mapped_column(String(6), default="")
    """Code of the municipality the family lives in, '' while unknown."""
    postcode: Mapped[str | None] = mapped_column(Encrypted("family.postcode"))
    address: Mapped[str | None] = mapped_column(Encrypted("family.address"))
    works_in: Mapped[str] = mapped_column(String(6), default="", server_default=text("''"))
    """Code of the municipality in which a guardian works, '' where none or not said."""
    on_leave: Mapped[bool] = mapped_column(default=False)
    guardians_work: Mapped[str | None] = mapped_column(Encrypted("family.guardians_work"))
    """'all' or 'not_all', None where nobody has said."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    left_at: Mapped[datetime | None] = mapped_column(Instant)


class Guardian(Base):
    """A legal carer, holder of an account when ``mail`` is set (unique in the installation)."""

    __tablename__ = "guardian"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    family_id: Mapped[str] = mapped_column(ForeignKey("family.id"), index=True)
    mail: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100), default="")
    kana: Mapped[str] = mapped_column(String(100), default="")
    relation: Mapped[str] = mapped_column(String(20), default="")
    """'mother', 'father', 'grandparent' or 'other'."""
    telephone: Mapped[str | None] = mapped_column(Encrypted("guardian.telephone"))
    telephone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    telephone_tail_index: Mapped[str | None] = mapped_column(String(64), index=True)
    language: Mapped[str] = mapped_column(String(10), default="ja")
    mail_failed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class ChildRow(Base):
    """A child. Names are stored as typed, never normalised; kana sorts."""

    __tablename__ = "child"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    family_id: Mapped[str] = mapped_column(ForeignKey("family.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    kana: Mapped[str] = mapped_column(String(100), index=True)
    birthday: Mapped[date] = mapped_column(Date)
    nursery: Mapped[str] = mapped_column(String(100), default="")
    nursery_in: Mapped[str] = mapped_column(String(6), default="")
    allergies: Mapped[str | None] = mapped_column(Encrypted("child.allergies"))
    medical_care: Mapped[str | None] = mapped_column(Encrypted("child.medical_care"))
    family_doctor: Mapped[str | None] = mapped_column(Encrypted("child.family_doctor"))
    vaccines: Mapped[str | None] = mapped_column(Encrypted("child.vaccines"))
    """What the family has said of vaccinations, as domain/vaccines.py writes it."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    left_at: Mapped[datetime | None] = mapped_column(Instant)


class Registration(Base):
    """A child known to a municipality or to one facility: exactly one of the two is set."""

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint("(municipality_id is null) <> (facility_id is null)", name="scope"),
        CheckConstraint("status in ('pending','approved','returned','declined')", name="status"),
        Index("ix_registration_office", "municipality_id", "status"),
        Index("ix_registration_desk", "facility_id", "status"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    child_id: Mapped[str] = mapped_column(ForeignKey("child.id"), index=True)
    municipality_id: Mapped[str | None] = mapped_column(ForeignKey("municipality.id"))
    facility_id: Mapped[str | None] = mapped_column(ForeignKey("facility.id"))
    status: Mapped[str] = mapped_column(String(10), default="pending")
    number: Mapped[str | None] = mapped_column(String(20))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(Id)
    answer: Mapped[str | None] = mapped_column(Encrypted("registration.answer"))
    """What staff wrote back to the family when they asked for more."""


class Consent(Base):
    """Who agreed to which version of the text, and when."""

    __tablename__ = "consent"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    family_id: Mapped[str] = mapped_column(ForeignKey("family.id"), index=True)
    guardian_id: Mapped[str] = mapped_column(Id)
    version: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Instant)


class Exemption(Base):
    """A class of the tariff that a family has proved to a municipality, from a care day on.

    Rows are only added: what was seen last for a day counts, and a row without class ends what
    was there before it.
    """

    __tablename__ = "exemption"
    __table_args__ = (Index("ix_exemption_family", "family_id", "municipality_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    family_id: Mapped[str] = mapped_column(ForeignKey("family.id"))
    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"))
    fee_class: Mapped[str] = mapped_column(Encrypted("exemption.fee_class"))
    """Code of the tariff's class, '' for none."""
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    seen_by: Mapped[str | None] = mapped_column(Id)
    """The account that has looked at the proof."""


class CertificateRow(Base):
    """A paper of enrolment or work that a family has shown to a municipality
    (domain/certificates.py). Enrolment is the child's, work the family's."""

    __tablename__ = "certificate"
    __table_args__ = (Index("ix_certificate_family", "family_id", "municipality_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    family_id: Mapped[str] = mapped_column(ForeignKey("family.id"))
    child_id: Mapped[str] = mapped_column(ForeignKey("child.id"))
    """The child with which it was shown."""
    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id"))
    paper: Mapped[str] = mapped_column(String(12))
    """'enrolment' or 'work'."""
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    seen_by: Mapped[str | None] = mapped_column(Id)
    """The account that has looked at it."""
