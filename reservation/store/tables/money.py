"""What families pay: the bill of a day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reservation.store.db import Base
from reservation.store.types import Encrypted, Instant


class BillRow(Base):
    """What staff have added to a booking, and from its pick-up on the lines and their sum."""

    __tablename__ = "bill"
    __table_args__ = (UniqueConstraint("facility_id", "booking_id"),)

    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    facility_id: Mapped[str] = mapped_column(ForeignKey("facility.id"))
    items: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """Code of the rule book's items → how many."""
    taxi: Mapped[int | None] = mapped_column(Integer)
    """What the taxi cost, in yen."""
    correction: Mapped[int] = mapped_column(Integer, default=0)
    """Yen on top, negative for less; ``reason`` says why."""
    reason: Mapped[str | None] = mapped_column(Encrypted("bill.reason"))
    lines: Mapped[str | None] = mapped_column(Encrypted("bill.lines"))
    """The lines as JSON (domain/fees/written.py); they name the family's class."""
    total: Mapped[int | None] = mapped_column(Integer)
    made_at: Mapped[datetime | None] = mapped_column(Instant)
