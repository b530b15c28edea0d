"""A bill as it is stored: JSON, so that it stays what it was when tariffs change."""

from __future__ import annotations

import json
from dataclasses import asdict

from reservation.domain.fees.bill import Bill, Line


def write(bill: Bill) -> str:
    """The bill as JSON. ``read(write(x)) == x``."""
    return json.dumps([asdict(line) for line in bill.lines], ensure_ascii=False)


def read(text: str) -> Bill:
    """The bill that was written."""
    return Bill(tuple(Line(**line) for line in json.loads(text)))
