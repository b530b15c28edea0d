"""What is settled once for the whole installation."""

from reservation.store import migrations
from reservation.store.db import insert_ignore, read, write
from reservation.store.tables.records import Installation

MODE = "mode"


class NotReady(Exception):
    """This program cannot work on this database; the text is one sentence."""


class WrongMode(NotReady):
    """The database was made in another mode than the program runs in."""


class WrongTables(NotReady):
    """The tables belong to another version of the program, or are not there."""


def be_ready(mode: str) -> None:
    """Look at the tables, then settle the mode: what a server does before it starts.

    Raises WrongTables and WrongMode, and changes nothing then.
    """
    have = _revision()
    if have != migrations.head():
        raise WrongTables(_stands_at(have))
    settle_mode(mode)


def is_at_head() -> bool:
    """Whether the tables are those of this program."""
    return _revision() == migrations.head()


def _revision() -> str:
    with read() as db:
        return migrations.current(db.connection())


def may_migrate() -> None:
    """Raise WrongTables where a newer program has made the tables: there is no way back by us."""
    have = _revision()
    if have and not migrations.is_known(have):
        raise WrongTables(_stands_at(have))


def _stands_at(have: str) -> str:
    need = migrations.head()
    if not have:
        return "The database has no tables yet: run `reservation migrate`."
    if migrations.is_known(have):
        return f"The database stands at {have}, before {need}: run `reservation migrate`."
    return (
        f"The database stands at {have}, which this program ({need}) does not know:"
        " start the newer version that made it, or restore a copy."
    )


def settle_mode(mode: str) -> None:
    """Keep the mode in a fresh database; in an old one compare.

    Raises WrongMode when they differ: demo data must never meet real families, nor the reverse.
    """
    with write() as db:
        insert_ignore(db, Installation, {"name": MODE, "value": mode})
        row = db.get_one(Installation, MODE)
        if row.value != mode:
            raise WrongMode(f"This database was made for {row.value} and this program runs {mode}.")
