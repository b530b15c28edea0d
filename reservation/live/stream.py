"""`GET /live?topic=…`: one reader's stream of server-sent events.

First the state, at once (not if the reader says by Last-Event-ID that it has it), then each new
state, and every eight seconds a `tick` with the time: silence for 17 seconds means a broken line.
What is sent when is the hub's to say (hub.py); here a stream begins and ends.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from reservation import logs
from reservation.live.hub import Hub, Topic
from reservation.live.reader import Reader, Send, body, event, tick

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]

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
        logs.get().error("live", state="joining", error=type(error).__name__)
        return await refuse(send, 503)
    if topic is None:
        return await refuse(send, 404)
    try:
        await _stream(hub, topic, _known(scope), receive, send)
    except (OSError, RuntimeError):
        # The reader went away while we wrote; there is nobody to tell.
        return None
    finally:
        hub.leave(topic)


async def _stream(hub: Hub, topic: Topic, known: str, receive: Receive, send: Send) -> None:
    shot = topic.shot
    reader = Reader(send, topic, shot.tag)
    first = b"" if shot.tag == known else event(shot)
    gone = asyncio.create_task(_gone(receive, reader))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send(body(f"retry: {random.randint(*RETRY)}\n\n".encode(), first, tick()))
        remove = hub.add(topic, reader)
        try:
            await reader.ended
        finally:
            remove()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()


async def _gone(receive: Receive, reader: Reader) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    reader.end()


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
