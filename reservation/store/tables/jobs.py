"""What the clock's jobs did last."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from reservation.store.db import Base
from reservation.store.types import Instant


class JobRun(Base):
    """The last run of one job; `finished_at` and `ok` are empty while it runs."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    ok: Mapped[bool | None]
    count: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(Text, default="")
