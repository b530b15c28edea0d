"""Sealed files in a folder outside everything that is served: each under a random key of its own.

Who has the key opens the file: the key lies in the file's row (an encrypted column), so a file
whose row is gone is closed for good, in every copy of the folder too.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reservation.store.db import Unavailable

_NONCE = 12
_NAME = re.compile(r"[0-9a-f]{32}(\.partial)?")
"""Names of ours; whatever else lies in the folder is left alone."""


class Gone(Exception):
    """The file is not there, or is not what was written."""


def put(folder: Path, name: str, content: bytes, at: datetime) -> str:
    """Seal ``content`` into a new file, on the disk when this returns; its key as a text.

    ``name`` is a `new_id()` and is bound to the content. Raises Unavailable where the folder
    cannot be written.
    """
    key, nonce = AESGCM.generate_key(256), secrets.token_bytes(_NONCE)
    sealed = nonce + AESGCM(key).encrypt(nonce, content, name.encode())
    partial = folder / f"{name}.partial"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        # The application's clock, by which it is told from a file whose row is still to come.
        os.utime(partial, (at.timestamp(), at.timestamp()))
        partial.replace(folder / name)
        _keep_names(folder)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise Unavailable(f"photos: {type(error).__name__}") from error
    return base64.b64encode(key).decode()


def get(folder: Path, name: str, key: str) -> bytes:
    """The content of a file. Raises Gone."""
    try:
        sealed = (folder / name).read_bytes()
        secret = AESGCM(base64.b64decode(key))
        return secret.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
    except (OSError, ValueError, InvalidTag) as error:
        raise Gone(type(error).__name__) from None


def names(folder: Path, before: datetime) -> Iterator[str]:
    """The files of ours that were written before this instant, half-written ones too."""
    with suppress(FileNotFoundError):
        for file in folder.iterdir():
            if _NAME.fullmatch(file.name) and file.stat().st_mtime < before.timestamp():
                yield file.name


def drop(folder: Path, gone: Collection[str]) -> int:
    """Delete files. Returns how many."""
    for name in gone:
        (folder / name).unlink(missing_ok=True)
    return len(gone)


def is_writable(folder: Path) -> bool:
    """Whether a file can be made there."""
    probe = folder / f".{secrets.token_hex(4)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def _keep_names(folder: Path) -> None:
    """Let the file's name be on the disk as well."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
