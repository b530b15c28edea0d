"""The keys among the settings: how they are made and what form they have."""

import base64
import binascii
import secrets
import tomllib
from pathlib import Path

from reservation.settings.values import FILE


def make_keys(instance: Path) -> None:
    """Write a secret key and a data key into the instance's `settings.toml` where it has none.

    For the demo only: elsewhere somebody must know where the keys are kept.
    """
    instance.mkdir(parents=True, exist_ok=True)
    path = instance / FILE
    have = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    lines = []
    if "secret_key" not in have:
        lines.append(f'secret_key = "{secrets.token_urlsafe(48)}"\n')
    if "data_key" not in have:
        lines.append(f'data_key = "{new_data_key()}"\n')
    with path.open("a", encoding="utf-8") as file:
        file.writelines(lines)
    path.chmod(0o600)


def new_data_key(name: str = "k1") -> str:
    """One new key as it stands in `RESERVATION_DATA_KEY`."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def data_keys(text: str) -> dict[str, bytes]:
    """The key ring of `RESERVATION_DATA_KEY`, newest first. Raises ValueError when malformed."""
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        name, _, value = part.strip().partition(":")
        try:
            key = base64.b64decode(value, validate=True)
        except binascii.Error:
            key = b""
        if not name.isalnum() or len(key) != 32 or name in keys:
            raise ValueError("not <id>:<base64 of 32 bytes>")
        keys[name] = key
    return keys
