"""The channels of this node's nginx (module nchan): put an event in, ask who listens, end them.

A channel keeps one message, which every new reader is handed at once. The address
(`RESERVATION_NCHAN_URL`) is that of deploy/nginx/reservation/publish.conf, on this machine only.
"""

from __future__ import annotations

import http.client
import json
from urllib.parse import quote, urlsplit

SECONDS = 5
"""How long nginx may take to answer; it is on this machine."""


class Away(Exception):
    """nginx did not answer, or not as nchan does."""


class Nchan:
    """One kept connection. To be used by one thread at a time."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._path = parts.path
        self._line = http.client.HTTPConnection(
            parts.hostname or "127.0.0.1", parts.port or 80, timeout=SECONDS
        )

    def put(self, channel: str, message: bytes) -> None:
        """Hand a message to everybody who listens, and to whoever comes. Raises Away."""
        self._ask("POST", channel, message)

    def readers(self, channel: str) -> int | None:
        """How many listen; None where the channel holds no message. Raises Away."""
        found = self._ask("GET", channel)
        if found is None:
            return None
        told = json.loads(found)
        return int(told["subscribers"]) if told["messages"] else None

    def drop(self, channel: str) -> None:
        """Forget the channel and end every stream that listens to it. Raises Away."""
        self._ask("DELETE", channel)

    def close(self) -> None:
        """Give the connection back."""
        self._line.close()

    def _ask(self, method: str, channel: str, body: bytes | None = None) -> bytes | None:
        for attempt in (1, 2):
            try:
                return self._answer(method, channel, body)
            except (OSError, http.client.HTTPException) as error:
                # A kept connection that nginx has closed meanwhile says nothing about nginx.
                self._line.close()
                if attempt == 2:
                    raise Away(type(error).__name__) from error
        return None

    def _answer(self, method: str, channel: str, body: bytes | None) -> bytes | None:
        address = f"{self._path}?channel={quote(channel)}"
        self._line.request(method, address, body, {"Accept": "text/json"})
        with self._line.getresponse() as answer:
            found = answer.read()
        if answer.status == 404:
            return None
        if answer.status >= 300:
            raise Away(str(answer.status))
        return found
