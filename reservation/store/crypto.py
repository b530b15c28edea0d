"""The encrypted columns' keys: AES-256-GCM under a ring of named keys.

The envelope is `v1.<key id>.<base64 of nonce and ciphertext>`. Writing uses the ring's first key,
reading the key that the envelope names; so a new key is put in front, rows are written again, and
the old key is taken away. The ring is one per process, because a column type knows no application.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = "v1"
_NONCE = 12
_ring: dict[str, bytes] = {}


class Unreadable(Exception):
    """A value that the key ring cannot open: wrong key, moved between columns, or damaged."""


def use_keys(ring: Mapping[str, bytes]) -> None:
    """Read and write with these keys from now on, newest first (`settings.data_keys`)."""
    _ring.clear()
    _ring.update(ring)


def encrypt(text: str, where: str) -> str:
    """The envelope of `text` for the column `where` (table.column)."""
    name = next(iter(_ring))
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + AESGCM(_ring[name]).encrypt(nonce, text.encode(), where.encode())
    return f"{_VERSION}.{name}.{base64.b64encode(sealed).decode()}"


def decrypt(envelope: str, where: str) -> str:
    """The text of an envelope. Raises Unreadable, and never says what was inside."""
    try:
        version, name, body = envelope.split(".", 2)
        sealed = base64.b64decode(body, validate=True)
        if version != _VERSION:
            raise ValueError(version)
        clear = AESGCM(_ring[name]).decrypt(sealed[:_NONCE], sealed[_NONCE:], where.encode())
    except (ValueError, KeyError, InvalidTag):
        raise Unreadable(f"a value of {where} cannot be opened with the keys at hand") from None
    return clear.decode()


def key_of(envelope: str) -> str:
    """The id of the key that sealed an envelope; tells rotation what is still to do."""
    return envelope.split(".", 2)[1]


def blind_index(value: str, purpose: str = "") -> str:
    """A searchable stand-in for an encrypted value: equal values give equal 64-character texts.

    Made with the ring's *last* key, so that putting a new key in front leaves every search
    working; taking the last key away calls for writing the indexes again.
    """
    oldest = _ring[next(reversed(_ring))]
    key = hmac.digest(oldest, b"blind index", hashlib.sha256)
    return hmac.new(key, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()
