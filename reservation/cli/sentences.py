"""What stands in the way of a command, in one sentence each: for a person at a terminal."""

from sqlalchemy.exc import DBAPIError

from reservation import settings as all_settings
from reservation.services.installation import NotReady
from reservation.settings import SettingsError
from reservation.store.db import Unavailable, is_transient

_SQLITE = {
    8: "may only be read",
    10: "cannot be written: the disk may be full",
    11: "is damaged: restore a copy",
    13: "cannot be written: the disk is full",
    14: "cannot be opened: does the folder exist, and may this user write there?",
    26: "is not a database",
}


def sentences(error: BaseException) -> list[str]:
    """What the error means for whoever started the command; empty when it is a mistake of ours."""
    if isinstance(error, SettingsError):
        return error.problems
    if isinstance(error, NotReady):
        return [str(error)]
    if isinstance(error, Unavailable):
        cause = error.__cause__
        return _of_database(cause) if isinstance(cause, DBAPIError) else [_away(str(error))]
    if isinstance(error, DBAPIError):
        return _of_database(error)
    if isinstance(error, OSError) and error.filename:
        return [f"{error.filename}: {error.strerror}."]
    return []


def _of_database(error: DBAPIError) -> list[str]:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None and (code & 0xFF) in _SQLITE:
        return [f"The database {_where()} {_SQLITE[code & 0xFF]}."]
    return [_away(type(error.orig).__name__)] if is_transient(error) else []


def _away(kind: str) -> str:
    return f"The database {_where()} does not answer ({kind}): is it running, is the address right?"


def _where() -> str:
    """The address without its password."""
    shown = {one.name: one.value for one in all_settings.explain()}
    return shown["RESERVATION_DATABASE_URL"]
