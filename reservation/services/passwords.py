"""Passwords of staff: argon2id with 19 MiB, two at a time, so that a rush of sign-ins cannot take
the whole machine (answers.md §10)."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import CHEAPEST

SHORTEST = 12
_turns = threading.BoundedSemaphore(2)
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def set_up(*, cheap: bool) -> None:
    """Choose the price of a hash: ``cheap`` is for tests only."""
    global _hasher
    _hasher = (
        PasswordHasher.from_parameters(CHEAPEST)
        if cheap
        else PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    )
    _nobody.cache_clear()


def hashed(password: str) -> str:
    """The stored form of a password; typed kana and full-width signs count as their plain ones."""
    with _turns:
        return _hasher.hash(_plain(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is right. Where there is none to compare with, the same work is done,
    so that the time of the answer tells nothing about the account."""
    against = stored or _nobody()
    with _turns:
        try:
            _hasher.verify(against, _plain(password))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


@cache
def _nobody() -> str:
    return hashed("a password that nobody has")


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
