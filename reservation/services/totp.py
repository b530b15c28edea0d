"""The second factor of staff: six digits of an authenticator application (TOTP, RFC 6238)."""

from __future__ import annotations

import unicodedata
from datetime import datetime

import pyotp

STEP_SECONDS = 30
_DRIFT = 1
"""Steps by which a telephone's clock may be wrong, in both directions."""


def new_secret() -> str:
    """A secret to share with the application, base32."""
    return pyotp.random_base32()


def address(secret: str, mail: str, house: str) -> str:
    """The otpauth address that the application reads from the square code."""
    return pyotp.TOTP(secret).provisioning_uri(name=mail, issuer_name=house)


def spaced(secret: str) -> str:
    """The secret in groups of four, for typing."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


def step_of(secret: str, code: str, at: datetime, last: int | None) -> int | None:
    """The time step this code belongs to, or None when it is wrong or was used before.

    A step counts once: only steps after ``last`` are looked at.
    """
    typed = "".join(sign for sign in unicodedata.normalize("NFKC", code) if sign.isdecimal())
    now = int(at.timestamp()) // STEP_SECONDS
    found = None
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        right = pyotp.utils.strings_equal(pyotp.HOTP(secret).at(step), typed)
        if right and (last is None or step > last):
            found = step
    return found
