"""Which municipality a page belongs to, kept in the process for the moment the database is away.

A page asks once per request. When the database does not answer, whoever was known last is shown
with name and telephone: the number is the way that is left at 6:55.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, g, has_request_context, request
from sqlalchemy.exc import SQLAlchemyError

from reservation.i18n import text_of
from reservation.reads import municipalities
from reservation.reads.municipalities import House
from reservation.store.db import Unavailable

_known: dict[str, House] = {}
"""By host name and by code, as last read."""
ONLY = ""
"""Key of the municipality of a host name that is bound to none: the only one there is."""


def init_app(app: Flask) -> None:
    """Give every template ``municipality`` and the telephone of the error pages."""
    app.context_processor(frame)


def frame() -> dict[str, object]:
    """What the layouts read. Never asks the database: pages have done so, error pages must not."""
    house = current() if has_request_context() else None
    if house is None:
        return {"municipality": None}
    town = shown(house)
    return {
        "municipality": town,
        "telephone": town["telephone"],
        "hours": town["hours"],
        "who": town["name"],
    }


def current() -> House | None:
    """The municipality this request has asked for, else the last one known under its host."""
    if "house" in g and not g.get("away"):
        asked: House | None = g.house
        return asked
    return g.get("house") or _known.get(host()) or _known.get(ONLY)


def asked() -> House | None:
    """The municipality of /m/<code>/ or ?m=, else the host's, else the only one; None where the
    reader must choose, or for a code that nobody has."""
    code = named()
    if code:
        return keep(code, lambda: municipalities.by_code(code))
    name = host()
    found = keep(name, lambda: municipalities.of_host(name))
    if g.get("away"):
        return found or _known.get(ONLY)
    if found is None:
        _known.pop(ONLY, None)
    else:
        _known[ONLY] = found
    return found


def certain() -> House | None:
    """The same where None must mean that there is none: raises Unavailable when the database is
    away and nothing is remembered."""
    found = asked()
    if found is None and g.get("away"):
        raise Unavailable("the database is away, and no municipality is remembered")
    return found


def named() -> str:
    """The municipality's code in the address; '' where it names none."""
    return str(g.get("town") or request.args.get("m", ""))


def of(municipality_id: str) -> House | None:
    """The municipality with this id."""
    return keep(municipality_id, lambda: municipalities.by_id(municipality_id))


def keep(key: str, ask: Callable[[], House | None]) -> House | None:
    """Ask the database and remember the answer; when it is away, the answer remembered."""
    if not g.get("away"):
        try:
            found = ask()
        except (Unavailable, SQLAlchemyError):
            g.away = True
        else:
            if found is not None:
                _known[key] = _known[found.code] = found
            g.house = found
            return found
    g.house = _known.get(key)
    return g.house


def shown(house: House) -> dict[str, str]:
    """Name, telephone, hours and code in the reader's language."""
    return {
        "code": house.code,
        "name": text_of(house.name).text,
        "telephone": house.telephone,
        "hours": text_of(house.telephone_hours).text,
    }


def host() -> str:
    """The host name of the request, without the port."""
    return request.host.partition(":")[0]
