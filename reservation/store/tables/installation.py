"""What is true of the whole installation."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from reservation.store.db import Base


class Installation(Base):
    """One named value, such as the mode in which the database was made."""

    __tablename__ = "installation"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
