"""Which municipality a page belongs to, and what the layouts show of it."""

from flask import request

from reservation.i18n import text_of
from reservation.reads import municipalities
from reservation.reads.municipalities import House


def asked() -> House | None:
    """The municipality of `?m=`, else the host's or the only one; None: the reader chooses."""
    code = request.args.get("m", "")
    return municipalities.by_code(code) if code else municipalities.of_host(_host())


def of(municipality_id: str) -> House | None:
    """The municipality with this id."""
    return municipalities.by_id(municipality_id)


def shown(house: House | None) -> dict[str, str] | None:
    """What layouts/parent.html reads: name, telephone, hours and code in the reader's language."""
    if house is None:
        return None
    return {
        "code": house.code,
        "name": text_of(house.name).text,
        "telephone": house.telephone,
        "hours": text_of(house.telephone_hours).text,
    }


def _host() -> str:
    return request.host.partition(":")[0]
