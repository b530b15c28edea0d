"""`GET /live?topic=…`: one reader's stream of server-sent events.

First the state, at once (not if the reader says by Last-Event-ID that it has it), then each new
state, and every eight seconds a `tick` with the time: silence for 17 seconds means a broken line.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from reservation import clock, logs
from reservation.live.hub import Hub, Topic
from reservation.live.topics import Shot

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

TICK = 8.0
"""Seconds between two signs of life."""
LASTS = (300.0, 600.0)
"""A stream is ended after this many seconds, at random: it spreads reconnects, frees dead phones
and lets restarts through."""
RETRY = (1000, 4000)
"""Milliseconds after which a reader comes back, at random."""

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


async def answer(hub: Hub, scope: Scope, receive: Receive, send: Send) -> None:
    """Stream a topic; 404 for one that does not exist, 503 when there are too many streams."""
    if scope["method"] != "GET":
        return await refuse(send, 405)
    if hub.is_full or hub.stopping.is_set():
        return await refuse(send, 503)
    names = parse_qs(scope["query_string"].decode("latin-1")).get("topic", [])
    try:
        topic = await hub.join(names[0]) if len(names) == 1 else None
    except Exception as error:
        # The database is away: the page polls and says so.
        logs.get().error("live", state="joining", fault=type(error).__name__)
        return await refuse(send, 503)
    if topic is None:
        return await refuse(send, 404)
    gone = asyncio.create_task(_gone(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _write(hub, topic, _known(scope), gone, send)
    except (OSError, RuntimeError):
        # The reader went away while we wrote; there is nobody to tell.
        return None
    finally:
        gone.cancel()
        hub.leave(topic)


async def _write(hub: Hub, topic: Topic, known: str, gone: asyncio.Task[None], send: Send) -> None:
    ends = clock.monotonic() + random.uniform(*LASTS)
    stopping = asyncio.create_task(hub.stopping.wait())
    try:
        await _say(send, f"retry: {random.randint(*RETRY)}\n\n".encode())
        while not (gone.done() or stopping.done()) and clock.monotonic() < ends:
            news = asyncio.create_task(topic.news.wait())
            if topic.shot.tag != known:
                known = topic.shot.tag
                await _say(send, event(topic.shot) + tick())
            else:
                await _say(send, tick())
            await asyncio.wait({news, gone, stopping}, timeout=TICK, return_when="FIRST_COMPLETED")
            news.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        stopping.cancel()


def event(shot: Shot) -> bytes:
    """The state as an event; JSON without line breaks is one line of data."""
    return b"id: " + shot.tag.encode() + b"\ndata: " + shot.body + b"\n\n"


def tick() -> bytes:
    """A sign of life with the server's time, which pages show as the time of their data."""
    at = clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
    return f"event: tick\ndata: {at}\n\n".encode()


async def _say(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _known(scope: Scope) -> str:
    found = [value for name, value in scope["headers"] if name == b"last-event-id"]
    return str(found[0].decode("latin-1")) if found else ""


async def refuse(send: Send, status: int) -> None:
    """Answer without a page."""
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    if status == 503:
        headers.append((b"retry-after", b"10"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
