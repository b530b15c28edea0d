"""One reader of the embedded stream: handed messages by the hub, one at a time.

A message is a dictionary that all readers of a topic share. While one is still on its way to a slow
reader nothing more is handed over; when it has arrived the newest state follows.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from reservation import clock
from reservation.live.topics import Shot

Message = Mapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

LASTS = (300.0, 600.0)
"""A stream is ended after this many seconds, at random: it spreads reconnects, frees dead phones
and lets restarts through."""


class News(Protocol):
    """What a reader listens to: the newest state and, made once for all, its message."""

    shot: Shot
    message: Message


class Reader:
    """``known`` is the tag of the state that the other end has; ``ended`` is done when the stream
    is to be closed."""

    __slots__ = ("ended", "ends", "known", "news", "on_its_way", "send")

    def __init__(self, send: Send, news: News, known: str) -> None:
        self.send = send
        self.news = news
        self.known = known
        self.ends = clock.monotonic() + random.uniform(*LASTS)
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_its_way: asyncio.Future[None] | None = None

    def tell(self) -> None:
        """Hand over the newest state, unless it is known or the line is busy."""
        if self.known != self.news.shot.tag and self.on_its_way is None:
            self.known = self.news.shot.tag
            self.hand(self.news.message)

    def hand(self, message: Message) -> None:
        """Hand a message over; drop it where the last one is still on its way."""
        if self.on_its_way is not None or self.ended.done():
            return None
        try:
            sent: Any = self.send(message)
        except (OSError, RuntimeError):
            # The reader went away; there is nobody to tell.
            return self.end()
        # Most servers hand out a coroutine; granian has sent already, or hands out a future.
        if asyncio.iscoroutine(sent):
            sent = asyncio.ensure_future(sent)
        if asyncio.isfuture(sent) and not sent.done():
            self.on_its_way = sent
            sent.add_done_callback(self._arrived)
        return None

    def end(self) -> None:
        """Let the stream be closed."""
        if not self.ended.done():
            self.ended.set_result(None)

    def _arrived(self, sent: asyncio.Future[None]) -> None:
        self.on_its_way = None
        if sent.cancelled() or sent.exception() is not None:
            return self.end()
        return self.tell()


def body(*parts: bytes) -> Message:
    """A piece of an answer that goes on."""
    return {"type": "http.response.body", "body": b"".join(parts), "more_body": True}


def event(shot: Shot) -> bytes:
    """The state as an event; JSON without line breaks is one line of data."""
    return b"id: " + shot.tag.encode() + b"\ndata: " + shot.body + b"\n\n"


def tick() -> bytes:
    """A sign of life with the server's time, which pages show as the time of their data."""
    at = clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"event: tick\ndata: {at}\n\n".encode()
