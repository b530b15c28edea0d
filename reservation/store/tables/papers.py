"""What doctors have written about a child: as staff have entered it, and as families sent it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reservation.store.db import Base
from reservation.store.types import Encrypted, Id, Instant, new_id


class DoctorFormRow(Base):
    """A doctor's form of a child at one facility; the newest counts (domain/doctor_form.py).

    Illness, day and isolation are in clear as on the booking, because places depend on them.
    """

    __tablename__ = "doctor_form"
    __table_args__ = (
        UniqueConstraint("facility_id", "id"),
        Index("ix_doctor_form_child", "facility_id", "child_id", "entered_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    child_id: Mapped[str] = mapped_column(ForeignKey("child.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"))
    illness: Mapped[str] = mapped_column(String(40))
    issued: Mapped[date] = mapped_column(Date)
    isolated: Mapped[bool]
    clinic: Mapped[str | None] = mapped_column(Encrypted("doctor_form.clinic"))
    phase: Mapped[str | None] = mapped_column(Encrypted("doctor_form.phase"))
    """'acute' or 'recovering'."""
    rest: Mapped[str | None] = mapped_column(Encrypted("doctor_form.rest"))
    """'1' in bed, '2' in an isolation room, '3' quiet indoors, '4' as usual."""
    tests: Mapped[str | None] = mapped_column(Encrypted("doctor_form.tests"))
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))


class DoctorFormPhoto(Base):
    """A photo of a doctor's form that a family has sent for a booking.

    The bytes lie sealed in a file that is called like the row (store/photos.py); without ``key``
    nobody opens it, so a deleted row closes every copy of the file.
    """

    __tablename__ = "doctor_form_photo"
    __table_args__ = (Index("ix_doctor_form_photo_booking", "booking_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.id"))
    kind: Mapped[str] = mapped_column(String(8))
    """'jpeg', 'png' or 'pdf'."""
    size: Mapped[int]
    """In bytes, of the picture."""
    key: Mapped[str] = mapped_column(Encrypted("doctor_form_photo.key"))
    sent_at: Mapped[datetime] = mapped_column(Instant)
    unreadable_at: Mapped[datetime | None] = mapped_column(Instant)
    """When staff asked the family to send it again."""
