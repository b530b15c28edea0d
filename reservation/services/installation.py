"""What is settled once for the whole installation."""

from reservation.store.db import insert_ignore, write
from reservation.store.tables.records import Installation

MODE = "mode"


class WrongMode(Exception):
    """The database was made in another mode than the program runs in."""


def settle_mode(mode: str) -> None:
    """Keep the mode in a fresh database; in an old one compare.

    Raises WrongMode when they differ: demo data must never meet real families, nor the reverse.
    """
    with write() as db:
        insert_ignore(db, Installation, {"name": MODE, "value": mode})
        row = db.get_one(Installation, MODE)
        if row.value != mode:
            raise WrongMode(f"This database was made for {row.value} and this program runs {mode}.")
