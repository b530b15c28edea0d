"""Telephone numbers: stored sealed, found by a blind index over the whole and the last four."""

from __future__ import annotations

import re
import unicodedata

from reservation.store import crypto

TAIL = 4
_DIGITS = re.compile(r"\d{9,15}", re.ASCII)
_DASHES = str.maketrans("", "", "-‐‑‒–—―−ー() .\u3000")


def digits(text: str) -> str | None:
    """The digits of a number typed in any way (full-width, every dash); None when it is none.

    ``+81`` is read as the leading 0.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    if plain.startswith("+81"):
        plain = "0" + plain.removeprefix("+81").removeprefix("0")
    return plain if _DIGITS.fullmatch(plain) else None


def columns(text: str) -> dict[str, str | None]:
    """A guardian's three columns for a typed number; all empty for an empty text.

    Raises ValueError for what is no number.
    """
    if not text.strip():
        return {"telephone": None, "telephone_index": None, "telephone_tail_index": None}
    number = digits(text)
    if number is None:
        raise ValueError("no telephone number")
    return {
        "telephone": number,
        "telephone_index": index(number),
        "telephone_tail_index": tail_index(number[-TAIL:]),
    }


def index(number: str) -> str:
    """What to search for when the whole number (digits) is known."""
    return crypto.blind_index(number, "telephone")


def tail_index(last_four: str) -> str:
    """What to search for when only the last four digits are known."""
    return crypto.blind_index(last_four, "telephone_tail")
